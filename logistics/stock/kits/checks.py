"""What must hold of kits: one sentence for each thing that is off. `stock.checks` sees that groups net by recipe."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, case, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from ..models import Box, Movement, Size
from .models import KitAct, KitBox, KitPart, KitRecipe


def left_in_converted() -> Select[Any, Any, Any]:
    """Select what acts with kits leave in converted by their recipes: movement group, size, units.

    Parts that went into kits are left there, and the kits came out of it; undone, the other way round.
    """
    sign = case((KitAct.taken_apart.is_(True), -1), else_=1)
    acts = select(KitAct.movement_id.label("group"), KitAct.recipe_id, (sign * KitAct.quantity).label("made"))
    back = aliased(Movement)
    undone = select(
        func.coalesce(back.group_id, back.id).label("group"), KitAct.recipe_id, (-sign * KitAct.quantity).label("made")
    ).join(KitAct, KitAct.movement_id == back.reverses_id)
    done = union_all(acts, undone).subquery()
    parts = select(done.c.group, KitPart.size_id, (done.c.made * KitPart.quantity).label("units")).join(
        KitPart, KitPart.recipe_id == done.c.recipe_id
    )
    kits = (
        select(done.c.group, Size.id, (-done.c.made).label("units"))
        .join(KitRecipe, KitRecipe.id == done.c.recipe_id)
        .join(Size, Size.product_id == KitRecipe.product_id)
    )
    rows = union_all(parts, kits).subquery()
    return select(rows.c.group, rows.c.size_id, rows.c.units)


def _in_boxes_of_theirs(session: Session) -> Iterator[str]:
    for code, recipe in session.execute(
        select(Box.code, KitBox.recipe_id)
        .join(Box, Box.id == KitBox.box_id)
        .join(KitRecipe, KitRecipe.id == KitBox.recipe_id)
        .join(Size, Size.id == Box.size_id)
        .where(Size.product_id != KitRecipe.product_id)
        .order_by(Box.id)
    ):
        yield f"Box {code} is said to hold kits of recipe {recipe}, but it holds something else."


def _have_parts(session: Session) -> Iterator[str]:
    no_parts = ~select(KitPart.recipe_id).where(KitPart.recipe_id == KitRecipe.id).exists()
    for recipe in session.scalars(select(KitRecipe.id).where(no_parts).order_by(KitRecipe.id)):
        yield f"Recipe {recipe} has no parts."


def _acts_are_theirs(session: Session) -> Iterator[str]:
    reason = case((KitAct.taken_apart.is_(True), "taken_apart"), else_="assembled")
    for movement in session.scalars(
        select(KitAct.movement_id)
        .join(Movement, Movement.id == KitAct.movement_id)
        .where(or_(Movement.reason != reason, Movement.group_id.is_not(None)))
        .order_by(KitAct.movement_id)
    ):
        yield f"Movement {movement} is said to begin something done with kits, but does not."


CHECKS = (_in_boxes_of_theirs, _have_parts, _acts_are_theirs)
