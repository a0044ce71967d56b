"""Bringing the lines of one item to what is planned now."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from ..errors import Invalid, Words, msg
from .allocating import Promise, promise
from .labels import worded
from .lines import Line, lines_of
from .models import PackingItem, PackingLine, PackingList, Product
from .stand_ins.swaps import Swaps, swaps_of

LEFT = msg("The van has left: the packing list can't be changed any more.")


def plan_lines(
    session: Session, packing_list: PackingList, item: PackingItem, product: Product, asked: Mapping[int, int]
) -> None:
    """Make, change and delete the lines of an item until they say what is asked for (by size id) and what stands in.

    Promises beyond the plan are taken back; new ones are for `serve`. The caller holds the distribution's lock and
    those of the availability of all the product's sizes. Raises Invalid when less is planned than is packed, or less
    asked for than something else stands in for.
    """
    label = {size.id: worded(size.label) for size in product.sizes}
    swaps = swaps_of(session, packing_list.distribution_id)
    planned = {size_id: asked.get(size_id, 0) + swaps.net(size_id) for size_id in label}
    for size_id, number in planned.items():
        _refuse_below_swapped(item, swaps, size_id, number, label[size_id])
    lines = {line.size_id: line for line in lines_of(session, packing_list.distribution_id, list(planned))}
    for size_id, line in lines.items():
        _refuse_below_packed(item, line, planned[size_id], label[size_id])
    fewer = [
        Promise(line.id, size_id, planned[size_id] - line.packed - line.allocated)
        for size_id, line in lines.items()
        if line.allocated > max(0, planned[size_id] - line.packed)
    ]
    promise(session, packing_list.warehouse_id, fewer)
    _write(session, item, lines, planned)


def _refuse_below_packed(item: PackingItem, line: Line, planned: int, size: Words) -> None:
    """Refuse to plan less than is packed. Extras packed beyond an earlier plan do not hold it up."""
    if planned < line.kept:
        raise Invalid(
            msg(
                "%(packed)s of size %(size)s are packed already, and this would plan only %(planned)s. "
                "Plan more, or put some back first.",
                packed=line.packed,
                size=size,
                planned=planned,
            ),
            _blamed(item),
        )


def _refuse_below_swapped(item: PackingItem, swaps: Swaps, size_id: int, planned: int, size: Words) -> None:
    """Refuse to ask for less of a size than something else stands in for."""
    if planned < 0:
        raise Invalid(
            msg(
                "Something else stands in for %(away)s of size %(size)s, and this would ask for only %(asked)s. "
                "Ask for more, or take some of that back first.",
                away=swaps.away[size_id],
                size=size,
                asked=planned - swaps.net(size_id),
            ),
            _blamed(item),
        )


def _blamed(item: PackingItem) -> str:
    return "total" if item.per_person_hundredths is None else "per_person_hundredths"


def _write(session: Session, item: PackingItem, lines: Mapping[int, Line], planned: Mapping[int, int]) -> None:
    """Write the plan. A size of which nothing is planned or packed has no line."""
    gone = [line.id for size_id, line in lines.items() if not planned[size_id] and not line.packed]
    changed = [
        {"id": line.id, "planned": planned[size_id]}
        for size_id, line in lines.items()
        if line.id not in gone and line.planned != planned[size_id]
    ]
    new = [
        {
            "item_id": item.id,
            "distribution_id": item.distribution_id,
            "size_id": size_id,
            "planned": number,
            "allocated": 0,
            "packed": 0,
        }
        for size_id, number in sorted(planned.items())
        if number and size_id not in lines
    ]
    if gone:
        session.execute(delete(PackingLine).where(PackingLine.id.in_(gone)))
    if changed:
        session.execute(update(PackingLine), changed)
    if new:
        session.execute(insert(PackingLine), new)
