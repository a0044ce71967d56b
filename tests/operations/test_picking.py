"""The pick list: packing, extras, and putting back."""

import re

import pytest
from flask import Flask

from logistics.db import db
from logistics.distributions.models import DistributionState
from logistics.operations import board

from .. import make
from ..browsing import Browser
from ..stock import kit as stock
from . import kit


def test_the_pick_list_is_a_walk_along_the_shelves(app: Flask, warehouse_staff: Browser) -> None:
    depot = stock.depot("S", "M", "L")
    for label, shelf in (("S", "A10"), ("M", "A2"), ("L", "B1")):
        stock.receive(depot, 10, size=label, shelf=make.shelf(db.session.get(make.Site, depot.warehouse_id), shelf).id)
    made = stock.distribution(depot)
    stock.plan(depot, made, 30, {"S": 1, "M": 1, "L": 1})
    words = kit.reads(warehouse_staff, f"/distributions/{made}/pick")
    assert words.index("shelf A2") < words.index("shelf A10") < words.index("shelf B1")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"code": "", "quantity": "5"}, 422),
        ({"code": "nothing", "quantity": "5"}, 409),
        ({"code": kit.ODD, "quantity": "5"}, 422),
        ({"code": "{code}", "quantity": "0"}, 422),
        ({"code": "{code}", "quantity": "-5"}, 422),
        ({"code": "{code}", "quantity": "101"}, 409),
        ({"code": "{code}", "quantity": "5", "size": "999999", "from": "{shelf}"}, 422),
        ({"code": "{code}", "quantity": "5", "size": "{size}", "from": "999999"}, 422),
        ({"code": "{code}", "quantity": "5", "size": "{size}", "from": "99999999999"}, 422),
        ({"code": "{code}", "quantity": "5", "size": "{size}", "from": "{other}"}, 409),
    ],
)
def test_what_cannot_be_packed_is_refused(
    plan: kit.Plan, warehouse_staff: Browser, data: dict[str, str], status: int
) -> None:
    names = {
        "code": plan.codes[0],
        "size": plan.depot.size,
        "shelf": plan.depot.shelf,
        "other": plan.depot.other_shelf,
    }
    words = kit.refused(
        warehouse_staff, f"{plan.path}/pack", {key: value.format(**names) for key, value in data.items()}, status
    )
    assert "Not saved yet" in words
    assert kit.lines(plan.id)["One size"].packed == 0
    assert kit.state(plan.id) == DistributionState.PLANNED
    kit.in_order()


def test_extras_are_packed_while_available_and_put_back(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.pack(plan, warehouse_staff)
    warehouse_staff.send(f"{plan.path}/pack", {"code": plan.codes[0], "quantity": 40})
    assert kit.lines(plan.id)["One size"].packed == 100
    back = {"code": plan.codes[0], "to": plan.depot.shelf, "quantity": 101}
    kit.refused(warehouse_staff, f"{plan.path}/put-back", back, 409)
    kit.refused(warehouse_staff, f"{plan.path}/put-back", {**back, "quantity": 5, "to": 999999}, 422)
    warehouse_staff.send(f"{plan.path}/put-back", {**back, "quantity": 45})
    assert stock.stock(plan.depot) == (45, 5)
    kit.in_order()


def test_extras_of_one_size_do_not_hide_what_is_missing_of_another(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(200, 120, "S", "M")
    for quantity in (60, 60):
        coordinator.send(f"{plan.path}/pack", {"code": plan.codes[0], "quantity": quantity})
    for path in (plan.path, f"{plan.path}/pick"):
        words = kit.reads(coordinator, path)
        assert "60 of 120 packed +60 extra" in words
        assert "All packed" not in words
    with_extras = board.totals(db.session, [plan.id])[plan.id]
    assert (with_extras.planned, with_extras.packed, with_extras.extra) == (120, 60, 60)
    assert "Dispatch as it is" in kit.reads(coordinator, plan.path)


def test_two_clicks_pack_once(plan: kit.Plan, warehouse_staff: Browser) -> None:
    for data in (
        {"code": plan.codes[0], "quantity": "60", "key": "k1"},
        {"code": plan.codes[0], "quantity": "40", "key": "k2"},
    ):
        for _ in range(2):
            warehouse_staff.send(f"{plan.path}/pack", data)
    assert kit.lines(plan.id)["One size"].packed == 100


def hidden(page: str, name: str) -> str:
    """What the page carries along unseen."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found.group(1)


def line_of(plan: kit.Plan, browser: Browser, quantity: int) -> dict[str, object]:
    """A line of the pick list as the page sends it."""
    page = browser.page(f"{plan.path}/pick")
    return {
        "size": plan.depot.size,
        "from": plan.depot.shelf,
        "code": plan.codes[0],
        "quantity": quantity,
        "on_van": hidden(page, "on_van"),
    }


@pytest.mark.parametrize("quantity", [60, 30])
def test_a_second_packer_of_the_same_line_is_told_what_is_left(
    plan: kit.Plan, warehouse_staff: Browser, coordinator: Browser, quantity: int
) -> None:
    first, second = (line_of(plan, browser, quantity) for browser in (warehouse_staff, coordinator))
    warehouse_staff.send(f"{plan.path}/pack", first)
    words = kit.refused(coordinator, f"{plan.path}/pack", second, 409)
    assert f"Somebody packed this meanwhile: {60 - quantity} are still to pack." in words
    assert kit.lines(plan.id)["One size"].packed == quantity
    if quantity < 60:  # having looked again
        coordinator.send(f"{plan.path}/pack", line_of(plan, coordinator, quantity))
    assert kit.lines(plan.id)["One size"].packed == 60
    kit.in_order()


def test_a_line_packs_no_extras(plan: kit.Plan, warehouse_staff: Browser) -> None:
    data = line_of(plan, warehouse_staff, 61)
    assert "Only 60 of Joggers One size are still to pack." in kit.refused(
        warehouse_staff, f"{plan.path}/pack", data, 409
    )
    assert kit.lines(plan.id)["One size"].packed == 0


def test_all_of_it_is_what_the_page_listed(plan: kit.Plan, warehouse_staff: Browser) -> None:
    listed = hidden(warehouse_staff.page(f"{plan.path}/pick"), "listed")
    stock.plan(plan.depot, plan.id, 80)
    words = kit.refused(warehouse_staff, f"{plan.path}/pack", {"all": "1", "listed": listed}, 409)
    assert "The pick list has changed since you opened it." in words
    assert kit.lines(plan.id)["One size"].packed == 0
    listed = hidden(warehouse_staff.page(f"{plan.path}/pick"), "listed")
    warehouse_staff.send(f"{plan.path}/pack", {"all": "1", "listed": listed})
    assert kit.lines(plan.id)["One size"].packed == 80
