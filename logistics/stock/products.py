"""Products and their sizes: adding, changing, closing; and the default size profile."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ..audit import record
from ..clock import now
from ..commands import command
from ..distributions.models import Site
from ..errors import Conflict, Invalid, NotFound, msg
from ..names import key_of
from .diets import checked
from .finding import STANDING
from .models import Availability, Box, Gender, Product, Size, Unit
from .size_ranges import default_shares

OTHER = "Other"
LONGEST_NAME, LONGEST_CATEGORY, LONGEST_RANGE, LONGEST_SIZE, MOST_SIZES = 100, 60, 120, 40, 100


@command
def add_product(
    session: Session,
    *,
    actor_id: int,
    name: str,
    gender: str,
    category: str,
    sizes: Sequence[str],
    name_fr: str | None = None,
    unit: str = Unit.PIECE,
    has_best_before: bool = False,
    unit_cost: int | None = None,
    pack_size: int | None = None,
    allergens: Sequence[str] | None = None,
    diets: Sequence[str] = (),
) -> int:
    """Add a product with its sizes and their default shares; return its id. `unit_cost` is in pence.

    `allergens` (None: not known) and `diets` are codes of `stock.diets`. Raises `Conflict` at the name when a product of this name and gender exists.
    """
    refuse_same_name(session, name, gender)
    product = make_product(session, name=name, gender=gender, category=category, sizes=sizes)
    _describe(product, name_fr, unit, has_best_before, unit_cost, pack_size)
    product.allergens, product.diets = checked(allergens, diets)
    session.flush()
    record(session, actor_id, "product.added", "product", product.id)
    return product.id


@command
def edit_product(
    session: Session,
    *,
    actor_id: int,
    product_id: int,
    name: str,
    gender: str,
    category: str,
    name_fr: str | None = None,
    unit: str = Unit.PIECE,
    has_best_before: bool = False,
    unit_cost: int | None = None,
    pack_size: int | None = None,
    allergens: Sequence[str] | None = None,
    diets: Sequence[str] = (),
    new_sizes: Sequence[str] = (),
) -> int:
    """Change what a product is called and how it is counted, and add sizes. `unit_cost` is in pence.

    `allergens` (None: not known) and `diets` are codes of `stock.diets`. Raises `Conflict` at the name when another product has it, and at the unit when there are boxes already.
    """
    product = locked_product(session, product_id)
    refuse_same_name(session, name, gender, but=product_id)
    if unit != product.unit and _has_boxes(session, product_id):
        raise Conflict(
            msg("There are boxes of this already: counting it in another unit would change what they hold."),
            field="unit",
        )
    product.name, product.name_key = name, key_of(name, LONGEST_NAME)
    product.gender, product.category = gender, category
    _describe(product, name_fr, unit, has_best_before, unit_cost, pack_size)
    product.allergens, product.diets = checked(allergens, diets)
    for label in new_sizes:
        add_size(session, product, label)
    record(session, actor_id, "product.edited", "product", product_id, sizes_added=len(new_sizes))
    return product_id


@command
def set_shares(session: Session, *, actor_id: int, product_id: int, shares: Mapping[str, int]) -> int:
    """Set the default size profile: size id (as text) to its share. At least one size has a share."""
    product = locked_product(session, product_id)
    for size in product.sizes:
        size.share = shares.get(str(size.id), size.share)
    if not any(size.share for size in product.sizes):
        raise Invalid(msg("Give at least one size a share above 0."))
    record(session, actor_id, "product.profile_set", "product", product_id)
    return product_id


@command
def close_product(session: Session, *, actor_id: int, product_id: int) -> int:
    """Stop offering a product in forms. What is in boxes stays, and can be moved, packed and counted."""
    locked_product(session, product_id).closed_at = now()
    record(session, actor_id, "product.closed", "product", product_id)
    return product_id


@command
def reopen_product(session: Session, *, actor_id: int, product_id: int) -> int:
    """Offer a closed product again."""
    locked_product(session, product_id).closed_at = None
    record(session, actor_id, "product.reopened", "product", product_id)
    return product_id


def locked_product(session: Session, product_id: int) -> Product:
    """Return a product with its sizes, locked against other changes of it. Raises `NotFound`."""
    product = session.scalars(
        select(Product).where(Product.id == product_id).options(selectinload(Product.sizes)).with_for_update()
    ).one_or_none()
    if product is None:
        raise NotFound(msg("There is no such product."))
    return product


def refuse_same_name(session: Session, name: str, gender: str, *, but: int | None = None) -> None:
    """Raise `Conflict` when another product has this name (in any case) and gender."""
    same = select(Product.id).where(Product.name_key == key_of(name, LONGEST_NAME), Product.gender == gender)
    if session.scalar(same if but is None else same.where(Product.id != but)) is not None:
        raise Conflict(msg("There is a product of this name for this group already."), field="name")


def make_product(
    session: Session,
    *,
    name: str,
    gender: str,
    category: str,
    sizes: Sequence[str],
    size_range: str = "",
    has_best_before: bool = False,
    assort_id: int | None = None,
) -> Product:
    """Step: add a product whose name is known to be free, with its sizes and their default shares."""
    if not sizes:
        raise Invalid(msg("A product needs at least one size."), field="sizes")
    product = Product(
        name=name.strip(),
        name_key=key_of(name, LONGEST_NAME),
        gender=Gender(gender),
        category=category.strip(),
        size_range=size_range or range_text(sizes),
        has_best_before=has_best_before,
        assort_id=assort_id,
    )
    shares = default_shares(sizes, gender)
    product.sizes = []
    for label, share in zip(sizes, shares, strict=True):
        add_size(session, product, label, share)
    session.add(product)
    return product


def add_size(session: Session, product: Product, label: str, share: int = 0) -> Size:
    """Step: add one size at the end of a product's sizes; its share of the profile is 0 until someone sets it."""
    key = key_of(label, LONGEST_SIZE, field="sizes")
    if any(size.label_key == key for size in product.sizes):
        raise Conflict(msg("“%(size)s” is one of its sizes already.", size=label), field="sizes")
    if len(product.sizes) >= MOST_SIZES:
        raise Conflict(msg("A product may have up to %(most)d sizes.", most=MOST_SIZES), field="sizes")
    position = max((size.position for size in product.sizes), default=-1) + 1
    size = Size(label=label.strip(), label_key=key, position=position, share=share)
    product.sizes.append(size)
    return size


