"""The pick list: which boxes, from which shelves, how many of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
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


@dataclass(frozen=True)
class _Source:
    """What one box has on one shelf."""

    box: Box
    shelf: Location
    quantity: int


def pick_list(session: Session, distribution_id: int) -> list[PickView]:
    """Return what to pick for all that is promised and not yet packed, in two queries.

    Of each size the oldest best-before goes first, then the fullest box; what is past its date stays. It is promised
    to nobody, but for the moments after midnight until the worker has marked it: a line may then get less.
    """
    rows = session.execute(
        select(PackingLine.id, PackingLine.allocated, Size, PackingList.warehouse_id)
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Size, Size.id == PackingLine.size_id)
        .options(joinedload(Size.product))
        .where(PackingLine.distribution_id == distribution_id, PackingLine.allocated > 0)
        .order_by(PackingLine.item_id, Size.position, Size.id)
    ).all()
    if not rows:
        return []
    sources = _sources(session, rows[0].warehouse_id, [size.id for _, _, size, _ in rows])
    picks = []
    for line_id, wanted, size, _ in rows:
        for source in sources.get(size.id, []):
            take = min(wanted, source.quantity)
            if not take:
                break
            wanted -= take
            picks.append(_pick(line_id, size, source, take))
    return picks


def _pick(line_id: int, size: Size, source: _Source, take: int) -> PickView:
    box, shelf = source.box, source.shelf
    return PickView(line_id, size, box.id, box.code, box.best_before, shelf.id, shelf.name, take)


def _sources(session: Session, warehouse_id: int, size_ids: Collection[int]) -> dict[int, list[_Source]]:
    """Return by size where a warehouse has goods that may be packed, in the order in which to take them."""
    rows = session.execute(
        select(Box, Location, Level.quantity)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(
            Box.size_id.in_(size_ids),
            Location.kind == LocationKind.SHELF,
            Location.warehouse_id == warehouse_id,
            Level.quantity > 0,
            Box.best_before.is_(None) | (Box.best_before >= today()),
        )
        .order_by(Box.best_before.asc().nulls_last(), Level.quantity.desc(), Box.id, Location.id)
    )
    sources: dict[int, list[_Source]] = {}
    for box, shelf, quantity in rows:
        sources.setdefault(box.size_id, []).append(_Source(box, shelf, quantity))
    return sources
