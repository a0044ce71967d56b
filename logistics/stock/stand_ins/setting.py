"""Saying which product may stand in for which, size by size."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ...audit import record
from ...commands import command
from ...errors import Invalid, NotFound, msg
from ..lookup import product_with_sizes
from ..models import Product, Size
from .models import StandIn


@command
def set_stand_in(
    session: Session, *, actor_id: int | None, product_id: int, by_id: int, sizes: Mapping[str, int], both_ways: bool
) -> int:
    """Let one product stand in for another, or change which size for which; return the stand-in's id.

    `sizes` maps size ids of the product (as text) to sizes of the stand-in, 0 where none fits; one that is left out is
    matched by its label. `both_ways` lets the product stand in for its stand-in too. Raises NotFound, and Invalid at
    `by_id` or `size_<id>`.
    """
    if product_id == by_id:
        raise Invalid(msg("Choose another product."), "by_id")
    product, by = _locked(session, product_id, by_id)
    if by.closed_at is not None:
        raise Invalid(msg("This product is not given out any more."), "by_id")
    matched = {str(size.id): sizes.get(str(size.id), matching(size, by.sizes)) for size in product.sizes}
    known = {0, *(size.id for size in by.sizes)}
    for size_id, by_size_id in matched.items():
        if by_size_id not in known:
            raise Invalid(msg("Choose one of its sizes."), f"size_{size_id}")
    if not any(matched.values()):
        raise Invalid(msg("Say for at least one size what may stand in for it."), f"size_{product.sizes[0].id}")
    _set(session, product_id, by_id, matched)
    if both_ways:
        _set(session, by_id, product_id, turned(matched, [size.id for size in by.sizes]))
    record(session, actor_id, "stand_in.set", "product", product_id, by=by.id, both_ways=both_ways)
    return by_id


@command
def remove_stand_in(session: Session, *, actor_id: int | None, product_id: int, by_id: int) -> int:
    """Let a product stand in for another no more; return the product's id. What was chosen before stays chosen."""
    _locked(session, product_id, by_id)
    kept = session.get(StandIn, (product_id, by_id))
    if kept is not None:
        session.delete(kept)
        record(session, actor_id, "stand_in.removed", "product", product_id, by=by_id)
    return product_id


def stand_ins_of(session: Session, product_id: int) -> Sequence[StandIn]:
    """Return what may stand in for a product, and what it may stand in for, with both and their sizes."""
    return session.scalars(
        select(StandIn)
        .where((StandIn.product_id == product_id) | (StandIn.by_id == product_id))
        .options(
            joinedload(StandIn.product).selectinload(Product.sizes), joinedload(StandIn.by).selectinload(Product.sizes)
        )
        .order_by(StandIn.product_id, StandIn.by_id)
    ).all()


def matching(size: Size, sizes: Sequence[Size]) -> int:
    """Return the id of the size of the same label, 0 when there is none; where both come in one size, that one."""
    same = [other.id for other in sizes if other.label_key == size.label_key]
    return same[0] if same else 0


def fitting(kept: StandIn, size: Size, sizes: Sequence[Size]) -> int:
    """Return the id of the stand-in's size that may be taken for a size, 0 when none may."""
    return kept.sizes.get(str(size.id), matching(size, sizes))


def fits(kept: StandIn) -> list[tuple[Size, Size]]:
    """Return which size of a stand-in may be taken for which, in the order of sizes; both products' are loaded."""
    by_id = {size.id: size for size in kept.by.sizes}
    pairs = ((size, by_id.get(fitting(kept, size, kept.by.sizes))) for size in kept.product.sizes)
    return [(size, by) for size, by in pairs if by is not None]


def turned(sizes: Mapping[str, int], by_size_ids: Sequence[int]) -> dict[str, int]:
    """Return a mapping of sizes the other way round: the first that each stands in for, else 0."""
    back: dict[int, int] = {}
    for size_id, by_size_id in sizes.items():
        back.setdefault(by_size_id, int(size_id))
    return {str(by_size_id): back.get(by_size_id, 0) for by_size_id in by_size_ids}


def _locked(session: Session, *product_ids: int) -> list[Product]:
    """Return products with their sizes, locked in the order of ids. Raises NotFound."""
    query = select(Product.id).where(Product.id.in_(product_ids)).order_by(Product.id)
    if len(session.scalars(query.with_for_update(key_share=True)).all()) != len(product_ids):
        raise NotFound(msg("There is no such product."))
    return [product_with_sizes(session, each) for each in product_ids]


def _set(session: Session, product_id: int, by_id: int, sizes: dict[str, int]) -> None:
    kept = session.get(StandIn, (product_id, by_id))
    if kept is None:
        session.add(StandIn(product_id=product_id, by_id=by_id, sizes=sizes))
    else:
        kept.sizes = sizes
