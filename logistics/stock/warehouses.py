"""The shelves of warehouses: adding several at once, renaming, closing, and what stands on them."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from ..audit import record
from ..clock import now
from ..commands import command
from ..distributions.models import Site, SiteKind
from ..errors import Conflict, Invalid, NotFound, msg, name_of, nmsg
from ..names import key_of
from .models import Box, Level, Location, LocationKind, Product, Size, Unit

LONGEST_SHELF = 60
MOST_AT_ONCE = 200

_SPAN = re.compile(r"(?P<start>.*?)(?P<first>\d{1,6})\s*[-–]\s*(?P<again>.*?)(?P<last>\d{1,6})")


@command
def add_shelves(session: Session, *, actor_id: int, warehouse_id: int, names: Sequence[str]) -> list[int]:
    """Add shelves to a warehouse; return their ids. Raises `Conflict` when one of the names is taken."""
    site = _warehouse(session, warehouse_id)
    taken = set(session.scalars(select(Location.name_key).where(Location.warehouse_id == warehouse_id)))
    made = []
    for name in names:
        if key_of(name, LONGEST_SHELF, field="names") in taken:
            raise Conflict(
                msg("%(warehouse)s has a shelf %(shelf)s already.", warehouse=name_of(site), shelf=name), field="names"
            )
        made.append(make_shelf(session, warehouse_id, name))
    session.flush()
    ids = [shelf.id for shelf in made]
    record(session, actor_id, "shelves.added", "site", warehouse_id, shelf_ids=ids)
    return ids


@command
def rename_shelf(session: Session, *, actor_id: int, shelf_id: int, name: str) -> int:
    """Give a shelf another name; its history goes with it. Raises `Conflict` when its warehouse has that name."""
    shelf = _locked_shelf(session, shelf_id)
    key = key_of(name, LONGEST_SHELF)
    same = select(Location.id).where(
        Location.warehouse_id == shelf.warehouse_id, Location.name_key == key, Location.id != shelf_id
    )
    if session.scalar(same) is not None:
        raise Conflict(msg("There is a shelf of this name in this warehouse already."), field="name")
    shelf.name, shelf.name_key = name.strip(), key
    record(session, actor_id, "shelf.renamed", "location", shelf_id)
    return shelf_id


@command
def close_shelf(session: Session, *, actor_id: int, shelf_id: int) -> int:
    """Stop using a shelf. Raises `Conflict` while goods are on it."""
    shelf = _locked_shelf(session, shelf_id)
    on_it = session.scalar(select(func.count()).where(Level.location_id == shelf_id, Level.quantity > 0))
    if on_it:
        raise Conflict(
            nmsg(
                "Something of %(num)d box is still on shelf %(shelf)s. Move it first.",
                "Something of %(num)d boxes is still on shelf %(shelf)s. Move it first.",
                on_it,
                shelf=shelf.name,
            )
        )
    shelf.closed_at = now()
    record(session, actor_id, "shelf.closed", "location", shelf_id)
    return shelf_id


@command
def reopen_shelf(session: Session, *, actor_id: int, shelf_id: int) -> int:
    """Use a closed shelf again."""
    _locked_shelf(session, shelf_id).closed_at = None
    record(session, actor_id, "shelf.reopened", "location", shelf_id)
    return shelf_id


def make_shelf(session: Session, warehouse_id: int, name: str) -> Location:
    """Step: add one shelf whose name is known to be free."""
    shelf = Location(
        kind=LocationKind.SHELF,
        outside=False,
        name=name.strip(),
        name_key=key_of(name, LONGEST_SHELF),
        warehouse_id=warehouse_id,
    )
    session.add(shelf)
    return shelf


def add_warehouse(session: Session, name: str) -> Site:
    """Step: add a warehouse whose name is known to be free (an import makes the one it names)."""
    key = key_of(name, Site.LONGEST_NAME, field="warehouse")
    site = Site(kind=SiteKind.WAREHOUSE, name=name.strip(), name_key=key)
    session.add(site)
    session.flush()
    return site


def shelf_names(text: str) -> list[str]:
    """Return the shelves that a person names: "A1, A2, Loft" or a span, "A1-A12" or "A01-12".

    A span keeps the first number's leading zeros. Raises `Invalid` for a span that runs backwards or
    names more than 200 shelves, and for a name given twice.
    """
    names: list[str] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        names.extend(_span(part) or [part])
        if len(names) > MOST_AT_ONCE:
            raise Invalid(msg("Add at most %(most)d shelves at once.", most=MOST_AT_ONCE), field="names")
    keys = [key_of(name, LONGEST_SHELF, field="names") for name in names]
    if not names:
        raise Invalid(msg("Name at least one shelf."), field="names")
    if len(set(keys)) < len(keys):
        raise Invalid(msg("A shelf is named twice."), field="names")
    return names


def _span(text: str) -> list[str]:
    """Return the names of a span, or none when the text is no span (a shelf may be called "Left-hand")."""
    found = _SPAN.fullmatch(text)
    if found is None or found["again"].strip() not in ("", found["start"].strip()):
        return []
    first, last = int(found["first"]), int(found["last"])
    if not first < last < first + MOST_AT_ONCE:
        raise Invalid(
            msg(
                "“%(span)s” should go from a lower to a higher number, %(most)d at most.",
                span=text[:40],
                most=MOST_AT_ONCE,
            ),
            field="names",
        )
    return [f"{found['start']}{number:0{len(found['first'])}}" for number in range(first, last + 1)]


_OPEN_WAREHOUSES = (
    select(Site.id, Site.name, Site.name_fr)
    .where(Site.kind == SiteKind.WAREHOUSE, Site.closed_at.is_(None))
    .order_by(Site.name_key, Site.id)
)


def warehouses(session: Session) -> Sequence[Any]:
    """Return the open warehouses by name: rows of id, name and name_fr, to choose from."""
    return session.connection().execute(_OPEN_WAREHOUSES).all()  # plain rows: no need of the ORM


def open_shelves(session: Session) -> Sequence[Location]:
    """Return the open shelves of the open warehouses, by warehouse and name, for a form's choices."""
    return session.scalars(
        select(Location)
        .join(Site, Site.id == Location.warehouse_id)
        .where(Location.closed_at.is_(None), Site.closed_at.is_(None))
        .options(joinedload(Location.warehouse))
        .order_by(Site.name_key, Site.id, func.length(Location.name_key), Location.name_key)
    ).all()


