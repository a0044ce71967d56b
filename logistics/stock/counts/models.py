"""Stock-takes: what somebody counted at a moment, beside what the ledger said at that moment."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base, one_of
from ...distributions.models import Site
from ..models import Box, Location, Product

SIGNS = frozenset({"stock_take.started_by", "stock_take.ended_by", "stock_count.counter_id"})  # see holding.Holding


class Scope(StrEnum):
    """What a stock-take counts."""

    SHELF = "shelf"
    PRODUCT = "product"
    BOX = "box"


class StockTakeState(StrEnum):
    """Being counted and reviewed, written into the ledger, or given up."""

    OPEN = "open"
    POSTED = "posted"
    ABANDONED = "abandoned"


class StockTake(Base):
    """A count of one shelf, product or box in a warehouse. When blind, nobody sees the ledger's numbers or others'."""

    __tablename__ = "stock_take"

    id: Mapped[int] = mapped_column(primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    scope: Mapped[str] = mapped_column(String(10))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    box_id: Mapped[int | None] = mapped_column(ForeignKey("box.id"))
    blind: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=StockTakeState.OPEN)
    note: Mapped[str] = mapped_column(String(500), default="")
    started_at: Mapped[datetime]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    warehouse: Mapped[Site] = relationship(lazy="raise")
    location: Mapped[Location | None] = relationship(lazy="raise")
    product: Mapped[Product | None] = relationship(lazy="raise")
    box: Mapped[Box | None] = relationship(lazy="raise")

    __table_args__ = (
        one_of("scope", Scope),
        one_of("state", StockTakeState),
        CheckConstraint(
            "(scope = 'shelf') = (location_id IS NOT NULL) AND (scope = 'product') = (product_id IS NOT NULL)"
            " AND (scope = 'box') = (box_id IS NOT NULL)",
            name="scope_names_what",
        ),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_at"),
        Index("ix_stock_take_state_id", "state", "id"),
        Index("ix_stock_take_warehouse_id_id", "warehouse_id", "id"),
    )


class StockCount(Base):
    """How many units of a box one person counted on a shelf at a moment, and how many the ledger said were there then.

    A person who counts again replaces their own count. After posting, `movement_id` is the difference as it was
    written, and `reason` why.
    """

    __tablename__ = "stock_count"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock_take_id: Mapped[int] = mapped_column(ForeignKey("stock_take.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    counted: Mapped[int]
    expected: Mapped[int]
    counted_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500), default="")
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))

    box: Mapped[Box] = relationship(lazy="raise")
    location: Mapped[Location] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("stock_take_id", "counter_id", "box_id", "location_id"),
        CheckConstraint("counted BETWEEN 0 AND 1000000", name="counted"),
        CheckConstraint("expected >= 0", name="expected"),
        Index("ix_stock_count_box_id", "box_id"),
    )
