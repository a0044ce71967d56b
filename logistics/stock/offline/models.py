"""What a phone did without signal and the ledger could not follow."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base


class OfflineConflict(Base):
    """An action made offline that was refused on reconnection: kept with both sides until a person decides.

    `action` and `values` are what was done, `message` (text and params) and `there` what stood against it.
    """

    __tablename__ = "offline_conflict"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    there: Mapped[int | None]
    made_at: Mapped[datetime]
    refused_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    resolution: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="resolution"),
        Index("ix_offline_conflict_resolved_at", "resolved_at"),
    )
