"""Packing: goods go from the shelves onto a distribution's van, and back when that was a mistake."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..audit import record_on
from ..commands import command
from ..distributions import service as distributions
from ..distributions.models import DistributionState
from ..errors import Conflict, Invalid, msg
from .allocating import Promise, promise, serve
from .freshness import is_past
from .labels import called, told, worded
from .ledger import MovementReason, keep_box, level_at, lock_availability, move
from .lines import Line, lines_of, list_to_pack
from .lookup import any_shelf, box_by_code, check_quantity, open_shelf
from .models import Box, Location, PackingLine, PackingList
from .picking import PickView, pick_list
from .vans import make_van, van_of

__all__ = ["PickView", "digest", "pack", "pack_all", "pick_list", "put_back"]


@command
def pack(
    session: Session,
    *,
    actor_id: int | None,
    distribution_id: int,
    size_id: int,
    code: str,
    from_id: int,
    quantity: int,
    extras: bool = True,
    on_van: int | None = None,
) -> int:
    """Pack units of one box from one shelf for a distribution; return how many of this size are packed then.

    What is packed uses up the distribution's own promise first; beyond it come `extras`, while available. The first
    packing brings the distribution from planned to packing. `on_van` is how many of this box the page said were
    packed (None: not asked): other than that, somebody packed this very line meanwhile. Raises NotFound, Invalid
    with the field to blame, and Conflict when there is not so much to pack or the van has left.
    """
    distribution = distributions.lock(session, distribution_id)
    distributions.start_packing(session, distribution, actor_id)
    packing_list = list_to_pack(session, distribution_id)
    box, shelf = box_by_code(session, code), any_shelf(session, from_id, "from_id")
    check_quantity(quantity)
    _check_box(box, shelf, size_id, packing_list)
    stock = lock_availability(session, packing_list.warehouse_id, [size_id])[size_id]
    line = next(iter(lines_of(session, distribution_id, [size_id])), None)
    if line is None:
        raise Conflict(
            msg(
                "%(product)s %(size)s is not on the packing list. Put it there first.",
                product=called(box.size.product),
                size=worded(box.size.label),
            )
        )
    van = make_van(session, distribution_id)
    if on_van is not None and on_van != level_at(session, box.id, van.id):
        raise Conflict(msg("Somebody packed this meanwhile: %(left)s are still to pack.", left=line.allocated))
    if not extras and quantity > line.allocated:
        raise Conflict(
            msg(
                "Only %(left)s of %(product)s %(size)s are still to pack. Somebody may have packed it meanwhile; "
                "what is extra has a form of its own, below the list.",
                left=line.allocated,
                product=called(box.size.product),
                size=worded(box.size.label),
            )
        )
    if quantity > line.allocated + stock.available:
        raise Conflict(
            msg(
                "Only %(most)s of %(product)s %(size)s can be packed: the rest is promised to other distributions.",
                most=line.allocated + stock.available,
                product=called(box.size.product),
                size=worded(box.size.label),
            ),
            "quantity",
        )
    _load(session, van, line, box.id, shelf.id, quantity, actor_id)
    _record(session, actor_id, "distribution.packed", distribution_id, box, shelf, quantity)
    return line.packed + quantity


@command
def pack_all(session: Session, *, actor_id: int | None, distribution_id: int, listed: str | None = None) -> int:
    """Pack the whole pick list, all or nothing; return how many units that was.

    `listed` is the `digest` of the list that the page showed (None: not asked). Raises NotFound, and Conflict when
    the list is another by now, when there is nothing to pack, or the van has left.
    """
    distribution = distributions.lock(session, distribution_id)
    distributions.start_packing(session, distribution, actor_id)
    packing_list = list_to_pack(session, distribution_id)
    size_ids = [line.size_id for line in lines_of(session, distribution_id)]
    lock_availability(session, packing_list.warehouse_id, size_ids)
    picks = pick_list(session, distribution_id)
    if not picks and any(line.allocated for line in lines_of(session, distribution_id)):
        raise Conflict(msg("What is left to pack is past its best-before. Write those boxes off first."))
    if not picks:
        raise Conflict(msg("There is nothing to pack: all that is promised is on the van."))
    if listed is not None and listed != digest(picks):
        raise Conflict(msg("The pick list has changed since you opened it. Look again, then say what is packed."))
    van = make_van(session, distribution_id)
    group = None
    for pick in picks:
        line = lines_of(session, distribution_id, [pick.size.id])[0]
        group = _load(session, van, line, pick.box_id, pick.shelf_id, pick.take, actor_id, group)
    total = sum(pick.take for pick in picks)
    record_on(
        session,
        actor_id,
        "distribution.packed_all",
        distribution_id,
        quantity=total,
        boxes=len({pick.box_id for pick in picks}),
    )
    return total


def digest(picks: Iterable[PickView]) -> str:
    """Return a short text that is another for every other pick list."""
    listed = sorted((pick.box_id, pick.shelf_id, pick.take) for pick in picks)
    return hashlib.sha256(repr(listed).encode()).hexdigest()[:20]


@command
def put_back(
    session: Session, *, actor_id: int | None, distribution_id: int, code: str, to_id: int, quantity: int
) -> int:
    """Undo a packing: put units of a box back on a shelf; return how many of its size are still packed.

    The distribution gets its promise back as far as they were planned and are not past their date by now; extras are
    free for whoever is short.
    Raises NotFound, Invalid with the field to blame, and Conflict when there is not so much or the van has left.
    """
    distribution = distributions.lock(session, distribution_id)
    if distribution.state != DistributionState.PACKING:
        raise Conflict(msg("Goods can be put back only while the distribution is being packed."))
    packing_list, van = list_to_pack(session, distribution_id), van_of(session, distribution_id)
    box, shelf = box_by_code(session, code), open_shelf(session, to_id, "to_id")
    check_quantity(quantity)
    if shelf.warehouse_id != packing_list.warehouse_id:
        raise Invalid(msg("Choose a shelf of the warehouse it was packed from."), "to_id")
    size_id = box.size_id
    lock_availability(session, packing_list.warehouse_id, [size_id])
    there = level_at(session, box.id, van.id) if van else 0
    if van is None or there < quantity:
        raise Conflict(msg("Only %(there)s of this box are on the van.", there=there), "quantity")
    line = lines_of(session, distribution_id, [size_id])[0]
    move(
        session,
        box_id=box.id,
        from_id=van.id,
        to_id=shelf.id,
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason.PUT_BACK,
        distribution_id=distribution_id,
    )
    add_packed(session, line.id, -quantity)
    restored = min(quantity, max(0, line.planned - line.allocated - (line.packed - quantity)))
    keep_box(session, box)
    if restored and not box.expired:
        promise(session, packing_list.warehouse_id, [Promise(line.id, size_id, restored)])
    serve(session, packing_list.warehouse_id, [size_id])
    _record(session, actor_id, "distribution.put_back", distribution_id, box, shelf, quantity)
    return line.packed - quantity


def add_packed(session: Session, line_id: int, quantity: int, promised: int = 0) -> None:
    """Count units as packed (negative: no longer), using up promises. The caller holds the availability's lock."""
    session.execute(
        update(PackingLine)
        .where(PackingLine.id == line_id)
        .values(packed=PackingLine.packed + quantity, allocated=PackingLine.allocated - promised)
    )


