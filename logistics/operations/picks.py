"""The pick list: the order of a walk along the shelves, what is on the van, and packing from a box of one's choice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ..commands import command
from ..errors import Conflict, msg
from ..stock import packing
from ..stock.codes import canonical
from ..stock.lookup import is_called
from ..stock.models import Box, Level, Location, LocationKind, Movement, PackingList, Size
from ..stock.packing import PickView


@dataclass(frozen=True)
class OnVan:
    """Units of one box that are packed, and the shelf that they were last taken from."""

    box: Box  # with its size and product
    quantity: int
    shelf_id: int
    shelf: str


def in_walking_order(picks: Sequence[PickView]) -> list[PickView]:
    """Return picks in the order of a walk along the shelves: A2 before A10, box by box."""
    return sorted(picks, key=lambda pick: (_natural(pick.shelf), pick.code))


def _natural(name: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part.casefold())
        for part in re.split(r"([0-9]+)", name)
        if part
    ]


def on_van(session: Session, distribution_id: int) -> list[OnVan]:
    """Return what is packed, the last packed first, in one query."""
    last = (
        select(Movement.box_id, func.max(Movement.id).label("id"))
        .join(Location, Location.id == Movement.to_id)
        .where(Location.distribution_id == distribution_id)
        .group_by(Movement.box_id)
        .subquery()
    )
    shelf = select(Location.id, Location.name).subquery()
    rows = session.execute(
        select(Box, Level.quantity, shelf.c.id, shelf.c.name)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .join(last, last.c.box_id == Box.id)
        .join(Movement, Movement.id == last.c.id)
        .join(shelf, shelf.c.id == Movement.from_id)
        .where(Location.distribution_id == distribution_id, Level.quantity > 0)
        .options(joinedload(Box.size).joinedload(Size.product))
        .order_by(last.c.id.desc())
    )
    return [OnVan(*row) for row in rows]


@command
def pack_box(session: Session, *, actor_id: int, distribution_id: int, code: str, quantity: int) -> int:
    """Pack from a box that somebody has at hand, off the shelf where it is; of several, the fullest.

    Returns how many of its size are packed then. Raises Conflict at `code` when the warehouse has nothing of such a
    box, and what `stock.packing.pack` raises.
    """
    found = session.execute(
        select(Box.size_id, Location.id)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .join(PackingList, PackingList.warehouse_id == Location.warehouse_id)
        .where(
            PackingList.distribution_id == distribution_id,
            is_called(canonical(code)),
            Location.kind == LocationKind.SHELF,
            Level.quantity > 0,
        )
        .order_by(Level.quantity.desc(), Location.id)
        .limit(1)
    ).first()
    if found is None:
        raise Conflict(msg("This warehouse has nothing in a box of this code."), "code")
    size_id, shelf_id = found
    return packing.pack.function(
        session,
        actor_id=actor_id,
        distribution_id=distribution_id,
        size_id=size_id,
        code=code,
        from_id=shelf_id,
        quantity=quantity,
    )
