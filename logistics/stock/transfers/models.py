"""Transfers: what goes from one warehouse to another, and how much of each line has arrived."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base, one_of
from ...distributions.models import Site
from ..models import Box, Location

SIGNS = frozenset({"transfer.created_by", "transfer.sent_by", "transfer.ended_by"})  # see holding.Holding


class TransferState(StrEnum):
    """Being prepared, on its way, all of it accounted for, or called off before it left."""

    PREPARED = "prepared"
    ON_THE_WAY = "on_the_way"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Transfer(Base):
    """Goods that go from one warehouse to another. It is closed once nothing of it is on the way any more."""

    __tablename__ = "transfer"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str] = mapped_column(String(10), default=TransferState.PREPARED)
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    source: Mapped[Site] = relationship(foreign_keys=[from_id], lazy="raise")
    target: Mapped[Site] = relationship(foreign_keys=[to_id], lazy="raise")

    __table_args__ = (
        one_of("state", TransferState),
        CheckConstraint("from_id <> to_id", name="goes_somewhere"),
        CheckConstraint("(state IN ('on_the_way', 'closed')) = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended_at"),
        Index("ix_transfer_state_id", "state", "id"),
        Index("ix_transfer_from_id_id", "from_id", "id"),
        Index("ix_transfer_to_id_id", "to_id", "id"),
    )


class TransferLine(Base):
    """So many units of a box, from one shelf. What was sent and is not yet received, returned or missing is on the way.

    `extra` is what arrived beyond `quantity`. The four follow from the movements that name this line.
    """

    __tablename__ = "transfer_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"))
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    shelf_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    extra: Mapped[int] = mapped_column(default=0)

    box: Mapped[Box] = relationship(lazy="raise")
    shelf: Mapped[Location] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("transfer_id", "box_id", "shelf_id"),
        CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
        CheckConstraint(
            "received >= 0 AND returned >= 0 AND missing >= 0 AND extra >= 0"
            " AND received + returned + missing <= quantity",
            name="adds_up",
        ),
        Index("ix_transfer_line_box_id", "box_id"),
        Index("ix_transfer_line_shelf_id", "shelf_id"),
    )

    @hybrid_property
    def left(self) -> int:
        """How many are still on the way, once it was sent."""
        return self.quantity - self.received - self.returned - self.missing
