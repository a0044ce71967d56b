"""The pick list: which boxes, from which shelves, how many of each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session, joinedload

from ..web.filters import today
from .models import Box, Level, Location, LocationKind, PackingLine, PackingList, Size


@dataclass(frozen=True)
class PickView:
    """Take `take` units of a line's size from one box on one shelf."""

    line_id: int
    size: Size  # with its product
    box_id: int
    code: str
    best_before: date | None
    shelf_id: int
    shelf: str
    take: int


def pick_list(session: Session, distribution_id: int) -> list[PickView]:
    """Return what to pick for all that is promised and not yet packed, in two queries.

    Of each size the oldest best-before goes first, then the fullest box; what is past its date stays. It is promised
    to nobody, but for the moments after midnight until the worker has marked it: a line may then get less.
    """
    lines = session.execute(
        select(PackingLine.id, Size)
        .join(Size, Size.id == PackingLine.size_id)
        .options(joinedload(Size.product))
        .where(PackingLine.distribution_id == distribution_id, PackingLine.allocated > 0)
        .order_by(PackingLine.item_id, Size.position, Size.id)
    ).all()
    if not lines:
        return []
    picks = defaultdict(list)
    for row in session.execute(_sources(distribution_id)):
        picks[row.line_id].append(row)
    return [
        PickView(
            line_id, size, row.box_id, row.code, row.best_before, row.shelf_id, row.shelf, min(row.there, row.wanted)
        )
        for line_id, size in lines
        for row in picks[line_id]
    ]


def sources(session: Session, warehouse_id: int, size_id: int, wanted: int) -> Sequence[Row[int, int, int, int]]:
    """Return which boxes to take units of a size from for something else than a distribution, in the order of pick lists.

    Rows of box id, shelf id, what is `there`, and what those up to it have, as far as they are needed: one query.
    """
    so_far = func.sum(Level.quantity).over(order_by=_ORDER, rows=(None, 0))
    found = (
        select(Box.id.label("box_id"), Location.id.label("shelf_id"), Level.quantity.label("there"))
        .add_columns(so_far.label("so_far"))
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(Box.size_id == size_id, *_takeable(warehouse_id))
        .subquery()
        .c
    )
    return session.execute(select(*found).where(found.so_far - found.there < wanted).order_by(found.so_far)).all()


_ORDER = Box.best_before.asc().nulls_last(), Level.quantity.desc(), Box.id, Location.id


def _takeable(warehouse_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for what a box has on a shelf of a warehouse to be taken: it is not past its date."""
    return (
        Location.kind == LocationKind.SHELF,
        Location.warehouse_id == warehouse_id,
        Level.quantity > 0,
        Level.outside.is_(False),
        Box.best_before.is_(None) | (Box.best_before >= today()),
    )


def _sources(distribution_id: int) -> Select[*tuple[Any, ...]]:
    """Return the query for the boxes to take, line by line and in order, as far as they are needed.

    `there` is what a box has on a shelf, `wanted` what the line still lacks when it comes to it. The database adds up
    what those before it have: a large warehouse has many more boxes of a size than are needed.
    """
    so_far = func.sum(Level.quantity).over(partition_by=PackingLine.id, order_by=_ORDER, rows=(None, 0))
    sources = (
        select(
            PackingLine.id.label("line_id"),
            Box.id.label("box_id"),
            Box.code,
            Box.best_before,
            Location.id.label("shelf_id"),
            Location.name.label("shelf"),
            Level.quantity.label("there"),
            (PackingLine.allocated - so_far + Level.quantity).label("wanted"),
        )
        .select_from(PackingLine)
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Box, Box.size_id == PackingLine.size_id)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(
            PackingLine.distribution_id == distribution_id,
            PackingLine.allocated > 0,
            *_takeable(PackingList.warehouse_id),
        )
        .subquery()
        .c
    )
    # The less is wanted, the later a box comes.
    return select(*sources).where(sources.wanted > 0).order_by(sources.line_id, sources.wanted.desc())