def _check_box(box: Box, shelf: Location, size_id: int, packing_list: PackingList) -> None:
    """Refuse a box that cannot be for this line."""
    if box.size_id != size_id:
        raise Invalid(
            msg(
                "Box %(code)s holds %(product)s %(size)s, not this.",
                code=box.code,
                product=called(box.size.product),
                size=worded(box.size.label),
            ),
            "code",
        )
    if shelf.warehouse_id != packing_list.warehouse_id:
        raise Invalid(msg("Shelf %(shelf)s is in another warehouse.", shelf=shelf.name), "from_id")
    if is_past(box.best_before):
        raise Conflict(msg("Box %(code)s is past its best-before. Write it off.", code=box.code), "code")


def _load(
    session: Session,
    van: Location,
    line: Line,
    box_id: int,
    shelf_id: int,
    quantity: int,
    actor_id: int | None,
    group_id: int | None = None,
) -> int:
    """Move units from a shelf onto the van and count them as packed; return the movements' group."""
    promised = min(line.allocated, quantity)
    movement = move(
        session,
        box_id=box_id,
        from_id=shelf_id,
        to_id=van.id,
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason.PACKED,
        distribution_id=van.distribution_id,
        group_id=group_id,
        promised=promised,
    )
    add_packed(session, line.id, quantity, promised)
    return movement.group_id or movement.id


def _record(
    session: Session,
    actor_id: int | None,
    action: str,
    distribution_id: int,
    box: Box,
    shelf: Location,
    quantity: int,
) -> None:
    record_on(
        session,
        actor_id,
        action,
        distribution_id,
        code=box.code,
        quantity=quantity,
        size=box.size.label,
        shelf=shelf.name,
        **told(box.size.product),
    )
