"""What is here already that rows of boxes are matched with: warehouses, shelves, products, and boxes of their numbers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..distributions.models import Site, SiteKind
from ..errors import Conflict, Message, msg, name_of
from ..names import key_of
from .importing import BoxRow, Place
from .models import Box, Location, LocationKind, Product, Size
from .size_ranges import is_span, size_label

AT_ONCE = 500  # boxes asked for in one statement

ProductKey = tuple[str, str]  # name key, gender


@dataclass(frozen=True)
class Standing:
    """How a box stands: its size, what is known of it, and how many of it are on which shelf."""

    size_id: int
    best_before: date | None
    source: str
    note: str
    places: frozenset[tuple[int, int]]


@dataclass
class Known:
    """What the database has that rows are matched with."""

    main: str  # the name key of the warehouse into which the file goes
    sites: dict[str, int | None]  # by name key; None: to be made
    unusable: dict[str, Message]  # those that are not to be had, by name key, and why
    products: dict[ProductKey, Product]
    category: dict[str, str]
    shelves: dict[tuple[str, str], Location]  # by both name keys
    boxes: dict[str, dict[str, Any] | None]

    def site_id(self, name: str) -> int | None:
        """Return the id of a warehouse that a file names, or of the main one where it names none."""
        return self.sites.get(name.casefold() or self.main)

    def shelf(self, place: Place) -> Location | None:
        """Return the shelf that a file names, if it is there."""
        return self.shelves.get((place.warehouse.casefold() or self.main, place.shelf.casefold()))


def known_here(session: Session, warehouse: str, rows: Sequence[BoxRow]) -> Known:
    """Return what is here of all that some rows name, in a fixed number of queries but for each 500 boxes.

    Raises Conflict when `warehouse`, where rows go that name none, cannot be used.
    """
    main, main_key = warehouse_named(session, warehouse), key_of(warehouse, 80, field="warehouse")
    named = _sites(session, {place.warehouse.casefold() for row in rows for place in row.places if place.warehouse})
    sites = {key: site.id if site else None for key, site in named.items()}
    sites[main_key] = main.id if main else None
    products = products_by_key(session)
    category: dict[str, str] = {}
    for product in products.values():
        category.setdefault(product.name_key, product.category)
    key_by_id = {site_id: key for key, site_id in sites.items() if site_id is not None}
    shelves = session.scalars(select(Location).where(Location.warehouse_id.in_(key_by_id))).all()
    return Known(
        main_key,
        sites,
        {key: why for key, site in named.items() if site and (why := _unusable(site))},
        products,
        category,
        {(key_by_id[shelf.warehouse_id], shelf.name_key): shelf for shelf in shelves if shelf.warehouse_id},
        _boxes(session, [row.code for row in rows]),
    )


def _boxes(session: Session, codes: Sequence[str]) -> dict[str, dict[str, Any] | None]:
    """Return what was imported as each of these boxes that is here already (None: it was not imported)."""
    found: dict[str, dict[str, Any] | None] = {}
    for start in range(0, len(codes), AT_ONCE):
        query = select(Box.code, Box.import_row).where(Box.code.in_(codes[start : start + AT_ONCE]))
        found.update((code, row) for code, row in session.execute(query))
    return found


def products_by_key(session: Session) -> dict[ProductKey, Product]:
    """Return every product with its sizes, by its name's key and its gender."""
    found = session.scalars(select(Product).options(selectinload(Product.sizes)).order_by(Product.id))
    return {(product.name_key, product.gender): product for product in found}


def warehouse_named(session: Session, name: str, field: str = "warehouse") -> Site | None:
    """Return the warehouse of this name, none if there is none. Raises `Conflict` when it cannot be used."""
    site = session.scalars(select(Site).where(Site.name_key == key_of(name, 80, field=field))).one_or_none()
    if site is not None and (why := _unusable(site)):
        raise Conflict(why, field=field)
    return site


def _sites(session: Session, keys: Collection[str]) -> dict[str, Site | None]:
    """Return the sites of some names, by their keys; None where there is none."""
    found: dict[str, Site | None] = dict.fromkeys(keys)
    some = sorted(keys)
    for start in range(0, len(some), AT_ONCE):
        sites = session.scalars(select(Site).where(Site.name_key.in_(some[start : start + AT_ONCE])))
        found.update((site.name_key, site) for site in sites)
    return found


def _unusable(site: Site) -> Message | None:
    if site.kind != SiteKind.WAREHOUSE:
        return msg("%(name)s is a meeting point, not a warehouse.", name=name_of(site))
    if site.closed_at is not None:
        return msg("%(name)s is closed. Open it again first.", name=name_of(site))
    return None


def fingerprint(row: BoxRow, known: Known) -> dict[str, Any]:
    """Return what a row said and where it went, to know it again on a second run."""
    more = {
        "best_before": row.best_before and row.best_before.isoformat(),
        "source": row.source if row.source != LocationKind.DONATED else None,
        "elsewhere": [[known.site_id(place.warehouse), place.shelf, place.items] for place in row.elsewhere],
    }
    return {
        "product": row.product,
        "gender": row.gender,
        "size": row.size,
        "location": row.shelf,
        "items": row.items,
        "comments": row.comments,
        "warehouse_id": known.site_id(row.warehouse),
        **{name: value for name, value in more.items() if value},
    }


def as_listed(row: BoxRow, known: Known) -> Standing | None:
    """Return how a box would stand if it were as its row says; None where something of that is not here."""
    product = known.products.get(product_key(row))
    size = find_size(product, row.size) if product else None
    shelves = [known.shelf(place) for place in row.places]
    if size is None or not all(shelves):
        return None
    # The order is of no matter, and neither is an empty place of a box that is not empty.
    places = {shelf.id: place.items for shelf, place in zip(shelves, row.places, strict=True) if shelf and place.items}
    return Standing(size.id, row.best_before, row.source, row.comments, frozenset(places.items()))


def find_size(product: Product, text: str) -> Size | None:
    """Return a product's size by a row's text; "7-12 months" is also "7-12" where the product has that."""
    label = size_label(text).casefold()
    by_label = {size.label_key: size for size in product.sizes}
    found = by_label.get(label)
    if found is None and is_span(label, "months"):
        found = by_label.get(label[: -len("months")].rstrip())
    return found


def product_key(row: BoxRow) -> ProductKey:
    """Return what a row's product is known by."""
    return row.product.casefold(), row.gender
