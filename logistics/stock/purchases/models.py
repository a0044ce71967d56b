"""Purchases: what a fund bought, line by line. The money is a spend of that fund (`giving`), known by its id alone."""

from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base
from ..models import Size

SIGNS = frozenset({"purchase.closed_by"})  # see holding.Holding


class Purchase(Base):
    """What one spend bought of one supplier. `carriage` is what it cost besides, in pence or cents.

    It waits for goods until all of them came, or until somebody says that the rest will not (`closed_at`).
    """

    __tablename__ = "purchase"

    id: Mapped[int] = mapped_column(primary_key=True)
    spend_id: Mapped[int] = mapped_column(ForeignKey("spend.id"), unique=True)
    supplier: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    bought_on: Mapped[date]
    carriage: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(500), default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]  # entered by mistake: its money is the fund's again

    lines: Mapped[list["PurchaseLine"]] = relationship(lazy="raise", order_by="PurchaseLine.id")

    __table_args__ = (
        CheckConstraint("carriage BETWEEN 0 AND 1000000000", name="carriage"),
        CheckConstraint("withdrawn_at IS NULL OR closed_at IS NOT NULL", name="withdrawn_is_closed"),
        Index("ix_purchase_bought_on_id", "bought_on", "id"),
    )


class PurchaseLine(Base):
    """So many packs of so many units (one each, where it is no pack) of one size, at a price for each pack.

    `price` is in pence or cents. What came of it are the movements that name it.
    """

    __tablename__ = "purchase_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"))
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"))
    packs: Mapped[int]
    pack_size: Mapped[int] = mapped_column(default=1)
    price: Mapped[int]

    size: Mapped[Size] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("packs BETWEEN 1 AND 1000000 AND pack_size BETWEEN 1 AND 1000000", name="counts"),
        CheckConstraint("packs <= 1000000 / pack_size", name="quantity"),
        CheckConstraint("price BETWEEN 0 AND 1000000000", name="price"),
        Index("ix_purchase_line_purchase_id", "purchase_id"),
        Index("ix_purchase_line_size_id", "size_id"),
    )

    @property
    def quantity(self) -> int:
        """Return how many units it is."""
        return self.packs * self.pack_size

    @property
    def amount(self) -> int:
        """Return what it cost, in pence or cents."""
        return self.packs * self.price

    @property
    def unit_cost(self) -> Fraction:
        """Return what one unit cost, in pence or cents: of a pack of 12 for £10 not a whole number of them."""
        return Fraction(self.price, self.pack_size)
