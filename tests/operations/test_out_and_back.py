"""The van leaves, and comes back: what must be there, what must add up."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from logistics.clock import now
from logistics.distributions.models import DistributionState

from .. import make
from ..browsing import Browser
from ..stock import kit as stock
from . import kit


def test_with_nothing_to_take_it_leaves_from_planned(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(0, 0)
    assert "Dispatch without goods" in kit.reads(coordinator, f"/distributions/{make.distribution().id}")
    coordinator.send(f"{plan.path}/dispatch")
    assert kit.state(plan.id) == DistributionState.OUT
    coordinator.send(f"{plan.path}/return", {"served_men": "9"})
    coordinator.send(f"{plan.path}/close")
    kit.in_order()


def test_one_with_goods_to_take_is_packed_first(plan: kit.Plan, coordinator: Browser) -> None:
    assert "Nothing is packed yet." in kit.refused(coordinator, f"{plan.path}/dispatch", {}, 409)
    assert kit.state(plan.id) == DistributionState.PLANNED


def test_complete_it_leaves_with_one_tap(plan: kit.Plan, coordinator: Browser) -> None:
    kit.pack(plan, coordinator)
    page = coordinator.page(plan.path)
    assert f'action="{plan.path}/dispatch"' in page
    coordinator.send(f"{plan.path}/dispatch", {"crew_short": "0", "not_packed": "0", "key": "k"})
    coordinator.send(f"{plan.path}/dispatch", {"crew_short": "0", "not_packed": "0", "key": "k"})
    assert "Only a distribution that is being packed can leave" in kit.refused(
        coordinator, f"{plan.path}/dispatch", {}, 409
    )


def test_what_stays_behind_is_free_for_others(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 80)
    later = stock.planned(plan.depot, 50, now() + timedelta(days=3))
    assert kit.lines(later)["One size"].allocated == 20
    coordinator.send(f"{plan.path}/pack", {"code": plan.codes[0], "quantity": "60"})
    assert "20 not packed" in kit.reads(coordinator, f"{plan.path}/dispatch")
    coordinator.send(f"{plan.path}/dispatch", {"crew_short": "0", "not_packed": "19"}, 409)
    coordinator.send(f"{plan.path}/dispatch", {"crew_short": "0", "not_packed": "20"})
    assert kit.lines(later)["One size"].allocated == 40
    kit.in_order()


@pytest.mark.parametrize("page", ["pack", "put-back", "dispatch", "cancel", "packing-list", "edit"])
def test_once_the_van_is_out_the_plan_stands(plan: kit.Plan, coordinator: Browser, page: str) -> None:
    kit.out(plan, coordinator)
    form = {
        "pack": {"all": "1"},
        "put-back": {"code": plan.codes[0], "to": plan.depot.shelf, "quantity": "1"},
        "cancel": {"reason": "Snow."},
        "packing-list": kit.item(plan),
        "edit": kit.change(plan),
    }
    coordinator.send(f"{plan.path}/{page}", form.get(page, {}), 409)
    if page not in ("pack", "put-back"):
        assert coordinator.get(f"{plan.path}/{page}").status_code in (200, 303)
    assert kit.state(plan.id) == DistributionState.OUT
    kit.in_order()


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((50, 5, 0), "These add up to 55, and 60 were packed."),
        ((61, 0, 0), "Enter a number from 0 to 60."),
        ((-1, 61, 0), "Enter a number from 0 to 60."),
        (("x", 0, 0), "Enter a whole number."),
        ((0, "9" * 40, 0), "Enter a whole number."),
    ],
)
def test_a_count_that_does_not_add_up_is_refused_at_its_line(
    plan: kit.Plan, warehouse_staff: Browser, numbers: tuple[Any, Any, Any], words: str
) -> None:
    kit.out(plan, warehouse_staff)
    answer = warehouse_staff.send(f"{plan.path}/return", kit.count(plan, *numbers) | {"debrief": "Kept."}, 422)
    page = answer.get_data(as_text=True)
    assert words in page
    assert "Kept." in page
    assert kit.state(plan.id) == DistributionState.OUT
    kit.in_order()


def test_what_came_back_needs_a_shelf_of_that_warehouse(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.out(plan, warehouse_staff)
    elsewhere = make.shelf(make.warehouse()).id
    for shelf, words in (
        ("", "Choose the shelf where you put it."),
        (elsewhere, "valid choice"),
        (kit.ODD, "valid choice"),
    ):
        data = {**kit.count(plan, 50, 10, 0), "shelf": shelf}
        assert words in kit.refused(warehouse_staff, f"{plan.path}/return", data, 422)
    warehouse_staff.send(f"{plan.path}/return", {**kit.count(plan, 60, 0, 0), "shelf": ""})
    kit.in_order()


def test_two_clicks_return_once_and_a_second_count_is_refused(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.out(plan, warehouse_staff)
    data = kit.count(plan, 45, 10, 5) | {"served_men": "40", "key": "k"}
    for _ in range(2):
        warehouse_staff.send(f"{plan.path}/return", data)
    assert stock.stock(plan.depot) == (50, 0)
    words = kit.refused(warehouse_staff, f"{plan.path}/return", {**data, "key": "other"}, 409)
    assert "This was counted already" in words
    assert stock.stock(plan.depot) == (50, 0)
    kit.in_order()


def test_the_debrief_is_kept_and_shown_again(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.out(plan, warehouse_staff)
    warehouse_staff.send(f"{plan.path}/return", {"served_boys": "7", "debrief": kit.ODD, "ran_out_first": "Sizes M"})
    assert kit.found(plan.id).served_boys == 7
    page = warehouse_staff.page(f"{plan.path}/return")
    assert 'value="7"' in page
    assert "&lt;script&gt;" in page
    for field in ("debrief", "ran_out_first"):
        kit.refused(warehouse_staff, f"{plan.path}/return", {field: "x" * 6000}, 422)
        kit.refused(warehouse_staff, f"{plan.path}/return", {field: "a\x00b"}, 422)
    kit.refused(warehouse_staff, f"{plan.path}/return", {"served_men": "-3"}, 422)
    assert kit.found(plan.id).served == {"men": 0, "women": 0, "boys": 7, "girls": 0, "small_children": 0}


def test_it_closes_when_all_is_counted(plan: kit.Plan, warehouse_staff: Browser) -> None:
    assert warehouse_staff.post(f"{plan.path}/close").status_code == 409
    kit.out(plan, warehouse_staff)
    assert warehouse_staff.post(f"{plan.path}/close").status_code == 409
    warehouse_staff.send(f"{plan.path}/return", {})
    assert "60 are still on the van: 60 × Joggers." in kit.refused(warehouse_staff, f"{plan.path}/close", {}, 409)
    assert "Count the rest" in kit.reads(warehouse_staff, plan.path)
    warehouse_staff.send(f"{plan.path}/return", kit.count(plan, 60, 0, 0))
    warehouse_staff.send(f"{plan.path}/close", {"key": "k"})
    warehouse_staff.send(f"{plan.path}/close", {"key": "k"})
    assert warehouse_staff.post(f"{plan.path}/return", data={"served_men": "1"}).status_code == 409
    kit.in_order()


def test_what_was_planned_stays_to_be_seen(app: Flask, warehouse_staff: Browser) -> None:
    plan = kit.plan(50, 60)
    kit.pack(plan, warehouse_staff)
    warehouse_staff.send(f"{plan.path}/dispatch")
    assert "Size Planned Packed Handed out Back Lost Joggers 60 in all One size 60 50 – – –" in kit.reads(
        warehouse_staff, plan.path
    )
