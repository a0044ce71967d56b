"""Letting go of who brought a delivery: 90 days after it came, or was called off, or should have come."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ...clock import now
from ...outbox.models import OutboxMessage
from .mails import about
from .models import Delivery, DeliveryState, Slot

KEPT = timedelta(days=90)
NOBODY: dict[str, Any] = {"name": "", "email": "", "phone": "", "note": ""}


def forget_old(session: Session) -> int:
    """Step: empty what is personal in old deliveries, and return how many there were (for the worker)."""
    at = now()
    old = select(Delivery.id).outerjoin(Slot, Slot.id == Delivery.slot_id)
    return forget(session, Delivery.id.in_(old.where(Delivery.forgotten_at.is_(None), is_old(at - KEPT))))


def forget(session: Session, which: ColumnElement[bool]) -> int:
    """Step: empty what is personal in the deliveries of which a condition holds, and return how many there were.

    What was mailed about them goes, too.
    """
    gone = session.scalars(
        update(Delivery)
        .where(which)
        .values(**NOBODY, forgotten_at=now())
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    mailed = OutboxMessage.about.in_([about(number) for number in gone])
    if gone:
        session.execute(delete(OutboxMessage).where(mailed).execution_options(synchronize_session=False))
    return len(gone)


def is_old(before: datetime) -> ColumnElement[bool]:
    """Return the condition that a delivery, joined with its slot, was over before a moment."""
    never_came = and_(
        Delivery.state == DeliveryState.ANNOUNCED, func.coalesce(Slot.ends_at, Delivery.created_at) < before
    )
    return or_(Delivery.arrived_at < before, Delivery.cancelled_at < before, never_came)
