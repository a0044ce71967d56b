"""Which product may stand in for which, and what stands in on a packing list."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base
from ..models import Product, Size


class StandIn(Base):
    """A product (`by_id`) that may be handed out instead of another.

    `sizes` maps the other's size ids (as text) to the stand-in's, 0 where none fits. A size that is not in it, since
    it was added later, is matched by its label.
    """

    __tablename__ = "stand_in"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    sizes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    product: Mapped[Product] = relationship(foreign_keys=[product_id], lazy="raise")
    by: Mapped[Product] = relationship(foreign_keys=[by_id], lazy="raise")

    __table_args__ = (
        CheckConstraint("product_id <> by_id", name="another_product"),
        Index("ix_stand_in_by_id", "by_id"),
    )


class Substitution(Base):
    """So many units that a packing list takes of one size instead of another. It changes under the distribution's lock.

    What lines plan is what was asked for, less what others stand in for, and with what they stand in for themselves.
    """

    __tablename__ = "substitution"

    distribution_id: Mapped[int] = mapped_column(ForeignKey("packing_list.distribution_id"), primary_key=True)
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    by_size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    quantity: Mapped[int]

    size: Mapped[Size] = relationship(foreign_keys=[size_id], lazy="raise")
    by_size: Mapped[Size] = relationship(foreign_keys=[by_size_id], lazy="raise")

    __table_args__ = (
        CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
        CheckConstraint("size_id <> by_size_id", name="another_size"),
        Index("ix_substitution_size_id", "size_id"),
        Index("ix_substitution_by_size_id", "by_size_id"),
    )
