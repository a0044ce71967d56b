"""Undoing what was done to a box: a movement is never edited or deleted, but another may go the way back."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from ..commands import command
from ..errors import Conflict, NotFound, msg
from .allocating import serve
from .ledger import Key, MovementReason, found, lock_all, reverse
from .lookup import record_box
from .models import Box, Location, LocationKind, Movement, Size

# What can be undone by itself. What a distribution, a transfer or a stock-take did is undone there.
UNDONE_HERE = frozenset(
    {
        MovementReason.DONATED,
        MovementReason.BOUGHT,
        MovementReason.MOVED,
        MovementReason.TAKEN_OUT,
        MovementReason.SPLIT,
        MovementReason.MERGED,
        MovementReason.ASSEMBLED,
        MovementReason.TAKEN_APART,
        MovementReason.MISCOUNTED,
        MovementReason.DAMAGED,
        MovementReason.EXPIRED,
        MovementReason.LOST,
        MovementReason.STOLEN,
        MovementReason.FOUND,
        MovementReason.SAMPLE,
        MovementReason.RETURNED,
        MovementReason.RECYCLED,
        MovementReason.OTHER,
    }
)


@command
def undo(session: Session, *, actor_id: int | None, movement_id: int) -> str:
    """Move back what a movement, with all of its group, moved; return its box's code.

    Raises NotFound; Conflict when it was undone already, belongs to what is undone elsewhere, or when what it brought
    is not all there any more.
    """
    wanted = session.get(Movement, movement_id) if 0 < movement_id < 2**31 else None
    if wanted is None:
        raise NotFound(msg("There is no such movement."))
    movements = _group(session, wanted)
    if any(
        movement.reason not in UNDONE_HERE or movement.distribution_id or movement.transfer_line_id
        for movement in movements
    ):
        raise Conflict(msg("This can't be undone here."))
    boxes = _boxes(session, movements)
    places = {key: found(session, Location, key) for one in movements for key in (one.from_id, one.to_id)}
    keys = _keys(movements, boxes, places)
    lock_all(session, keys)
    _refuse_undone(session, movements)
    # Where the way back goes through converted, what it gives back comes first: nothing promised is ever in doubt.
    group = None
    for movement in sorted(movements, key=lambda one: places[one.to_id].kind != LocationKind.CONVERTED):
        back = reverse(session, movement, actor_id, group)
        group = group or back.id
    box = boxes[wanted.box_id]
    record_box(session, actor_id, "box.undone", box, quantity=wanted.quantity, movement=wanted.id, was=wanted.reason)
    for warehouse_id in sorted({warehouse_id for warehouse_id, _ in keys}):
        serve(session, warehouse_id, sorted({size_id for site_id, size_id in keys if site_id == warehouse_id}))
    return box.code


def boxes_of_acts(session: Session, movements: Iterable[Any]) -> dict[int, int]:
    """Return of how many boxes each act was that some movements (rows with `id` and `group_id`) belong to.

    Undoing one of them undoes the act. Acts are named by their first movement.
    """
    acts = {movement.group_id or movement.id for movement in movements}
    act = func.coalesce(Movement.group_id, Movement.id)
    rows: Sequence[Any] = session.execute(
        select(act, func.count(Movement.box_id.distinct()))
        .where(or_(Movement.id.in_(acts), Movement.group_id.in_(acts)))
        .group_by(act)
    ).all()
    return {row[0]: row[1] for row in rows}


def _group(session: Session, movement: Movement) -> Sequence[Movement]:
    """Return a movement with all others of its act, in their order."""
    first = movement.group_id or movement.id
    return session.scalars(
        select(Movement).where(or_(Movement.id == first, Movement.group_id == first)).order_by(Movement.id)
    ).all()


def _boxes(session: Session, movements: Sequence[Movement]) -> dict[int, Box]:
    query = select(Box).where(Box.id.in_({movement.box_id for movement in movements}))
    return {box.id: box for box in session.scalars(query.options(joinedload(Box.size).joinedload(Size.product)))}


def _keys(movements: Sequence[Movement], boxes: dict[int, Box], places: dict[int, Location]) -> set[Key]:
    return {
        (warehouse_id, boxes[movement.box_id].size_id)
        for movement in movements
        for key in (movement.from_id, movement.to_id)
        if (warehouse_id := places[key].warehouse_id) is not None
    }


def _refuse_undone(session: Session, movements: Sequence[Movement]) -> None:
    """Refuse what was undone already: whoever did it held the same locks."""
    undone = select(Movement.id).where(Movement.reverses_id.in_([movement.id for movement in movements]))
    if session.scalar(undone.limit(1)) is not None:
        raise Conflict(msg("This was undone already."))
