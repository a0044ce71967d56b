"""Recipes of kits, which boxes hold kits of which, and what was put together or taken apart."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...db import Base
from ..models import Product, Size

SIGNS = frozenset({"kit_recipe.made_by"})


class KitRecipe(Base):
    """What one kit is made of, from when it was written until the next. A recipe never changes: a new one follows it."""

    __tablename__ = "kit_recipe"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    version: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    product: Mapped[Product] = relationship(lazy="raise")
    parts: Mapped[list["KitPart"]] = relationship(lazy="raise", order_by="KitPart.position")

    __table_args__ = (UniqueConstraint("product_id", "version"), CheckConstraint("version > 0", name="version"))


class KitPart(Base):
    """So many units of one size in one kit."""

    __tablename__ = "kit_part"

    recipe_id: Mapped[int] = mapped_column(ForeignKey("kit_recipe.id"), primary_key=True)
    size_id: Mapped[int] = mapped_column(ForeignKey("size.id"), primary_key=True)
    position: Mapped[int]
    quantity: Mapped[int]

    size: Mapped[Size] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity"),
        Index("ix_kit_part_size_id", "size_id"),
    )


class KitBox(Base):
    """By which recipe the kits in a box were made. A box of kits that came from elsewhere has none."""

    __tablename__ = "kit_box"

    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"), primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("kit_recipe.id"))

    __table_args__ = (Index("ix_kit_box_recipe_id", "recipe_id"),)


class KitAct(Base):
    """So many kits put together, or taken apart, in the group of movements that begins with `movement_id`."""

    __tablename__ = "kit_act"

    movement_id: Mapped[int] = mapped_column(ForeignKey("movement.id"), primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("kit_recipe.id"))
    quantity: Mapped[int]
    taken_apart: Mapped[bool]

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_kit_act_recipe_id", "recipe_id"),
    )
