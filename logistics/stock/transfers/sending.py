"""A transfer leaves: its goods go from their shelves onto the way. What never left comes back to where it stood."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, Message, msg, nmsg
from ..allocating import serve
from ..ledger import MovementReason, Stock, lock_availability, move
from ..lookup import hold
from ..models import TRANSIT_ID, Level
from .models import Transfer, TransferLine, TransferState
from .preparing import held, lines_of


class Refused(Conflict):
    """Some lines can't be sent, so nothing was; `lines` says by line's id why."""

    def __init__(self, lines: Mapping[int, Message]) -> None:
        """Keep what the page says at each line."""
        super().__init__(
            nmsg(
                "One line can't be sent, so nothing was. It says why.",
                "%(num)d lines can't be sent, so nothing was. They say why.",
                len(lines),
            )
        )
        self.lines = lines


@command
def send(session: Session, *, actor_id: int | None, transfer_id: int) -> int:
    """Send a transfer: all of its lines leave their shelves, or none. Only what is promised to nobody may leave.

    Raises Refused with every line that can't; Invalid when there is none; NotFound; Conflict when it was sent before.
    """
    transfer = held(session, transfer_id, TransferState.PREPARED)
    lines = lines_of(session, transfer.id)
    if not lines:
        raise Invalid(msg("Nothing is on this transfer yet."))
    stocks = lock_availability(session, transfer.from_id, {line.box.size_id for line in lines})
    if refused := _refused(session, lines, stocks):
        raise Refused(refused)
    group: int | None = None
    for line in sorted(lines, key=lambda line: (line.box_id, line.shelf_id)):
        movement = move(
            session,
            box_id=line.box_id,
            from_id=line.shelf_id,
            to_id=TRANSIT_ID,
            quantity=line.quantity,
            actor_id=actor_id,
            reason=MovementReason.SENT,
            group_id=group,
            transfer_line_id=line.id,
        )
        group = group or movement.id
    transfer.state, transfer.sent_at, transfer.sent_by = TransferState.ON_THE_WAY, now(), actor_id
    _record(session, actor_id, "transfer.sent", transfer, sum(line.quantity for line in lines), len(lines))
    return transfer.id


def _refused(session: Session, lines: Sequence[TransferLine], stocks: Mapping[int, Stock]) -> dict[int, Message]:
    """Return why lines can't leave, in their order: what is not there, and what is promised."""
    query = select(Level.box_id, Level.location_id, Level.quantity)
    levels = session.execute(query.where(Level.box_id.in_({line.box_id for line in lines}), Level.outside.is_(False)))
    there = {(box_id, place_id): quantity for box_id, place_id, quantity in levels}
    free = {size_id: stock.available for size_id, stock in stocks.items()}
    refused: dict[int, Message] = {}
    for line in lines:
        here = there.get((line.box_id, line.shelf_id), 0)
        if here < line.quantity:
            refused[line.id] = msg("Only %(there)s are on shelf %(shelf)s.", there=here, shelf=line.shelf.name)
        elif line.box.expired:
            continue  # promised to nobody
        elif line.quantity > free[line.box.size_id]:
            refused[line.id] = msg(
                "Of this size only %(free)s are free to leave the warehouse; the others are promised.",
                free=max(0, free[line.box.size_id]),
            )
        else:
            free[line.box.size_id] -= line.quantity
    return refused


@command
def take_back(session: Session, *, actor_id: int | None, transfer_id: int, line_id: int = 0) -> int:
    """Put what is still on the way, of one line or (0) of all, back on the shelves it came from; return how many.

    Raises NotFound; Conflict when nothing of it is on the way, or a shelf was closed since.
    """
    transfer = held(session, transfer_id, TransferState.ON_THE_WAY)
    lines = [line for line in lines_of(session, transfer.id) if line.left and line_id in (0, line.id)]
    if not lines:
        raise Conflict(msg("Nothing of this is on the way any more."))
    for shelf in sorted({line.shelf for line in lines}, key=lambda shelf: shelf.id):
        hold(session, shelf)
        if shelf.closed_at is not None:
            raise Conflict(msg("Shelf %(shelf)s was closed since. Open it again first.", shelf=shelf.name))
    sizes = {line.box.size_id for line in lines}
    lock_availability(session, transfer.from_id, sizes)
    group, units = None, sum(line.left for line in lines)
    for line in sorted(lines, key=lambda line: (line.box_id, line.shelf_id)):
        movement = move(
            session,
            box_id=line.box_id,
            from_id=TRANSIT_ID,
            to_id=line.shelf_id,
            quantity=line.left,
            actor_id=actor_id,
            reason=MovementReason.TAKEN_BACK,
            group_id=group,
            transfer_line_id=line.id,
        )
        group = group or movement.id
        line.returned += line.left
    serve(session, transfer.from_id, sorted(sizes))
    settle(session, transfer, actor_id)
    _record(session, actor_id, "transfer.taken_back", transfer, units, len(lines))
    return units


def settle(session: Session, transfer: Transfer, actor_id: int | None) -> None:
    """Step: close a transfer of which nothing is on the way any more, and open one of which something is again."""
    session.flush()
    on_the_way = session.scalar(
        select(TransferLine.id).where(TransferLine.transfer_id == transfer.id, TransferLine.left > 0).limit(1)
    )
    if on_the_way is not None:
        transfer.state, transfer.ended_at, transfer.ended_by = TransferState.ON_THE_WAY, None, None
    elif transfer.state == TransferState.ON_THE_WAY:
        transfer.state, transfer.ended_at, transfer.ended_by = TransferState.CLOSED, now(), actor_id


def _record(session: Session, actor_id: int | None, action: str, transfer: Transfer, quantity: int, lines: int) -> None:
    record(session, actor_id, action, "transfer", transfer.id, quantity=quantity, lines=lines)
