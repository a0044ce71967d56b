"""What is past its date and what will be within sixty days, box by box: to be eaten first, or to be taken out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from ..db import stream
from ..distributions.models import Site
from ..paging import Page, paginate
from ..web.filters import today
from .models import Box, Level, Location, LocationKind, Product, Size
from .searching import ANYTHING, Search, named_like

PAST = 0  # what is past its date already
HORIZONS = (7, 30, 60)  # days ahead that one looks


@dataclass(frozen=True)
class ExpiryFilter:
    """What is looked for: what is past its date (`PAST`), or will be within so many days; None is both."""

    search: Search = ANYTHING
    warehouse_id: int = 0
    within: int | None = None


def find(session: Session, wanted: ExpiryFilter, number: int) -> Page[Any]:
    """Return one page of boxes on shelves, the earliest date first, in two queries."""
    return paginate(session, _rows(wanted), number)


def every(session: Session, wanted: ExpiryFilter) -> Iterator[Any]:
    """Yield all of them, for a download."""
    yield from stream(session, _rows(wanted))


def counts(session: Session, wanted: ExpiryFilter) -> dict[int, int]:
    """Return how many rows each choice of `within` would show, in one query."""
    choices = [func.count(case((_within(days), 1))) for days in (PAST, *HORIZONS)]
    row = session.execute(_dated(wanted, *choices)).one()
    return dict(zip((PAST, *HORIZONS), row, strict=True))


def any_past(session: Session) -> int:
    """Return how many boxes on shelves are marked as past their date: they are to be taken out."""
    return (
        session.scalar(
            select(func.count(Box.id.distinct()))
            .join(Level, Level.box_id == Box.id)
            .join(Location, Location.id == Level.location_id)
            .where(Box.expired.is_(True), *_ON_SHELVES)
        )
        or 0
    )


_ON_SHELVES = (Location.kind == LocationKind.SHELF, Level.outside.is_(False), Level.quantity > 0)


def _within(days: int) -> Any:
    """Return the condition that a box's date has passed (`PAST`), or that its last good day is that near."""
    first = today()
    return Box.best_before < first if days == PAST else Box.best_before.between(first, first + timedelta(days=days))


def _rows(wanted: ExpiryFilter) -> Select[*tuple[Any, ...]]:
    query = _dated(
        wanted,
        Box.code,
        Box.best_before,
        Product.name,
        Product.name_fr,
        Product.gender,
        Product.unit,
        Size.label,
        Level.quantity,
        Location.name.label("shelf"),
        Site.name.label("warehouse"),
        Site.name_fr.label("warehouse_fr"),
    )
    if wanted.within is not None:
        query = query.where(_within(wanted.within))
    return query.order_by(Box.best_before, Box.id, Location.id)


def _dated(wanted: ExpiryFilter, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Return the query over what is on shelves and past its date, or will be within the longest horizon."""
    last = today() + timedelta(days=max(HORIZONS))
    query = (
        select(*columns)
        .select_from(Box)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .join(Site, Site.id == Location.warehouse_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        # Said in two parts, as there are two indexes: what is marked, and what is not and has a date.
        .where(or_(Box.expired.is_(True), and_(Box.expired.is_(False), Box.best_before <= last)), *_ON_SHELVES)
    )
    if wanted.warehouse_id:
        query = query.where(Location.warehouse_id == wanted.warehouse_id)
    for term in wanted.search.terms:
        query = query.where(
            or_(
                Box.code.startswith(term.key.upper(), autoescape=True),
                named_like(term),
                Size.label_key == term.key,
                Location.name_key == term.key,
            )
        )
    return query
