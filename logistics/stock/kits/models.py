"""Kits: what they are made of, and each time some were put together or taken apart."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base
from ..models import Product, Size


class RecipePart(Base):
    """One kit of a size needs so many units of another size. A size that has parts is a kit; no part is a kit."""

    __tablename__ = "recipe_part"

    kit_size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    part_size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    quantity: Mapped[int]

    kit: Mapped[Size] = relationship(foreign_keys=[kit_size_id], lazy="raise")
    part: Mapped[Size] = relationship(foreign_keys=[part_size_id], lazy="raise")

    __table_args__ = (
        CheckConstraint("quantity BETWEEN 1 AND 10000", name="quantity"),
        CheckConstraint("kit_size_id <> part_size_id", name="not_of_itself"),
        Index("ix_recipe_part_part_size_id", "part_size_id"),
    )


class KitBuild(Base):
    """Kits put together (`kits` above 0) or taken apart (below 0) as one group of movements through converted.

    `parts` is the recipe as it then was: size id (as text) to units in one kit.
    """

    __tablename__ = "kit_build"

    group_id: Mapped[int] = mapped_column(ForeignKey("movement.id"), primary_key=True)
    kit_size_id: Mapped[int] = mapped_column(ForeignKey("size.id"))
    kits: Mapped[int]
    parts: Mapped[dict[str, int]] = mapped_column(JSON)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (CheckConstraint("kits <> 0", name="kits"), Index("ix_kit_build_kit_size_id", "kit_size_id"))


class StandIn(Base):
    """A product that may be given in place of another, the best first; sizes of the same label answer each other."""

    __tablename__ = "stand_in"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    stand_in_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(foreign_keys=[product_id], lazy="raise")
    stand_in: Mapped[Product] = relationship(foreign_keys=[stand_in_id], lazy="raise")

    __table_args__ = (
        CheckConstraint("product_id <> stand_in_id", name="not_for_itself"),
        Index("ix_stand_in_stand_in_id", "stand_in_id"),
    )
