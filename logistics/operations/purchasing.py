"""Purchases: money out of a fund (`giving`) that becomes goods in boxes (`stock`), in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from ..commands import command
from ..errors import Invalid, msg
from ..giving import spending
from ..giving.models import Fund, Spend
from ..money import LARGEST, SYMBOLS, Currency, major
from ..stock.models import Movement
from ..stock.purchases import receiving
from ..stock.purchases.models import Purchase, PurchaseLine
from ..stock.purchases.receiving import Bought
from ..stock.tracing.walking import kept


@command
def record_purchase(
    session: Session,
    *,
    actor_id: int,
    fund_id: int,
    supplier: str,
    currency: str,
    total: int,
    bought_on: date,
    lines: Sequence[Mapping[str, int]],
    carriage: int = 0,
    note: str = "",
) -> int:
    """Write down what a fund bought; return the purchase's id. Amounts are in pence or cents.

    `lines` are `Bought` by name. `total` is what was paid, and must be what lines and carriage add up to. Raises Invalid
    with the field to blame, and Conflict at `amount` when the fund has less left, naming how much.
    """
    bought = [Bought(**line) for line in lines]
    receiving.check(session, supplier, bought)
    if currency not in set(Currency):
        raise Invalid(msg("Choose pounds or euros."), "currency")
    adds_up = sum(line.amount for line in bought) + carriage
    if not 0 <= carriage <= LARGEST or adds_up > LARGEST:
        raise Invalid(msg("Enter an amount of ten million at most."), "amount")
    if adds_up != total:
        raise Invalid(
            msg(
                "The lines add up to %(sum)s. Check the prices, or what was paid.",
                sum=f"{SYMBOLS[Currency(currency)]}{major(adds_up):,.2f}",
            ),
            "amount",
        )
    spend_id = spending.spend(
        session,
        actor_id=actor_id,
        fund_id=fund_id,
        distribution_id=None,
        amount=total,
        currency=currency,
        what=supplier.strip(),
        spent_on=bought_on,
    )
    return receiving.write(
        session,
        actor_id=actor_id,
        spend_id=spend_id,
        supplier=supplier,
        currency=currency,
        bought_on=bought_on,
        carriage=carriage,
        note=note,
        lines=bought,
    )


@command
def withdraw_purchase(session: Session, *, actor_id: int, purchase_id: int) -> int:
    """Take back a purchase that was entered by mistake; return its id. Its record stays, its money is the fund's again.

    Raises NotFound, and Conflict when something of it has come, or it was taken back before.
    """
    spend_id = receiving.withdraw(session, actor_id=actor_id, purchase_id=purchase_id)
    spending.withdraw(session, actor_id=actor_id, spend_id=spend_id)
    return purchase_id


def find(words: str = "", *, open_only: bool = False) -> Select[Any, Any, Any, Any, Any]:
    """Return the query of purchases with their fund, amount, units bought and units that came, the newest first."""
    bought = func.coalesce(func.sum(PurchaseLine.packs * PurchaseLine.pack_size), 0)
    units = select(bought).where(PurchaseLine.purchase_id == Purchase.id).correlate(Purchase).scalar_subquery()
    came = (
        select(func.coalesce(func.sum(Movement.quantity), 0))
        .join(PurchaseLine, PurchaseLine.id == Movement.purchase_line_id)
        .where(PurchaseLine.purchase_id == Purchase.id, kept(Movement))
        .correlate(Purchase)
        .scalar_subquery()
    )
    query = (
        select(Purchase, Fund, Spend.amount, units, came)
        .join(Spend, Spend.id == Purchase.spend_id)
        .join(Fund, Fund.id == Spend.fund_id)
        .order_by(Purchase.bought_on.desc(), Purchase.id.desc())
    )
    if open_only:
        query = query.where(Purchase.closed_at.is_(None), came < units)
    if words:
        query = query.where(
            or_(*(place.icontains(words, autoescape=True) for place in (Purchase.supplier, Purchase.note, Fund.name)))
        )
    return query


def money_of(session: Session, purchase: Purchase) -> tuple[Fund, int]:
    """Return which fund paid for a purchase, and how much."""
    fund, amount = session.execute(
        select(Fund, Spend.amount).join(Spend, Spend.fund_id == Fund.id).where(Spend.id == purchase.spend_id)
    ).one()
    return fund, amount


def of_spend(session: Session, spend_id: int) -> int | None:
    """Return the purchase that a spend paid for, if it is one."""
    return session.scalar(select(Purchase.id).where(Purchase.spend_id == spend_id)) if spend_id < 2**31 else None
