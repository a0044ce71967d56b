""" "Please don't send any more": a mark on a product, put there and taken back by whoever works with stock."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ..models import Product
from ..products import locked_product


@command
def stop(session: Session, *, actor_id: int, product_id: int) -> int:
    """Ask that nobody sends any more of a product, and return its id. Again, it changes nothing. Raises NotFound."""
    product = locked_product(session, product_id)
    if product.stopped_at is None:
        product.stopped_at = now()
        record(session, actor_id, "product.stopped", "product", product_id)
    return product_id


@command
def take_back(session: Session, *, actor_id: int, product_id: int) -> int:
    """Welcome a product again, and return its id. Again, it changes nothing. Raises NotFound."""
    product = locked_product(session, product_id)
    if product.stopped_at is not None:
        product.stopped_at = None
        record(session, actor_id, "product.welcome_again", "product", product_id)
    return product_id


def stopped(session: Session) -> Sequence[Product]:
    """Return the products of which nobody should send any more, by category and name."""
    return session.scalars(
        select(Product)
        .where(Product.stopped_at.is_not(None), Product.closed_at.is_(None))
        .order_by(Product.category, Product.name_key, Product.gender, Product.id)
    ).all()
