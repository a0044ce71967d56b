"""What must hold of movements, of the levels that follow from them, and of boxes and places."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from ..kits import checks as kits
from ..models import (
    INSIDE,
    OUTSIDE_IDS,
    Box,
    Level,
    Location,
    LocationKind,
    Movement,
)
from .sums import differences, ground, kept


def _levels(session: Session) -> Iterator[str]:
    for box, place, moved, level in differences(
        session,
        ground(Movement.box_id, Movement.to_id, Movement.quantity),
        ground(Movement.box_id, Movement.from_id, -Movement.quantity),
        kept(Level.box_id, Level.location_id, Level.quantity),
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


def _converted(session: Session) -> Iterator[str]:
    """Name groups of movements through converted that leave something there, beyond what recipes of kits account for."""
    group = func.coalesce(Movement.group_id, Movement.id)
    converted = OUTSIDE_IDS[LocationKind.CONVERTED]
    net = case((Movement.to_id == converted, Movement.quantity), else_=-Movement.quantity)
    through = or_(Movement.to_id == converted, Movement.from_id == converted)
    by_recipe = kits.left_in_converted().subquery()
    for first, size, there, expected in differences(
        session,
        ground(group, Box.size_id, net).select_from(Movement).join(Box, Box.id == Movement.box_id).where(through),
        kept(*by_recipe.c),
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
    _converted,
    _undone,
    _codes,
)
