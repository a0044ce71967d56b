"""Stand-ins: what may stand in, what is offered, what choosing and taking back does to a packing list."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock import checks as all_checks
from logistics.stock import packing, packing_lists
from logistics.stock.models import PackingItem, Product
from logistics.stock.needs import needs
from logistics.stock.products import add_size, close_product
from logistics.stock.stand_ins import checks, choosing, setting
from logistics.stock.stand_ins.models import StandIn
from logistics.stock.stand_ins.offers import offers, substitutions

from .. import make
from ..racing import race, refused
from . import kit
from .unguarded import found_after, unbroken


@pytest.fixture
def jeans(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


@pytest.fixture
def joggers(jeans: kit.Depot) -> kit.Depot:
    return other(jeans, "S", "M")


def other(at: kit.Depot, *labels: str) -> kit.Depot:
    """Another product in the same warehouse, which may stand in for the first."""
    product_id = make.product("Other joggers", sizes=labels).id
    with transaction() as session:
        found = session.get_one(Product, product_id)
        sizes = {size.label: size.id for size in setting.product_with_sizes(session, found.id).sizes}
    return kit.Depot(at.warehouse_id, at.shelf, at.other_shelf, product_id, sizes, at.actor_id)


def allow(asked: kit.Depot, by: kit.Depot, sizes: dict[str, int] | None = None, *, both_ways: bool = False) -> None:
    setting.set_stand_in(
        actor_id=asked.actor_id,
        product_id=asked.product_id,
        by_id=by.product_id,
        sizes=sizes or {},
        both_ways=both_ways,
    )


def choose(asked: kit.Depot, by: kit.Depot, distribution_id: int, quantity: int, size: str = "M") -> int:
    return choosing.choose(
        actor_id=asked.actor_id,
        distribution_id=distribution_id,
        size_id=asked.sizes[size],
        by_size_id=by.sizes[size],
        quantity=quantity,
    )


def take_back(asked: kit.Depot, by: kit.Depot, distribution_id: int, size: str = "M") -> int:
    return choosing.take_back(
        actor_id=asked.actor_id,
        distribution_id=distribution_id,
        size_id=asked.sizes[size],
        by_size_id=by.sizes[size],
    )


def offered(distribution_id: int) -> list[tuple[str, int, str, int]]:
    """What is short, and what is offered for it."""
    db.session.rollback()
    return [(one.size.label, one.short, one.by.label, one.available) for one in offers(db.session, distribution_id)]


def short(asked: kit.Depot, total: int = 20, profile: dict[str, int] | None = None) -> int:
    made = kit.distribution(asked)
    kit.plan(asked, made, total, profile or {"M": 1})
    return made


def pack(by: kit.Depot, distribution_id: int, code: str, quantity: int, size: str = "M") -> None:
    packing.pack(
        actor_id=by.actor_id,
        distribution_id=distribution_id,
        size_id=by.sizes[size],
        code=code,
        from_id=by.shelf,
        quantity=quantity,
    )


def test_what_is_short_is_offered_by_label_as_far_as_it_is_there(jeans: kit.Depot, joggers: kit.Depot) -> None:
    made = short(jeans, 20, {"S": 1, "M": 1})
    assert offered(made) == []
    allow(jeans, joggers)
    assert offered(made) == []  # nothing of it there
    kit.receive(joggers, 30, size="M")
    assert offered(made) == [("M", 10, "M", 30)]
    kit.receive(jeans, 10, size="M")
    assert offered(made) == []  # not short any more


def test_sizes_of_other_labels_are_mapped_and_none_may_fit(jeans: kit.Depot) -> None:
    unisex = other(jeans, "1", "2")
    with pytest.raises(Invalid, match="at least one size"):
        allow(jeans, unisex)
    allow(jeans, unisex, {str(jeans.sizes["M"]): unisex.sizes["2"], str(jeans.sizes["S"]): 0}, both_ways=True)
    kit.receive(unisex, 30, size="2")
    assert offered(short(jeans, 20, {"S": 1, "M": 1})) == [("M", 10, "2", 30)]
    kit.receive(jeans, 3, size="S")
    back = kit.distribution(unisex)
    kit.plan(unisex, back, 99, {"2": 1})
    kit.receive(jeans, 40, size="M")  # 10 are promised to the first
    assert offered(back) == [("2", 69, "M", 30)]
    kit.sound()


def test_a_size_added_later_is_matched_by_its_label(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers)
    with transaction() as session:
        for depot in (jeans, joggers):
            size = add_size(session, setting.product_with_sizes(session, depot.product_id), "L")
            session.flush()
            depot.sizes["L"] = size.id
    kit.receive(joggers, 5, size="L")
    assert offered(short(jeans, 2, {"L": 1})) == [("L", 2, "L", 5)]


def test_what_cannot_stand_in_is_refused(jeans: kit.Depot, joggers: kit.Depot) -> None:
    with pytest.raises(Invalid, match="another product"):
        allow(jeans, jeans)
    with pytest.raises(Invalid, match="one of its sizes"):
        allow(jeans, joggers, {str(jeans.sizes["M"]): jeans.sizes["M"]})
    with pytest.raises(NotFound):
        setting.set_stand_in(actor_id=None, product_id=jeans.product_id, by_id=99999, sizes={}, both_ways=False)
    close_product(actor_id=jeans.actor_id, product_id=joggers.product_id)
    with pytest.raises(Invalid, match="not given out"):
        allow(jeans, joggers)


def test_choosing_moves_planned_units_and_need_is_covered(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers)
    kit.receive(jeans, 8, size="M")
    kit.receive(joggers, 30, size="M")
    made = short(jeans)
    assert choose(jeans, joggers, made, 5) == 5
    assert choose(jeans, joggers, made, 7) == 12
    assert (kit.line(jeans, made, "M").planned, kit.line(jeans, made, "M").allocated) == (8, 8)
    assert (kit.line(joggers, made, "M").planned, kit.line(joggers, made, "M").allocated) == (12, 12)
    assert kit.stock(joggers, "M") == (30, 12)
    assert needs(db.session) == []
    (item, by) = packing_lists.sheet(db.session, made)
    assert (item.total, item.replaced[0].quantity, by.total, by.lines[0].instead_of[0].quantity) == (20, 12, 0, 12)
    kit.sound()


@pytest.mark.parametrize("quantity", [0, -5, 10**12])
def test_quantities_that_make_no_sense_are_refused(jeans: kit.Depot, joggers: kit.Depot, quantity: int) -> None:
    allow(jeans, joggers)
    kit.receive(joggers, 30, size="M")
    with pytest.raises(Invalid):
        choose(jeans, joggers, short(jeans), quantity)


def test_more_than_is_short_or_there_is_refused(jeans: kit.Depot, joggers: kit.Depot) -> None:
    kit.receive(joggers, 15, size="M")
    made = short(jeans)
    with pytest.raises(Invalid, match="may not stand in"):
        choose(jeans, joggers, made, 1)
    allow(jeans, joggers)
    with pytest.raises(Conflict, match="Only 20 of"):
        choose(jeans, joggers, made, 21)
    with pytest.raises(Conflict, match="Only 15 of"):
        choose(jeans, joggers, made, 16)
    choose(jeans, joggers, made, 15)
    kit.leave(jeans, made)
    with pytest.raises(Conflict, match="The van has left"):
        take_back(jeans, joggers, made)
    kit.sound()


def test_taking_back_asks_for_what_is_not_packed_again(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers)
    code = kit.receive(joggers, 30, size="M")
    made = short(jeans)
    choose(jeans, joggers, made, 20)
    pack(joggers, made, code, 6)
    assert take_back(jeans, joggers, made) == 14
    assert (kit.line(jeans, made, "M").planned, kit.line(joggers, made, "M").planned) == (14, 6)
    with pytest.raises(Conflict, match="packed already"):
        take_back(jeans, joggers, made)
    packing.put_back(actor_id=None, distribution_id=made, code=code, to_id=joggers.shelf, quantity=6)
    assert take_back(jeans, joggers, made) == 6
    with pytest.raises(Conflict, match="took this back already"):
        take_back(jeans, joggers, made)
    assert [item.product_id for item in db.session.scalars(select(PackingItem))] == [jeans.product_id]
    assert kit.stock(joggers, "M") == (30, 0)
    kit.sound()


def test_a_plan_keeps_what_stands_in(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers)
    kit.receive(joggers, 30, size="M")
    made = short(jeans)
    choose(jeans, joggers, made, 12)
    with pytest.raises(Invalid, match="stands in for 12 of size M"):
        kit.plan(jeans, made, 11, {"M": 1})
    with pytest.raises(Conflict, match="Take that back first"):
        packing_lists.remove_item(actor_id=None, distribution_id=made, product_id=jeans.product_id)
    with pytest.raises(Conflict, match="Take that back first"):
        packing_lists.remove_item(actor_id=None, distribution_id=made, product_id=joggers.product_id)
    kit.plan(jeans, made, 12, {"M": 1})
    assert kit.line(joggers, made, "M").allocated == 12
    kit.plan(joggers, made, 3, {"M": 1})  # asked for besides
    assert kit.line(joggers, made, "M").allocated == 15
    kit.sound()
    take_back(jeans, joggers, made)
    assert kit.line(joggers, made, "M").planned == 3
    kit.sound()


def test_fewer_people_leave_what_stands_in(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers)
    kit.receive(joggers, 30, size="M")
    made = kit.distribution(jeans, expected_men=20)
    packing_lists.set_item(
        actor_id=None,
        distribution_id=made,
        product_id=jeans.product_id,
        per_person_hundredths=100,
        groups=["men"],
        total=0,
        profile={str(jeans.sizes["M"]): 1},
    )
    choose(jeans, joggers, made, 20)
    with transaction() as session:
        packing_lists.distributions.lock(session, made).expected_men = 4
        packing_lists.recount(session, made, None)
    assert kit.line(joggers, made, "M").planned == 20
    kit.sound()


def test_another_warehouse_promises_what_stands_in_there(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers)
    kit.receive(joggers, 30, size="M")
    made = short(jeans)
    choose(jeans, joggers, made, 20)
    packing_lists.set_warehouse(actor_id=None, distribution_id=made, warehouse_id=make.warehouse("Annex").id)
    assert kit.line(joggers, made, "M").allocated == 0
    kit.sound()


def test_it_does_not_stand_in_both_ways_on_one_list(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers, both_ways=True)
    kit.receive(joggers, 5, size="M")
    made = short(jeans)
    kit.plan(joggers, made, 9, {"M": 1})
    kit.receive(joggers, 5, size="M")
    choose(jeans, joggers, made, 1)
    kit.plan(joggers, made, 50, {"M": 1})
    kit.receive(jeans, 40, size="M")
    assert offered(made) == []
    with pytest.raises(Conflict, match="other way round"):
        choose(joggers, jeans, made, 1)
    kit.sound()


def test_what_was_chosen_stays_when_it_may_stand_in_no_more(jeans: kit.Depot, joggers: kit.Depot) -> None:
    allow(jeans, joggers)
    kit.receive(joggers, 30, size="M")
    made = short(jeans)
    choose(jeans, joggers, made, 5)
    setting.remove_stand_in(actor_id=None, product_id=jeans.product_id, by_id=joggers.product_id)
    assert offered(made) == []
    assert [each.quantity for each in substitutions(db.session, made)] == [5]
    assert take_back(jeans, joggers, made) == 5
    kit.sound()


@pytest.mark.parametrize("time", range(3))
def test_two_coordinators_cannot_both_choose_the_last_ones(app: Flask, time: int) -> None:
    jeans = kit.depot("S", "M")
    joggers = other(jeans, "S", "M")
    allow(jeans, joggers)
    kit.receive(joggers, 10, size="M")
    soon = now() + timedelta(days=1)
    both = [kit.distribution(jeans, soon), kit.distribution(jeans, soon)]
    for made in both:
        kit.plan(jeans, made, 8, {"M": 1})
    runners: list[Callable[[], int]] = [lambda made=made: choose(jeans, joggers, made, 8) for made in both]  # type: ignore[misc]
    assert refused(race(app, *runners), Conflict) == 1
    assert kit.stock(joggers, "M") == (10, 8)
    kit.sound()


@pytest.mark.parametrize("time", range(3))
def test_of_two_who_choose_for_the_same_line_one_does(app: Flask, time: int) -> None:
    jeans = kit.depot("S", "M")
    joggers = other(jeans, "S", "M")
    allow(jeans, joggers)
    kit.receive(joggers, 30, size="M")
    made = short(jeans, 8)
    assert refused(race(app, *[lambda: choose(jeans, joggers, made, 8)] * 2), Conflict) == 1
    assert kit.line(joggers, made, "M").allocated == 8
    assert sorted(race(app, *[lambda: _back(jeans, joggers, made)] * 2)) == [0, 8]
    kit.sound()


def _back(jeans: kit.Depot, joggers: kit.Depot, made: int) -> int:
    try:
        return take_back(jeans, joggers, made)
    except Conflict:
        return 0


def world() -> dict[str, int]:
    """Two products, one standing in for the other on a list."""
    jeans = kit.depot("S", "M")
    joggers = other(jeans, "S", "M")
    allow(jeans, joggers)
    kit.receive(joggers, 30, size="M")
    made = short(jeans)
    choose(jeans, joggers, made, 5)
    kit.sound()
    return {"jeans": jeans.product_id, "s": jeans.sizes["S"], "m": jeans.sizes["M"], "by_m": joggers.sizes["M"]}


BROKEN = [
    ("UPDATE stand_in SET by_id = :jeans", "in sizes that are another's"),
    ("UPDATE substitution SET by_size_id = :s", "of the same product"),
    ("DELETE FROM packing_item WHERE product_id <> :jeans", "but is not on its packing list"),
    ("UPDATE substitution SET quantity = 6", "its total is 14, but its lines plan 15"),
]


@pytest.mark.parametrize(("statement", "named"), BROKEN)
def test_what_is_broken_is_named(app: Flask, statement: str, named: str) -> None:
    found = found_after(statement, world(), all_checks.problems)
    assert any(named in each for each in found), found
    kit.sound()


def test_every_check_is_broken_above(app: Flask) -> None:
    assert unbroken(checks.CHECKS, (statement for statement, _ in BROKEN), world()) == set()


def test_the_mapping_of_sizes_is_turned_round(jeans: kit.Depot) -> None:
    assert setting.turned({"1": 7, "2": 7, "3": 0}, [7, 8]) == {"7": 1, "8": 0}
    assert db.session.scalars(select(StandIn)).all() == []
