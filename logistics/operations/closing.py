"""Closing the books of a distribution."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..commands import command
from ..distributions import service as distributions
from ..distributions.models import DistributionState
from ..errors import Conflict, Words, msg
from ..stock import leaving
from ..stock.labels import called, worded
from ..stock.models import PackingLine, Product, Size
from .names import ONE_SIZE

NAMED = 3  # so many of what is on the van are named; the rest are "…"


@command
def close(session: Session, *, actor_id: int, distribution_id: int) -> int:
    """Close a distribution that has come back. Raises NotFound; Conflict while anything is on its van, naming it."""
    distribution = distributions.lock(session, distribution_id)
    distributions.advance(session, distribution, DistributionState.CLOSED, actor_id)
    on_the_van = leaving.on_the_van(session, distribution_id)
    if on_the_van:
        raise Conflict(
            msg(
                "%(count)s are still on the van: %(what)s. Count them first, then close.",
                count=on_the_van,
                what=_not_counted(session, distribution_id),
            )
        )
    return distribution_id


def _not_counted(session: Session, distribution_id: int) -> tuple[Words, ...]:
    rows = session.execute(
        select(PackingLine.packed, Product, Size)
        .join(Size, Size.id == PackingLine.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(
            PackingLine.distribution_id == distribution_id,
            PackingLine.handed_out.is_(None),
            PackingLine.packed > 0,
        )
        .order_by(PackingLine.item_id, Size.position)
        .limit(NAMED + 1)
    ).all()
    named = [
        msg("%(quantity)s × %(product)s", quantity=packed, product=_line(product, size))
        for packed, product, size in rows[:NAMED]
    ]
    return (*named, "…") if len(rows) > NAMED else tuple(named)


def _line(product: Product, size: Size) -> Words:
    if size.label_key == ONE_SIZE:
        return called(product)
    return msg("%(product)s %(size)s", product=called(product), size=worded(size.label))
