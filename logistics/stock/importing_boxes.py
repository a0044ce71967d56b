"""Importing boxes from Boxtribute's export: what a file would change, and changing it, all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..audit import record
from ..commands import command
from ..distributions.models import Site, SiteKind
from ..errors import Conflict, Invalid, Message, msg, name_of, nmsg
from ..names import key_of
from . import receiving
from .importing import BadRow, BoxRow, parse_boxes
from .importing_products import perishes
from .labels import worded
from .ledger import lock_all
from .models import Box, Gender, Location, Product, Size
from .products import OTHER, add_size, make_product
from .size_ranges import in_order, is_span, size_label
from .warehouses import add_warehouse, make_shelf

AT_ONCE = 500  # rows written between two steps of the progress bar

ProductKey = tuple[str, str]  # name key, gender


@dataclass
class BoxPlan:
    """What importing a file would do. It can be done when nothing is `bad`."""

    new: list[BoxRow] = field(default_factory=list)
    unchanged: int = 0
    changed: list[BadRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    new_warehouse: bool = False
    new_shelves: dict[str, str] = field(default_factory=dict)  # by name key
    new_products: dict[ProductKey, "NewProduct"] = field(default_factory=dict)
    new_sizes: dict[tuple[int, str], "NewSize"] = field(default_factory=dict)  # by product id and size key
    undated: dict[ProductKey, str] = field(default_factory=dict)  # what has a best-before, and none in this file

    @property
    def summary(self) -> dict[str, int]:
        """Return how many of each thing, for a report and the command's answer."""
        return {
            "boxes": len(self.new),
            "items": sum(row.items for row in self.new),
            "unchanged": self.unchanged,
            "changed": len(self.changed),
            "products": len(self.new_products),
            "sizes": len(self.new_sizes),
            "shelves": len(self.new_shelves),
        }


@dataclass
class NewProduct:
    """A product that the file names and Shoreline lacks, with the sizes seen of it (by size key)."""

    name: str
    gender: str
    category: str
    sizes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewSize:
    """A size that the file has for one of our products, and that the product lacks."""

    product_id: int
    product: str
    gender: str
    label: str


@dataclass
class _Known:
    """What the database has that rows are matched with."""

    warehouse_id: int | None
    products: dict[ProductKey, Product]
    category: dict[str, str]
    shelves: dict[str, Location]
    boxes: dict[str, dict[str, Any] | None]


