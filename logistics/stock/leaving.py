"""When a distribution leaves, or is called off: what becomes of its promises and of what is packed (steps)."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .allocating import Promise, promise, serve
from .ledger import MovementReason, lock_availability, move
from .lines import lines_of, list_of
from .models import Box, Location, Movement, PackingLine, PackingList
from .vans import boxes_on, on_the_van, packed_total, van_of

__all__ = ["on_the_van", "packed_total", "put_everything_back", "release"]


def release(session: Session, distribution_id: int, actor_id: int | None) -> int:
    """Free what was promised to a distribution and not packed, and give it to others; return how many units.

    The caller holds the distribution's lock, and brings it out of the states that are promised anything.
    """
    packing_list = list_of(session, distribution_id)
    if packing_list is None:
        return 0
    size_ids = [line.size_id for line in lines_of(session, distribution_id)]
    lock_availability(session, packing_list.warehouse_id, size_ids)
    freed = _free(session, packing_list)
    serve(session, packing_list.warehouse_id, size_ids, leaving=distribution_id)
    return freed


def put_everything_back(session: Session, distribution_id: int, actor_id: int | None) -> int:
    """Put what is packed back into the boxes and onto the shelves it came from, and free all promises.

    Returns how many units went back. The caller holds the distribution's lock, and cancels it.
    """
    packing_list = list_of(session, distribution_id)
    if packing_list is None:
        return 0
    size_ids = [line.size_id for line in lines_of(session, distribution_id)]
    lock_availability(session, packing_list.warehouse_id, size_ids)
    _free(session, packing_list)
    back = _unload(session, distribution_id, actor_id)
    session.execute(update(PackingLine).where(PackingLine.distribution_id == distribution_id).values(packed=0))
    serve(session, packing_list.warehouse_id, size_ids, leaving=distribution_id)
    return back


def _free(session: Session, packing_list: PackingList) -> int:
    """Take back every promise to a packing list; return how many units. The availability is locked."""
    lines = [line for line in lines_of(session, packing_list.distribution_id) if line.allocated]
    promise(session, packing_list.warehouse_id, [Promise(line.id, line.size_id, -line.allocated) for line in lines])
    return sum(line.allocated for line in lines)


def _unload(session: Session, distribution_id: int, actor_id: int | None) -> int:
    """Move everything off the van to where it came from; return how many units that was."""
    van = van_of(session, distribution_id)
    if van is None:
        return 0
    total, group = 0, None
    for box, quantity in boxes_on(session, van):
        for shelf_id, number in _origins(session, van, box, quantity):
            movement = move(
                session,
                box_id=box.id,
                from_id=van.id,
                to_id=shelf_id,
                quantity=number,
                actor_id=actor_id,
                reason=MovementReason.PUT_BACK,
                distribution_id=distribution_id,
                group_id=group,
            )
            group, total = group or movement.id, total + number
    return total


def _origins(session: Session, van: Location, box: Box, quantity: int) -> Iterator[tuple[int, int]]:
    """Yield the shelves from which a box's units on the van were packed, and how many go to each.

    What was put back before counts first against the shelf it was put on.
    """
    packed: Counter[int] = Counter()
    for from_id, to_id, number in session.execute(
        select(Movement.from_id, Movement.to_id, Movement.quantity)
        .where(Movement.box_id == box.id, (Movement.from_id == van.id) | (Movement.to_id == van.id))
        .order_by(Movement.id)
    ):
        if to_id == van.id:
            packed[from_id] += number
        else:
            packed[to_id] -= number
    for shelf_id, number in packed.items():
        if number > 0 and quantity > 0:
            yield shelf_id, min(number, quantity)
            quantity -= min(number, quantity)
