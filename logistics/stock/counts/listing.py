"""Lists of stock-takes, and what there is to count in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select, tuple_
from sqlalchemy.orm import Session

from ...people.models import Person
from ..models import Box, Level, Location, LocationKind, Product, Size
from .models import Scope, StockCount, StockTake, StockTakeState
from .takes import with_things

Place = tuple[int, int]  # box id, location id


class Show(StrEnum):
    """Which boxes of a stock-take are shown."""

    LEFT = "left"
    COUNTED = "counted"


def find(warehouse_id: int = 0) -> Select[Any, Any, Any]:
    """Return stock-takes with who started them and how many boxes were counted: open ones first, then the newest."""
    each = select(StockCount.box_id, StockCount.location_id).where(StockCount.stock_take_id == StockTake.id).distinct()
    counted = select(func.count()).select_from(each.correlate(StockTake).subquery()).scalar_subquery()
    first = case((StockTake.state == StockTakeState.OPEN, 0), else_=1)
    query = select(StockTake, Person.name, counted).outerjoin(Person, Person.id == StockTake.started_by)
    if warehouse_id:
        query = query.where(StockTake.warehouse_id == warehouse_id)
    return with_things(query.order_by(first, StockTake.id.desc()))


@dataclass(frozen=True)
class Progress:
    """How far a stock-take is."""

    total: int
    counted: int

    @property
    def left(self) -> int:
        """Return how many boxes are still to be counted."""
        return self.total - self.counted


def progress(session: Session, take: StockTake, person_id: int) -> Progress:
    """Return how many boxes there are to count, and how many are: when blind, by this person."""
    places, done = _places(take, person_id)
    total, counted = session.execute(
        select(func.count(), func.coalesce(func.sum(case((done, 1), else_=0)), 0)).select_from(places)
    ).one()
    return Progress(total, int(counted))


def sheet(take: StockTake, person_id: int, show: Show) -> Select[*tuple[Any, ...]]:
    """Return the boxes that are left to count, or that are counted, in the order of someone walking by."""
    places, done = _places(take, person_id)
    return (
        select(
            Box.id.label("box_id"),
            Box.code,
            Box.best_before,
            Size.label,
            Product.name,
            Product.name_fr,
            Product.gender,
            Location.id.label("location_id"),
            Location.name.label("shelf"),
            func.coalesce(Level.quantity, 0).label("quantity"),
        )
        .select_from(places)
        .join(Box, Box.id == places.c.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(Location, Location.id == places.c.location_id)
        .outerjoin(Level, (Level.box_id == places.c.box_id) & (Level.location_id == places.c.location_id))
        .where(done if show is Show.COUNTED else ~done)
        .order_by(Location.name_key, Box.code, Location.id)
    )


def counts(session: Session, take: StockTake, person_id: int, places: Sequence[Place]) -> dict[Place, list[Any]]:
    """Return who counted how many of these boxes, the latest first: when blind, this person's numbers alone."""
    key = tuple_(StockCount.box_id, StockCount.location_id)
    rows = session.execute(
        select(StockCount.box_id, StockCount.location_id, StockCount.counter_id, StockCount.counted, Person.name)
        .join(Person, Person.id == StockCount.counter_id)
        .where(*_visible(take, person_id), key.in_(places))
        .order_by(StockCount.counted_at.desc(), StockCount.id.desc())
    )
    found: dict[Place, list[Any]] = {}
    for row in rows:
        found.setdefault((row.box_id, row.location_id), []).append(row)
    return found


def _visible(take: StockTake, person_id: int) -> list[ColumnElement[bool]]:
    """Return which counts somebody who counts may see."""
    return [StockCount.stock_take_id == take.id] + ([StockCount.counter_id == person_id] if take.blind else [])


def _places(take: StockTake, person_id: int) -> tuple[Any, ColumnElement[bool]]:
    """Return what there is to count (what the ledger expects, and what was counted besides), and whether it is."""
    inside = {
        Scope.SHELF: Level.location_id == take.location_id,
        Scope.PRODUCT: Size.product_id == take.product_id,
        Scope.BOX: Level.box_id == take.box_id,
    }[Scope(take.scope)]
    expected = (
        select(Level.box_id, Level.location_id)
        .join(Location, Location.id == Level.location_id)
        .join(Box, Box.id == Level.box_id)
        .join(Size, Size.id == Box.size_id)
        .where(
            Location.kind == LocationKind.SHELF,
            Location.warehouse_id == take.warehouse_id,
            Level.quantity > 0,
            inside,
        )
    )
    visible = _visible(take, person_id)
    places = expected.union(select(StockCount.box_id, StockCount.location_id).where(*visible)).subquery("places")
    same = (StockCount.box_id == places.c.box_id, StockCount.location_id == places.c.location_id)
    return places, exists().where(*visible, *same)


def left(session: Session, take: StockTake) -> int:
    """Return how many boxes that the ledger expects nobody has counted: these stay as they are."""
    places, _ = _places(take, 0)
    same = (
        StockCount.stock_take_id == take.id,
        StockCount.box_id == places.c.box_id,
        StockCount.location_id == places.c.location_id,
    )
    return session.scalar(select(func.count()).select_from(places).where(~exists().where(*same))) or 0
