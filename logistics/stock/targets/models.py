"""The least that is to be free of a product, and how much it is then filled up to."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base, one_of
from ...distributions.models import Site
from ..models import Product


class Season(StrEnum):
    """When a minimum and a target hold: all year, or in the months of one season, where they come first."""

    ALL_YEAR = "all"
    SUMMER = "summer"
    WINTER = "winter"


SUMMER_MONTHS = range(4, 10)  # April to September, as winter's list of clothes is worn from October on in Calais


def season_of(day: date) -> Season:
    """Return the season that a day is in."""
    return Season.SUMMER if day.month in SUMMER_MONTHS else Season.WINTER


class StockTarget(Base):
    """A product's minimum and target in one warehouse, or over all of them (`warehouse_id` NULL), in its unit.

    Below the minimum, it is needed up to the target. 0 and 0 says for a season that nothing is to be kept.
    """

    __tablename__ = "stock_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    season: Mapped[str] = mapped_column(String(6))
    minimum: Mapped[int]
    target: Mapped[int]

    product: Mapped[Product] = relationship(lazy="raise")
    warehouse: Mapped[Site | None] = relationship(lazy="raise")

    __table_args__ = (
        one_of("season", Season),
        CheckConstraint("0 <= minimum AND minimum <= target AND target <= 1000000", name="target_not_below_minimum"),
        # One for each product, place and season; NULLs are never equal, so the whole charity has an index of its own.
        Index(
            "uq_stock_target_everywhere",
            "product_id",
            "season",
            unique=True,
            postgresql_where=text("warehouse_id IS NULL"),
            sqlite_where=text("warehouse_id IS NULL"),
        ),
        Index(
            "uq_stock_target_warehouse",
            "product_id",
            "warehouse_id",
            "season",
            unique=True,
            postgresql_where=text("warehouse_id IS NOT NULL"),
            sqlite_where=text("warehouse_id IS NOT NULL"),
        ),
        Index("ix_stock_target_warehouse_id", "warehouse_id"),
    )
