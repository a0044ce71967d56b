"""Sending what waits in the outbox: each message is claimed by one worker, sent, and settled.

A claim is a lease: a worker that dies while it sends holds a message up for `LEASE` and no longer. Should it die
between the server's "taken" and its own note of that, the message goes out again under the same Message-ID.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..commands import command
from ..db import db
from .mail import Send, compose
from .models import MessageState, OutboxMessage

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 240))  # before the second to the fifth try
TRIES = len(WAITS) + 1
KEPT = timedelta(days=90)  # what was mailed to whom is personal: it is not kept for good
SECRET = "secret_"  # params so named (links that open an account) are deleted once they are mailed
SPENT = "spent"  # the param that says so


@dataclass(frozen=True)
class Claimed:
    """A message that this worker, and no other, sends now. `attempts` counts this try and tells it from later ones."""

    id: int
    kind: str
    to_address: str
    language: str
    params: Mapping[str, Any]
    created_at: datetime
    attempts: int


def send_waiting(send: Send, limit: int = 20) -> int:
    """Send up to `limit` messages that are due, and return how many were taken up. Several workers may run."""
    taken = 0
    while taken < limit and _anything_due():
        message = claim()
        if message is None:
            break
        taken += 1
        error = _try(send, message)
        settle(message_id=message.id, attempts=message.attempts, error=error)
    return taken


def _anything_due() -> bool:
    """Look without writing: a worker that is idle must not keep SQLite's one writer busy."""
    try:
        return bool(db.session.scalar(select(_due(now()).exists())))
    finally:
        db.session.rollback()


def _due(at: datetime) -> Select[int]:
    lapsed = and_(OutboxMessage.state == MessageState.SENDING, OutboxMessage.claimed_until <= at)
    waiting = and_(OutboxMessage.state == MessageState.WAITING, OutboxMessage.due_at <= at)
    return select(OutboxMessage.id).where(or_(waiting, lapsed))


@command
def claim(session: Session) -> Claimed | None:
    """Take up the message that is due first; None when nothing is due."""
    at = now()
    _let_go(session, at)
    first = _due(at).order_by(OutboxMessage.due_at, OutboxMessage.id).limit(1).with_for_update(skip_locked=True)
    row = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == first.scalar_subquery())
        .values(state=MessageState.SENDING, claimed_until=at + LEASE, attempts=OutboxMessage.attempts + 1)
        .returning(
            OutboxMessage.id,
            OutboxMessage.kind,
            OutboxMessage.to_address,
            OutboxMessage.language,
            OutboxMessage.params,
            OutboxMessage.created_at,
            OutboxMessage.attempts,
        )
    ).one_or_none()
    return Claimed(*row) if row else None


def _let_go(session: Session, at: datetime) -> None:
    """Mark what is due and no longer good, but for what another worker is marking now."""
    late = _due(at).where(OutboxMessage.good_until <= at).with_for_update(skip_locked=True)
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(late.scalar_subquery()))
        .values(state=MessageState.TOO_LATE, claimed_until=None)
        .execution_options(synchronize_session=False)
    )


def _try(send: Send, message: Claimed) -> str | None:
    """Compose and send; return what went wrong, if anything did."""
    if message.attempts > TRIES:
        return "Each worker that tried to send this ended before it could tell."
    try:
        params = dict(message.params)
        mail = compose(message.kind, message.to_address, message.language, params, message_id=message_id(message))
        send(mail)
    except Exception as error:  # whatever it is, this message must not hold up the others
        log.warning("message %d not sent, try %d: %s", message.id, message.attempts, type(error).__name__)
        return f"{type(error).__name__}: {error}"[:500]
    return None


def message_id(message: Claimed) -> str:
    """Return the same Message-ID at each try, so that a mail sent twice is seen to be one."""
    host = urlsplit(current_app.extensions["shoreline_settings"].base_url).hostname
    return f"<{message.created_at:%Y%m%d-%H%M%S}-{message.id}-{message.kind}@{host}>"


@command
def settle(session: Session, *, message_id: int, attempts: int, error: str | None) -> None:
    """Note how a try ended: sent, to be tried again after a while, too late for that, or failed for good."""
    mine: list[ColumnElement[bool]] = [
        OutboxMessage.id == message_id,
        OutboxMessage.state == MessageState.SENDING,
        OutboxMessage.attempts == attempts,  # not that of a worker that took over after the lease
    ]
    message = session.scalars(select(OutboxMessage).where(*mine).with_for_update()).one_or_none()
    if message is None:
        return
    message.claimed_until = None
    message.error = error
    again_at = now() + WAITS[attempts - 1] if attempts < TRIES else None
    if error is not None and again_at is not None:
        late = message.good_until is not None and message.good_until <= again_at
        message.state, message.due_at = MessageState.TOO_LATE if late else MessageState.WAITING, again_at
        return
    message.state = MessageState.FAILED if error else MessageState.SENT
    message.sent_at = None if error else now()
    kept = {name: value for name, value in message.params.items() if not name.startswith(SECRET)}
    message.params = kept if len(kept) == len(message.params) else {**kept, SPENT: True}


def purge(session: Session) -> None:
    """Step: delete what was settled long ago."""
    settled = OutboxMessage.state.in_((MessageState.SENT, MessageState.FAILED, MessageState.TOO_LATE))
    session.execute(delete(OutboxMessage).where(settled, OutboxMessage.created_at < now() - KEPT))
