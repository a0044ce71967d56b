"""What must hold of packing lists, of what is on vans, and of what came back."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from ...distributions.models import Distribution, DistributionState
from ..models import (
    OUTSIDE_IDS,
    Box,
    Level,
    Location,
    LocationKind,
    Movement,
    PackingItem,
    PackingLine,
    Size,
)
from ..stand_ins.models import Substitution
from .sums import differences, ground, kept

EMPTY_VAN = (DistributionState.PLANNED, DistributionState.CLOSED, DistributionState.CANCELLED)


def _packed(session: Session) -> Iterator[str]:
    put_back = and_(Movement.from_id == Location.id, Movement.reason == "put_back")
    loaded = and_(
        Movement.to_id == Location.id, Movement.reason != "undone"
    )  # what a corrected count undoes is not new
    for distribution, size, moved, packed in differences(
        session,
        _of_vans(ground(Location.distribution_id, Box.size_id, Movement.quantity), loaded),
        _of_vans(ground(Location.distribution_id, Box.size_id, -Movement.quantity), put_back),
        kept(PackingLine.distribution_id, PackingLine.size_id, PackingLine.packed),
    ):
        yield (
            f"Distribution {distribution}, size {size}: {moved} went onto the van, "
            f"but its packing line says {packed} are packed."
        )


def _on_board(session: Session) -> Iterator[str]:
    counted = func.coalesce(PackingLine.handed_out + PackingLine.came_back + PackingLine.lost, 0)
    for distribution, size, there, expected in differences(
        session,
        ground(Location.distribution_id, Box.size_id, Level.quantity)
        .select_from(Level)
        .join(Location, Location.id == Level.location_id)
        .join(Box, Box.id == Level.box_id)
        .where(Location.kind == LocationKind.VAN),
        kept(PackingLine.distribution_id, PackingLine.size_id, PackingLine.packed - counted),
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
        for distribution, size, moved, said in differences(
            session,
            _of_vans(
                ground(Location.distribution_id, Box.size_id, Movement.quantity),
                and_(Movement.from_id == Location.id, there),
            ),
            _of_vans(
                ground(Location.distribution_id, Box.size_id, -Movement.quantity),
                and_(Movement.to_id == Location.id, undone, back),
            ),
            kept(PackingLine.distribution_id, PackingLine.size_id, func.coalesce(column, 0)),
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


CHECKS = (
    _packed,
    _on_board,
    _returns_add_up,
    _returns_moved,
    _totals,
    _lines_fit,
    _vans_empty,
)


def _of_vans(statement: Select[Any, Any, Any, Any], on: Any) -> Select[Any, Any, Any, Any]:
    """Read a statement on movements that touch a van."""
    return (
        statement.select_from(Movement)
        .join(Location, on)
        .join(Box, Box.id == Movement.box_id)
        .where(Location.kind == LocationKind.VAN)
    )


def _swapped(side: Any) -> Any:
    """Return the query for how many units of an item's product stand in, or are stood in for, on its list."""
    return (
        select(func.coalesce(func.sum(Substitution.quantity), 0))
        .join(Size, Size.id == side)
        .where(Substitution.distribution_id == PackingItem.distribution_id, Size.product_id == PackingItem.product_id)
        .correlate(PackingItem)
        .scalar_subquery()
    )
