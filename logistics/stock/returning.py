"""The van is back: what was handed out, what goes on a shelf again, what is lost; and putting a wrong count right (steps).

A movement is never edited. Where a count was wrong, what it moved too much goes back the way it came, and what it
moved too little follows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from ..audit import record_on
from ..distributions import service as distributions
from ..distributions.models import DistributionState
from ..errors import Conflict, Invalid, NotFound, msg
from .allocating import serve
from .breaking import Why, take_promises
from .ledger import MOST, MovementReason, keep_box, lock_availability, move
from .lines import Line, lines_of, list_to_pack
from .lookup import open_shelf
from .models import OUTSIDE_IDS, Box, LocationKind, Movement, PackingLine, Size
from .vans import boxes_on, van_of

COUNTED_IN = (DistributionState.OUT, DistributionState.RETURNED)
HANDED_OUT, WRITTEN_OFF = OUTSIDE_IDS[LocationKind.HANDED_OUT], OUTSIDE_IDS[LocationKind.WRITTEN_OFF]
REASONS = {HANDED_OUT: MovementReason.HANDED_OUT, WRITTEN_OFF: MovementReason.LOST}  # to a shelf: it came back
UNLOADED = (*REASONS.values(), MovementReason.CAME_BACK)

Numbers = tuple[int, int, int]  # handed out, came back, lost


@dataclass(frozen=True)
class _Part:
    """Units of one box that leave the van for one place; a negative number goes back onto the van."""

    box: Box  # with its size and product
    place_id: int
    quantity: int


def record_return(
    session: Session,
    *,
    distribution_id: int,
    actor_id: int | None,
    counts: Mapping[int, Numbers],
    shelf_id: int | None,
    shelves: Mapping[int, int] | None = None,
    seen: Mapping[int, Numbers] | None = None,
) -> None:
    """Count lines after the return: by line id how many were (handed out, came back, lost).

    Lines may be counted in several goes. What came back goes to a shelf of the list's warehouse (of a line in
    `shelves`, or else `shelf_id`; needed only then) and to whoever is short. A line that was counted already is
    corrected when `seen` says what the page showed of it; what came back of it stays on the shelf where it is. Raises
    NotFound; Invalid at `line-<id>` when the three do not add up to what was packed, at `shelf-<id>` or `shelf_id`
    without a shelf; Conflict when a line was counted or corrected meanwhile, the van is not back, or what came back is
    not on its shelf any more.
    """
    distribution = distributions.lock(session, distribution_id)
    if distribution.state not in COUNTED_IN:
        raise Conflict(msg("Goods are counted after the van has left."))
    packing_list, van = list_to_pack(session, distribution_id), van_of(session, distribution_id)
    lines = _lines(session, distribution_id, counts, seen or {})
    size_ids = [line.size_id for line in lines]
    gone = _gone(session, van.id, size_ids) if van else {}
    places = _places(session, lines, counts, gone, shelf_id, shelves or {}, packing_list.warehouse_id)
    lock_availability(session, packing_list.warehouse_id, size_ids)
    group = None
    for part in _parts(session, distribution_id, lines, counts, gone, places):
        assert van is not None
        back = part.quantity < 0
        if back and part.place_id not in REASONS:
            _free(session, packing_list.warehouse_id, part.box, -part.quantity)
        movement = move(
            session,
            box_id=part.box.id,
            from_id=part.place_id if back else van.id,
            to_id=van.id if back else part.place_id,
            quantity=abs(part.quantity),
            actor_id=actor_id,
            reason=MovementReason.UNDONE if back else REASONS.get(part.place_id, MovementReason.CAME_BACK),
            distribution_id=distribution_id,
            group_id=group,
        )
        group = group or movement.id
    for line in lines:
        handed_out, came_back, lost = counts[line.id]
        session.execute(
            update(PackingLine)
            .where(PackingLine.id == line.id)
            .values(handed_out=handed_out, came_back=came_back, lost=lost)
        )
    serve(session, packing_list.warehouse_id, size_ids)
    for action, of_them in (("counted", False), ("recounted", True)):
        _record(
            session, actor_id, action, distribution_id, [counts[line.id] for line in lines if line.counted == of_them]
        )


def _free(session: Session, warehouse_id: int, box: Box, quantity: int) -> None:
    """See that units of a box can leave its shelf, though they are promised: they never came back."""
    keep_box(session, box)
    stock = lock_availability(session, warehouse_id, [box.size_id])[box.size_id]
    if not box.expired:  # what is past its date was promised to nobody
        take_promises(session, warehouse_id, box.size, quantity - stock.available, Why.COUNTED, box.code)


def _record(
    session: Session, actor_id: int | None, action: str, distribution_id: int, counts: Sequence[Numbers]
) -> None:
    if counts:
        handed_out, came_back, lost = (sum(numbers) for numbers in zip(*counts, strict=True))
        record_on(
            session,
            actor_id,
            f"distribution.{action}",
            distribution_id,
            handed_out=handed_out,
            came_back=came_back,
            lost=lost,
        )


def _lines(
    session: Session, distribution_id: int, counts: Mapping[int, Numbers], seen: Mapping[int, Numbers]
) -> list[Line]:
    """Return the lines that are counted, or refuse."""
    lines = {line.id: line for line in lines_of(session, distribution_id)}
    before = _counted(session, distribution_id)
    for line_id, numbers in counts.items():
        line = lines.get(line_id)
        if line is None:
            raise NotFound(msg("This line is not on the packing list."))
        if line.counted and seen.get(line_id) != before[line_id]:
            raise Conflict(msg("This was counted already. Open the page again to see it."), f"line-{line_id}")
        if any(not 0 <= number <= MOST for number in numbers):
            raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=0, most=MOST), f"line-{line_id}")
        if sum(numbers) != line.packed:
            raise Invalid(
                msg("%(packed)s were packed, but these add up to %(sum)s.", packed=line.packed, sum=sum(numbers)),
                f"line-{line_id}",
            )
    return [line for line in lines.values() if line.id in counts]


def _counted(session: Session, distribution_id: int) -> dict[int, Numbers]:
    rows = session.execute(
        select(PackingLine.id, PackingLine.handed_out, PackingLine.came_back, PackingLine.lost).where(
            PackingLine.distribution_id == distribution_id, PackingLine.handed_out.is_not(None)
        )
    )
    return {line_id: (handed_out or 0, came_back or 0, lost or 0) for line_id, handed_out, came_back, lost in rows}


def _gone(session: Session, van_id: int, size_ids: Sequence[int]) -> dict[Box, Counter[int]]:
    """Return by box, the earliest best-before first, how many of it went from the van to which place and stayed."""
    out = (Movement.from_id == van_id, Movement.reason.in_(UNLOADED))
    back = (Movement.to_id == van_id, Movement.reason == MovementReason.UNDONE)
    moved: dict[int, Counter[int]] = {}
    for place, sign, where in ((Movement.to_id, 1, out), (Movement.from_id, -1, back)):
        for box_id, place_id, quantity in session.execute(
            select(Movement.box_id, place, func.sum(Movement.quantity))
            .join(Box, Box.id == Movement.box_id)
            .where(Box.size_id.in_(size_ids), *where)
            .group_by(Movement.box_id, place)
        ):
            moved.setdefault(box_id, Counter())[place_id] += sign * int(quantity)
    boxes = session.scalars(
        select(Box)
        .where(Box.id.in_(moved))
        .order_by(Box.best_before.asc().nulls_last(), Box.id)
        .options(joinedload(Box.size).joinedload(Size.product))
    )
    return {box: moved[box.id] for box in boxes}


def _places(
    session: Session,
    lines: Sequence[Line],
    counts: Mapping[int, Numbers],
    gone: Mapping[Box, Counter[int]],
    shelf_id: int | None,
    shelves: Mapping[int, int],
    warehouse_id: int,
) -> dict[int, int]:
    """Return by line the shelf for what came back, held open. What came back before stays where it was put."""
    before = {
        box.size_id: place_id
        for box, places in gone.items()
        for place_id, quantity in places.items()
        if quantity and place_id not in REASONS
    }
    places: dict[int, tuple[int, str]] = {}
    for line in lines:
        if line.size_id in before:
            places[line.id] = before[line.size_id], f"line-{line.id}"
        elif counts[line.id][1]:
            chosen = shelves.get(line.id)
            places[line.id] = chosen or shelf_id or 0, f"shelf-{line.id}" if chosen else "shelf_id"
    for place_id, field in sorted(set(places.values())):
        if open_shelf(session, place_id, field).warehouse_id != warehouse_id:
            raise Invalid(msg("Choose a shelf of the warehouse it was packed from."), field)
    return {line_id: place_id for line_id, (place_id, _field) in places.items()}


def _parts(
    session: Session,
    distribution_id: int,
    lines: Sequence[Line],
    counts: Mapping[int, Numbers],
    gone: Mapping[Box, Counter[int]],
    places: Mapping[int, int],
) -> list[_Part]:
    """Return what is to be moved, by box and place: the order in which every transaction takes levels.

    Of each box, what goes back onto the van comes first.
    """
    van = van_of(session, distribution_id)
    on_board: dict[int, list[tuple[Box, int]]] = {}
    for box, quantity in boxes_on(session, van) if van else []:
        on_board.setdefault(box.size_id, []).append((box, quantity))
    parts = []
    for line in lines:
        boxes = on_board.get(line.size_id, [])
        if line.counted:
            boxes = [(box, sum(there.values())) for box, there in gone.items() if box.size_id == line.size_id]
        wanted = _of_line(boxes, counts[line.id], places.get(line.id, 0))
        for box, _quantity in boxes:
            there = gone.get(box, Counter[int]()) if line.counted else Counter[int]()
            for place_id in {*wanted[box], *there}:
                parts.append(_Part(box, place_id, wanted[box][place_id] - there[place_id]))
    return sorted(
        (part for part in parts if part.quantity), key=lambda part: (part.box.id, part.quantity > 0, part.place_id)
    )


def _of_line(boxes: Sequence[tuple[Box, int]], numbers: Numbers, shelf_id: int) -> dict[Box, Counter[int]]:
    """Share a line's count over its boxes: the earliest best-before was handed out first, the last came back."""
    handed_out, came_back, lost = numbers
    shared = {box: Counter[int]() for box, _quantity in boxes}
    left = dict(boxes)
    for place_id, number in ((HANDED_OUT, handed_out), (WRITTEN_OFF, lost), (shelf_id, came_back)):
        for box in left:
            quantity = min(number, left[box])
            if quantity:
                left[box] -= quantity
                number -= quantity
                shared[box][place_id] += quantity
    return shared
