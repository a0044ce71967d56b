"""What must hold in stock, recomputed from the ground: one sentence for each thing that is off.

Movements are the ground; levels, availability, packing lines and returns must all follow from them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal_column, not_, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from ..distributions.listing import ahead
from ..distributions.models import BEFORE_OUT, Distribution, DistributionState
from ..web.filters import today
from .aisle import checks as aisle
from .arriving import checks as arriving
from .counts import checks as counts
from .kits import checks as kits
from .knowing import checks as knowing
from .labelling import checks as labelling
from .models import (
    INSIDE,
    OUTSIDE_IDS,
    Availability,
    Box,
    Level,
    Location,
    LocationKind,
    Movement,
    PackingItem,
    PackingLine,
    PackingList,
    Size,
)
from .stand_ins import checks as stand_ins
from .stand_ins.models import Substitution
from .transfers import checks as transfers

EMPTY_VAN = (DistributionState.PLANNED, DistributionState.CLOSED, DistributionState.CANCELLED)
_NOTHING: ColumnElement[int] = literal_column("0")


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of stock; nothing when all is in order."""
    parts = (aisle, arriving, counts, kits, knowing, stand_ins, transfers)
    for check in (*CHECKS, *(check for part in parts for check in part.CHECKS)):
        yield from check(session)


def _levels(session: Session) -> Iterator[str]:
    for box, place, moved, level in _differences(
        session,
        _ground(Movement.box_id, Movement.to_id, Movement.quantity),
        _ground(Movement.box_id, Movement.from_id, -Movement.quantity),
        _kept(Level.box_id, Level.location_id, Level.quantity),
    ):
        yield f"Box {box} at location {place}: its movements add up to {moved}, but its level says {level}."


def _conserved(session: Session) -> Iterator[str]:
    total = func.sum(Level.quantity)
    for box, left in session.execute(
        select(Level.box_id, total).group_by(Level.box_id).having(total != 0).order_by(Level.box_id)
    ):
        yield f"Box {box}: its levels over all locations add up to {left}, not to 0."


def _movements(session: Session) -> Iterator[str]:
    bad = or_(Movement.quantity <= 0, Movement.from_id == Movement.to_id)
    for movement in session.scalars(select(Movement.id).where(bad).order_by(Movement.id)):
        yield f"Movement {movement} moves nothing, or goes nowhere."


def _inside(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(Level.box_id, Level.location_id, Level.quantity)
        .join(Location, Location.id == Level.location_id)
        .where(Location.kind.in_(INSIDE), Level.quantity < 0)
        .order_by(Level.box_id, Level.location_id)
    )
    for box, place, quantity in rows:
        yield f"Box {box} at location {place}: its level is {quantity}, and only the outside world may go below 0."


def _places(session: Session) -> Iterator[str]:
    for place in session.scalars(
        select(Location.id).where(Location.outside == Location.kind.in_(INSIDE)).order_by(Location.id)
    ):
        yield f"Location {place} is counted as outside when it is inside, or the other way round."
    for box, place in session.execute(
        select(Level.box_id, Level.location_id)
        .join(Location, Location.id == Level.location_id)
        .where(Level.outside != Location.outside)
        .order_by(Level.box_id, Level.location_id)
    ):
        yield f"Box {box} at location {place}: level and location differ on whether that is outside."


def _on_hand(session: Session) -> Iterator[str]:
    for site, size, there, on_hand in _differences(
        session,
        _on_shelves(),
        _kept(Availability.warehouse_id, Availability.size_id, Availability.on_hand),
    ):
        yield f"Warehouse {site}, size {size}: {there} are on its shelves, but {on_hand} are said to be on hand."


def _allocated(session: Session) -> Iterator[str]:
    for site, size, promised, allocated in _differences(
        session,
        _lines_before_out(_ground(PackingList.warehouse_id, PackingLine.size_id, PackingLine.allocated)),
        _kept(Availability.warehouse_id, Availability.size_id, Availability.allocated),
    ):
        yield (
            f"Warehouse {site}, size {size}: packing lists are promised {promised}, "
            f"but {allocated} are said to be allocated."
        )


