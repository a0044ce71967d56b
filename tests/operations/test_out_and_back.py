"""The van leaves, and comes back: what must be there, what must add up."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from logistics.clock import now
from logistics.distributions.models import DistributionState
from logistics.stock import moving

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


def test_complete_it_leaves_with_one_tap(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 60, starts_at=now())
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
        ((0, "9" * 40, 0), "Enter a number from 0 to 60."),
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
    warehouse_staff.send(f"{plan.path}/return", {**kit.count(plan, 60, 0, 0), "served_men": "55"})
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


def test_each_line_has_a_shelf_of_its_own(app: Flask, warehouse_staff: Browser) -> None:
    plan = kit.plan(100, 60, "S", "M")
    kit.out(plan, warehouse_staff)
    both = kit.count(plan, 20, 10, 0, "S") | kit.count(plan, 20, 10, 0, "M")
    medium, code = kit.lines(plan.id)["M"].id, plan.codes[1]
    words = kit.refused(warehouse_staff, f"{plan.path}/return", {**both, "shelf": "", f"shelf-{medium}": "x"}, 422)
    assert "Not a valid choice" in words
    own = {**both, "shelf": "", f"shelf-{medium}": plan.depot.other_shelf}
    assert "Choose the shelf where you put it." in kit.refused(warehouse_staff, f"{plan.path}/return", own, 422)
    warehouse_staff.send(f"{plan.path}/return", own | {"shelf": plan.depot.shelf})
    assert stock.level(plan.codes[0], plan.depot.shelf) == 80
    assert (stock.level(code, plan.depot.shelf), stock.level(code, plan.depot.other_shelf)) == (70, 10)
    kit.in_order()


def corrected(plan: kit.Plan, browser: Browser, *numbers: int) -> dict[str, object]:
    """The form of a return that corrects the one line, as the page sends it."""
    was = re.search(r'name="was-(\d+)" value="([^"]+)"', browser.page(f"{plan.path}/return"))
    assert was is not None
    return {**kit.count(plan, *numbers), "shelf": "", f"was-{was.group(1)}": was.group(2)}  # type: ignore[arg-type]


def test_a_wrong_count_is_put_right_until_it_is_closed(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.out(plan, warehouse_staff)
    warehouse_staff.send(f"{plan.path}/return", {**kit.count(plan, 10, 50, 0), "served_men": "9"})
    assert "Correct the count" in kit.reads(warehouse_staff, plan.path)
    stale = corrected(plan, warehouse_staff, 60, 0, 0)
    form = corrected(plan, warehouse_staff, 50, 8, 1)
    assert "These add up to 59" in kit.refused(warehouse_staff, f"{plan.path}/return", form, 422)
    form = corrected(plan, warehouse_staff, 50, 8, 2) | {"key": "k"}
    for _ in range(2):
        warehouse_staff.send(f"{plan.path}/return", form)
    line = kit.lines(plan.id)["One size"]
    assert (line.handed_out, line.came_back, line.lost) == (50, 8, 2)
    assert (stock.stock(plan.depot), stock.level(plan.codes[0], plan.depot.shelf)) == ((48, 0), 48)
    kit.in_order()
    words = kit.reads(warehouse_staff, plan.path)
    assert "corrected a count: now 50 handed out, 8 came back, 2 lost or spoiled" in words
    assert "This was counted already" in kit.refused(warehouse_staff, f"{plan.path}/return", stale, 409)
    warehouse_staff.send(f"{plan.path}/return", corrected(plan, warehouse_staff, 0, 60, 0))
    assert stock.stock(plan.depot) == (100, 0)
    kit.in_order()
    form = corrected(plan, warehouse_staff, 60, 0, 0)
    warehouse_staff.send(f"{plan.path}/close")
    warehouse_staff.send(f"{plan.path}/return", form, 409)
    kit.in_order()


def test_what_came_back_too_much_takes_the_promise_that_was_made_of_it(
    plan: kit.Plan, warehouse_staff: Browser
) -> None:
    kit.out(plan, warehouse_staff)
    warehouse_staff.send(f"{plan.path}/return", kit.count(plan, 10, 50, 0))
    later = stock.planned(plan.depot, 90)
    assert stock.allocated(plan.depot, later) == [90]
    warehouse_staff.send(f"{plan.path}/return", corrected(plan, warehouse_staff, 40, 20, 0))
    assert stock.allocated(plan.depot, later) == [60]
    kit.in_order()
    gone = {"to": plan.depot.other_shelf, "from": plan.depot.shelf}
    moving.move_box(
        actor_id=plan.depot.actor_id, code=plan.codes[0], from_id=gone["from"], to_id=gone["to"], quantity=60
    )
    words = kit.refused(warehouse_staff, f"{plan.path}/return", corrected(plan, warehouse_staff, 60, 0, 0), 409)
    assert "Only 0 are on shelf C4." in words
    kit.in_order()


def test_nobody_served_is_asked_about_before_it_closes(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.out(plan, warehouse_staff)
    warehouse_staff.send(f"{plan.path}/return", kit.count(plan, 50, 10, 0))
    assert f'href="{plan.path}/close"' in warehouse_staff.page(plan.path)
    words = kit.refused(warehouse_staff, f"{plan.path}/close", {}, 409)
    assert "nobody is written down as served" in words
    assert "Nobody was served: close it" in kit.reads(warehouse_staff, f"{plan.path}/close")
    warehouse_staff.send(f"{plan.path}/close", {"nobody": "1"})
    assert kit.state(plan.id) == DistributionState.CLOSED
    kit.in_order()


def test_a_van_that_leaves_before_its_day_is_asked_about(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(0, 0)
    page = coordinator.page(f"{plan.path}/dispatch")
    assert "that day has not come" in page
    assert 'name="early" value="1"' in page
    assert f'action="{plan.path}/dispatch"' not in coordinator.page(plan.path)
    refused = kit.refused(coordinator, f"{plan.path}/dispatch", {"early": "0"}, 409)
    assert "It is planned for another day." in refused
    coordinator.send(f"{plan.path}/dispatch", {"early": "1"})
    today = f"/distributions/{make.distribution(starts_at=now()).id}"
    assert "that day has not come" not in coordinator.page(f"{today}/dispatch")
    coordinator.send(f"{today}/dispatch", {"early": "0"})
