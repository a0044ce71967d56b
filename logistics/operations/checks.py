"""What must hold across parts, recomputed from the ground: purchases, whose money is giving's and whose goods stock's."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..giving.models import Spend
from ..stock.ledger import MovementReason
from ..stock.models import Box, Movement
from ..stock.purchases.models import Purchase, PurchaseLine
from ..stock.tracing.walking import kept


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant."""
    yield from _paid(session)
    yield from _spends(session)
    yield from _came(session)


def _paid(session: Session) -> Iterator[str]:
    lines = func.coalesce(func.sum(PurchaseLine.packs * PurchaseLine.price), 0)
    for purchase, adds_up, paid in session.execute(
        select(Purchase.id, lines + Purchase.carriage, Spend.amount)
        .join(Spend, Spend.id == Purchase.spend_id)
        .outerjoin(PurchaseLine, PurchaseLine.purchase_id == Purchase.id)
        .group_by(Purchase.id, Spend.id)
        .having(lines + Purchase.carriage != Spend.amount)
        .order_by(Purchase.id)
    ):
        yield f"purchase {purchase}: its lines and carriage add up to {adds_up}, but {paid} was spent"
    other = or_(
        Spend.distribution_id.is_not(None),
        Spend.currency != Purchase.currency,
        Spend.spent_on != Purchase.bought_on,
        Spend.withdrawn_at.is_(None) != Purchase.withdrawn_at.is_(None),
    )
    for purchase, spend in session.execute(
        select(Purchase.id, Spend.id).join(Spend, Spend.id == Purchase.spend_id).where(other).order_by(Purchase.id)
    ):
        yield f"purchase {purchase} and its spend {spend} differ: in what it was for, currency, day, or being taken back"


def _spends(session: Session) -> Iterator[str]:
    bought = select(Purchase.id).where(Purchase.spend_id == Spend.id).exists()
    for spend in session.scalars(select(Spend.id).where(Spend.distribution_id.is_(None), ~bought).order_by(Spend.id)):
        yield f"spend {spend} is for no distribution, and there is no purchase that it paid for"


def _came(session: Session) -> Iterator[str]:
    came = func.sum(Movement.quantity)
    for line, purchase, units, bought in session.execute(
        select(PurchaseLine.id, PurchaseLine.purchase_id, came, PurchaseLine.packs * PurchaseLine.pack_size)
        .join(Movement, Movement.purchase_line_id == PurchaseLine.id)
        .where(kept(Movement))
        .group_by(PurchaseLine.id)
        .having(came > PurchaseLine.packs * PurchaseLine.pack_size)
        .order_by(PurchaseLine.id)
    ):
        yield f"purchase {purchase}, line {line}: {units} came, but {bought} were bought"
    for movement in session.scalars(
        select(Movement.id)
        .join(PurchaseLine, PurchaseLine.id == Movement.purchase_line_id)
        .join(Box, Box.id == Movement.box_id)
        .where(or_(Movement.reason != MovementReason.BOUGHT, Box.size_id != PurchaseLine.size_id))
        .order_by(Movement.id)
    ):
        yield f"movement {movement} names a line of a purchase, but bought nothing or another size"
    for purchase in session.scalars(
        select(Purchase.id)
        .join(PurchaseLine, PurchaseLine.purchase_id == Purchase.id)
        .join(Movement, Movement.purchase_line_id == PurchaseLine.id)
        .where(Purchase.withdrawn_at.is_not(None), kept(Movement))
        .distinct()
        .order_by(Purchase.id)
    ):
        yield f"purchase {purchase} was taken back, but some of it is in boxes"
