"""Writing messages into the outbox, and taking back what holds no longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from ..clock import now
from .models import MessageState, OutboxMessage


def enqueue(
    session: Session,
    kind: str,
    to_address: str,
    language: str,
    *,
    person_id: int | None = None,
    about: str | None = None,
    good_until: datetime | None = None,
    **params: Any,
) -> None:
    """Write a message to be sent after this transaction commits. `params` must be plain JSON.

    `about` is what it is about ("shift:12"), so that it is found again with that. From
    `good_until` on it is not sent any more: nobody wants to be reminded of what has begun.

    Links in `params` are paths (`/my/shifts`); the template puts BASE_URL in front. A param whose name begins with
    `secret_` (a link that opens an account) is deleted from the row once it is mailed.
    """
    at = now()
    session.add(
        OutboxMessage(
            kind=kind,
            to_address=to_address,
            person_id=person_id,
            about=about,
            language=language,
            params=params,
            created_at=at,
            due_at=at,
            good_until=good_until,
        )
    )


def withdraw(session: Session, about: Sequence[str], kinds: Sequence[str]) -> None:
    """Step: send no more of what waits of these kinds about these things. What is being sent now is not tried again."""
    waiting = OutboxMessage.state == MessageState.WAITING
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.about.in_(about),
            OutboxMessage.kind.in_(kinds),
            OutboxMessage.state.in_((MessageState.WAITING, MessageState.SENDING)),
        )
        .values(good_until=now(), state=case((waiting, MessageState.TOO_LATE), else_=OutboxMessage.state))
        .execution_options(synchronize_session=False)
    )
