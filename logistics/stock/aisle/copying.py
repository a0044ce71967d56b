"""What a phone keeps of a warehouse: its shelves, the sizes of all products, and its boxes. Nothing about anybody."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ...audit import AuditLine
from ...clock import now
from ..labelling.models import Label
from ..models import Availability, Box, Level, Location, LocationKind, Movement, Product, Size

AT_ONCE = 500  # boxes in one answer
FRESH = timedelta(days=30)  # how long a box that holds nothing is kept, for it is about to be filled
OVERLAP = timedelta(minutes=5)  # what was begun before an answer and committed after it is in the next one


@dataclass(frozen=True)
class Part:
    """Some boxes of a warehouse, and where the next part begins (after this id; None at the end)."""

    boxes: list[dict[str, Any]]
    next: int | None


def part(session: Session, warehouse_id: int, *, since: datetime | None = None, after: int = 0) -> Part:
    """Return the next boxes of a warehouse by id: all it holds, or those that something happened to since a moment."""
    query = (
        select(Level.box_id)
        .join(Location, Location.id == Level.location_id)
        .join(Box, Box.id == Level.box_id)
        .where(
            Location.warehouse_id == warehouse_id,
            Level.box_id > after,
            or_(Level.quantity > 0, Box.created_at > now() - FRESH) if since is None else _touched(since),
        )
        .distinct()
        .order_by(Level.box_id)
        .limit(AT_ONCE + 1)
    )
    ids = session.scalars(query).all()
    return Part(boxes(session, warehouse_id, ids[:AT_ONCE]), ids[AT_ONCE - 1] if len(ids) > AT_ONCE else None)


def _touched(since: datetime) -> ColumnElement[bool]:
    """Return the condition that a box was moved, written about or given a label since a moment."""
    moved = select(Movement.box_id).where(Movement.at >= since)
    written = (
        select(Box.id)
        .join(AuditLine, AuditLine.subject_id == Box.code)
        .where(AuditLine.at >= since, AuditLine.subject == "box")
    )
    return Level.box_id.in_(moved.union(written))


def cursor() -> str:
    """Return the moment from which on the next answer tells what happened."""
    return (now() - OVERLAP).isoformat()


def boxes(session: Session, warehouse_id: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return boxes as a phone keeps them, as seen from one warehouse, in four statements."""
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    elsewhere: dict[int, int] = defaultdict(int)
    for box_id, place, site, kind, quantity in session.execute(
        select(Level.box_id, Location.id, Location.warehouse_id, Location.kind, Level.quantity)
        .join(Location, Location.id == Level.location_id)
        .where(Level.box_id.in_(ids), Level.outside.is_(False))
        .order_by(Level.box_id, Location.name_key, Location.id)
    ):
        if kind == LocationKind.SHELF and site == warehouse_id:
            places[box_id].append((place, quantity))
        else:
            elsewhere[box_id] += quantity
    labels: dict[int, list[str]] = defaultdict(list)
    for label in session.execute(select(Label.box_id, Label.code).where(Label.box_id.in_(ids)).order_by(Label.code)):
        labels[label.box_id].append(label.code)
    rows = session.execute(
        select(Box.id, Box.code, Box.size_id, Box.best_before, Box.expired, *_FREE)
        .outerjoin(Availability, (Availability.size_id == Box.size_id) & (Availability.warehouse_id == warehouse_id))
        .where(Box.id.in_(ids))
        .order_by(Box.id)
    )
    return [
        {
            "code": row.code,
            "size": row.size_id,
            "best_before": row.best_before.isoformat() if row.best_before else "",
            "expired": row.expired,
            "places": places[row.id],  # shelf and how many; 0 where it was before
            "elsewhere": elsewhere[row.id],
            "labels": labels[row.id],
            "free": row.free or 0,
        }
        for row in rows
    ]


_FREE = ((Availability.on_hand - Availability.expired - Availability.allocated).label("free"),)


def shelves(session: Session, warehouse_id: int) -> list[Any]:
    """Return a warehouse's open shelves, and the closed ones that hold something still."""
    holding = select(Level.location_id).where(Level.location_id == Location.id, Level.quantity > 0).exists()
    return list(
        session.execute(
            select(Location.id, Location.name, Location.closed_at)
            .where(Location.warehouse_id == warehouse_id, or_(Location.closed_at.is_(None), holding))
            .order_by(Location.name_key, Location.id)
        )
    )


def sizes(session: Session) -> list[Any]:
    """Return every size of every product: how a box is told from its number."""
    return list(
        session.execute(
            select(
                Size.id,
                Size.label,
                Product.name,
                Product.name_fr,
                Product.gender,
                Product.unit,
                Product.has_best_before,
            )
            .join(Product, Product.id == Size.product_id)
            .order_by(Size.id)
        )
    )
