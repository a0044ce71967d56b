"""Putting kits together from stock, and taking them apart: each is one group of movements through *converted*.

Only what is available is taken: what is promised to a distribution stays. By its recipe a group nets to zero there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ...commands import command
from ...errors import Conflict, Invalid, msg
from ..allocating import serve
from ..codes import add_box
from ..ledger import MovementReason, Stock, keep_box, lock_all, lock_availability, move
from ..lookup import any_shelf, box_by_code, check_quantity, open_shelf, record_box
from ..models import OUTSIDE_IDS, Box, LocationKind
from ..picking import sources
from . import recipes
from .models import KitAct, KitBox, KitPart

CONVERTED = OUTSIDE_IDS[LocationKind.CONVERTED]


@dataclass(frozen=True)
class Lack:
    """A part of which fewer are available than so many kits take."""

    size_id: int
    needed: int
    available: int

    @property
    def short(self) -> int:
        """Return how many are missing."""
        return self.needed - self.available


class Lacking(Conflict):
    """Not enough of some parts: `lacks` names each. Nothing was changed."""

    def __init__(self, lacks: Sequence[Lack]) -> None:
        """Keep what lacks."""
        super().__init__(msg("There are not enough parts for so many. Nothing was changed."), "quantity")
        self.lacks = lacks


@command
def assemble(
    session: Session,
    *,
    actor_id: int | None,
    product_id: int,
    seen: int,
    location_id: int,
    quantity: int,
    code: str = "",
) -> str:
    """Put kits together from what the warehouse of a shelf has available, into a new box on it; return its code.

    `seen` is the recipe that the page showed. Of each part the boxes go in the order of pick lists, and the kits are
    good for as long as the first of them. Raises NotFound, Invalid with the field to blame, Lacking with all that is
    short, and Conflict when the recipe was changed meanwhile or the code is taken.
    """
    kit = recipes.kit(session, product_id)
    if kit.recipe_id != seen:
        raise Conflict(recipes.CHANGED)
    check_quantity(quantity)
    shelf = open_shelf(session, location_id, "location_id")
    assert shelf.warehouse_id is not None
    for part in kit.parts:
        check_quantity(part.quantity * quantity)
    stock = lock_availability(session, shelf.warehouse_id, [kit.size_id, *(part.size_id for part in kit.parts)])
    picks = _choose(session, shelf.warehouse_id, kit.parts, quantity, stock)
    boxes = [session.get_one(Box, box_id) for box_id in sorted({box_id for box_id, _shelf, _take in picks})]
    for box in boxes:
        keep_box(session, box)
    box_id, box_code = add_box(
        session,
        code,
        size_id=kit.size_id,
        best_before=_first([box.best_before for box in boxes]),
        source=LocationKind.DONATED
        if any(box.source == LocationKind.DONATED for box in boxes)
        else LocationKind.BOUGHT,
    )
    session.add(KitBox(box_id=box_id, recipe_id=kit.recipe_id))
    first = move(
        session,
        box_id=box_id,
        from_id=CONVERTED,
        to_id=shelf.id,
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason.ASSEMBLED,
    )
    for taken_id, shelf_id, take in picks:
        move(
            session,
            box_id=taken_id,
            from_id=shelf_id,
            to_id=CONVERTED,
            quantity=take,
            actor_id=actor_id,
            reason=MovementReason.ASSEMBLED,
            group_id=first.id,
        )
    session.add(KitAct(movement_id=first.id, recipe_id=kit.recipe_id, quantity=quantity, taken_apart=False))
    record_box(session, actor_id, "kit.assembled", box_by_code(session, box_code), quantity=quantity, shelf=shelf.name)
    serve(session, shelf.warehouse_id, [kit.size_id])
    return box_code


@command
def take_apart(
    session: Session, *, actor_id: int | None, code: str, from_id: int, to_id: int, quantity: int
) -> list[str]:
    """Take kits of a box apart, each part into a new box of its own on a shelf; return the new boxes' codes.

    What has a best-before gets that of the kits, which is the earliest of all that went into them. Raises NotFound at
    `code`, Invalid with the field to blame (also for a box whose recipe is not known), and Conflict when there are not
    so many there, or they are promised.
    """
    box, source = box_by_code(session, code), any_shelf(session, from_id, "from_id")
    target = open_shelf(session, to_id, "to_id")
    check_quantity(quantity)
    recipe = recipes.of_box(session, box.id)
    if recipe is None:
        raise Invalid(msg("Nobody knows what is in these: they were not put together here."), "code")
    for part in recipe.parts:
        check_quantity(part.quantity * quantity)
    size_ids = [part.size_id for part in recipe.parts]
    assert source.warehouse_id is not None
    assert target.warehouse_id is not None
    keys = [(source.warehouse_id, box.size_id), *((target.warehouse_id, size_id) for size_id in size_ids)]
    lock_all(session, keys)
    keep_box(session, box)
    group, codes = None, []
    for part in recipe.parts:
        part_id, part_code = add_box(
            session,
            "",
            size_id=part.size_id,
            best_before=box.best_before if part.size.product.has_best_before else None,
            source=box.source,
        )
        made = move(
            session,
            box_id=part_id,
            from_id=CONVERTED,
            to_id=target.id,
            quantity=part.quantity * quantity,
            actor_id=actor_id,
            reason=MovementReason.TAKEN_APART,
            group_id=group,
        )
        group = group or made.id
        codes.append(part_code)
    move(
        session,
        box_id=box.id,
        from_id=source.id,
        to_id=CONVERTED,
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason.TAKEN_APART,
        group_id=group,
    )
    assert group is not None  # a recipe has parts
    session.add(KitAct(movement_id=group, recipe_id=recipe.id, quantity=quantity, taken_apart=True))
    record_box(session, actor_id, "kit.taken_apart", box, quantity=quantity, from_shelf=source.name, shelf=target.name)
    serve(session, target.warehouse_id, size_ids)
    return codes


def _choose(
    session: Session, warehouse_id: int, parts: Sequence[KitPart], quantity: int, stock: Mapping[int, Stock]
) -> list[tuple[int, int, int]]:
    """Return from which box, on which shelf, to take how many. Raises Lacking unless there is enough of every part."""
    picks, lacks = [], []
    for part in parts:
        needed = part.quantity * quantity
        here = sources(session, warehouse_id, part.size_id, needed)
        # After midnight what is past its date may not be marked yet: it is not taken all the same.
        free = max(0, min(stock[part.size_id].available, here[-1].so_far if here else 0))
        if free < needed:
            lacks.append(Lack(part.size_id, needed, free))
            continue
        for each in here:
            take = min(needed, each.there)
            picks.append((each.box_id, each.shelf_id, take))
            needed -= take
    if lacks:
        raise Lacking(lacks)
    return picks


def _first(dates: Sequence[date | None]) -> date | None:
    return min((day for day in dates if day is not None), default=None)
