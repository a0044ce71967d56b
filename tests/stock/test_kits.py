"""Kits through the service: put together from what is available, taken apart, undone, needed by their parts."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock import packing
from logistics.stock.dividing import merge_boxes, split_box
from logistics.stock.kits import assembling, needing, recipes
from logistics.stock.kits.assembling import Lacking
from logistics.stock.models import Box, Movement
from logistics.stock.needs import needs
from logistics.stock.undoing import undo

from .. import make
from ..racing import race, refused
from . import kit
from .kits import Packs, assemble, on_hand, packs, recipe, take_apart

TODAY = now().date()
FAR, NEAR = TODAY + timedelta(days=300), TODAY + timedelta(days=90)


@pytest.fixture
def at(app: Flask) -> Packs:
    return packs()


def box(code: str) -> Box:
    db.session.rollback()
    return db.session.scalars(select(Box).where(Box.code == code)).one()


def first_movement(reason: str) -> int:
    db.session.rollback()
    return db.session.scalars(select(Movement.id).where(Movement.reason == reason).order_by(Movement.id.desc())).first()


def test_kits_take_the_oldest_first_and_are_good_as_long_as_that(at: Packs) -> None:
    later = kit.receive(at.soap, 10, best_before=FAR)
    sooner = kit.receive(at.soap, 6, best_before=NEAR)
    towels = kit.receive(at.towel, 9, shelf=at.towel.other_shelf)
    code = assemble(at, 4)
    assert on_hand(at) == (8, 5, 4)
    assert [kit.level(each, at.soap.shelf) for each in (sooner, later)] == [0, 8]
    assert kit.level(towels, at.towel.other_shelf) == 5
    assert box(code).best_before == NEAR
    assert kit.level(code, at.pack.shelf) == 4
    kit.sound()


def test_all_or_nothing_and_what_is_short_is_said_part_by_part(at: Packs) -> None:
    kit.receive(at.soap, 9, best_before=FAR)
    with pytest.raises(Lacking) as refusal:
        assemble(at, 5)
    assert [(lack.size_id, lack.short) for lack in refusal.value.lacks] == [(at.soap.size, 1), (at.towel.size, 5)]
    assert on_hand(at) == (9, 0, 0)
    kit.sound()


def test_what_is_promised_or_past_its_date_is_never_taken(at: Packs) -> None:
    kit.receive(at.soap, 10, best_before=FAR)
    kit.receive(at.soap, 10, best_before=TODAY - timedelta(days=1))
    kit.receive(at.towel, 10)
    kit.planned(at.soap, 5)  # so five soaps are for two kits, and one is left
    with pytest.raises(Lacking) as refusal:
        assemble(at, 3)
    assert [(lack.needed, lack.available) for lack in refusal.value.lacks] == [(6, 5)]
    assemble(at, 2)
    assert on_hand(at) == (16, 8, 2)
    kit.sound()


def test_another_warehouse_has_parts_of_its_own(at: Packs) -> None:
    kit.receive(at.soap, 10, best_before=FAR)
    kit.receive(at.towel, 10)
    elsewhere = make.shelf(make.warehouse("Annex"), "Z1").id
    with pytest.raises(Lacking):
        assemble(at, 1, location_id=elsewhere)


@pytest.mark.parametrize("quantity", [0, -5, 10**12])
def test_a_number_that_makes_no_sense(at: Packs, quantity: int) -> None:
    with pytest.raises(Invalid):
        assemble(at, quantity)


def test_a_kit_goes_to_the_distribution_that_is_short_of_it(at: Packs) -> None:
    kit.receive(at.soap, 20, best_before=FAR)
    kit.receive(at.towel, 20)
    distribution_id = kit.planned(at.pack, 6)
    code = assemble(at, 4)
    assert kit.line(at.pack, distribution_id).allocated == 4
    packing.pack_all(actor_id=at.pack.actor_id, distribution_id=distribution_id)
    assert kit.line(at.pack, distribution_id).packed == 4
    with pytest.raises(Conflict):
        take_apart(at, code, 1)
    kit.sound()


def test_kits_are_taken_apart_by_the_recipe_they_were_made_by(at: Packs) -> None:
    kit.receive(at.soap, 20, best_before=NEAR)
    kit.receive(at.towel, 20)
    code = assemble(at, 5)
    old = recipe(at)
    recipes.change_kit(
        actor_id=at.pack.actor_id, product_id=at.product_id, seen=old, name="Hygiene pack", parts=[[at.soap.size, 5]]
    )
    codes = take_apart(at, code, 2)
    assert on_hand(at) == (14, 17, 3)
    assert [kit.level(each, at.pack.other_shelf) for each in codes] == [4, 2]
    assert [box(each).best_before for each in codes] == [NEAR, None]
    with pytest.raises(Conflict, match="changed this kit"):
        assemble(at, 1, seen=old)
    assemble(at, 1)
    assert on_hand(at) == (9, 17, 4)
    kit.sound()


def test_boxes_of_different_recipes_are_kept_apart_and_a_split_keeps_its_own(at: Packs) -> None:
    kit.receive(at.soap, 30, best_before=NEAR)
    kit.receive(at.towel, 20)
    code = assemble(at, 5)
    shelf = {"actor_id": at.pack.actor_id, "from_id": at.pack.shelf}
    part = split_box(code=code, to_id=at.pack.shelf, quantity=2, **shelf)
    recipes.change_kit(
        actor_id=at.pack.actor_id,
        product_id=at.product_id,
        seen=recipe(at),
        name="Hygiene pack",
        parts=[[at.soap.size, 1]],
    )
    other = assemble(at, 2)
    with pytest.raises(Conflict, match="Keep them apart"):
        merge_boxes(code=part, into=other, quantity=1, **shelf)
    merge_boxes(code=part, into=code, quantity=1, **shelf)
    take_apart(at, part, 1)
    assert on_hand(at) == (20, 16, 6)
    kit.sound()


def test_kits_from_elsewhere_are_not_taken_apart(at: Packs) -> None:
    code = kit.receive(at.pack, 3, best_before=FAR)
    with pytest.raises(Invalid, match="Nobody knows what is in these"):
        take_apart(at, code, 1)


def test_both_are_undone_as_long_as_what_they_made_is_there(at: Packs) -> None:
    kit.receive(at.soap, 20, best_before=NEAR)
    kit.receive(at.towel, 20)
    code = assemble(at, 5)
    take_apart(at, code, 2)
    undo(actor_id=at.pack.actor_id, movement_id=first_movement("taken_apart"))
    assert on_hand(at) == (10, 15, 5)
    kit.sound()
    undo(actor_id=at.pack.actor_id, movement_id=first_movement("assembled"))
    assert on_hand(at) == (20, 20, 0)
    kit.sound()
    with pytest.raises(Conflict):
        undo(actor_id=at.pack.actor_id, movement_id=first_movement("assembled"))
    again = assemble(at, 5)
    take_apart(at, again, 1)
    with pytest.raises(Conflict):
        undo(actor_id=at.pack.actor_id, movement_id=first_movement("assembled"))
    kit.sound()


def test_recipes_that_make_no_kit(at: Packs) -> None:
    make_kit = partial(recipes.make_kit, actor_id=at.pack.actor_id, name="Snug pack")
    for parts in (
        [],
        [[at.soap.size, 0]],
        [[at.soap.size, -1]],
        [[at.soap.size, 10**7]],
        [[at.soap.size, 1], [at.soap.size, 2]],
        [[at.pack.size, 1]],
        [[999_999, 1]],
    ):
        with pytest.raises(Invalid):
            make_kit(parts=parts)
    with pytest.raises(Conflict):
        make_kit(name=" hygiene PACK", parts=at.parts)
    with pytest.raises(NotFound):
        recipes.kit(db.session, at.soap.product_id)


def test_need_of_kits_is_need_of_the_parts_that_lack(at: Packs) -> None:
    kit.receive(at.soap, 8, best_before=FAR)
    kit.planned(at.pack, 10)
    distribution_id = kit.planned(at.pack, 5)
    kit.plan(at.towel, distribution_id, 3)

    def needed() -> dict[str, int]:
        db.session.rollback()
        return {each.product.name: each.lacked for each in needs(db.session)}

    assert needed() == {"Soap": 22, "Towel": 18}  # 30 soaps less the 8 there are; 15 towels, and 3 for themselves
    seen = needing.of_distribution(db.session, distribution_id)
    assert [(each.size.product.name, each.needed, each.available, each.short) for each in seen] == [
        ("Soap", 10, 8, 2),
        ("Towel", 5, 0, 5),
    ]
    kit.receive(at.towel, 9)  # three go to who asked for towels
    assemble(at, 4)
    assert needed() == {"Soap": 22, "Towel": 9}
    kit.sound()


def test_sixteen_put_together_what_is_enough_for_ten(app: Flask, at: Packs) -> None:
    kit.receive(at.soap, 45, best_before=FAR)
    kit.receive(at.towel, 20)
    seen, ids = recipe(at), {"actor_id": at.pack.actor_id, "product_id": at.product_id}
    one = partial(assembling.assemble, **ids, seen=seen, location_id=at.pack.shelf, quantity=2)
    assert refused(race(app, *[one] * 16), Conflict) == 6
    assert on_hand(at) == (5, 0, 20)
    kit.sound()


def test_putting_together_taking_apart_packing_and_undoing_at_once_conserve_goods(app: Flask, at: Packs) -> None:
    kit.receive(at.soap, 60, best_before=FAR)
    kit.receive(at.towel, 30)
    codes = [assemble(at, 3) for _ in range(4)]
    made, distribution_id = first_movement("assembled"), kit.planned(at.pack, 6)
    actor, ids, seen = at.pack.actor_id, {"product_id": at.product_id}, recipe(at)
    shelves = {"from_id": at.pack.shelf, "to_id": at.pack.other_shelf}
    answers = race(
        app,
        *(
            partial(assembling.assemble, **ids, seen=seen, actor_id=actor, location_id=at.pack.shelf, quantity=4)
            for _ in range(5)
        ),
        *(partial(assembling.take_apart, actor_id=actor, code=code, quantity=2, **shelves) for code in codes),
        *(partial(assembling.take_apart, actor_id=actor, code=code, quantity=2, **shelves) for code in codes),
        partial(packing.pack_all, actor_id=actor, distribution_id=distribution_id),
        *(partial(undo, actor_id=actor, movement_id=made) for _ in range(2)),
    )
    refused(answers, Conflict)
    soaps, towels, kits = on_hand(at)
    db.session.rollback()
    packed = kit.line(at.pack, distribution_id).packed
    assert (soaps + 2 * (kits + packed), towels + kits + packed) == (60, 30)
    kit.sound()
