"""What the stand-in for Stripe remembers. In production these tables stay empty."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class PracticeObject(Base):
    """A Checkout session or a payment intent, as the API answers it. `open_until` is when an open session expires."""

    __tablename__ = "practice_object"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    open_until: Mapped[datetime | None]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (Index("ix_practice_object_open_until", "open_until"),)


class PracticeEvent(Base):
    """An event, and whether the webhook has taken it. `due_at` moves on while one process delivers it."""

    __tablename__ = "practice_event"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_practice_event_delivered_at_due_at", "delivered_at", "due_at"),
        Index("ix_practice_event_created_at_id", "created_at", "id"),
    )


class PracticeAnswer(Base):
    """The answer given under an Idempotency-Key, and the fingerprint of what was asked."""

    __tablename__ = "practice_answer"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