def shelves_with_contents(warehouse_id: int, search: str = "") -> Select[Location, int, int]:
    """Return the query of (shelf, boxes that hold something, pieces) of a warehouse, open ones first, by name.

    What is weighed is in no sum of pieces.
    """
    query = (
        select(
            Location,
            func.count(Level.box_id).filter(Level.quantity > 0).label("boxes"),
            func.coalesce(func.sum(Level.quantity).filter(Product.unit == Unit.PIECE), 0).label("pieces"),
        )
        .outerjoin(Level, Level.location_id == Location.id)
        .outerjoin(Box, Box.id == Level.box_id)
        .outerjoin(Size, Size.id == Box.size_id)
        .outerjoin(Product, Product.id == Size.product_id)
        .where(Location.warehouse_id == warehouse_id)
        .group_by(Location.id)
        .order_by(Location.closed_at.is_not(None), func.length(Location.name_key), Location.name_key)
    )
    return query.where(Location.name_key.contains(search.strip().casefold(), autoescape=True)) if search else query


def _warehouse(session: Session, warehouse_id: int) -> Site:
    site = session.get(Site, warehouse_id, with_for_update=True)
    if site is None or site.kind != SiteKind.WAREHOUSE:
        raise NotFound(msg("There is no such warehouse."))
    return site


def _locked_shelf(session: Session, shelf_id: int) -> Location:
    shelf = session.get(Location, shelf_id, with_for_update=True)
    if shelf is None or shelf.kind != LocationKind.SHELF:
        raise NotFound(msg("There is no such shelf."))
    return shelf
