"""Recipes: which kits there are, what each is made of, and changing that for those still to be made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ...names import key_of
from ..models import Availability, Gender, Product, Size
from ..products import LONGEST_NAME, locked_product, make_product, refuse_same_name
from .models import KitBox, KitPart, KitRecipe

CATEGORY = "Kits"
MOST_PARTS = 12
MOST_EACH = 100_000
CHANGED = msg("Somebody changed this kit meanwhile. Look at what is in it now, then repeat.")


@dataclass(frozen=True)
class Kit:
    """A kit with the recipe that holds now. `size_id` is that of the kit itself, which has one size."""

    product: Product
    size_id: int
    recipe_id: int
    parts: Sequence[KitPart]


@command
def make_kit(
    session: Session, *, actor_id: int, name: str, name_fr: str | None = None, parts: Sequence[Sequence[int]]
) -> int:
    """Make a kit, which is a product of its own in one size, and return its product's id.

    `parts` are pairs of a size's id and how many of it are in one kit. Raises Conflict at the name when a product has
    it, and Invalid for parts that make no kit.
    """
    refuse_same_name(session, name, Gender.NONE)
    sizes = _checked(session, parts)
    product = make_product(session, name=name, gender=Gender.NONE, category=CATEGORY, sizes=["One size"])
    _describe(product, name_fr, sizes)
    session.flush()
    _write(session, product.id, 1, parts, actor_id)
    record(session, actor_id, "kit.made", "product", product.id, parts=len(parts))
    return product.id


@command
def change_kit(
    session: Session,
    *,
    actor_id: int,
    product_id: int,
    seen: int,
    name: str,
    name_fr: str | None = None,
    parts: Sequence[Sequence[int]],
) -> int:
    """Change what a kit is called, and what those that are made from now on have in them; return its product's id.

    `seen` is the recipe that the page showed. Raises as `make_kit` does, and Conflict when it was changed meanwhile.
    """
    product = locked_product(session, product_id)
    recipe = _newest(session, product_id)
    if recipe.id != seen:
        raise Conflict(CHANGED)
    refuse_same_name(session, name, product.gender, but=product_id)
    sizes = _checked(session, parts)
    product.name, product.name_key = name.strip(), key_of(name, LONGEST_NAME)
    _describe(product, name_fr, sizes)
    if [(part.size_id, part.quantity) for part in recipe.parts] != [(size_id, each) for size_id, each in parts]:
        _write(session, product_id, recipe.version + 1, parts, actor_id)
    record(session, actor_id, "kit.changed", "product", product_id, parts=len(parts))
    return product_id


def newest() -> Select[int]:
    """Return the query for the ids of the recipes that hold now, one a kit."""
    every = aliased(KitRecipe)
    return select(func.max(every.id)).group_by(every.product_id)


def listed(words: Sequence[Any] = ()) -> Select[KitRecipe]:
    """Return the query for the recipes that hold now, with their products and parts, by name; `words` narrow it."""
    parts = selectinload(KitRecipe.parts).joinedload(KitPart.size).joinedload(Size.product)
    return (
        select(KitRecipe)
        .join(Product, Product.id == KitRecipe.product_id)
        .where(KitRecipe.id.in_(newest()), *words)
        .options(joinedload(KitRecipe.product), parts)
        .order_by(Product.closed_at.is_not(None), Product.name_key, Product.id)
    )


def kit(session: Session, product_id: int) -> Kit:
    """Return a kit with the recipe that holds now. Raises NotFound."""
    recipe = _newest(session, product_id)
    size_id = session.scalars(select(Size.id).where(Size.product_id == product_id).order_by(Size.position)).first()
    return Kit(recipe.product, size_id or 0, recipe.id, recipe.parts)


def of_box(session: Session, box_id: int) -> KitRecipe | None:
    """Return the recipe by which the kits in a box were made, if it is known."""
    query = select(KitRecipe).join(KitBox, KitBox.recipe_id == KitRecipe.id).where(KitBox.box_id == box_id)
    return session.scalars(query.options(_PARTS)).one_or_none()


def free_of(session: Session, size_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """Return how much is available of these sizes, by warehouse and size, in one query."""
    free = Availability.on_hand - Availability.expired - Availability.allocated
    rows = session.execute(
        select(Availability.warehouse_id, Availability.size_id, free).where(
            Availability.size_id.in_(size_ids), Availability.on_hand > 0
        )
    )
    return {(warehouse_id, size_id): number for warehouse_id, size_id, number in rows}


def possible(parts: Sequence[KitPart], free: Mapping[tuple[int, int], int], warehouse_id: int) -> int:
    """Return how many kits could be put together of what one warehouse has available (see `free_of`)."""
    return min((free.get((warehouse_id, part.size_id), 0) // part.quantity for part in parts), default=0)


_PARTS = selectinload(KitRecipe.parts).joinedload(KitPart.size).joinedload(Size.product)


def _newest(session: Session, product_id: int) -> KitRecipe:
    recipe = None
    if 0 < product_id < 2**31:
        query = select(KitRecipe).where(KitRecipe.product_id == product_id).order_by(KitRecipe.id.desc()).limit(1)
        recipe = session.scalars(query.options(joinedload(KitRecipe.product), _PARTS)).one_or_none()
    if recipe is None:
        raise NotFound(msg("There is no such kit."))
    return recipe


def _checked(session: Session, parts: Sequence[Sequence[int]]) -> Sequence[Size]:
    """Return the sizes of parts, and refuse what makes no kit: nothing, the same twice, or kits in kits."""
    wanted = [size_id for size_id, _each in parts]
    if not wanted:
        raise Invalid(msg("Say what is in it: one part at least."), "part_1")
    if len(wanted) > MOST_PARTS or any(not 1 <= each <= MOST_EACH for _size, each in parts):
        raise Invalid(msg("A kit has up to %(most)s parts, of each up to %(each)s.", most=MOST_PARTS, each=MOST_EACH))
    if len(set(wanted)) < len(wanted):
        raise Invalid(msg("The same part is in it twice. Say once how many."))
    sizes = session.scalars(select(Size).where(Size.id.in_(wanted)).options(joinedload(Size.product))).all()
    if len(sizes) < len(wanted):
        raise Invalid(msg("Choose a product and one of its sizes."))
    kits = select(KitRecipe.product_id).where(KitRecipe.product_id.in_([size.product_id for size in sizes]))
    if session.scalar(kits.limit(1)) is not None:
        raise Invalid(msg("A kit can’t be a part of another kit. Name its parts."))
    return sizes


def _describe(product: Product, name_fr: str | None, sizes: Sequence[Size]) -> None:
    """A kit is good for as long as the first of its parts, so it has a best-before if one of them does."""
    product.name_fr = (name_fr or "").strip() or None
    product.has_best_before = any(size.product.has_best_before for size in sizes)


def _write(
    session: Session, product_id: int, version: int, parts: Sequence[Sequence[int]], actor_id: int | None
) -> None:
    recipe = KitRecipe(product_id=product_id, version=version, made_at=now(), made_by=actor_id)
    session.add(recipe)
    session.flush()
    session.add_all(
        KitPart(recipe_id=recipe.id, size_id=size_id, position=position, quantity=each)
        for position, (size_id, each) in enumerate(parts)
    )