def _expired(session: Session) -> Iterator[str]:
    for site, size, there, expired in _differences(
        session,
        _on_shelves().where(Box.expired.is_(True)),
        _kept(Availability.warehouse_id, Availability.size_id, Availability.expired),
    ):
        yield (
            f"Warehouse {site}, size {size}: {there} are on its shelves in boxes past their date, "
            f"but {expired} are said to be."
        )


def _marked(session: Session) -> Iterator[str]:
    too_early = and_(Box.expired.is_(True), or_(Box.best_before.is_(None), Box.best_before >= today()))
    for code in session.scalars(select(Box.code).where(too_early).order_by(Box.id)):
        yield f"Box {code} is marked as past its date, but it is not."
    # The worker marks a box soon after midnight; a day is more than it needs.
    too_late = and_(Box.expired.is_(False), Box.best_before < today() - timedelta(days=1))
    for code in session.scalars(select(Box.code).where(too_late).order_by(Box.id)):
        yield f"Box {code} is past its date and was not marked: does the worker run?"


def _promised_twice(session: Session) -> Iterator[str]:
    numbers = (Availability.on_hand, Availability.allocated, Availability.expired)
    bad = or_(
        Availability.allocated < 0,
        Availability.expired < 0,
        Availability.allocated + Availability.expired > Availability.on_hand,
    )
    for site, size, on_hand, allocated, expired in session.execute(
        select(Availability.warehouse_id, Availability.size_id, *numbers)
        .where(bad)
        .order_by(Availability.warehouse_id, Availability.size_id)
    ):
        yield (
            f"Warehouse {site}, size {size}: {allocated} are allocated of {on_hand} on hand, "
            f"of which {expired} are past their date."
        )


def _unserved(session: Session) -> Iterator[str]:
    free = Availability.on_hand - Availability.expired - Availability.allocated
    here = and_(Availability.warehouse_id == PackingList.warehouse_id, Availability.size_id == PackingLine.size_id)
    short = PackingLine.planned - PackingLine.packed - PackingLine.allocated
    for line, lacking, available in session.execute(
        _lines_before_out(select(PackingLine.id, short, free).select_from(PackingLine))
        .join(Availability, here)
        .where(ahead(), short > 0, free > 0)
        .order_by(PackingLine.id)
    ):
        yield f"Packing line {line} is short of {lacking} while {available} are available."


def _promised_too_late(session: Session) -> Iterator[str]:
    for line, distribution, allocated in session.execute(
        select(PackingLine.id, PackingLine.distribution_id, PackingLine.allocated)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(PackingLine.allocated != 0, Distribution.state.not_in(BEFORE_OUT))
        .order_by(PackingLine.id)
    ):
        yield f"Packing line {line} is promised {allocated}, but distribution {distribution} packs no more."


def _promised_beyond_plan(session: Session) -> Iterator[str]:
    beyond = and_(PackingLine.allocated > 0, PackingLine.allocated + PackingLine.packed > PackingLine.planned)
    below = or_(PackingLine.allocated < 0, PackingLine.packed < 0, PackingLine.planned < 0)
    for line in session.scalars(select(PackingLine.id).where(or_(beyond, below)).order_by(PackingLine.id)):
        yield f"Packing line {line} is promised more than it still needs, or has a number below 0."


def _packed(session: Session) -> Iterator[str]:
    put_back = and_(Movement.from_id == Location.id, Movement.reason == "put_back")
    loaded = and_(
        Movement.to_id == Location.id, Movement.reason != "undone"
    )  # what a corrected count undoes is not new
    for distribution, size, moved, packed in _differences(
        session,
        _of_vans(_ground(Location.distribution_id, Box.size_id, Movement.quantity), loaded),
        _of_vans(_ground(Location.distribution_id, Box.size_id, -Movement.quantity), put_back),
        _kept(PackingLine.distribution_id, PackingLine.size_id, PackingLine.packed),
    ):
        yield (
            f"Distribution {distribution}, size {size}: {moved} went onto the van, "
            f"but its packing line says {packed} are packed."
        )


