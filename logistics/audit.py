"""Who did what, when: append-only lines written in the transaction of the change itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from .clock import now
from .db import Base


class AuditLine(Base):
    """One change. `details` holds ids, field names and plain figures; never a personal field's value."""

    __tablename__ = "audit_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    distribution_id: Mapped[int | None] = mapped_column(ForeignKey("distribution.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (
        Index("ix_audit_line_at_id", "at", "id"),
        Index("ix_audit_line_subject_subject_id", "subject", "subject_id"),
        Index("ix_audit_line_distribution_id_id", "distribution_id", "id"),
        Index("ix_audit_line_actor_id", "actor_id"),
    )


def record(
    session: Session,
    actor_id: int | None,
    action: str,
    subject: str,
    subject_id: int | str,
    *,
    distribution_id: int | None = None,
    **details: Any,
) -> None:
    """Write who did what to which thing. `actor_id` None means Shoreline itself (worker, command line).

    `action` is "<subject>.<past participle>", such as "box.moved"; `details` never holds the value of a
    personal field, only its name (`fields=["email"]`).
    """
    session.add(
        AuditLine(
            at=now(),
            actor_id=actor_id,
            action=action,
            subject=subject,
            subject_id=str(subject_id),
            distribution_id=distribution_id,
            details=details,
        )
    )


def record_on(session: Session, actor_id: int | None, action: str, distribution_id: int, **details: Any) -> None:
    """Write who did what to a distribution: a line of its timeline. See `record`."""
    record(session, actor_id, action, "distribution", distribution_id, distribution_id=distribution_id, **details)
