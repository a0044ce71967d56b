"""Need: planned demand that stock cannot meet."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ..distributions.listing import ahead
from ..distributions.models import BEFORE_OUT, Distribution
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


def short_of(session: Session, distribution_ids: Collection[int]) -> dict[int, int]:
    """Return how many units each of these distributions is short of, in one query; 0 for one that lacks nothing.

    Once the van has left nothing is short any more: what was not packed stayed behind.
    """
    rows: Any = session.execute(
        select(PackingLine.distribution_id, func.sum(_SHORT))
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(PackingLine.distribution_id.in_(distribution_ids), Distribution.state.in_(BEFORE_OUT), _SHORT > 0)
        .group_by(PackingLine.distribution_id)
    )
    return dict.fromkeys(distribution_ids, 0) | {distribution_id: int(short) for distribution_id, short in rows}