def _on_board(session: Session) -> Iterator[str]:
    counted = func.coalesce(PackingLine.handed_out + PackingLine.came_back + PackingLine.lost, 0)
    for distribution, size, there, expected in _differences(
        session,
        _ground(Location.distribution_id, Box.size_id, Level.quantity)
        .select_from(Level)
        .join(Location, Location.id == Level.location_id)
        .join(Box, Box.id == Level.box_id)
        .where(Location.kind == LocationKind.VAN),
        _kept(PackingLine.distribution_id, PackingLine.size_id, PackingLine.packed - counted),
    ):
        yield (
            f"Distribution {distribution}, size {size}: {there} are on the van, "
            f"but packed less what was counted after the return is {expected}."
        )


def _returns_add_up(session: Session) -> Iterator[str]:
    three = (PackingLine.handed_out, PackingLine.came_back, PackingLine.lost)
    some = or_(*(column.is_not(None) for column in three))
    bad = or_(
        *(column.is_(None) for column in three),
        *(column < 0 for column in three),
        PackingLine.handed_out + PackingLine.came_back + PackingLine.lost != PackingLine.packed,
    )
    for line in session.scalars(select(PackingLine.id).where(some, bad).order_by(PackingLine.id)):
        yield f"Packing line {line}: handed out, came back and lost do not add up to what was packed."


def _returns_moved(session: Session) -> Iterator[str]:
    given, lost = OUTSIDE_IDS[LocationKind.HANDED_OUT], OUTSIDE_IDS[LocationKind.WRITTEN_OFF]
    undone = Movement.reason == "undone"
    for column, how, there, back in (
        (PackingLine.handed_out, "handed out", Movement.to_id == given, Movement.from_id == given),
        (PackingLine.lost, "lost", Movement.to_id == lost, Movement.from_id == lost),
        (
            PackingLine.came_back,
            "came back",
            Movement.reason == "came_back",
            Movement.from_id.not_in([given, lost]),
        ),
    ):
        for distribution, size, moved, said in _differences(
            session,
            _of_vans(
                _ground(Location.distribution_id, Box.size_id, Movement.quantity),
                and_(Movement.from_id == Location.id, there),
            ),
            _of_vans(
                _ground(Location.distribution_id, Box.size_id, -Movement.quantity),
                and_(Movement.to_id == Location.id, undone, back),
            ),
            _kept(PackingLine.distribution_id, PackingLine.size_id, func.coalesce(column, 0)),
        ):
            yield f"Distribution {distribution}, size {size}: {how} is {moved} by its movements, but {said} on its line."


def _totals(session: Session) -> Iterator[str]:
    """Name items whose lines plan something else than was asked for and what stands in for it, or it for others."""
    lines = func.coalesce(func.sum(PackingLine.planned), 0)
    planned = select(lines).where(PackingLine.item_id == PackingItem.id).scalar_subquery()
    into, away = (_swapped(side) for side in (Substitution.by_size_id, Substitution.size_id))
    expected = PackingItem.total + into - away
    for item, total, asked in session.execute(
        select(PackingItem.id, expected, planned).where(planned != expected).order_by(PackingItem.id)
    ):
        yield f"Packing item {item}: its total is {total}, but its lines plan {asked}."


def _swapped(side: Any) -> Any:
    """Return the query for how many units of an item's product stand in, or are stood in for, on its list."""
    return (
        select(func.coalesce(func.sum(Substitution.quantity), 0))
        .join(Size, Size.id == side)
        .where(Substitution.distribution_id == PackingItem.distribution_id, Size.product_id == PackingItem.product_id)
        .correlate(PackingItem)
        .scalar_subquery()
    )


def _lines_fit(session: Session) -> Iterator[str]:
    for line in session.scalars(
        select(PackingLine.id)
        .join(PackingItem, PackingItem.id == PackingLine.item_id)
        .join(Size, Size.id == PackingLine.size_id)
        .where(
            or_(Size.product_id != PackingItem.product_id, PackingItem.distribution_id != PackingLine.distribution_id)
        )
        .order_by(PackingLine.id)
    ):
        yield f"Packing line {line} does not fit its item: another product or another distribution."


def _vans_empty(session: Session) -> Iterator[str]:
    for distribution, state, left in session.execute(
        select(Distribution.id, Distribution.state, func.sum(Level.quantity))
        .join(Location, Location.distribution_id == Distribution.id)
        .join(Level, Level.location_id == Location.id)
        .where(Distribution.state.in_(EMPTY_VAN), Level.quantity != 0)
        .group_by(Distribution.id, Distribution.state)
        .order_by(Distribution.id)
    ):
        yield f"Distribution {distribution} is {state}, but {left} are on its van."


