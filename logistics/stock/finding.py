"""Finding boxes: by code, product, size or shelf. A page of the list takes one query, whatever it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from ..distributions.models import Distribution, Site
from ..paging import KeyedList, Query
from ..web.filters import today
from .codes import codes_from
from .models import Availability, Box, Level, Location, Movement, Product, Size
from .narrowing.asking import More, State, conditions
from .searching import Search, search

MOST_EXPIRING = 20  # boxes named on a product's page
WARNED_BEFORE = timedelta(days=60)

# How much there is of a size in a warehouse, as pages show it.
STANDING = (
    Availability.on_hand,
    Availability.allocated,
    Availability.expired,
    (Availability.on_hand - Availability.expired - Availability.allocated).label("available"),
)


# The 0 is written into the SQL: of a value that it does not see, PostgreSQL does not know that `ix_level_here` has all
# such rows, and plans the list anew each time.
SOME_THERE = Level.quantity > literal_column("0", Integer)


@dataclass(frozen=True)
class Hit:
    """What one word of a search finds: sizes (of products so named, or so called), shelves, and codes that begin so.

    A list of boxes is found by these and not by names, so that the database need not look at every box.
    """

    size_ids: tuple[int, ...]
    location_ids: tuple[int, ...] = ()
    code: str = ""  # "" where no code begins so


@dataclass(frozen=True)
class BoxSearch(Search):
    """What somebody searches boxes for: `hits` is what its words find, one for each."""

    hits: tuple[Hit, ...] = ()


EVERY_BOX = BoxSearch()


@dataclass(frozen=True)
class BoxFilter:
    """What boxes are looked for. Ids are 0 where any will do."""

    search: BoxSearch = EVERY_BOX
    warehouse_id: int = 0
    shelf_id: int = 0
    product_id: int = 0
    size_id: int = 0
    empty: bool = False
    expired: bool = False
    more: More | None = None  # what is asked for seldom

    @property
    def narrow(self) -> bool:
        """Return whether it leaves anything out but empty boxes."""
        return bool(
            self.search.text
            or self.warehouse_id
            or self.shelf_id
            or self.product_id
            or self.size_id
            or self.expired
            or self.more
        )


def _box_keys(wanted: BoxFilter) -> Query:
    query: Query = select(Level.box_id, Level.location_id, Level.quantity).where(Level.outside.is_(False))
    more = wanted.more
    if more is not None and more.state == State.EMPTY:
        query = query.where(_empty())
    else:
        query = query.where(or_(SOME_THERE, _empty()) if wanted.empty else SOME_THERE)
    if wanted.warehouse_id:
        shelves = select(Location.id).where(Location.warehouse_id == wanted.warehouse_id)
        query = query.where(Level.location_id.in_(shelves))
    if wanted.shelf_id:
        query = query.where(Level.location_id == wanted.shelf_id)
    of_product = more is not None and more.of_product
    if wanted.product_id or wanted.size_id or wanted.expired or wanted.search.hits or more:
        query = query.join(Box, Box.id == Level.box_id)
    if wanted.expired:
        query = query.where(Box.expired.is_(True))
    if wanted.size_id:
        query = query.where(Box.size_id == wanted.size_id)
    if wanted.product_id or of_product:
        query = query.join(Size, Size.id == Box.size_id)
    if wanted.product_id:
        query = query.where(Size.product_id == wanted.product_id)
    if of_product:
        query = query.join(Product, Product.id == Size.product_id)
    if more is not None:
        query = query.where(*conditions(more))
    query = query.where(*(_matches(hit) for hit in wanted.search.hits))
    return query.order_by(Level.box_id.desc(), Level.location_id)


def _empty() -> ColumnElement[bool]:
    """Return the condition that a box is empty, and that this is the one place where it is shown."""
    other = aliased(Level)
    elsewhere = select(other.box_id).where(
        other.box_id == Level.box_id,
        other.outside.is_(False),
        or_(other.quantity > 0, other.location_id > Level.location_id),
    )
    return and_(Level.quantity == 0, ~elsewhere.exists())


def _matches(hit: Hit) -> ColumnElement[bool]:
    """Return the condition that a box is one that a word finds."""
    ways: list[ColumnElement[bool]] = [Box.size_id.in_(hit.size_ids)]
    if hit.location_ids:
        ways.append(Level.location_id.in_(hit.location_ids))
    if hit.code:
        ways.append(Box.code.startswith(hit.code, autoescape=True))
    return or_(*ways)


def search_boxes(session: Session, text: str) -> BoxSearch:
    """Return what was typed with what its words find among sizes, shelves and codes: four queries, or none for nothing.

    A size or a shelf may also have the whole of what was typed as its name.
    """
    found = search(session, text)
    return BoxSearch(found.text, found.terms, _hits(session, found) if found.terms else ())


def _hits(session: Session, found: Search) -> tuple[Hit, ...]:
    whole, keys = found.text.strip().casefold(), {term.key for term in found.terms}
    products = {each for term in found.terms for each in term.product_ids}
    sizes = session.execute(
        select(Size.id, Size.product_id, Size.label_key).where(
            or_(Size.product_id.in_(products), Size.label_key.in_(keys | {whole}))
        )
    ).all()
    places = session.execute(select(Location.id, Location.name_key).where(Location.name_key.in_(keys | {whole}))).all()
    starts = [term.key.upper() for term in found.terms]
    codes = session.execute(select(*(codes_from(session, start).scalar_subquery() for start in starts))).one()
    return tuple(
        Hit(
            tuple(number for number, product_id, label in sizes if product_id in ids or label in {term.key, whole}),
            tuple(number for number, name in places if name in {term.key, whole}),
            start if code and code.startswith(start) else "",
        )
        for term, start, code in zip(found.terms, starts, codes, strict=True)
        for ids in [frozenset(term.product_ids)]
    )


def _box_rows(keys: Query, *more: Any) -> Query:
    key = keys.subquery()
    return (
        select(
            Box.code,
            Box.best_before,
            Product.name,
            Product.name_fr,
            Product.gender,
            Size.label,
            key.c.quantity,
            Location.name.label("shelf"),
            Site.name.label("warehouse"),
            Site.name_fr.label("warehouse_fr"),
            Distribution.title.label("distribution"),
            *more,
        )
        .select_from(key)
        .join(Box, Box.id == key.c.box_id)
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(Location, Location.id == key.c.location_id)
        .outerjoin(Site, Site.id == Location.warehouse_id)
        .outerjoin(Distribution, Distribution.id == Location.distribution_id)
        .order_by(key.c.box_id.desc(), key.c.location_id)
    )


# The boxes looked for, newest first: a row for each place where some of a box is.
BOXES: KeyedList[BoxFilter] = KeyedList(_box_keys, _box_rows)


def _full_rows(keys: Query) -> Query:
    moved = select(func.max(Movement.at)).where(Movement.box_id == Box.id).correlate(Box).scalar_subquery()
    more = (Box.source, Box.note, Box.created_at, Box.expired, Product.category, Product.unit, Location.kind)
    return _box_rows(keys, *more, moved.label("moved"))


# The same with all that is known of them, for whoever chooses columns, and for downloads.
BOXES_IN_FULL: KeyedList[BoxFilter] = KeyedList(_box_keys, _full_rows)


def promised_to(session: Session, size_id: int) -> Sequence[Any]:
    """Return where a size is and what is promised of it: one row for each warehouse that has some."""
    return session.execute(
        select(Site.id, Site.name, Site.name_fr, *STANDING)
        .join(Site, Site.id == Availability.warehouse_id)
        .where(Availability.size_id == size_id, Availability.on_hand > 0)
        .order_by(Site.name_key)
    ).all()


def expiring_soon(session: Session, product: Product) -> Sequence[Any]:
    """Return the next boxes of a product that will be past their date within sixty days: code, size, date, quantity."""
    there = (
        select(func.sum(Level.quantity))
        .where(Level.box_id == Box.id, Level.outside.is_(False))
        .correlate(Box)
        .scalar_subquery()
    )
    return session.execute(
        select(Box.code, Size.label, Box.best_before, there.label("quantity"))
        .join(Size, Size.id == Box.size_id)
        .where(
            Box.size_id.in_([size.id for size in product.sizes]),
            Box.expired.is_(False),
            Box.best_before <= today() + WARNED_BEFORE,
            there > 0,
        )
        .order_by(Box.best_before, Box.id)
        .limit(MOST_EXPIRING)
    ).all()


def last_seen(session: Session, product_id: int) -> Any:
    """Return the last movement of a product that is nowhere any more: code, at, reason; None if it never was here."""
    return session.execute(
        select(Box.code, Movement.at, Movement.reason)
        .join(Movement, Movement.box_id == Box.id)
        .join(Size, Size.id == Box.size_id)
        .where(Size.product_id == product_id)
        .order_by(Movement.id.desc())
        .limit(1)
    ).first()


def places_of(session: Session, box_id: int) -> Sequence[Any]:
    """Return where a box is: shelves first, then vans; a place that it has left is named only if it is its last."""
    return session.execute(
        select(
            Location.id,
            Location.kind,
            Location.name,
            Location.closed_at,
            Level.quantity,
            Site.id.label("warehouse_id"),
            Site.name.label("warehouse"),
            Site.name_fr.label("warehouse_fr"),
            Distribution.id.label("distribution_id"),
            Distribution.title.label("distribution"),
        )
        .select_from(Level)
        .join(Location, Location.id == Level.location_id)
        .outerjoin(Site, Site.id == Location.warehouse_id)
        .outerjoin(Distribution, Distribution.id == Location.distribution_id)
        .where(Level.box_id == box_id, Level.outside.is_(False))
        .order_by(Location.kind, Site.name_key, Location.name_key)
    ).all()
