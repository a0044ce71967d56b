"""Closing the books of a distribution."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..commands import command
from ..distributions import service as distributions
from ..distributions.models import Distribution, DistributionState
from ..errors import Conflict, Words, msg
from ..stock import leaving
from ..stock.labels import called, worded
from ..stock.models import PackingLine, Product, Size
from .names import ONE_SIZE

NAMED = 3  # so many of what is on the van are named; the rest are "…"


@command
def close(session: Session, *, actor_id: int, distribution_id: int, nobody: bool = False) -> int:
    """Close a distribution that has come back.

    Raises NotFound; Conflict while anything is on its van, naming it, and when things were handed out and no people
    are written down, unless somebody said that there was `nobody`: what is closed cannot be put right any more.
    """
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
    if not nobody and unserved(session, distribution):
        raise Conflict(
            msg(
                "Things were handed out, but nobody is written down as served. Say how many people, or that nobody was."
            )
        )
    return distribution_id


def unserved(session: Session, distribution: Distribution) -> bool:
    """Return whether things were handed out and no people are written down, in one query."""
    handed_out = select(func.sum(PackingLine.handed_out)).where(PackingLine.distribution_id == distribution.id)
    return not sum(distribution.served.values()) and bool(session.scalar(handed_out))


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