def _converted(session: Session) -> Iterator[str]:
    """Name groups of movements through converted that leave something there, beyond what recipes of kits account for."""
    group = func.coalesce(Movement.group_id, Movement.id)
    converted = OUTSIDE_IDS[LocationKind.CONVERTED]
    net = case((Movement.to_id == converted, Movement.quantity), else_=-Movement.quantity)
    through = or_(Movement.to_id == converted, Movement.from_id == converted)
    by_recipe = kits.left_in_converted().subquery()
    for first, size, there, expected in _differences(
        session,
        _ground(group, Box.size_id, net).select_from(Movement).join(Box, Box.id == Movement.box_id).where(through),
        _kept(*by_recipe.c),
    ):
        yield f"Movement group {first}: {there - expected} of size {size} are left over in converted."


def _undone(session: Session) -> Iterator[str]:
    was = aliased(Movement)
    same = and_(
        Movement.box_id == was.box_id,
        Movement.from_id == was.to_id,
        Movement.to_id == was.from_id,
        Movement.quantity == was.quantity,
    )
    for movement in session.scalars(
        select(Movement.id).join(was, was.id == Movement.reverses_id).where(not_(same)).order_by(Movement.id)
    ):
        yield f"Movement {movement} says that it undoes another, but is not its reverse."


def _codes(session: Session) -> Iterator[str]:
    code = func.upper(func.trim(Box.code))
    for same, number in session.execute(
        select(code, func.count()).group_by(code).having(func.count() > 1).order_by(code)
    ):
        yield f"{number} boxes have the code {same}."


CHECKS = (
    _levels,
    _conserved,
    _movements,
    _inside,
    _places,
    _on_hand,
    _allocated,
    _expired,
    _marked,
    _promised_twice,
    _unserved,
    _promised_too_late,
    _promised_beyond_plan,
    _packed,
    _on_board,
    _returns_add_up,
    _returns_moved,
    _totals,
    _lines_fit,
    _vans_empty,
    _converted,
    _undone,
    _codes,
    *labelling.CHECKS,
)


def _ground(a: Any, b: Any, quantity: Any) -> Select[Any, Any, Any, Any]:
    """Select what a sum is recomputed from, by two keys."""
    return select(a.label("a"), b.label("b"), quantity.label("ground"), _NOTHING.label("kept"))


def _kept(a: Any, b: Any, quantity: Any) -> Select[Any, Any, Any, Any]:
    """Select the sum as it is kept, by the same two keys."""
    return select(a.label("a"), b.label("b"), _NOTHING.label("ground"), quantity.label("kept"))


def _differences(session: Session, *parts: Select[Any, Any, Any, Any]) -> Iterator[Row[Any, Any, Any, Any]]:
    """Return (a, b, sum from the ground, sum kept) wherever the two sums differ, a missing row counting as 0."""
    rows = union_all(*parts).subquery()
    ground, kept = func.sum(rows.c.ground), func.sum(rows.c.kept)
    return iter(
        session.execute(
            select(rows.c.a, rows.c.b, ground, kept)
            .group_by(rows.c.a, rows.c.b)
            .having(ground != kept)
            .order_by(rows.c.a, rows.c.b)
        )
    )


def _on_shelves() -> Select[Any, Any, Any, Any]:
    """Select what is on shelves, by warehouse and size."""
    return (
        _ground(Location.warehouse_id, Box.size_id, Level.quantity)
        .select_from(Level)
        .join(Location, Location.id == Level.location_id)
        .join(Box, Box.id == Level.box_id)
        .where(Location.kind == LocationKind.SHELF)
    )


def _of_vans(statement: Select[Any, Any, Any, Any], on: Any) -> Select[Any, Any, Any, Any]:
    """Read a statement on movements that touch a van."""
    return (
        statement.select_from(Movement)
        .join(Location, on)
        .join(Box, Box.id == Movement.box_id)
        .where(Location.kind == LocationKind.VAN)
    )


def _lines_before_out(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Read a statement on the lines of distributions that have not left."""
    return (
        statement.join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(Distribution.state.in_(BEFORE_OUT))
    )
