"""The lines of a delivery: what, and roughly how much. They are not stock."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...errors import Invalid, msg
from ...names import kept
from ..models import Product
from ..searching import MOST_WORDS, catalogue
from .models import Delivery, DeliveryLine, Measure

LONGEST_WHAT = 200
MOST = 100_000  # of one line
MOST_LINES = 30

# One line as a command takes it: what, product_id (or None), amount, measure, and `row`, the row of the form it is from.
Given = Mapping[str, Any]


def add(session: Session, delivery: Delivery, given: Sequence[Given], *, came: bool = False) -> None:
    """Step: add lines to a delivery, as announced, or as they `came`. Raises Invalid at the field of a row."""
    if len(given) > MOST_LINES:
        raise Invalid(msg("List at most %(most)d things.", most=MOST_LINES), "what_0")
    products = _products(session, given)
    for each in given:
        session.add(
            DeliveryLine(
                delivery_id=delivery.id,
                what=_what(each, products),
                product_id=each["product_id"],
                amount=_amount(each),
                measure=_measure(each),
                came=each["amount"] if came else None,
            )
        )
    session.flush()


def stopped(session: Session, given: Sequence[Given]) -> Sequence[Product]:
    """Return the products of which nobody should send any more among these lines, chosen or typed nearly so, by name."""
    query = select(Product).where(Product.stopped_at.is_not(None)).order_by(Product.name_key, Product.id)
    unwanted = session.scalars(query).all()
    if not unwanted:
        return []
    meant = {each["product_id"] for each in given}
    index = catalogue(session)
    for each in given:
        words = (each["what"] or "").split()[:MOST_WORDS] if each["product_id"] is None else []
        if words:
            meant |= set.intersection(*(set(index.term(word).product_ids) for word in words))
    return [product for product in unwanted if product.id in meant]


def _products(session: Session, given: Sequence[Given]) -> dict[int, Product]:
    ids = {each["product_id"] for each in given if each["product_id"]}
    found = session.scalars(select(Product).where(Product.id.in_(ids))).all() if ids else []
    return {product.id: product for product in found}


def _what(given: Given, products: Mapping[int, Product]) -> str:
    field = f"what_{given['row']}"
    what = kept(given["what"], LONGEST_WHAT, field)
    if given["product_id"] is not None:
        if given["product_id"] not in products:
            raise Invalid(msg("There is no such product."), field)
        return what or products[given["product_id"]].name
    if not what:
        raise Invalid(msg("Say what it is."), field)
    return what


def _amount(given: Given) -> int:
    amount: int = given["amount"]
    if not 1 <= amount <= MOST:
        raise Invalid(msg("Enter a number from 1 to %(most)s.", most=MOST), f"amount_{given['row']}")
    return amount


def _measure(given: Given) -> Measure:
    if given["measure"] not in set(Measure):
        raise Invalid(msg("Choose how it is counted."), f"measure_{given['row']}")
    return Measure(given["measure"])
