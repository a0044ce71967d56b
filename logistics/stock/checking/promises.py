"""What must hold of what a warehouse has on hand, and of what it has promised."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from ...distributions.listing import ahead
from ...distributions.models import BEFORE_OUT, Distribution
from ...web.filters import today
from ..models import (
    Availability,
    Box,
    Level,
    Location,
    LocationKind,
    PackingLine,
    PackingList,
)
from .sums import differences, ground, kept


def _on_hand(session: Session) -> Iterator[str]:
    for site, size, there, on_hand in differences(
        session,
        _on_shelves(),
        kept(Availability.warehouse_id, Availability.size_id, Availability.on_hand),
    ):
        yield f"Warehouse {site}, size {size}: {there} are on its shelves, but {on_hand} are said to be on hand."


def _allocated(session: Session) -> Iterator[str]:
    for site, size, promised, allocated in differences(
        session,
        _lines_before_out(ground(PackingList.warehouse_id, PackingLine.size_id, PackingLine.allocated)),
        kept(Availability.warehouse_id, Availability.size_id, Availability.allocated),
    ):
        yield (
            f"Warehouse {site}, size {size}: packing lists are promised {promised}, "
            f"but {allocated} are said to be allocated."
        )


def _expired(session: Session) -> Iterator[str]:
    for site, size, there, expired in differences(
        session,
        _on_shelves().where(Box.expired.is_(True)),
        kept(Availability.warehouse_id, Availability.size_id, Availability.expired),
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


CHECKS = (
    _on_hand,
    _allocated,
    _expired,
    _marked,
    _promised_twice,
    _unserved,
    _promised_too_late,
    _promised_beyond_plan,
)


def _on_shelves() -> Select[Any, Any, Any, Any]:
    """Select what is on shelves, by warehouse and size."""
    return (
        ground(Location.warehouse_id, Box.size_id, Level.quantity)
        .select_from(Level)
        .join(Location, Location.id == Level.location_id)
        .join(Box, Box.id == Level.box_id)
        .where(Location.kind == LocationKind.SHELF)
    )


def _lines_before_out(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Read a statement on the lines of distributions that have not left."""
    return (
        statement.join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(Distribution.state.in_(BEFORE_OUT))
    )
