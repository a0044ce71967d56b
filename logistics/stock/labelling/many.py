"""One act over many boxes that were scanned one after the other: all of them, or none and why not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...commands import Again, command
from ...errors import Conflict, Invalid, Message, msg, nmsg
from ..allocating import serve
from ..breaking import Why, take_promises
from ..counting import LOSSES, CorrectionReason
from ..freshness import is_past
from ..ledger import Key, MovementReason, Stock, lock_all, move
from ..lookup import checked_note, open_shelf, size_by_id
from ..models import OUTSIDE_IDS, Box, Level, Location, LocationKind
from .reading import Reading, read_all

MOST_AT_ONCE = 300


@dataclass(frozen=True)
class Obstacle:
    """A code of the list, as it was given, with which nothing can be done, and why."""

    code: str
    why: Message


class Stopped(Conflict):
    """With some of the codes nothing can be done, so nothing was; `obstacles` says which and why."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        """Keep what the page lists."""
        super().__init__(
            nmsg(
                "One of these codes stops it, so nothing was changed.",
                "%(num)d of these codes stop it, so nothing was changed.",
                len(obstacles),
            ),
            "codes",
        )
        self.obstacles = obstacles


class Unknown(Stopped):
    """Some of the codes are no box's: what was typed is wrong, and not what has become of the boxes."""

    status = 422


@dataclass(frozen=True)
class Scanned:
    """One box of the list, under the code that was given first for it."""

    given: str
    box_id: int


@dataclass(frozen=True)
class Part:
    """What of a box is on one shelf. What is in an `expired` box is promised to nobody."""

    box_id: int
    code: str
    expired: bool
    best_before: date | None
    size_id: int
    shelf_id: int
    warehouse_id: int
    quantity: int

    @property
    def key(self) -> Key:
        """Return the key of its availability."""
        return self.warehouse_id, self.size_id


def boxes_of(session: Session, codes: Sequence[str]) -> list[Scanned]:
    """Return the boxes of a list of codes, each once. Raises Unknown for codes of no box, Invalid for too many."""
    if not codes:
        raise Invalid(msg("Scan or type at least one code."), "codes")
    if len(codes) > MOST_AT_ONCE:
        raise Invalid(msg("That is a lot at once. Use %(max)s codes at most.", max=MOST_AT_ONCE), "codes")
    readings = list(zip(codes, read_all(session, codes), strict=True))
    unknown = [Obstacle(code, _why_none(found)) for code, found in readings if found is None or found.blank]
    if unknown:
        raise Unknown(unknown)
    boxes: dict[int, Scanned] = {}
    for code, found in readings:
        if found and found.box_id:
            boxes.setdefault(found.box_id, Scanned(code, found.box_id))
    return list(boxes.values())


def _why_none(found: Reading | None) -> Message:
    if found is None:
        return msg("No box and no label has this code.")
    return msg("This label is blank: it is on no box yet.")


@command
def move_all(session: Session, *, actor_id: int | None, codes: Sequence[str], to_id: int) -> dict[str, int]:
    """Move everything that is in these boxes onto one shelf; return how many boxes moved, how many were there, and the act.

    The act is its first movement, by which all of it can be undone; 0 when nothing moved.

    Raises Stopped with every box that can't, Invalid at `to_id` or `codes`.
    """
    boxes = boxes_of(session, codes)
    target = open_shelf(session, to_id, "to_id")
    assert target.warehouse_id is not None
    parts, stocks = _locked(session, boxes, target.warehouse_id)
    obstacles = [*_empty(boxes, parts), *_promised(boxes, parts, stocks, target.warehouse_id)]
    if obstacles:
        raise Stopped(obstacles)
    leaving = [part for some in parts.values() for part in some if part.shelf_id != target.id]
    group: int | None = None
    for part in leaving:
        movement = move(
            session,
            box_id=part.box_id,
            from_id=part.shelf_id,
            to_id=target.id,
            quantity=part.quantity,
            actor_id=actor_id,
            reason=MovementReason.MOVED,
            group_id=group,
        )
        group = group or movement.id
    _record(session, actor_id, "boxes.moved", leaving, shelf=target.name)
    if arrived := {part.size_id for part in leaving if part.warehouse_id != target.warehouse_id}:
        serve(session, target.warehouse_id, sorted(arrived))
    moved = len({part.box_id for part in leaving})
    return {"moved": moved, "there": len(boxes) - moved, "act": group or 0}


