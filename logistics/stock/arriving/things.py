"""The products that may be named in a delivery: offered while somebody types, and known again by what was typed."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...web.filters import sort_key
from ..models import Product
from . import words


def names(session: Session) -> Sequence[str]:
    """Return the names of the products in use with whom each is for, in the page's language and order."""
    return sorted((words.whole_name(product) for product in _products(session)), key=sort_key)


def by_name(session: Session) -> Mapping[str, int]:
    """Return which product a typed name means; see `words.meant`."""
    return words.by_typed_name(_products(session))


def _products(session: Session) -> Sequence[Product]:
    return session.scalars(select(Product).where(Product.closed_at.is_(None)).order_by(Product.id)).all()
