"""Need: planned demand that stock cannot meet."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ..distributions.listing import ahead
from ..distributions.models import Distribution
from .models import PackingLine, Product, Size

_SHORT: ColumnElement[int] = PackingLine.planned - PackingLine.packed - PackingLine.allocated


@dataclass(frozen=True)
class NeedView:
    """How many of one size of one product are short."""

    product: Product
    size: Size
    short: int


def needs(session: Session) -> list[NeedView]:
    """Return what is short over all distributions still ahead, the largest need first, in one query."""
    short = func.sum(_SHORT)
    rows = session.execute(
        select(Product, Size, short)
        .select_from(PackingLine)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .join(Size, Size.id == PackingLine.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(ahead(), _SHORT > 0)
        .group_by(Product.id, Size.id)
        .order_by(short.desc(), Product.name_key, Product.id, Size.position)
    )
    return [NeedView(product, size, int(quantity)) for product, size, quantity in rows]
