"""What must hold in the books of giving, recomputed from gifts and spends: used by `flask verify`."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ..outbox.models import OutboxMessage
from .models import FundBalance, Gift, GiftState, Spend, StripeEvent, StripeEventState


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each invariant of giving that is broken."""
    yield from _balances(session)
    yield from _paid_gifts(session)
    yield from _events(session)
    yield from _receipts(session)


def _balances(session: Session) -> Iterator[str]:
    given = _sums(session, Gift, Gift.state == GiftState.PAID)
    spent = _sums(session, Spend, Spend.withdrawn_at.is_(None))
    kept = {(row.fund_id, row.currency): row for row in session.scalars(select(FundBalance))}
    for fund_id, currency in sorted({*given, *spent, *kept}):
        row = kept.get((fund_id, currency))
        has_given, has_spent = (row.given, row.spent) if row else (0, 0)
        paid, out = given.get((fund_id, currency), 0), spent.get((fund_id, currency), 0)
        where = f"fund {fund_id} in {currency}"
        if has_given != paid:
            yield f"{where}: the balance says {has_given} was given, the paid gifts add up to {paid}"
        if has_spent != out:
            yield f"{where}: the balance says {has_spent} was spent, the spends add up to {out}"
        if out > paid:
            yield f"{where}: {out} was spent, more than the {paid} that was given"


def _sums(
    session: Session, model: type[Gift] | type[Spend], counted: ColumnElement[bool]
) -> dict[tuple[int, str], int]:
    rows = session.execute(
        select(model.fund_id, model.currency, func.sum(model.amount))
        .where(counted)
        .group_by(model.fund_id, model.currency)
    )
    return {(fund_id, currency): int(total) for fund_id, currency, total in rows}


def _paid_gifts(session: Session) -> Iterator[str]:
    paid = select(Gift.id).where(Gift.state == GiftState.PAID)
    for gift_id in session.scalars(paid.where(Gift.checkout_session_id.is_(None)).order_by(Gift.id)):
        yield f"gift {gift_id} is paid without a Checkout session"
    for gift_id in session.scalars(paid.where(Gift.paid_at.is_(None)).order_by(Gift.id)):
        yield f"gift {gift_id} is paid without the moment it was"
    unpaid = select(Gift.id).where(Gift.state != GiftState.PAID, Gift.paid_at.is_not(None)).order_by(Gift.id)
    for gift_id in session.scalars(unpaid):
        yield f"gift {gift_id} has a moment of payment and is not paid"


def _events(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(StripeEvent.id, Gift.id)
        .join(Gift, Gift.checkout_session_id == StripeEvent.payload["id"].as_string())
        .where(
            StripeEvent.state == StripeEventState.APPLIED,
            StripeEvent.payload["payment_status"].as_string() == "paid",
            Gift.state != GiftState.PAID,
        )
        .order_by(StripeEvent.id)
    )
    for event_id, gift_id in rows:
        yield f"event {event_id} said that gift {gift_id} is paid and was applied, and the gift is not"


def _receipts(session: Session) -> Iterator[str]:
    reference = OutboxMessage.params["reference"].as_string()
    rows = session.execute(
        select(reference, func.count())
        .where(OutboxMessage.kind == "gift_receipt")
        .group_by(reference)
        .having(func.count() > 1)
        .order_by(reference)
    )
    for name, count in rows:
        yield f"gift {name} has {count} receipts"
