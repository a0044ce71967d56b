"""What could stand in for what a packing list is short of, and what somebody chose to stand in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..models import Availability, PackingLine, PackingList, Product, Size
from .models import StandIn, Substitution
from .setting import fitting

_AVAILABLE = Availability.on_hand - Availability.expired - Availability.allocated
_SHORT = PackingLine.planned - PackingLine.packed - PackingLine.allocated


@dataclass(frozen=True)
class Offer:
    """A size that is short on a packing list, and a stand-in for it that its warehouse has available."""

    size: Size
    short: int
    by: Size
    available: int

    @property
    def quantity(self) -> int:
        """Return how many could stand in."""
        return min(self.short, self.available)


def offers(session: Session, distribution_id: int) -> list[Offer]:
    """Return what could stand in for what is short, line by line, the most available first, in at most six queries."""
    lines = session.execute(
        select(Size, _SHORT, PackingList.warehouse_id)
        .select_from(PackingLine)
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Size, Size.id == PackingLine.size_id)
        .where(PackingLine.distribution_id == distribution_id, _SHORT > 0)
        .options(joinedload(Size.product))
        .order_by(PackingLine.item_id, Size.position, Size.id)
    ).all()
    allowed = _allowed(session, {size.product_id for size, _short, _warehouse in lines})
    if not allowed:
        return []
    chosen = {(each.size_id, each.by_size_id) for each in substitutions(session, distribution_id)}
    available = _available(session, lines[0].warehouse_id, {size.id for kept in allowed for size in kept.by.sizes})
    found = []
    for size, short, _warehouse in lines:
        here = []
        for kept in allowed:
            by_size_id = fitting(kept, size, kept.by.sizes) if kept.product_id == size.product_id else 0
            if available.get(by_size_id, 0) > 0 and (by_size_id, size.id) not in chosen:
                by = next(each for each in kept.by.sizes if each.id == by_size_id)
                here.append(Offer(size, short, by, available[by_size_id]))
        found += sorted(here, key=lambda offer: -offer.available)
    return found


def by_size(found: Sequence[Offer]) -> dict[int, list[Offer]]:
    """Return offers by the size id that is short, in their order."""
    return {offer.size.id: [one for one in found if one.size.id == offer.size.id] for offer in found}


def substitutions(session: Session, distribution_id: int) -> Sequence[Substitution]:
    """Return what stands in on a packing list, with sizes and products, in one query."""
    return session.scalars(
        select(Substitution)
        .where(Substitution.distribution_id == distribution_id)
        .options(
            joinedload(Substitution.size).joinedload(Size.product),
            joinedload(Substitution.by_size).joinedload(Size.product),
        )
        .order_by(Substitution.size_id, Substitution.by_size_id)
    ).all()


def _allowed(session: Session, product_ids: set[int]) -> Sequence[StandIn]:
    return session.scalars(
        select(StandIn)
        .join(Product, Product.id == StandIn.by_id)
        .where(StandIn.product_id.in_(product_ids), Product.closed_at.is_(None))
        .options(joinedload(StandIn.by).selectinload(Product.sizes).joinedload(Size.product))
        .order_by(StandIn.product_id, StandIn.by_id)
    ).all()


def _available(session: Session, warehouse_id: int, size_ids: set[int]) -> dict[int, int]:
    rows = session.execute(
        select(Availability.size_id, _AVAILABLE).where(
            Availability.warehouse_id == warehouse_id, Availability.size_id.in_(size_ids)
        )
    )
    return dict(rows.all())
