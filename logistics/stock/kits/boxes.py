"""Boxes of kits stay of one recipe each, however they are split or put together."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...errors import Conflict, msg
from .models import KitBox


def copy_recipe(session: Session, box_id: int, part_id: int) -> None:
    """Say of a box that is split off another by which recipe its kits were made, if that is known (a step)."""
    recipe_id = _recipe(session, box_id)
    if recipe_id is not None:
        session.add(KitBox(box_id=part_id, recipe_id=recipe_id))


def refuse_other_recipe(session: Session, box_id: int, other_id: int) -> None:
    """Raise Conflict at `into` for two boxes of kits that were made by different recipes, or of which one is unknown."""
    if _recipe(session, box_id) != _recipe(session, other_id):
        raise Conflict(msg("The kits in these two boxes do not have the same in them. Keep them apart."), "into")


def _recipe(session: Session, box_id: int) -> int | None:
    return session.scalar(select(KitBox.recipe_id).where(KitBox.box_id == box_id))
