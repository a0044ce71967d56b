"""Transfers between warehouses. What was sent, came and got lost is told by movements to and from their location."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base, one_of
from ...distributions.models import Site


class TransferState(StrEnum):
    """Being loaded, on the road, all accounted for, or called off before it left."""

    LOADING = "loading"
    SENT = "sent"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Transfer(Base):
    """Goods from one warehouse to another; in between they are at its in-transit location."""

    __tablename__ = "transfer"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str] = mapped_column(String(10), default=TransferState.LOADING)
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    source: Mapped[Site] = relationship(foreign_keys=[from_id], lazy="raise")
    target: Mapped[Site] = relationship(foreign_keys=[to_id], lazy="raise")

    __table_args__ = (
        one_of("state", TransferState),
        CheckConstraint("from_id <> to_id", name="goes_somewhere"),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_at"),
        CheckConstraint("(state IN ('closed', 'cancelled')) = (closed_at IS NOT NULL)", name="closed_at"),
        Index("ix_transfer_state_id", "state", "id"),
    )
