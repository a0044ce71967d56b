"""A transfer arrives: what came goes onto shelves, what did not is explained, and what was written wrong is undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ...audit import record
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ..allocating import serve
from ..counting import CorrectionReason, checked_reason
from ..ledger import MovementReason, lock_all, lock_availability, move, reverse
from ..lookup import check_quantity, checked_note, open_shelf
from ..models import OUTSIDE_IDS, TRANSIT_ID, Location, LocationKind, Movement
from .models import Transfer, TransferLine, TransferState
from .preparing import held, line_of, lines_of
from .sending import settle

MISSING = (
    CorrectionReason.LOST,
    CorrectionReason.STOLEN,
    CorrectionReason.DAMAGED,
    CorrectionReason.EXPIRED,
    CorrectionReason.MISCOUNTED,
    CorrectionReason.OTHER,
)
EXTRA = (CorrectionReason.FOUND, CorrectionReason.MISCOUNTED, CorrectionReason.OTHER)
WRITTEN_OFF = OUTSIDE_IDS[LocationKind.WRITTEN_OFF]


@dataclass(frozen=True)
class _Arrival:
    line: TransferLine
    quantity: int
    shelf: Location


@command
def receive(
    session: Session,
    *,
    actor_id: int | None,
    transfer_id: int,
    shelf_id: int,
    arrived: Mapping[str, Mapping[str, int]],
    everything: bool = False,
) -> int:
    """Put what arrived of a transfer on shelves of its warehouse; return how many units.

    `arrived` says by line's id (as text) how many `arrived`, how many the page had `seen` on the way, and on which
    `shelf` (0: on `shelf_id`). With `everything`, lines that say nothing have arrived in full. Raises NotFound, Invalid
    with the field to blame, and Conflict when somebody received some of it meanwhile.
    """
    transfer = held(session, transfer_id, TransferState.ON_THE_WAY)
    shelves: dict[int, Location] = {}
    arrivals = []
    for line in lines_of(session, transfer.id):
        said = arrived.get(str(line.id), {})
        quantity = said.get("arrived", line.left if everything else 0)
        _check(line, quantity, said.get("seen", line.left))
        if quantity:
            shelf = _shelf(session, shelves, transfer, said.get("shelf", 0), shelf_id, line.id)
            arrivals.append(_Arrival(line, quantity, shelf))
    if not arrivals:
        raise Invalid(msg("Say of at least one line how many arrived."))
    sizes = {each.line.box.size_id for each in arrivals}
    lock_availability(session, transfer.to_id, sizes)
    group: int | None = None
    for each in sorted(arrivals, key=lambda each: (each.line.box_id, each.line.id)):
        movement = move(
            session,
            box_id=each.line.box_id,
            from_id=TRANSIT_ID,
            to_id=each.shelf.id,
            quantity=each.quantity,
            actor_id=actor_id,
            reason=MovementReason.ARRIVED,
            group_id=group,
            transfer_line_id=each.line.id,
        )
        group = group or movement.id
        each.line.received += each.quantity
    serve(session, transfer.to_id, sorted(sizes))
    settle(session, transfer, actor_id)
    units = sum(each.quantity for each in arrivals)
    record(session, actor_id, "transfer.received", "transfer", transfer.id, quantity=units, lines=len(arrivals))
    return units


def _check(line: TransferLine, quantity: int, seen: int) -> None:
    """Refuse more than is on the way, and a number that was written beside another than holds by now."""
    field = f"arrived_{line.id}"
    if quantity and seen != line.left:
        raise Conflict(
            msg("Somebody wrote down some of this meanwhile: %(left)s are on the way.", left=line.left), field
        )
    check_quantity(quantity, field, least=0)
    if quantity > line.left:
        raise Invalid(msg("Only %(left)s are on the way. What is more, write down as found.", left=line.left), field)


def _shelf(
    session: Session, known: dict[int, Location], transfer: Transfer, own: int, usual: int, line_id: int
) -> Location:
    """Return the open shelf for a line, of the warehouse where it arrives; each is held once."""
    key, field = (own, f"shelf_{line_id}") if own else (usual, "shelf_id")
    if key not in known:
        known[key] = open_shelf(session, key, field)
        if known[key].warehouse_id != transfer.to_id:
            raise Invalid(msg("Choose a shelf of the warehouse where it arrives."), field)
    return known[key]


@command
def explain(
    session: Session,
    *,
    actor_id: int | None,
    transfer_id: int,
    line_id: int,
    seen: int,
    quantity: int,
    reason: str,
    note: str = "",
) -> int:
    """Write off what of a line did not arrive, with the reason; return the transfer's id.

    `seen` is how many the page showed on the way. Raises NotFound, Invalid with the field to blame, and Conflict when
    there are others by now.
    """
    transfer = held(session, transfer_id, TransferState.ON_THE_WAY)
    line = line_of(session, transfer.id, line_id)
    check_quantity(quantity)
    if seen != line.left:
        raise Conflict(
            msg("Somebody wrote down some of this meanwhile: %(left)s are on the way.", left=line.left), "quantity"
        )
    if quantity > line.left:
        raise Invalid(msg("Only %(left)s are on the way.", left=line.left), "quantity")
    why, note = _reason(reason, -quantity, note)
    lock_all(session, [(transfer.from_id, line.box.size_id), (transfer.to_id, line.box.size_id)])
    _difference(session, line, TRANSIT_ID, WRITTEN_OFF, quantity, actor_id, why, note)
    line.missing += quantity
    settle(session, transfer, actor_id)
    _record(session, actor_id, "transfer.missing", transfer, line, quantity, why)
    return transfer.id


@command
def find_more(
    session: Session,
    *,
    actor_id: int | None,
    transfer_id: int,
    line_id: int,
    quantity: int,
    shelf_id: int,
    reason: str,
    note: str = "",
) -> int:
    """Write down that more of a box arrived than was sent, with the reason; return the transfer's id.

    Raises NotFound, Invalid with the field to blame, and Conflict when the transfer was never sent.
    """
    transfer = held(session, transfer_id, TransferState.ON_THE_WAY, TransferState.CLOSED)
    line = line_of(session, transfer.id, line_id)
    check_quantity(quantity)
    why, note = _reason(reason, quantity, note)
    shelf = open_shelf(session, shelf_id, "shelf_id")
    if shelf.warehouse_id != transfer.to_id:
        raise Invalid(msg("Choose a shelf of the warehouse where it arrives."), "shelf_id")
    lock_availability(session, transfer.to_id, [line.box.size_id])
    outside = OUTSIDE_IDS[LocationKind(line.box.source)]
    _difference(session, line, outside, shelf.id, quantity, actor_id, why, note)
    line.extra += quantity
    serve(session, transfer.to_id, [line.box.size_id])
    _record(session, actor_id, "transfer.found_more", transfer, line, quantity, why)
    return transfer.id


def _reason(reason: str, more: int, note: str) -> tuple[CorrectionReason, str]:
    note = checked_note(note)
    why = checked_reason(reason, more, note)
    if why not in (EXTRA if more > 0 else MISSING):
        raise Invalid(msg("Choose why the number is another."), "reason")
    return why, note


def _difference(
    session: Session,
    line: TransferLine,
    from_id: int,
    to_id: int,
    quantity: int,
    actor_id: int | None,
    why: CorrectionReason,
    note: str,
) -> None:
    move(
        session,
        box_id=line.box_id,
        from_id=from_id,
        to_id=to_id,
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason(why),
        note=note,
        transfer_line_id=line.id,
    )


def _record(
    session: Session,
    actor_id: int | None,
    action: str,
    transfer: Transfer,
    line: TransferLine,
    quantity: int,
    why: CorrectionReason,
) -> None:
    record(
        session,
        actor_id,
        action,
        "transfer",
        transfer.id,
        code=line.box.code,
        quantity=quantity,
        reason=str(why),
    )


@command
def undo(session: Session, *, actor_id: int | None, transfer_id: int, movement_id: int) -> int:
    """Undo what was written of a transfer after it was sent (a receipt, a difference, goods taken back).

    All of that act is undone, and the transfer is on the way again. Returns its id. Raises NotFound, and Conflict when
    it was undone before, or what it brought is not there any more.
    """
    transfer = held(session, transfer_id, TransferState.ON_THE_WAY, TransferState.CLOSED)
    lines = {line.id: line for line in lines_of(session, transfer.id)}
    movements = _act(session, movement_id, lines)
    places = {key: session.get_one(Location, key) for one in movements for key in (one.from_id, one.to_id)}
    sizes = {lines[one.transfer_line_id or 0].box.size_id for one in movements}
    sites = {place.warehouse_id for place in places.values() if place.warehouse_id}
    lock_all(session, [(site_id, size_id) for site_id in sites for size_id in sizes])
    group: int | None = None
    for movement in movements:
        line = lines[movement.transfer_line_id or 0]
        back = reverse(session, movement, actor_id, group)
        group = group or back.id
        counter = _counter(movement, places[movement.from_id])
        setattr(line, counter, getattr(line, counter) - movement.quantity)
    settle(session, transfer, actor_id)
    units = sum(movement.quantity for movement in movements)
    record(session, actor_id, "transfer.undone", "transfer", transfer.id, quantity=units, was=movements[0].reason)
    return transfer.id


def _act(session: Session, movement_id: int, lines: Mapping[int, TransferLine]) -> Sequence[Movement]:
    """Return the movements of an act, by its first. Raises NotFound and Conflict."""
    movements: Sequence[Movement] = []
    if 0 < movement_id < 2**31:
        query = select(Movement).where(or_(Movement.id == movement_id, Movement.group_id == movement_id))
        movements = session.scalars(query.order_by(Movement.id)).all()
    if not movements or any(one.transfer_line_id not in lines for one in movements):
        raise NotFound(msg("There is no such movement."))
    if movements[0].reason in (MovementReason.SENT, MovementReason.UNDONE):
        raise Conflict(msg("This can't be undone here."))
    undone = select(Movement.id).where(Movement.reverses_id.in_([one.id for one in movements]))
    if session.scalar(undone.limit(1)) is not None:
        raise Conflict(msg("This was undone already."))
    return movements


def _counter(movement: Movement, source: Location) -> str:
    """Return the column of a line that a movement raised."""
    if movement.to_id == WRITTEN_OFF:
        return "missing"
    if source.kind != LocationKind.TRANSIT:
        return "extra"
    return "returned" if movement.reason == MovementReason.TAKEN_BACK else "received"