@command
def write_off_all(
    session: Session,
    *,
    actor_id: int | None,
    codes: Sequence[str],
    reason: str,
    note: str = "",
    only_past: bool = False,
) -> dict[str, int]:
    """Write off everything that is in these boxes; return how many boxes, how many units, and the act (as `move_all`).

    Promises that can't be kept any more are taken from the latest distributions, whose coordinators are told.
    `only_past`: they are meant because their date has passed, so one whose date was put right meanwhile stops it.
    Raises Stopped with every box that can't, Invalid at `reason`, `note` or `codes`.
    """
    why, note = _loss(reason), checked_note(note)
    if why is CorrectionReason.OTHER and not note:
        raise Invalid(msg("Say in the note what happened."), "note")
    boxes = boxes_of(session, codes)
    parts, stocks = _locked(session, boxes)
    if obstacles := [*_empty(boxes, parts), *(_still_good(boxes, parts) if only_past else ())]:
        raise Stopped(obstacles)
    lost = [part for some in parts.values() for part in some]
    _break_promises(session, lost, stocks)
    group: int | None = None
    for part in lost:
        movement = move(
            session,
            box_id=part.box_id,
            from_id=part.shelf_id,
            to_id=OUTSIDE_IDS[LocationKind.WRITTEN_OFF],
            quantity=part.quantity,
            actor_id=actor_id,
            reason=MovementReason(why),
            note=note,
            group_id=group,
        )
        group = group or movement.id
    _record(session, actor_id, "boxes.written_off", lost, reason=str(why))
    return {"boxes": len(boxes), "units": sum(part.quantity for part in lost), "act": group or 0}


def _loss(reason: str) -> CorrectionReason:
    if reason not in LOSSES:
        raise Invalid(msg("Choose why they are written off."), "reason")
    return CorrectionReason(reason)


def _locked(
    session: Session, boxes: Sequence[Scanned], target: int | None = None
) -> tuple[dict[int, list[Part]], Mapping[Key, Stock]]:
    """Lock the availability of all that is in these boxes, and of the same sizes in the warehouse it goes to.

    Returns what is on shelves by box id, in the order of ids, as it stands under the locks.
    """
    before = _parts(session, boxes)
    keys = {part.key for some in before.values() for part in some}
    stocks = lock_all(session, keys | ({(target, size_id) for _, size_id in keys} if target else set()))
    parts = _parts(session, boxes)
    if not {part.key for some in parts.values() for part in some} <= keys:
        raise Again  # some of it went to another warehouse meanwhile
    return parts, stocks


def _parts(session: Session, boxes: Sequence[Scanned]) -> dict[int, list[Part]]:
    parts: dict[int, list[Part]] = defaultdict(list)
    rows: Sequence[Any] = session.execute(
        select(
            Box.id,
            Box.code,
            Box.expired,
            Box.best_before,
            Box.size_id,
            Location.id,
            Location.warehouse_id,
            Level.quantity,
        )
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(
            Box.id.in_([box.box_id for box in boxes]),
            Location.kind == LocationKind.SHELF,
            Level.outside.is_(False),
            Level.quantity > 0,
        )
        .order_by(Box.id, Location.id)
    ).all()
    for row in rows:
        parts[row[0]].append(Part(*row))
    return parts


def _empty(boxes: Sequence[Scanned], parts: Mapping[int, Sequence[Part]]) -> list[Obstacle]:
    nothing = msg("Nothing of this box is on a shelf: it is empty, or on the way.")
    return [Obstacle(box.given, nothing) for box in boxes if not parts.get(box.box_id)]


def _still_good(boxes: Sequence[Scanned], parts: Mapping[int, Sequence[Part]]) -> Iterator[Obstacle]:
    for box in boxes:
        if any(not is_past(part.best_before) for part in parts.get(box.box_id, ())):
            yield Obstacle(box.given, msg("This box is not past its date: somebody changed it."))


def _promised(
    boxes: Sequence[Scanned], parts: Mapping[int, Sequence[Part]], stocks: Mapping[Key, Stock], target: int
) -> Iterator[Obstacle]:
    """Yield the boxes that would take more out of a warehouse than is free there, in the order of the list."""
    free = {key: stock.available for key, stock in stocks.items()}
    for box in boxes:
        for part in parts.get(box.box_id, ()):
            if part.warehouse_id == target or part.expired:
                continue
            if part.quantity > free[part.key]:
                why = msg(
                    "Of this size only %(free)s are free to leave the warehouse; the others are promised.",
                    free=max(0, free[part.key]),
                )
                yield Obstacle(box.given, why)
                break
            free[part.key] -= part.quantity


def _break_promises(session: Session, lost: Sequence[Part], stocks: Mapping[Key, Stock]) -> None:
    """Take back the promises that can't be kept without these."""
    going: dict[Key, list[Part]] = defaultdict(list)
    for part in lost:
        if not part.expired:
            going[part.key].append(part)
    for (warehouse_id, size_id), some in sorted(going.items()):
        missing = sum(part.quantity for part in some) - stocks[warehouse_id, size_id].available
        take_promises(session, warehouse_id, size_by_id(session, size_id), missing, Why.COUNTED, some[0].code)


def _record(session: Session, actor_id: int | None, action: str, parts: Sequence[Part], **details: Any) -> None:
    """Write one line for the whole act."""
    if parts:
        codes = list(dict.fromkeys(part.code for part in parts))
        units = sum(part.quantity for part in parts)
        record(session, actor_id, action, "box", codes[0], codes=codes, quantity=units, **details)
