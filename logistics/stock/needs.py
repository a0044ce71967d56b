"""Need: planned demand that stock cannot meet, and what is missing to the targets of what is below its minimum."""

from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..distributions.listing import ahead
from ..distributions.models import Distribution
from .kits import needing
from .kits.needing import SHORT
from .models import PackingLine, Product, Size
from .targets.below import lacking


@dataclass(frozen=True)
class NeedView:
    """How many of one size of one product distributions ahead lack, and how many more are to be kept in stock."""

    product: Product
    size: Size
    lacked: int
    kept: int = 0

    @property
    def short(self) -> int:
        """Return how many are needed."""
        return self.lacked + self.kept


def needs(session: Session) -> list[NeedView]:
    """Return what is needed, in four queries: first what distributions lack, the largest need first.

    Kits that distributions lack are a need of their parts. A product that nobody should send is not among it.
    """
    found = {each.size.id: each for each in _lacked(session)}
    for size_id, (product, size, number) in needing.lacked(session).items():
        view = found.get(size_id) or NeedView(product, size, 0)
        found[size_id] = replace(view, lacked=view.lacked + number)
    for size, product, number in lacking(session):
        found[size.id] = replace(found.get(size.id) or NeedView(product, size, 0), kept=number)
    return sorted(found.values(), key=lambda each: -each.lacked)


def _lacked(session: Session) -> list[NeedView]:
    """Return what is short over all distributions still ahead, the largest need first, in one query."""
    short = func.sum(SHORT)
    rows = session.execute(
        select(Product, Size, short)
        .select_from(PackingLine)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .join(Size, Size.id == PackingLine.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(ahead(), SHORT > 0, Product.stopped_at.is_(None), Product.id.not_in(needing.kits()))
        .group_by(Product.id, Size.id)
        .order_by(short.desc(), Product.name_key, Product.id, Size.position)
    )
    return [NeedView(product, size, int(quantity)) for product, size, quantity in rows]
