"""Preparing a transfer: what shall go from one warehouse to another. Nothing is held back before it is sent."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ...audit import record
from ...clock import now
from ...commands import command
from ...db import lock_row
from ...errors import Conflict, Invalid, NotFound, msg
from ..labelling.many import Obstacle, Scanned, Stopped, boxes_of
from ..lookup import check_quantity, checked_note, open_warehouse
from ..models import Box, Level, Location, LocationKind, Size
from .models import Transfer, TransferLine, TransferState

MOST_LINES = 500


@command
def prepare(
    session: Session, *, actor_id: int | None, to_id: int, from_id: int = 0, note: str = "", codes: Sequence[str] = ()
) -> int:
    """Begin a transfer with all that is in some boxes; return its id.

    Without `from_id` it goes from where the first of the boxes is. Raises Invalid with the field to blame, and as
    `add_boxes`.
    """
    source = open_warehouse(session, from_id or _where(session, codes), "from_id")
    target = open_warehouse(session, to_id, "to_id")
    if source.id == target.id:
        raise Invalid(msg("Choose another warehouse than the one it comes from."), "to_id")
    transfer = Transfer(
        from_id=source.id, to_id=target.id, note=checked_note(note), created_at=now(), created_by=actor_id
    )
    session.add(transfer)
    session.flush()
    added = _add(session, transfer, codes) if codes else 0
    record(
        session,
        actor_id,
        "transfer.prepared",
        "transfer",
        transfer.id,
        from_id=source.id,
        to_id=target.id,
        lines=added,
    )
    return transfer.id


def _where(session: Session, codes: Sequence[str]) -> int:
    """Return the warehouse where the first of some boxes is that is on a shelf; 0 where none is."""
    boxes = boxes_of(session, codes)
    sites = {row.box_id: row.warehouse_id for row in _contents(session, boxes)}
    return next((sites[box.box_id] for box in boxes if box.box_id in sites), 0)


@command
def add_boxes(session: Session, *, actor_id: int | None, transfer_id: int, codes: Sequence[str]) -> int:
    """Put all that is in these boxes, in the warehouse it goes from, on a transfer; return how many lines are new.

    Raises Stopped with every box that can't, Unknown for codes of none, and Conflict when it was sent or called off.
    """
    transfer = held(session, transfer_id, TransferState.PREPARED)
    added = _add(session, transfer, codes)
    record(session, actor_id, "transfer.boxes_added", "transfer", transfer.id, lines=added)
    return added


def _add(session: Session, transfer: Transfer, codes: Sequence[str]) -> int:
    boxes = boxes_of(session, codes)
    there: dict[int, list[Any]] = {}
    for row in _contents(session, boxes, transfer.from_id):
        there.setdefault(row.box_id, []).append(row)
    nothing = msg("Nothing of this box is on a shelf of the warehouse it should leave.")
    if obstacles := [Obstacle(box.given, nothing) for box in boxes if box.box_id not in there]:
        raise Stopped(obstacles)
    lines = session.execute(
        select(TransferLine.box_id, TransferLine.shelf_id).where(TransferLine.transfer_id == transfer.id)
    )
    listed = {(box_id, shelf_id) for box_id, shelf_id in lines}
    new = [row for box in boxes for row in there[box.box_id] if (box.box_id, row.shelf_id) not in listed]
    if len(listed) + len(new) > MOST_LINES:
        raise Invalid(msg("One transfer has %(max)s lines at most. Make another.", max=MOST_LINES), "codes")
    for row in new:
        session.add(
            TransferLine(
                transfer_id=transfer.id, box_id=row.box_id, shelf_id=row.shelf_id, quantity=min(row.quantity, 1_000_000)
            )
        )
    session.flush()
    return len(new)


def _contents(session: Session, boxes: Sequence[Scanned], warehouse_id: int = 0) -> Sequence[Any]:
    """Return what of some boxes is on shelves, of one warehouse or any: rows of box_id, shelf_id, quantity."""
    query = (
        select(Level.box_id, Location.id.label("shelf_id"), Location.warehouse_id, Level.quantity)
        .join(Location, Location.id == Level.location_id)
        .where(
            Level.box_id.in_([box.box_id for box in boxes]),
            Level.outside.is_(False),
            Level.quantity > 0,
            Location.kind == LocationKind.SHELF,
        )
        .order_by(Level.box_id, Location.name_key, Location.id)
    )
    return session.execute(query.where(Location.warehouse_id == warehouse_id) if warehouse_id else query).all()


@command
def change_line(session: Session, *, actor_id: int | None, transfer_id: int, line_id: int, quantity: int) -> str:
    """Say how many of a line shall go; return the box's code. Raises NotFound, Invalid at `quantity`, Conflict."""
    held(session, transfer_id, TransferState.PREPARED)
    line = line_of(session, transfer_id, line_id)
    check_quantity(quantity)
    line.quantity = quantity
    record(session, actor_id, "transfer.line_changed", "transfer", transfer_id, code=line.box.code, quantity=quantity)
    return line.box.code


@command
def remove_line(session: Session, *, actor_id: int | None, transfer_id: int, line_id: int) -> str:
    """Take a line off a transfer; return the box's code. Raises NotFound, and Conflict when it was sent."""
    held(session, transfer_id, TransferState.PREPARED)
    line = line_of(session, transfer_id, line_id)
    code = line.box.code
    session.delete(line)
    record(session, actor_id, "transfer.line_removed", "transfer", transfer_id, code=code)
    return code


@command
def cancel(session: Session, *, actor_id: int | None, transfer_id: int) -> int:
    """Call a transfer off that was not sent. Raises NotFound, and Conflict when it was."""
    transfer = held(session, transfer_id, TransferState.PREPARED)
    transfer.state, transfer.ended_at, transfer.ended_by = TransferState.CANCELLED, now(), actor_id
    record(session, actor_id, "transfer.cancelled", "transfer", transfer.id)
    return transfer.id


def held(session: Session, transfer_id: int, *states: TransferState) -> Transfer:
    """Lock a transfer in one of some states, and return it. Raises NotFound, and Conflict that says where it stands."""
    transfer = lock_row(session, Transfer, transfer_id)
    if transfer is None:
        raise NotFound(msg("There is no such transfer."))
    if transfer.state not in states:
        raise Conflict(_STANDS[TransferState(transfer.state)])
    return transfer


_STANDS = {
    TransferState.PREPARED: msg("This transfer has not been sent yet."),
    TransferState.ON_THE_WAY: msg("This transfer is on the way already."),
    TransferState.CLOSED: msg("This transfer is closed: nothing of it is on the way any more."),
    TransferState.CANCELLED: msg("This transfer was called off. Make another."),
}


def line_of(session: Session, transfer_id: int, line_id: int) -> TransferLine:
    """Return a line of a transfer, which is locked, with its box and shelf. Raises NotFound."""
    found = [line for line in lines_of(session, transfer_id) if line.id == line_id]
    if not found:
        raise NotFound(msg("This is not on the transfer any more."))
    return found[0]


def lines_of(session: Session, transfer_id: int) -> Sequence[TransferLine]:
    """Return the lines of a transfer with their boxes and shelves, in the order of someone walking by."""
    return session.scalars(
        select(TransferLine)
        .join(TransferLine.box)
        .join(TransferLine.shelf)
        .where(TransferLine.transfer_id == transfer_id)
        .options(
            joinedload(TransferLine.box).joinedload(Box.size).joinedload(Size.product), joinedload(TransferLine.shelf)
        )
        .order_by(func.length(Location.name_key), Location.name_key, Box.code, TransferLine.id)
        .execution_options(populate_existing=True)
    ).all()
