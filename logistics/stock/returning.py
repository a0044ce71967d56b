"""The van is back: what was handed out, what goes on a shelf again, what is lost (a step)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..audit import record_on
from ..distributions import service as distributions
from ..distributions.models import DistributionState
from ..errors import Conflict, Invalid, NotFound, msg
from .allocating import serve
from .ledger import MOST, MovementReason, lock_availability, move
from .lines import Line, lines_of, list_to_pack
from .lookup import open_shelf
from .models import OUTSIDE_IDS, LocationKind, PackingLine
from .vans import boxes_on, van_of

COUNTED_IN = (DistributionState.OUT, DistributionState.RETURNED)


@dataclass(frozen=True)
class _Unloaded:
    """Units of one box that leave the van for one place."""

    box_id: int
    to_id: int
    quantity: int
    reason: MovementReason


def record_return(
    session: Session,
    *,
    distribution_id: int,
    actor_id: int | None,
    counts: Mapping[int, tuple[int, int, int]],
    shelf_id: int | None,
) -> None:
    """Count lines after the return: by line id how many were (handed out, came back, lost).

    Lines may be counted in several goes, each line once. What came back goes to a shelf of the list's warehouse
    (`shelf_id`, needed only then) and to whoever is short. Raises NotFound; Invalid at `line-<id>` when the three
    do not add up to what was packed, at `shelf_id` without a shelf; Conflict when a line was counted already or
    the van is not back.
    """
    distribution = distributions.lock(session, distribution_id)
    if distribution.state not in COUNTED_IN:
        raise Conflict(msg("Goods are counted after the van has left."))
    packing_list = list_to_pack(session, distribution_id)
    lines = _lines(session, distribution_id, counts)
    if any(came_back for _, came_back, _ in counts.values()):
        _check_shelf(session, shelf_id, packing_list.warehouse_id)
    size_ids = [line.size_id for line in lines]
    lock_availability(session, packing_list.warehouse_id, size_ids)
    van, group = van_of(session, distribution_id), None
    for part in _parts(session, distribution_id, lines, counts, shelf_id or 0):
        assert van is not None
        movement = move(
            session,
            box_id=part.box_id,
            from_id=van.id,
            to_id=part.to_id,
            quantity=part.quantity,
            actor_id=actor_id,
            reason=part.reason,
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
    handed_out, came_back, lost = (
        (sum(numbers) for numbers in zip(*counts.values(), strict=True)) if counts else (0, 0, 0)
    )
    record_on(
        session,
        actor_id,
        "distribution.counted",
        distribution_id,
        handed_out=handed_out,
        came_back=came_back,
        lost=lost,
    )


def _lines(session: Session, distribution_id: int, counts: Mapping[int, tuple[int, int, int]]) -> list[Line]:
    """Return the lines that are counted, or refuse."""
    lines = {line.id: line for line in lines_of(session, distribution_id)}
    for line_id, numbers in counts.items():
        line = lines.get(line_id)
        if line is None:
            raise NotFound(msg("This line is not on the packing list."))
        if line.counted:
            raise Conflict(msg("This was counted already. Open the page again to see it."), f"line-{line_id}")
        if any(not 0 <= number <= MOST for number in numbers):
            raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=0, most=MOST), f"line-{line_id}")
        if sum(numbers) != line.packed:
            raise Invalid(
                msg("%(packed)s were packed, but these add up to %(sum)s.", packed=line.packed, sum=sum(numbers)),
                f"line-{line_id}",
            )
    return [line for line in lines.values() if line.id in counts]


def _check_shelf(session: Session, shelf_id: int | None, warehouse_id: int) -> None:
    if open_shelf(session, shelf_id or 0, "shelf_id").warehouse_id != warehouse_id:
        raise Invalid(msg("Choose a shelf of the warehouse it was packed from."), "shelf_id")


def _parts(
    session: Session,
    distribution_id: int,
    lines: list[Line],
    counts: Mapping[int, tuple[int, int, int]],
    shelf_id: int,
) -> list[_Unloaded]:
    """Return what leaves the van, by box and place: the order in which every transaction takes levels."""
    van = van_of(session, distribution_id)
    on_board: dict[int, list[tuple[int, int]]] = {}
    for box, quantity in boxes_on(session, van) if van else []:
        on_board.setdefault(box.size_id, []).append((box.id, quantity))
    parts = [part for line in lines for part in _of_line(on_board.get(line.size_id, []), counts[line.id], shelf_id)]
    return sorted(parts, key=lambda part: (part.box_id, part.to_id))


def _of_line(boxes: list[tuple[int, int]], numbers: tuple[int, int, int], shelf_id: int) -> Iterator[_Unloaded]:
    """Share a line's count over its boxes: the earliest best-before was handed out first, the last came back."""
    handed_out, came_back, lost = numbers
    wanted = [
        (OUTSIDE_IDS[LocationKind.HANDED_OUT], MovementReason.HANDED_OUT, handed_out),
        (OUTSIDE_IDS[LocationKind.WRITTEN_OFF], MovementReason.LOST, lost),
        (shelf_id, MovementReason.CAME_BACK, came_back),
    ]
    left = dict(boxes)
    for to_id, reason, number in wanted:
        for box_id in left:
            quantity = min(number, left[box_id])
            if quantity:
                left[box_id] -= quantity
                number -= quantity
                yield _Unloaded(box_id, to_id, quantity, reason)
