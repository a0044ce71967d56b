"""Writing messages into the outbox."""

from typing import Any

from sqlalchemy.orm import Session

from ..clock import now
from .models import OutboxMessage


def enqueue(
    session: Session,
    kind: str,
    to_address: str,
    language: str,
    *,
    person_id: int | None = None,
    about: str | None = None,
    **params: Any,
) -> None:
    """Write a message to be sent after this transaction commits. `params` must be plain JSON.

    `about` is what it is about ("shift:12"), so that it is found again with that.

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
        )
    )
