"""The inbox of Stripe's webhook: events are written down at once, and applied by a worker afterwards."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from .. import audit
from ..clock import now
from ..commands import command
from ..errors import Conflict, NotFound, msg
from .inserting import insert_if_absent
from .models import StripeEvent, StripeEventState

# What an event may be about here; all others are kept as ignored.
HANDLED = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
LEASE = timedelta(seconds=90)  # longer than the gateway waits for Stripe, with its retries
TRIES = 10
YEAR_2100 = 4_102_444_800  # in seconds since 1970
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)


@dataclass(frozen=True)
class Claimed:
    """An event that one worker has taken up."""

    id: str
    type: str
    object_id: str
    happened_at: datetime
    attempts: int


@command
def receive(session: Session, *, event: dict[str, Any]) -> bool:
    """Write a verified event down and return True; a second delivery of it changes nothing (False)."""
    at = now()
    handled = event["type"] in HANDLED
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    named = {name: thing.get(name) for name in ("id", "payment_status")} if isinstance(thing, dict) else {}
    return insert_if_absent(
        session,
        StripeEvent,
        id=event["id"],
        type=event["type"][:100],
        payload={**named, "created": event.get("created")},
        received_at=at,
        due_at=at,
        attempts=0,
        state=StripeEventState.WAITING if handled else StripeEventState.IGNORED,
        applied_at=None if handled else at,
    )


def anything_due(session: Session) -> bool:
    """Return whether an event waits for a worker now."""
    return bool(session.scalar(select(_due(now()).exists())))


@command
def claim(session: Session) -> Claimed | None:
    """Take up the event that is due first, for as long as the lease; None when nothing is due."""
    at = now()
    first = _due(at).order_by(StripeEvent.due_at, StripeEvent.id).limit(1).with_for_update(skip_locked=True)
    event = session.scalars(
        update(StripeEvent)
        .where(
            StripeEvent.id == first.scalar_subquery(),
            StripeEvent.state == StripeEventState.WAITING,
            StripeEvent.due_at <= at,
        )
        .values(due_at=at + LEASE, attempts=StripeEvent.attempts + 1)
        .returning(StripeEvent)
    ).one_or_none()
    if event is None:
        return None
    created = event.payload.get("created")
    if isinstance(created, int) and 0 < created < YEAR_2100:
        happened_at = datetime.fromtimestamp(created, UTC)
    else:
        happened_at = event.received_at
    return Claimed(event.id, event.type, str(event.payload.get("id") or ""), happened_at, event.attempts)


def finish(session: Session, event_id: str, state: StripeEventState, error: str | None = None) -> bool:
    """Close a waiting event, inside the transaction of what it changed. False when another worker has."""
    return (
        session.execute(
            update(StripeEvent)
            .where(StripeEvent.id == event_id, StripeEvent.state == StripeEventState.WAITING)
            .values(state=state, error=error, applied_at=now() if state == StripeEventState.APPLIED else None)
            .returning(StripeEvent.id)
        ).first()
        is not None
    )


@command
def postpone(session: Session, *, event_id: str, attempts: int, reason: str) -> bool:
    """Try an event again later, waiting twice as long each time; give up after `TRIES`."""
    if attempts >= TRIES:
        return finish(session, event_id, StripeEventState.FAILED, reason)
    wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    session.execute(
        update(StripeEvent)
        .where(StripeEvent.id == event_id, StripeEvent.state == StripeEventState.WAITING)
        .values(due_at=now() + wait, error=reason)
    )
    return True


@command
def retry(session: Session, *, actor_id: int, event_id: str) -> str:
    """Try an event again now that had failed or waits. Raises `Conflict` when it was applied meanwhile."""
    event = session.get(StripeEvent, event_id, with_for_update=True)
    if event is None:
        raise NotFound(msg("There is no such event."))
    if event.state not in (StripeEventState.FAILED, StripeEventState.WAITING):
        raise Conflict(msg("This event has been applied meanwhile."))
    event.state, event.due_at, event.attempts = StripeEventState.WAITING, now(), 0
    audit.record(session, actor_id, "stripe_event.retried", "stripe_event", event_id)
    return event_id


def unsettled() -> Select[StripeEvent]:
    """Return the query of the events that wait or have failed, failed ones first, then the oldest."""
    open_states = (StripeEventState.FAILED, StripeEventState.WAITING)
    return (
        select(StripeEvent)
        .where(StripeEvent.state.in_(open_states))
        .order_by(StripeEvent.state, StripeEvent.received_at, StripeEvent.id)
    )


def any_failed(session: Session) -> bool:
    """Return whether an event needs a person to look."""
    return bool(session.scalar(select(exists().where(StripeEvent.state == StripeEventState.FAILED))))


def _due(at: datetime) -> Select[str]:
    return select(StripeEvent.id).where(StripeEvent.state == StripeEventState.WAITING, StripeEvent.due_at <= at)
