"""Importing boxes: what a file (Boxtribute's export, or rows of any other) would change, and that, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ..audit import record
from ..commands import command
from ..errors import Invalid, Message, msg, name_of, nmsg
from . import receiving
from .importing import BadRow, BoxRow, Parsed, Place, parse_boxes
from .importing_here import (
    Known,
    ProductKey,
    Standing,
    as_listed,
    find_size,
    fingerprint,
    known_here,
    product_key,
    products_by_key,
    warehouse_named,
)
from .importing_products import perishes
from .labels import worded
from .ledger import lock_all
from .models import Gender, Unit
from .products import OTHER, add_size, make_product
from .size_ranges import in_order, size_label
from .warehouses import add_warehouse, make_shelf

AT_ONCE = 500  # rows written between two steps of the progress bar


@dataclass
class BoxPlan:
    """What importing a file would do. It can be done when nothing is `bad`."""

    new: list[BoxRow] = field(default_factory=list)
    unchanged: int = 0
    changed: list[BadRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    new_warehouse: bool = False
    new_shelves: dict[str, str] = field(default_factory=dict)  # by name key
    more_warehouses: dict[str, str] = field(default_factory=dict)  # those that the file names, by name key
    more_shelves: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # in these, by both name keys
    new_products: dict[ProductKey, "NewProduct"] = field(default_factory=dict)
    new_sizes: dict[tuple[int, str], "NewSize"] = field(default_factory=dict)  # by product id and size key
    undated: dict[ProductKey, str] = field(default_factory=dict)  # what has a best-before, and none in this file

    @property
    def summary(self) -> dict[str, int]:
        """Return how many of each thing, for a report and the command's answer."""
        return {
            "boxes": len(self.new),
            "items": sum(row.total for row in self.new),
            "unchanged": self.unchanged,
            "changed": len(self.changed),
            "products": len(self.new_products),
            "sizes": len(self.new_sizes),
            "shelves": len(self.new_shelves) + len(self.more_shelves),
        }


@dataclass
class NewProduct:
    """A product that the file names and Shoreline lacks, with the sizes seen of it (by size key)."""

    name: str
    gender: str
    category: str
    sizes: dict[str, str] = field(default_factory=dict)
    unit: str = Unit.PIECE
    name_fr: str = ""
    dated: bool = False  # whether the file has a best-before of any of it


@dataclass(frozen=True)
class NewSize:
    """A size that the file has for one of our products, and that the product lacks."""

    product_id: int
    product: str
    gender: str
    label: str


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
    plan = plan_rows(session, parse_boxes(data), warehouse, add_missing=add_missing)
    plan.new_warehouse = warehouse_named(session, warehouse) is None
    return plan


def plan_rows(
    session: Session,
    parsed: Parsed[BoxRow],
    warehouse: str,
    *,
    add_missing: bool = False,
    standing: Callable[[Session, Sequence[str]], Mapping[str, Standing]] | None = None,
) -> BoxPlan:
    """Return what importing these rows would do, writing nothing. Raises `Invalid` at an unusable warehouse.

    `standing` says how boxes that are here already stand now: one that stands as its row says is unchanged, too.
    """
    plan = BoxPlan(bad=list(parsed.bad))
    known = known_here(session, warehouse, parsed.rows)
    here = standing(session, list(known.boxes)) if standing else {}
    for row in parsed.rows:
        if row.code in known.boxes:
            _compare(plan, row, known, here.get(row.code))
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
    _add_missing(session, plan, warehouse)
    session.flush()
    known = known_here(session, warehouse, plan.new)
    rows = [_received(row, known) for row in plan.new]
    keys = {
        (known.site_id(place.warehouse) or 0, received.size_id)
        for row, received in zip(plan.new, rows, strict=True)
        for place in row.places
    }
    lock_all(session, keys)  # all at once, so that they are taken in order
    for start in range(0, len(rows), AT_ONCE):
        receiving.receive_rows(session, rows[start : start + AT_ONCE], actor_id=actor_id)
        if progress:
            progress(len(rows[start : start + AT_ONCE]))
    site_id = known.sites[known.main] or next((site_id for site_id, _size_id in sorted(keys)), 0)
    record(session, actor_id, "boxes.imported", "site", site_id, **plan.summary)
    return plan.summary


