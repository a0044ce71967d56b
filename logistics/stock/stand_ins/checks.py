"""What must hold of stand-ins. That lines plan what was asked for and what stands in is checked with packing lists."""

from collections.abc import Callable, Iterator

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from ..models import PackingItem, Size
from .models import StandIn, Substitution


def _sizes_known(session: Session) -> Iterator[str]:
    """Name stand-ins whose sizes are another product's."""
    kept = session.execute(select(StandIn.product_id, StandIn.by_id, StandIn.sizes).order_by(StandIn.product_id)).all()
    products = {one for product_id, by_id, _sizes in kept for one in (product_id, by_id)}
    owner = dict(session.execute(select(Size.id, Size.product_id).where(Size.product_id.in_(products))).all())
    for product_id, by_id, sizes in kept:
        if any(
            owner.get(int(size_id)) != product_id or (other and owner.get(other) != by_id)
            for size_id, other in sizes.items()
        ):
            yield f"Product {by_id} stands in for product {product_id} in sizes that are another's."


def _of_another(session: Session) -> Iterator[str]:
    size, by = aliased(Size), aliased(Size)
    for distribution, asked, taken in session.execute(
        select(Substitution.distribution_id, Substitution.size_id, Substitution.by_size_id)
        .join(size, size.id == Substitution.size_id)
        .join(by, by.id == Substitution.by_size_id)
        .where(size.product_id == by.product_id)
        .order_by(Substitution.distribution_id, Substitution.size_id)
    ):
        yield f"Distribution {distribution}: size {taken} stands in for size {asked} of the same product."


def _not_on_the_list(session: Session) -> Iterator[str]:
    """Name what stands in on a list that does not have the product."""
    on_list = aliased(PackingItem)
    for side in (Substitution.size_id, Substitution.by_size_id):
        for distribution, size in session.execute(
            select(Substitution.distribution_id, side)
            .join(Size, Size.id == side)
            .outerjoin(
                on_list,
                and_(on_list.distribution_id == Substitution.distribution_id, on_list.product_id == Size.product_id),
            )
            .where(on_list.id.is_(None))
            .order_by(Substitution.distribution_id, side)
        ):
            yield f"Distribution {distribution}: size {size} has a stand-in or is one, but is not on its packing list."


CHECKS: tuple[Callable[[Session], Iterator[str]], ...] = (_sizes_known, _of_another, _not_on_the_list)
