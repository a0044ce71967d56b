"""What is kept so that stock can be told quickly: flows by day, targets, filters that people keep."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base, one_of
from ..models import Product


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


class Season(StrEnum):
    """When a target holds: all year, or from October to March, or from April to September."""

    ALL = "all"
    WINTER = "winter"
    SUMMER = "summer"


class StockTarget(Base):
    """How many of a product there should be at least (below it is a need), and how many are enough (then stop)."""

    __tablename__ = "stock_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    season: Mapped[str] = mapped_column(String(10), default=Season.ALL)
    minimum: Mapped[int]
    target: Mapped[int]

    product: Mapped[Product] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("product_id", "season"),
        one_of("season", Season),
        CheckConstraint("minimum BETWEEN 0 AND target AND target BETWEEN 1 AND 1000000", name="minimum_below_target"),
    )


class SavedFilter(Base):
    """A list as somebody wants to find it again: its address's query, under a name of their own."""

    __tablename__ = "saved_filter"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    page: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "page", "name_key"),)
