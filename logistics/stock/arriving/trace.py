"""From a delivery forward to what became of it, and from a box back to what it came with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...paging import Page, paginate
from ..models import Box, Movement, Product, Size, Unit
from .models import Delivery, Discard
from .tally import of_pieces, percent, sorted_in

MOST_DELIVERIES = 10


@dataclass(frozen=True)
class Became:
    """What became of a delivery: a page of its boxes, how many pieces it was, and what was thrown out, by reason."""

    boxes: Page[Any]
    pieces: int
    discards: Sequence[tuple[str, int]]

    @property
    def discarded(self) -> int:
        """Return how many pieces were thrown out."""
        return sum(quantity for _reason, quantity in self.discards)

    @property
    def percent(self) -> int | None:
        """Return how much of all the pieces was thrown out."""
        return percent(self.discarded, self.pieces)


def became(session: Session, delivery_id: int, page: int) -> Became:
    """Return what became of a delivery, as far as it is sorted."""
    quantity = func.sum(Movement.quantity).label("quantity")
    of_it = (Movement.delivery_id == delivery_id, *sorted_in())
    boxes = (
        select(Box.code, Product.name, Product.name_fr, Product.gender, Product.unit, Size.label, quantity)
        .select_from(Movement)
        .join(Box, Box.id == Movement.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(*of_it)
        .group_by(Box.id, Product.id, Size.id)
        .order_by(Box.id)
    )
    pieces = session.scalar(
        select(func.sum(Movement.quantity))
        .join(Box, Box.id == Movement.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(*of_it, Product.unit == Unit.PIECE)
    )
    discards = session.execute(
        select(Discard.reason, func.sum(Discard.quantity))
        .outerjoin(Product, Product.id == Discard.product_id)
        .where(Discard.delivery_id == delivery_id, Discard.withdrawn_at.is_(None), of_pieces())
        .group_by(Discard.reason)
        .order_by(func.sum(Discard.quantity).desc(), Discard.reason)
    )
    return Became(
        paginate(session, boxes, page), int(pieces or 0), [(reason, int(thrown)) for reason, thrown in discards]
    )


def came_with(session: Session, box_id: int) -> Sequence[Any]:
    """Return the deliveries that a box's contents came with, the newest first: rows of id, arrived_at and quantity."""
    quantity = func.sum(Movement.quantity).label("quantity")
    return session.execute(
        select(Delivery.id, Delivery.arrived_at, quantity)
        .join(Movement, Movement.delivery_id == Delivery.id)
        .where(Movement.box_id == box_id, *sorted_in())
        .group_by(Delivery.id)
        .order_by(Delivery.id.desc())
        .limit(MOST_DELIVERIES)
    ).all()
