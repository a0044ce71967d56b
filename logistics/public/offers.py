"""What a gift buys: the amounts that the giving page offers.

Only what is counted in pieces is named: nobody gives for a gram, and so all that is ranked here is ranked in one unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..stock.models import Product, Unit
from .needs import Needed, most_needed

OFFERED = 3
LOOKED_AT = 50
WORTH_OFFERING = 500  # pence: of cheaper things several are offered together
EURO_CENTS_PER_POUND = 120  # a pound has cost less for years, so the euros named do buy the thing
PLAIN = (1000, 2500, 5000)  # offered where no product has a price


@dataclass(frozen=True)
class Offer:
    """An amount in minor units, and how many of which product it buys (none: it is just an amount)."""

    amount: int
    quantity: int = 0
    product: Product | None = None


@dataclass(frozen=True)
class Offers:
    """What the giving page offers in pounds and in euros, and the need that is largest among what has a price."""

    pounds: Sequence[Offer]
    euros: Sequence[Offer]
    wanting: Needed | None


def offers(session: Session) -> Offers:
    """Return what to offer: first what is short, then other things with a price, three prices in all. Two queries."""
    wanted = [one for one in most_needed(session) if one.unit_cost is not None]
    priced = session.scalars(
        select(Product)
        .where(Product.unit == Unit.PIECE, Product.unit_cost.is_not(None), Product.closed_at.is_(None))
        .order_by(Product.unit_cost, Product.id)
        .limit(LOOKED_AT)
    ).all()
    chosen: dict[int, Offer] = {}
    for product in [*(one.product for one in wanted), *_spread(priced)]:
        offer = _offer(product)
        if len(chosen) < OFFERED:
            chosen.setdefault(offer.amount, offer)
    for amount in PLAIN:
        if len(chosen) < OFFERED:
            chosen.setdefault(amount, Offer(amount))
    pounds = sorted(chosen.values(), key=lambda offer: offer.amount)
    return Offers(
        pounds,
        [Offer(in_euros(offer.amount), offer.quantity, offer.product) for offer in pounds],
        wanted[0] if wanted else None,
    )


def in_euros(pence: int) -> int:
    """Return the cents, in whole euros, that are enough for what costs so many pence."""
    return -(-pence * EURO_CENTS_PER_POUND // 10_000) * 100


def _spread(priced: Sequence[Product]) -> list[Product]:
    """Return products by price so that the first few differ well: the middle, the cheapest, the dearest, the rest."""
    if not priced:
        return []
    return [priced[len(priced) // 2], priced[0], priced[-1], *priced]


def _offer(product: Product) -> Offer:
    cost = product.unit_cost or 0
    quantity = 1 if cost >= WORTH_OFFERING else -(-WORTH_OFFERING // cost)
    return Offer(cost * quantity, quantity, product)
