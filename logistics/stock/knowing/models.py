"""What is kept so that stock can be told quickly: flows by day."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, one_of


class Way(StrEnum):
    """Into a warehouse, or out of it."""

    IN = "in"
    OUT = "out"


class Flow(Base):
    """What came into or left a warehouse on one day (the local one), by size and reason.

    A pure cache of movements, for days of which `FlowDay` says that they are complete.
    """

    __tablename__ = "flow"

    warehouse_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    way: Mapped[str] = mapped_column(String(3), primary_key=True)
    reason: Mapped[str] = mapped_column(String(20), primary_key=True)
    quantity: Mapped[int]

    __table_args__ = (
        one_of("way", Way),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_flow_day", "day"),
        Index("ix_flow_size_id_day", "size_id", "day"),
    )


class FlowDay(Base):
    """A day whose flows are written down: it is over, so that they can't change any more."""

    __tablename__ = "flow_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(String(60))
