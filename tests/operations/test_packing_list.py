"""The page of a packing list: what is planned, what is refused and how, from which warehouse."""

import re
from typing import Any

import pytest
from flask import Flask

from .. import make
from ..browsing import Browser, text_of
from ..stock import kit as stock
from . import kit


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"total": "-1"}, 422, "Enter a number from 0 to 1000000."),
        ({"total": "9999999999"}, 422, "Enter a number from 0 to 1000000."),
        ({"total": "1.5"}, 422, "Enter a whole number."),
        ({"total": kit.ODD}, 422, "Enter a whole number."),
        ({"total": ""}, 422, "Enter a whole number."),
        ({"mode": "per_person", "per_person": "x", "groups": ["men"]}, 422, "Enter a number such as 1 or 0.5."),
        ({"mode": "per_person", "per_person": "1.234", "groups": ["men"]}, 422, "Enter a number such as 1 or 0.5."),
        ({"mode": "per_person", "per_person": "0", "groups": ["men"]}, 422, "Enter a number above 0"),
        ({"mode": "per_person", "per_person": "9999", "groups": ["men"]}, 422, "0.01 to 1000"),
        ({"mode": "per_person", "per_person": "1", "groups": []}, 422, "Choose who gets it."),
        ({"mode": "per_person", "per_person": "1", "groups": ["cats"]}, 422, "not a valid choice"),
        ({"mode": "neither"}, 422, "valid choice"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_at_its_field(
    plan: kit.Plan, coordinator: Browser, changed: dict[str, Any], status: int, words: str
) -> None:
    before = kit.lines(plan.id)["One size"].planned
    assert words in kit.refused(coordinator, f"{plan.path}/packing-list", kit.item(plan, **changed), status)
    assert kit.lines(plan.id)["One size"].planned == before


def test_one_between_two_is_rounded_up_and_a_comma_will_do(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 0, expected_men=25, expected_boys=4)
    data = kit.item(plan, mode="per_person", per_person="0,5", groups=["men", "boys"])
    coordinator.send(f"{plan.path}/packing-list", data)
    assert kit.lines(plan.id)["One size"].planned == 15
    page = coordinator.page(f"{plan.path}/packing-list?product={plan.depot.product_id}")
    assert 'value="0.5"' in page
    assert "0.5 each for: men, boys" in kit.reads(coordinator, plan.path)


def test_a_plan_below_what_is_packed_is_refused(plan: kit.Plan, coordinator: Browser) -> None:
    kit.pack(plan, coordinator)
    words = kit.refused(coordinator, f"{plan.path}/packing-list", kit.item(plan, total="59"), 422)
    assert "60 of size One size are packed already" in words
    coordinator.send(f"{plan.path}/packing-list", {"remove": plan.depot.product_id}, 409)
    coordinator.send(f"{plan.path}/packing-list", kit.item(plan, total="61"))
    assert kit.lines(plan.id)["One size"].allocated == 1
    kit.in_order()


def test_a_stale_packing_list_is_refused_and_what_was_typed_stays(plan: kit.Plan, coordinator: Browser) -> None:
    page = coordinator.page(f"{plan.path}/packing-list?product={plan.depot.product_id}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    coordinator.send(f"{plan.path}/packing-list", kit.item(plan, total="50", version=version.group(1)))
    data = kit.item(plan, total="77", version=version.group(1))
    answer = coordinator.send(f"{plan.path}/packing-list", data, 409).get_data(as_text=True)
    assert "Someone changed this packing list meanwhile" in answer
    assert 'value="77"' in answer


def test_a_preview_saves_nothing_and_shows_what_is_short(plan: kit.Plan, coordinator: Browser) -> None:
    answer = coordinator.send(f"{plan.path}/packing-list", kit.item(plan, total="120", preview="1"), 200)
    words = text_of(answer.get_data(as_text=True))
    assert "One size 120 100 0 100 20" in words
    assert "20 will be short" in words
    assert kit.lines(plan.id)["One size"].planned == 60
    assert coordinator.post(f"{plan.path}/packing-list", data=kit.item(plan, total="x", preview="1")).status_code == 422


def test_an_item_is_removed_and_what_was_promised_is_free(plan: kit.Plan, coordinator: Browser) -> None:
    coordinator.send(f"{plan.path}/packing-list", {"remove": plan.depot.product_id})
    assert stock.stock(plan.depot) == (100, 0)
    coordinator.send(f"{plan.path}/packing-list", {"remove": plan.depot.product_id}, 404)
    coordinator.send(f"{plan.path}/packing-list", {"remove": kit.ODD}, 404)
    coordinator.send(f"{plan.path}/packing-list", {"product": kit.ODD}, 404)
    coordinator.send(f"{plan.path}/packing-list", {"product": "99999999999999"}, 404)


def test_products_are_searched_and_paged(plan: kit.Plan, coordinator: Browser) -> None:
    for number in range(25):
        make.product(f"Thing {number:02}", gender="Female")
    path = f"{plan.path}/packing-list"
    assert "1–20 of 26" in kit.reads(coordinator, path)
    assert "Thing 24, women" in kit.reads(coordinator, f"{path}?page=2")
    assert "Joggers" in kit.reads(coordinator, f"{path}?q=jogg")
    assert "On the list" in kit.reads(coordinator, f"{path}?q=jogg")
    assert "No product of that name" in kit.reads(coordinator, f"{path}?q={kit.ODD}")


def test_the_warehouse_is_chosen_first_and_may_change_until_something_is_packed(
    plan: kit.Plan, coordinator: Browser
) -> None:
    other_id = make.warehouse("Elsewhere").id
    fresh = make.distribution().id
    page = coordinator.page(f"/distributions/{fresh}/packing-list")
    assert "Pack from which warehouse?" in page
    assert "Add a product" not in text_of(page)
    assert "Choose a warehouse." in kit.refused(
        coordinator, f"/distributions/{fresh}/packing-list", {"warehouse": ""}, 422
    )
    kit.refused(coordinator, f"/distributions/{fresh}/packing-list", {"warehouse": "999"}, 422)
    kit.refused(coordinator, f"/distributions/{fresh}/packing-list", kit.item(plan), 422)
    coordinator.send(f"/distributions/{fresh}/packing-list", kit.item(plan, warehouse=plan.depot.warehouse_id))
    assert kit.lines(fresh)["One size"].allocated == 40
    coordinator.send(f"{plan.path}/packing-list", {"warehouse": other_id})
    assert kit.lines(plan.id)["One size"].allocated == 0
    assert kit.lines(fresh)["One size"].allocated == 60
    coordinator.send(f"{plan.path}/packing-list", {"warehouse": plan.depot.warehouse_id})
    kit.pack(plan, coordinator)
    coordinator.send(f"{plan.path}/packing-list", {"warehouse": other_id}, 409)
    kit.in_order()


@pytest.mark.parametrize(
    ("gender", "ticked"),
    [
        ("-", {"men", "women", "boys", "small_children"}),
        ("Female", {"women"}),
        ("Male", {"men"}),
        ("Unisex Adult", {"men", "women"}),
        ("Unisex Kid", {"boys"}),
        ("Girl", set()),
        ("Unisex Baby", {"small_children"}),
    ],
)
def test_a_new_product_is_for_those_expected_that_it_is_made_for(
    app: Flask, coordinator: Browser, gender: str, ticked: set[str]
) -> None:
    expected = {"expected_men": 9, "expected_women": 9, "expected_boys": 9, "expected_small_children": 9}
    plan = kit.plan(0, 0, **expected)
    product_id = make.product("Leggings", gender=gender).id
    page = coordinator.page(f"{plan.path}/packing-list?product={product_id}")
    assert set(re.findall(r'<input checked [^>]*name="groups"[^>]*value="(\w+)"', page)) == ticked