def _add_missing(session: Session, plan: BoxPlan, warehouse: str) -> None:
    if plan.new_warehouse:
        add_warehouse(session, warehouse)
    for name in plan.more_warehouses.values():
        add_warehouse(session, name)
    session.flush()
    site = warehouse_named(session, warehouse)
    for name in plan.new_shelves.values():
        assert site is not None
        make_shelf(session, site.id, name)
    for site_name, name in plan.more_shelves.values():
        other = warehouse_named(session, site_name)
        assert other is not None
        make_shelf(session, other.id, name)
    for product in plan.new_products.values():
        made = make_product(
            session,
            name=product.name,
            gender=product.gender,
            category=product.category,
            sizes=list(product.sizes.values()),
            has_best_before=product.dated or perishes(product.name, product.category),
        )
        made.unit, made.name_fr = Unit(product.unit), product.name_fr or None
    by_id = {product.id: product for product in products_by_key(session).values()}
    for size in plan.new_sizes.values():
        add_size(session, by_id[size.product_id], size.label)


def _received(row: BoxRow, known: Known) -> receiving.ReceivedRow:
    size = find_size(known.products[product_key(row)], row.size)
    assert size is not None
    shelves = [known.shelf(place) for place in row.places]
    first, *others = [shelf.id for shelf in shelves if shelf is not None]
    return receiving.ReceivedRow(
        code=row.code,
        size_id=size.id,
        location_id=first,
        quantity=row.items,
        note=row.comments,
        best_before=row.best_before,
        source=row.source,
        import_row=fingerprint(row, known),
        elsewhere=tuple(zip(others, (place.items for place in row.elsewhere), strict=True)),
    )


def _compare(plan: BoxPlan, row: BoxRow, known: Known, here: Standing | None) -> None:
    """Count a row whose box is here already as unchanged, or report what changed; never apply it."""
    before, now = known.boxes[row.code], fingerprint(row, known)
    if before == now or (here is not None and here == as_listed(row, known)):
        plan.unchanged += 1
        return
    if before is None:
        reason = msg("Box %(code)s is here already and was not imported. It is left as it is.", code=row.code)
    else:
        names = dict.fromkeys([*now, *before])
        what = ", ".join(name.removesuffix("_id") for name in names if before.get(name) != now.get(name))
        reason = msg(
            "Box %(code)s was imported before and the file has changed since (%(what)s). It is left as it is.",
            code=row.code,
            what=what,
        )
    plan.changed.append(BadRow(row.line, reason))


def _match(plan: BoxPlan, row: BoxRow, known: Known, add_missing: bool) -> None:
    reason = _match_product(plan, row, known, add_missing)
    for place in row.places:
        reason = reason or _match_shelf(plan, place, known)
    if reason is None:
        plan.new.append(row)
        _note_undated(plan, row, known)
    else:
        plan.bad.append(BadRow(row.line, reason))


def _note_undated(plan: BoxPlan, row: BoxRow, known: Known) -> None:
    """Note a product whose boxes should have a date, and this one has none."""
    if row.best_before is not None:
        return
    key = product_key(row)
    product = known.products.get(key)
    if product.has_best_before if product else perishes(row.product, plan.new_products[key].category):
        plan.undated.setdefault(key, row.product)


def _match_product(plan: BoxPlan, row: BoxRow, known: Known, add_missing: bool) -> Message | None:
    """Find a row's product and size, or note that they would be added; return why not, if not."""
    product = known.products.get(product_key(row))
    label = size_label(row.size)
    if product is None:
        if not add_missing:
            return msg("Unknown product: %(product)s.", product=_called(row.product, row.gender))
        category = row.category or known.category.get(row.product.casefold(), OTHER)
        new = plan.new_products.setdefault(product_key(row), NewProduct(row.product, row.gender, category))
        new.unit, new.name_fr = row.unit or new.unit, row.name_fr or new.name_fr
        new.dated = new.dated or row.best_before is not None
        new.sizes.setdefault(label.casefold(), label)
        return None
    if product.closed_at is not None:
        return msg("%(product)s is no longer used. Open it again first.", product=name_of(product))
    if find_size(product, row.size) is None:
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


def _match_shelf(plan: BoxPlan, place: Place, known: Known) -> Message | None:
    """Find a place's shelf, or note that it, and its warehouse, would be added; return why not, if not."""
    if place.warehouse.casefold() in known.unusable:
        return known.unusable[place.warehouse.casefold()]
    shelf = known.shelf(place)
    if shelf is not None:
        if shelf.closed_at is not None:
            return msg("Shelf %(shelf)s is closed. Open it again first.", shelf=shelf.name)
        return None
    key = place.warehouse.casefold()
    if known.site_id(place.warehouse) is None:
        if not key or key == known.main:
            plan.new_warehouse = True
        else:
            plan.more_warehouses.setdefault(key, place.warehouse)
    if not key or key == known.main:
        plan.new_shelves.setdefault(place.shelf.casefold(), place.shelf)
    else:
        plan.more_shelves.setdefault((key, place.shelf.casefold()), (place.warehouse, place.shelf))
    return None


def _called(name: str, gender: str) -> str:
    """Return a product as the files write it, with its gender if it is for one."""
    return name if gender == Gender.NONE else f"{name}, {gender}"
