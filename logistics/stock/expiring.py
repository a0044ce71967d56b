"""Goods past their best-before: promised to nobody from the day after it on, and waiting to be written off.

A box is marked (`Box.expired`), and what of it is on shelves counts as expired with its warehouse (`Availability`).
Whoever marks a box, or takes the mark off, holds its size's availability in every warehouse, and then the box.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from ..audit import record
from ..commands import Again, command
from ..db import db
from ..web.filters import today
from .allocating import serve
from .breaking import Why, take_promises
from .freshness import checked_date, is_past
from .ledger import Stock, for_update, hold_box, lock_all
from .lookup import box_by_code, size_by_id
from .models import Availability, Box, Level, Location, LocationKind, Size

AT_ONCE = 500  # boxes marked in one transaction


def _due() -> tuple[ColumnElement[bool], ...]:
    return Box.expired.is_(False), Box.best_before < today()


def mark_due() -> int:
    """Mark boxes whose best-before has passed, those of one size at a time; return how many (for the worker)."""
    size_id = db.session.scalar(select(Box.size_id).where(*_due()).order_by(Box.best_before, Box.id).limit(1))
    db.session.rollback()
    return 0 if size_id is None else _mark(size_id=size_id)


@command
def _mark(session: Session, *, size_id: int) -> int:
    """Mark the boxes of a size that are due; promises that can't be kept are taken from the latest distribution."""
    stocks = _lock(session, size_id)
    box_ids = session.scalars(
        for_update(select(Box.id).where(Box.size_id == size_id, *_due()).order_by(Box.id).limit(AT_ONCE))
    ).all()
    if box_ids:  # else another worker was here
        session.execute(update(Box).where(Box.id.in_(box_ids)).values(expired=True))
        _follow(session, size_by_id(session, size_id), box_ids, stocks, expired=True)
        record(session, None, "boxes.expired", "size", size_id, boxes=len(box_ids))
    return len(box_ids)


@command
def set_best_before(
    session: Session, *, actor_id: int | None, code: str, best_before: date | None, undated: bool = False
) -> str:
    """Set a box's best-before, or say that there is none on it (`undated`); return the box's code.

    With a date that has passed, promises that can't be kept are taken back; with another, what is in the box is
    there again for whoever is short. Raises NotFound at `code`, and Invalid at `best_before`.
    """
    box = box_by_code(session, code)
    best_before = checked_date(best_before, undated)
    stocks = _lock(session, box.size_id)
    hold_box(session, box)
    before, was_expired = box.best_before, box.expired
    box.best_before, box.expired = best_before, is_past(best_before)
    if box.expired != was_expired:
        _follow(session, box.size, [box.id], stocks, expired=box.expired)
    record(
        session,
        actor_id,
        "box.dated",
        "box",
        box.code,
        code=box.code,
        best_before=best_before and best_before.isoformat(),
        before=before and before.isoformat(),
    )
    return box.code


def _lock(session: Session, size_id: int) -> dict[int, Stock]:
    """Lock a size's availability in every warehouse that ever had any, and return it by warehouse."""
    sites = session.scalars(select(Availability.warehouse_id).where(Availability.size_id == size_id)).all()
    return {site_id: stock for (site_id, _), stock in lock_all(session, [(site, size_id) for site in sites]).items()}


def _follow(
    session: Session, size: Size, box_ids: Collection[int], stocks: Mapping[int, Stock], *, expired: bool
) -> None:
    """Let availability and promises follow when boxes, which are locked, were marked or their mark was taken off."""
    there = _on_shelves(session, box_ids)
    if not there.keys() <= stocks.keys():
        raise Again  # meanwhile it arrived in another warehouse, whose availability is not locked
    for site_id, quantity in sorted(there.items()):
        if expired:
            take_promises(session, site_id, size, quantity - stocks[site_id].available, Why.EXPIRED)
        session.execute(
            update(Availability)
            .where(Availability.warehouse_id == site_id, Availability.size_id == size.id)
            .values(expired=Availability.expired + (quantity if expired else -quantity))
        )
        if not expired:
            serve(session, site_id, [size.id])


def _on_shelves(session: Session, box_ids: Collection[int]) -> Counter[int]:
    """Return how many units of some boxes are on shelves, by warehouse."""
    rows = session.execute(
        select(Location.warehouse_id, func.sum(Level.quantity))
        .join(Location, Location.id == Level.location_id)
        .where(Level.box_id.in_(box_ids), Location.kind == LocationKind.SHELF, Level.quantity > 0)
        .group_by(Location.warehouse_id)
    )
    return Counter({site_id: int(quantity) for site_id, quantity in rows if site_id is not None})
