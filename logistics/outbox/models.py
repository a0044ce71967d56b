"""The outbox: one row a message."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, one_of


class MessageState(StrEnum):
    """Where a message stands. `sending` lapses at `claimed_until`, so a worker that died holds nothing up.

    `too_late` was not sent while it was good, or what it says held no longer.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    TOO_LATE = "too_late"


class OutboxMessage(Base):
    """A message to one address. `kind` names its templates (templates/mail/<kind>.txt); `params` fills them.

    `about` says what it is about, where that is one thing: "shift:12". From `good_until` on it is not sent any more.
    """

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    to_address: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    about: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(5))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default=MessageState.WAITING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    good_until: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        one_of("state", MessageState),
        Index("ix_outbox_message_state_due_at", "state", "due_at"),
        Index("ix_outbox_message_person_id", "person_id"),
        Index("ix_outbox_message_about_id", "about", "id"),
    )