@command
def import_boxes(
    session: Session,
    *,
    actor_id: int | None,
    data: bytes,
    warehouse: str,
    add_missing: bool = False,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Import a file into a warehouse (made if there is none of this name); return how many of each thing.

    Raises `Invalid` when any row is bad; then nothing is written. `progress` is told how many rows were written.
    """
    plan = plan_boxes(session, data, warehouse, add_missing=add_missing)
    return write_boxes(session, plan, warehouse, actor_id=actor_id, progress=progress)


def plan_boxes(session: Session, data: bytes, warehouse: str, *, add_missing: bool = False) -> BoxPlan:
    """Return what importing this file would do, writing nothing. Raises `Invalid` at an unusable warehouse."""
    parsed = parse_boxes(data)
    plan = BoxPlan(bad=list(parsed.bad))
    known = _known(session, warehouse, [row.code for row in parsed.rows])
    plan.new_warehouse = known.warehouse_id is None
    for row in parsed.rows:
        if row.code in known.boxes:
            _compare(plan, row, known)
        else:
            _match(plan, row, known, add_missing)
    plan.bad.sort(key=lambda row: row.line)
    for product in plan.new_products.values():
        product.sizes = {label.casefold(): label for label in in_order(list(product.sizes.values()))}
    return plan


def write_boxes(
    session: Session,
    plan: BoxPlan,
    warehouse: str,
    *,
    actor_id: int | None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Step: do what a plan made in this transaction says; return how many of each thing."""
    if plan.bad:
        raise Invalid(
            nmsg(
                "Nothing was imported: %(num)d row cannot be taken.",
                "Nothing was imported: %(num)d rows cannot be taken.",
                len(plan.bad),
            )
        )
    site = warehouse_named(session, warehouse) or add_warehouse(session, warehouse)
    _add_missing(session, plan, site)
    session.flush()
    known = _known(session, warehouse)
    rows = [_received(row, known) for row in plan.new]
    lock_all(session, {(site.id, row.size_id) for row in rows})  # all at once, so that they are taken in order
    for start in range(0, len(rows), AT_ONCE):
        receiving.receive_rows(session, rows[start : start + AT_ONCE], actor_id=actor_id)
        if progress:
            progress(len(rows[start : start + AT_ONCE]))
    record(session, actor_id, "boxes.imported", "site", site.id, **plan.summary)
    return plan.summary


def _add_missing(session: Session, plan: BoxPlan, site: Site) -> None:
    for name in plan.new_shelves.values():
        make_shelf(session, site.id, name)
    for product in plan.new_products.values():
        make_product(
            session,
            name=product.name,
            gender=product.gender,
            category=product.category,
            sizes=list(product.sizes.values()),
            has_best_before=perishes(product.name, product.category),
        )
    by_id = {product.id: product for product in _products(session).values()}
    for size in plan.new_sizes.values():
        add_size(session, by_id[size.product_id], size.label)


def _received(row: BoxRow, known: _Known) -> receiving.ReceivedRow:
    size = _find_size(known.products[_product_key(row)], row.size)
    assert size is not None
    return receiving.ReceivedRow(
        code=row.code,
        size_id=size.id,
        location_id=known.shelves[row.shelf.casefold()].id,
        quantity=row.items,
        note=row.comments,
        best_before=None,
        source="donated",
        import_row=fingerprint(row, known.warehouse_id),
    )


def fingerprint(row: BoxRow, warehouse_id: int | None) -> dict[str, Any]:
    """Return what a row said and where it went, to know it again on a second run."""
    return {
        "product": row.product,
        "gender": row.gender,
        "size": row.size,
        "location": row.shelf,
        "items": row.items,
        "comments": row.comments,
        "warehouse_id": warehouse_id,
    }


def _compare(plan: BoxPlan, row: BoxRow, known: _Known) -> None:
    """Count a row whose box is here already as unchanged, or report what changed; never apply it."""
    before, now = known.boxes[row.code], fingerprint(row, known.warehouse_id)
    if before == now:
        plan.unchanged += 1
        return
    if before is None:
        reason = msg("Box %(code)s is here already and was not imported. It is left as it is.", code=row.code)
    else:
        what = ", ".join(name.removesuffix("_id") for name in now if before.get(name) != now[name])
        reason = msg(
            "Box %(code)s was imported before and the file has changed since (%(what)s). It is left as it is.",
            code=row.code,
            what=what,
        )
    plan.changed.append(BadRow(row.line, reason))


def _match(plan: BoxPlan, row: BoxRow, known: _Known, add_missing: bool) -> None:
    reason = _match_product(plan, row, known, add_missing) or _match_shelf(plan, row, known)
    if reason is None:
        plan.new.append(row)
        _note_undated(plan, row, known)
    else:
        plan.bad.append(BadRow(row.line, reason))


def _note_undated(plan: BoxPlan, row: BoxRow, known: _Known) -> None:
    """Note a product whose boxes should have a date: these exports carry none."""
    key = _product_key(row)
    product = known.products.get(key)
    if product.has_best_before if product else perishes(row.product, plan.new_products[key].category):
        plan.undated.setdefault(key, row.product)


def _match_product(plan: BoxPlan, row: BoxRow, known: _Known, add_missing: bool) -> Message | None:
    """Find a row's product and size, or note that they would be added; return why not, if not."""
    product = known.products.get(_product_key(row))
    label = size_label(row.size)
    if product is None:
        if not add_missing:
            return msg("Unknown product: %(product)s.", product=_called(row.product, row.gender))
        category = known.category.get(row.product.casefold(), OTHER)
        new = plan.new_products.setdefault(_product_key(row), NewProduct(row.product, row.gender, category))
        new.sizes.setdefault(label.casefold(), label)
        return None
    if product.closed_at is not None:
        return msg("%(product)s is no longer used. Open it again first.", product=name_of(product))
    if _find_size(product, row.size) is None:
        if not add_missing:
            return msg(
                "%(product)s does not come in size %(size)s (it comes in %(range)s).",
                product=_called(product.name, product.gender),
                size=worded(label),
                range=worded(product.size_range),
            )
        size = NewSize(product.id, product.name, product.gender, label)
        plan.new_sizes.setdefault((product.id, label.casefold()), size)
    return None


def _match_shelf(plan: BoxPlan, row: BoxRow, known: _Known) -> Message | None:
    shelf = known.shelves.get(row.shelf.casefold())
    if shelf is None:
        plan.new_shelves.setdefault(row.shelf.casefold(), row.shelf)
    elif shelf.closed_at is not None:
        return msg("Shelf %(shelf)s is closed. Open it again first.", shelf=shelf.name)
    return None


def _called(name: str, gender: str) -> str:
    """Return a product as the files write it, with its gender if it is for one."""
    return name if gender == Gender.NONE else f"{name}, {gender}"


def _find_size(product: Product, text: str) -> Size | None:
    """Return a product's size by a row's text; "7-12 months" is also "7-12" where the product has that."""
    label = size_label(text).casefold()
    by_label = {size.label_key: size for size in product.sizes}
    found = by_label.get(label)
    if found is None and is_span(label, "months"):
        found = by_label.get(label[: -len("months")].rstrip())
    return found


def _product_key(row: BoxRow) -> ProductKey:
    return row.product.casefold(), row.gender


def _known(session: Session, warehouse: str, codes: Sequence[str] = ()) -> _Known:
    site = warehouse_named(session, warehouse)
    products = _products(session)
    category: dict[str, str] = {}
    for product in products.values():
        category.setdefault(product.name_key, product.category)
    shelves = session.scalars(select(Location).where(Location.warehouse_id == site.id)).all() if site else []
    return _Known(
        site.id if site else None,
        products,
        category,
        {shelf.name_key: shelf for shelf in shelves},
        _boxes(session, codes),
    )


def _boxes(session: Session, codes: Sequence[str]) -> dict[str, dict[str, Any] | None]:
    """Return what was imported as each of these boxes that is here already (None: it was not imported)."""
    found: dict[str, dict[str, Any] | None] = {}
    for start in range(0, len(codes), AT_ONCE):
        query = select(Box.code, Box.import_row).where(Box.code.in_(codes[start : start + AT_ONCE]))
        found.update((code, row) for code, row in session.execute(query))
    return found


def _products(session: Session) -> dict[ProductKey, Product]:
    found = session.scalars(select(Product).options(selectinload(Product.sizes)).order_by(Product.id))
    return {(product.name_key, product.gender): product for product in found}


def warehouse_named(session: Session, name: str, field: str = "warehouse") -> Site | None:
    """Return the warehouse of this name, none if there is none. Raises `Conflict` when it cannot be used."""
    site = session.scalars(select(Site).where(Site.name_key == key_of(name, 80, field=field))).one_or_none()
    if site is not None and site.kind != SiteKind.WAREHOUSE:
        raise Conflict(msg("%(name)s is a meeting point, not a warehouse.", name=name_of(site)), field=field)
    if site is not None and site.closed_at is not None:
        raise Conflict(msg("%(name)s is closed. Open it again first.", name=name_of(site)), field=field)
    return site
