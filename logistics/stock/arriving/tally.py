"""What a sorting table did: the boxes that stand open there, what was sorted and thrown out today, and its last acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from ..ledger import MovementReason
from ..models import OUTSIDE_IDS, Box, Level, Location, LocationKind, Movement, Product, Size, Unit
from .models import Discard

LATELY = timedelta(days=7)  # how long a box counts as open, and a product as one in use at a table
MOST_PRODUCTS = 10
MOST_ACTS = 8


@dataclass(frozen=True)
class Tally:
    """Pieces sorted, by product, and thrown out. What is weighed is listed, and in no sum of pieces."""

    products: Sequence[Any]
    discarded: int

    @property
    def pieces(self) -> int:
        """Return how many pieces were sorted."""
        return sum(row.quantity for row in self.products if row.unit == Unit.PIECE)

    @property
    def percent(self) -> int | None:
        """Return how much of all the pieces was thrown out; None before there are any."""
        return percent(self.discarded, self.pieces)


def percent(discarded: int, kept: int) -> int | None:
    """Return the rate of what was thrown out, in percent of all that was looked at."""
    return round(discarded * 100 / (discarded + kept)) if discarded + kept else None


def of_pieces() -> ColumnElement[bool]:
    """Return the condition that what was thrown out, joined with its product where it has one, counts in pieces."""
    return func.coalesce(Product.unit, Unit.PIECE) == Unit.PIECE


def sorted_in() -> list[ColumnElement[bool]]:
    """Return the conditions that a movement, joined with `Location` where it went, is goods given and sorted."""
    back = aliased(Movement)
    return [
        Movement.reason == MovementReason.DONATED,
        Movement.from_id == OUTSIDE_IDS[LocationKind.DONATED],
        ~exists(select(back.id).where(back.reverses_id == Movement.id)),
    ]


def today(session: Session, actor_id: int, warehouse_id: int, since: datetime) -> Tally:
    """Return what a person sorted and threw out in a warehouse since the day began."""
    quantity = func.sum(Movement.quantity).label("quantity")
    rows = session.execute(
        select(Product.id, Product.name, Product.name_fr, Product.gender, Product.unit, quantity)
        .select_from(Movement)
        .join(Location, Location.id == Movement.to_id)
        .join(Box, Box.id == Movement.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(*_theirs(actor_id, warehouse_id, since))
        .group_by(Product.id)
        .order_by(quantity.desc(), Product.id)
    ).all()
    thrown = session.scalar(
        select(func.sum(Discard.quantity))
        .outerjoin(Product, Product.id == Discard.product_id)
        .where(*_thrown(actor_id, warehouse_id, since), of_pieces())
    )
    return Tally(rows, int(thrown or 0))


def last_acts(session: Session, actor_id: int, warehouse_id: int, since: datetime) -> Sequence[Any]:
    """Return the last things that a person sorted or threw out and did not undo, the newest first."""
    movements = session.execute(
        select(
            Movement.id.label("movement_id"),
            Movement.at,
            Movement.quantity,
            Box.code,
            Size.label,
            Product.name,
            Product.name_fr,
            Product.gender,
        )
        .join(Location, Location.id == Movement.to_id)
        .join(Box, Box.id == Movement.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(*_theirs(actor_id, warehouse_id, since))
        .order_by(Movement.at.desc(), Movement.id.desc())
        .limit(MOST_ACTS)
    ).all()
    thrown = session.execute(
        select(
            Discard.id.label("discard_id"),
            Discard.at,
            Discard.quantity,
            Discard.reason,
            Product.name,
            Product.name_fr,
            Product.gender,
            Product.unit,
        )
        .outerjoin(Product, Product.id == Discard.product_id)
        .where(*_thrown(actor_id, warehouse_id, since))
        .order_by(Discard.at.desc(), Discard.id.desc())
        .limit(MOST_ACTS)
    ).all()
    return sorted([*movements, *thrown], key=lambda row: row.at, reverse=True)[:MOST_ACTS]


def open_boxes(
    session: Session, actor_id: int, warehouse_id: int, product_id: int, since: datetime
) -> Mapping[int, Any]:
    """Return the box that a person last put each size of a product into, by size id: rows of code and shelf.

    One that is past its date, or that stands in this warehouse no more, is not open.
    """
    last = (
        select(func.max(Movement.id))
        .join(Location, Location.id == Movement.to_id)
        .join(Box, Box.id == Movement.box_id)
        .join(Size, Size.id == Box.size_id)
        .where(*_theirs(actor_id, warehouse_id, since), Size.product_id == product_id)
        .group_by(Box.size_id)
    )
    stands = (
        select(Location.name, Level.box_id, Level.quantity)
        .join(Level, Level.location_id == Location.id)
        .where(Location.kind == LocationKind.SHELF, Location.warehouse_id == warehouse_id, Location.closed_at.is_(None))
        .where(Level.quantity > 0)
        .subquery()
    )
    rows = session.execute(
        select(Box.size_id, Box.code, stands.c.name.label("shelf"))
        .select_from(Movement)
        .join(Box, Box.id == Movement.box_id)
        .join(stands, stands.c.box_id == Box.id)
        .where(Movement.id.in_(last), Box.expired.is_(False))
        .order_by(stands.c.quantity, stands.c.name)
    )
    return {row.size_id: row for row in rows}


def products_in_use(session: Session, actor_id: int, warehouse_id: int, since: datetime) -> Sequence[Any]:
    """Return the last ten products sorted in a warehouse, a person's own first: rows of id, name, name_fr, gender."""
    own = func.max(case((Movement.actor_id == actor_id, 1), else_=0))
    return session.execute(
        select(Product.id, Product.name, Product.name_fr, Product.gender)
        .select_from(Movement)
        .join(Location, Location.id == Movement.to_id)
        .join(Box, Box.id == Movement.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(*sorted_in(), Location.warehouse_id == warehouse_id, Movement.at >= since, Product.closed_at.is_(None))
        .group_by(Product.id)
        .order_by(own.desc(), func.max(Movement.id).desc())
        .limit(MOST_PRODUCTS)
    ).all()


def _theirs(actor_id: int, warehouse_id: int, since: datetime) -> list[ColumnElement[bool]]:
    return [
        *sorted_in(),
        Movement.actor_id == actor_id,
        Movement.at >= since,
        Location.warehouse_id == warehouse_id,
    ]


def _thrown(actor_id: int, warehouse_id: int, since: datetime) -> list[ColumnElement[bool]]:
    return [
        Discard.actor_id == actor_id,
        Discard.at >= since,
        Discard.warehouse_id == warehouse_id,
        Discard.withdrawn_at.is_(None),
    ]