def range_text(sizes: Sequence[str]) -> str:
    """Return a size range in words, cut to what can be kept."""
    text = ", ".join(sizes)
    return text if len(text) <= LONGEST_RANGE else f"{text[: LONGEST_RANGE - 1]}…"


def categories(session: Session) -> list[str]:
    """Return every category that products have, by name."""
    return list(session.scalars(select(Product.category).distinct().order_by(Product.category)))


def stock_of(session: Session, product_id: int) -> Sequence[Any]:
    """Return where a product is, by size and warehouse: rows of size_id, the warehouse's names and how it stands."""
    return session.execute(
        select(Size.id.label("size_id"), Site.name, Site.name_fr, *STANDING)
        .join(Availability, Availability.size_id == Size.id)
        .join(Site, Site.id == Availability.warehouse_id)
        .where(Size.product_id == product_id, Availability.on_hand > 0)
        .order_by(Size.position, Site.name_key)
    ).all()


def _describe(
    product: Product,
    name_fr: str | None,
    unit: str,
    has_best_before: bool,
    unit_cost: int | None,
    pack_size: int | None,
) -> None:
    product.name_fr = (name_fr or "").strip() or None
    product.unit = Unit(unit)
    product.has_best_before = has_best_before
    product.unit_cost = unit_cost or None
    product.pack_size = pack_size


def _has_boxes(session: Session, product_id: int) -> bool:
    boxes = select(func.count()).select_from(Box).join(Size).where(Size.product_id == product_id)
    return bool(session.scalar(boxes))
