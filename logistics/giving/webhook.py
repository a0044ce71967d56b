"""What makes a gift paid: events of Stripe, applied once each, in whatever order they come.

An event only says that something happened; how the Checkout session stands is asked of Stripe again. Paid is
final: whatever comes later, or comes late, changes it no more.
"""

import logging
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from .. import audit
from ..commands import command
from ..db import db
from ..outbox.service import enqueue
from . import gateway, inbox
from .funds import count_given
from .gateway import Checkout, StripeUnavailable
from .inbox import Claimed
from .models import Gift, GiftState, StripeEventState

log = logging.getLogger(__name__)


def apply_waiting(limit: int = 100) -> int:
    """Apply up to `limit` events that are due, and return how many were taken up. Several workers may run."""
    gateway.door().redeliver()
    taken = 0
    while taken < limit and _anything_due():
        event = inbox.claim()
        if event is None:
            break
        taken += 1
        apply_event(event)
    return taken


def apply_event(event: Claimed) -> None:
    """Ask Stripe how the event's Checkout session stands, and settle its gift; on an error, try again later."""
    try:
        checkout = gateway.retrieve_checkout(event.object_id)
        settle(event=event, checkout=checkout)
    except StripeUnavailable as error:
        inbox.postpone(event_id=event.id, attempts=event.attempts, reason=error.reason)
    except Exception as error:
        log.exception("the event %s could not be applied", event.id)
        inbox.postpone(event_id=event.id, attempts=event.attempts, reason=type(error).__name__)


@command
def settle(session: Session, *, event: Claimed, checkout: Checkout) -> str:
    """Bring the session's gift to how the session stands, and close the event. Returns the gift's state."""
    gift = session.scalars(
        select(Gift)
        .where(or_(Gift.checkout_session_id == checkout.id, Gift.reference == (checkout.reference or "")))
        .options(joinedload(Gift.fund), joinedload(Gift.donor))
        .limit(1)
    ).one_or_none()
    if gift is None:
        inbox.finish(session, event.id, StripeEventState.IGNORED, "this is no gift of ours")
        return ""
    wrong = _mismatch(gift, checkout)
    if wrong:
        log.error("gift %s does not match its payment: %s", gift.id, wrong)
        inbox.finish(session, event.id, StripeEventState.FAILED, wrong)
        return gift.state
    if checkout.payment_status == "paid":
        _pay(session, gift, checkout, event.happened_at)
    elif event.type == "checkout.session.async_payment_failed":
        _end(session, gift, GiftState.FAILED)
    elif checkout.status == "expired":
        _end(session, gift, GiftState.EXPIRED)
    # Complete but unpaid: the bank is still at it, and another event will say how it went.
    inbox.finish(session, event.id, StripeEventState.APPLIED)
    session.refresh(gift, ["state"])
    return gift.state


def _mismatch(gift: Gift, checkout: Checkout) -> str:
    """Return why this session can't be the gift's payment, or nothing."""
    if gift.checkout_session_id not in (None, checkout.id):
        return "the gift has another payment page"
    if checkout.payment_status == "paid" and (checkout.amount, checkout.currency) != (gift.amount, gift.currency):
        return f"{checkout.amount} {checkout.currency} was paid where the gift is {gift.amount} {gift.currency}"
    return ""


def _pay(session: Session, gift: Gift, checkout: Checkout, paid_at: datetime) -> None:
    """Count a gift as paid, send its receipt and write it down; nothing when it is paid already."""
    if not _becomes_paid(session, gift, checkout, paid_at):
        return
    count_given(session, gift.fund_id, gift.currency, gift.amount)
    enqueue(
        session,
        "gift_receipt",
        gift.donor.email,
        gift.language,
        reference=gift.reference,
        amount=gift.amount,
        currency=gift.currency,
        fund=gift.fund.name,
        fund_fr=gift.fund.name_fr,
        name=gift.name,
        paid_at=paid_at.isoformat(),
    )
    audit.record(
        session, None, "gift.paid", "gift", gift.id, amount=gift.amount, currency=gift.currency, fund_id=gift.fund_id
    )


def _becomes_paid(session: Session, gift: Gift, checkout: Checkout, paid_at: datetime) -> bool:
    """Say that the gift is paid, unless it is: of many at once, one sees True. This is what counts money once."""
    changed = session.execute(
        update(Gift)
        .where(Gift.id == gift.id, Gift.state != GiftState.PAID)
        .values(
            state=GiftState.PAID,
            paid_at=paid_at,
            checkout_session_id=checkout.id,
            payment_intent_id=checkout.payment_intent_id,
        )
        .returning(Gift.id),
        execution_options={"synchronize_session": False},
    ).first()
    return changed is not None


def _end(session: Session, gift: Gift, state: GiftState) -> None:
    """Say that a gift was not paid, unless it was, or has ended already."""
    changed = session.execute(
        update(Gift).where(Gift.id == gift.id, Gift.state == GiftState.STARTED).values(state=state).returning(Gift.id),
        execution_options={"synchronize_session": False},
    ).first()
    if changed is not None:
        audit.record(session, None, f"gift.{state.value}", "gift", gift.id)


def _anything_due() -> bool:
    db.session.rollback()  # or an older read would not see what has just come
    try:
        return inbox.anything_due(db.session)
    finally:
        db.session.rollback()
