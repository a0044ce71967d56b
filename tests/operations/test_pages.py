"""The pages of a distribution day: who sees what, what is refused and how, and as many queries at any size."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from logistics import audit
from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Distribution, DistributionState
from logistics.outbox.models import OutboxMessage
from logistics.shifts import signing
from logistics.shifts.models import Shift
from logistics.stock import packing_lists, receiving
from logistics.stock.models import Size

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from ..stock import kit as stock
from . import kit

PLACE = "Behind the blue container"
ODD = "🧦\u202e日本 <script>"


@pytest.fixture
def plan(app: Flask) -> kit.Plan:
    return kit.plan(100, 60)


def refused(browser: Browser, path: str, data: dict[str, Any], status: int) -> str:
    return text_of(browser.send(path, data, status).get_data(as_text=True))


# Who sees what.


def test_the_exact_place_is_for_planners_and_the_crew(
    coordinator: Browser, warehouse_staff: Browser, fundraiser: Browser
) -> None:
    made = make.distribution(make.meeting_point("North", place=PLACE))
    path, shift_id = f"/distributions/{made.id}", make.shift(made).id
    assert PLACE in coordinator.page(path)
    assert PLACE not in warehouse_staff.page(path)
    assert PLACE not in fundraiser.page(path)
    warehouse_staff.send(f"/shifts/{shift_id}/sign-up")
    assert PLACE in warehouse_staff.page(path)
    warehouse_staff.send(f"/shifts/{shift_id}/cancel")
    assert PLACE not in warehouse_staff.page(path)


def test_each_sees_only_the_actions_that_are_theirs(
    plan: kit.Plan, coordinator: Browser, warehouse_staff: Browser, fundraiser: Browser, volunteer: Browser
) -> None:
    for browser, seen in ((coordinator, {"pick", "edit", "cancel", "packing-list"}), (warehouse_staff, {"pick"})):
        page = browser.page(plan.path)
        assert set(re.findall(rf'href="{plan.path}/([a-z-]+)"', page)) == seen
    page = fundraiser.page(plan.path)
    assert set(re.findall(rf'"{plan.path}/([a-z-]+)"', page)) == set()
    assert f"/giving/spends/new?distribution={plan.id}" in page
    assert volunteer.get(plan.path).status_code == 403
    assert warehouse_staff.get(f"{plan.path}/packing-list").status_code == 403
    assert fundraiser.post(f"{plan.path}/dispatch").status_code == 403


def test_there_is_no_such_distribution(coordinator: Browser) -> None:
    for page in ("", "/history", "/edit", "/packing-list", "/pick", "/dispatch", "/return", "/cancel"):
        assert coordinator.get(f"/distributions/999999{page}").status_code == 404, page
    for page in ("pack", "put-back", "dispatch", "return", "close", "cancel", "packing-list", "edit"):
        for data in ({}, {"all": "1", "reason": "x", "warehouse": "1", "code": "x", "quantity": "1", "to": "1"}):
            status = coordinator.post(f"/distributions/999999/{page}", data=data).status_code
            assert status == 404, (page, data)


# The packing list.


def item(plan: kit.Plan, **changed: Any) -> dict[str, Any]:
    return {"product": plan.depot.product_id, "mode": "total", "total": "60", **changed}


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"total": "-1"}, 422, "Enter a number from 0 to 1000000."),
        ({"total": "9999999999"}, 422, "Enter a number from 0 to 1000000."),
        ({"total": "1.5"}, 422, "Enter a whole number."),
        ({"total": ODD}, 422, "Enter a whole number."),
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
    assert words in refused(coordinator, f"{plan.path}/packing-list", item(plan, **changed), status)
    assert kit.lines(plan.id)["One size"].planned == before


def test_one_between_two_is_rounded_up_and_a_comma_will_do(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 0, expected_men=25, expected_boys=4)
    data = item(plan, mode="per_person", per_person="0,5", groups=["men", "boys"])
    coordinator.send(f"{plan.path}/packing-list", data)
    assert kit.lines(plan.id)["One size"].planned == 15
    page = coordinator.page(f"{plan.path}/packing-list?product={plan.depot.product_id}")
    assert 'value="0.5"' in page
    assert "0.5 each for: men, boys" in kit.reads(coordinator, plan.path)


def test_a_plan_below_what_is_packed_is_refused(plan: kit.Plan, coordinator: Browser) -> None:
    kit.pack(plan, coordinator)
    words = refused(coordinator, f"{plan.path}/packing-list", item(plan, total="59"), 422)
    assert "60 of size One size are packed already" in words
    coordinator.send(f"{plan.path}/packing-list", {"remove": plan.depot.product_id}, 409)
    coordinator.send(f"{plan.path}/packing-list", item(plan, total="61"))
    assert kit.lines(plan.id)["One size"].allocated == 1
    kit.in_order()


def test_a_stale_packing_list_is_refused_and_what_was_typed_stays(plan: kit.Plan, coordinator: Browser) -> None:
    page = coordinator.page(f"{plan.path}/packing-list?product={plan.depot.product_id}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    coordinator.send(f"{plan.path}/packing-list", item(plan, total="50", version=version.group(1)))
    data = item(plan, total="77", version=version.group(1))
    answer = coordinator.send(f"{plan.path}/packing-list", data, 409).get_data(as_text=True)
    assert "Someone changed this packing list meanwhile" in answer
    assert 'value="77"' in answer


def test_a_preview_saves_nothing_and_shows_what_is_short(plan: kit.Plan, coordinator: Browser) -> None:
    answer = coordinator.send(f"{plan.path}/packing-list", item(plan, total="120", preview="1"), 200)
    words = text_of(answer.get_data(as_text=True))
    assert "One size 120 0 100 20" in words
    assert "20 will be short" in words
    assert kit.lines(plan.id)["One size"].planned == 60
    assert coordinator.post(f"{plan.path}/packing-list", data=item(plan, total="x", preview="1")).status_code == 422


def test_an_item_is_removed_and_what_was_promised_is_free(plan: kit.Plan, coordinator: Browser) -> None:
    coordinator.send(f"{plan.path}/packing-list", {"remove": plan.depot.product_id})
    assert stock.stock(plan.depot) == (100, 0)
    coordinator.send(f"{plan.path}/packing-list", {"remove": plan.depot.product_id}, 404)
    coordinator.send(f"{plan.path}/packing-list", {"remove": ODD}, 404)
    coordinator.send(f"{plan.path}/packing-list", {"product": ODD}, 404)
    coordinator.send(f"{plan.path}/packing-list", {"product": "99999999999999"}, 404)


def test_products_are_searched_and_paged(plan: kit.Plan, coordinator: Browser) -> None:
    for number in range(25):
        make.product(f"Thing {number:02}", gender="Female")
    path = f"{plan.path}/packing-list"
    assert "1–20 of 26" in kit.reads(coordinator, path)
    assert "Thing 24, women" in kit.reads(coordinator, f"{path}?page=2")
    assert "Joggers" in kit.reads(coordinator, f"{path}?q=jogg")
    assert "On the list" in kit.reads(coordinator, f"{path}?q=jogg")
    assert "No product of that name" in kit.reads(coordinator, f"{path}?q={ODD}")


def test_the_warehouse_is_chosen_first_and_may_change_until_something_is_packed(
    plan: kit.Plan, coordinator: Browser
) -> None:
    other_id = make.warehouse("Elsewhere").id
    fresh = make.distribution().id
    page = coordinator.page(f"/distributions/{fresh}/packing-list")
    assert "Pack from which warehouse?" in page
    assert "Add a product" not in text_of(page)
    assert "Choose a warehouse." in refused(coordinator, f"/distributions/{fresh}/packing-list", {"warehouse": ""}, 422)
    refused(coordinator, f"/distributions/{fresh}/packing-list", {"warehouse": "999"}, 422)
    refused(coordinator, f"/distributions/{fresh}/packing-list", item(plan), 422)
    coordinator.send(f"/distributions/{fresh}/packing-list", item(plan, warehouse=plan.depot.warehouse_id))
    assert kit.lines(fresh)["One size"].allocated == 40
    coordinator.send(f"{plan.path}/packing-list", {"warehouse": other_id})
    assert kit.lines(plan.id)["One size"].allocated == 0
    assert kit.lines(fresh)["One size"].allocated == 60
    coordinator.send(f"{plan.path}/packing-list", {"warehouse": plan.depot.warehouse_id})
    kit.pack(plan, coordinator)
    coordinator.send(f"{plan.path}/packing-list", {"warehouse": other_id}, 409)
    kit.in_order()


# Packing.


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
        ({"code": ODD, "quantity": "5"}, 422),
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
    words = refused(
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
    refused(warehouse_staff, f"{plan.path}/put-back", back, 409)
    refused(warehouse_staff, f"{plan.path}/put-back", {**back, "quantity": 5, "to": 999999}, 422)
    warehouse_staff.send(f"{plan.path}/put-back", {**back, "quantity": 45})
    assert stock.stock(plan.depot) == (45, 5)
    kit.in_order()


def test_two_clicks_pack_once(plan: kit.Plan, warehouse_staff: Browser) -> None:
    for data in (
        {"code": plan.codes[0], "quantity": "60", "key": "k1"},
        {"code": plan.codes[0], "quantity": "40", "key": "k2"},
    ):
        for _ in range(2):
            warehouse_staff.send(f"{plan.path}/pack", data)
    assert kit.lines(plan.id)["One size"].packed == 100


# The van leaves.


def test_with_nothing_to_take_it_leaves_from_planned(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(0, 0)
    assert "Dispatch without goods" in kit.reads(coordinator, f"/distributions/{make.distribution().id}")
    coordinator.send(f"{plan.path}/dispatch")
    assert kit.state(plan.id) == DistributionState.OUT
    coordinator.send(f"{plan.path}/return", {"served_men": "9"})
    coordinator.send(f"{plan.path}/close")
    kit.in_order()


def test_one_with_goods_to_take_is_packed_first(plan: kit.Plan, coordinator: Browser) -> None:
    assert "Nothing is packed yet." in refused(coordinator, f"{plan.path}/dispatch", {}, 409)
    assert kit.state(plan.id) == DistributionState.PLANNED


def test_complete_it_leaves_with_one_tap(plan: kit.Plan, coordinator: Browser) -> None:
    kit.pack(plan, coordinator)
    page = coordinator.page(plan.path)
    assert f'action="{plan.path}/dispatch"' in page
    coordinator.send(f"{plan.path}/dispatch", {"crew_short": "0", "not_packed": "0", "key": "k"})
    coordinator.send(f"{plan.path}/dispatch", {"crew_short": "0", "not_packed": "0", "key": "k"})
    assert "Only a distribution that is being packed can leave" in refused(
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
        "packing-list": item(plan),
        "edit": change(plan),
    }
    coordinator.send(f"{plan.path}/{page}", form.get(page, {}), 409)
    if page not in ("pack", "put-back"):
        assert coordinator.get(f"{plan.path}/{page}").status_code in (200, 303)
    assert kit.state(plan.id) == DistributionState.OUT
    kit.in_order()


# It comes back.


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
        (ODD, "valid choice"),
    ):
        data = {**kit.count(plan, 50, 10, 0), "shelf": shelf}
        assert words in refused(warehouse_staff, f"{plan.path}/return", data, 422)
    warehouse_staff.send(f"{plan.path}/return", {**kit.count(plan, 60, 0, 0), "shelf": ""})
    kit.in_order()


def test_two_clicks_return_once_and_a_second_count_is_refused(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.out(plan, warehouse_staff)
    data = kit.count(plan, 45, 10, 5) | {"served_men": "40", "key": "k"}
    for _ in range(2):
        warehouse_staff.send(f"{plan.path}/return", data)
    assert stock.stock(plan.depot) == (50, 0)
    words = refused(warehouse_staff, f"{plan.path}/return", {**data, "key": "other"}, 409)
    assert "This was counted already" in words
    assert stock.stock(plan.depot) == (50, 0)
    kit.in_order()


def test_the_debrief_is_kept_and_shown_again(plan: kit.Plan, warehouse_staff: Browser) -> None:
    kit.out(plan, warehouse_staff)
    warehouse_staff.send(f"{plan.path}/return", {"served_boys": "7", "debrief": ODD, "ran_out_first": "Sizes M"})
    assert kit.found(plan.id).served_boys == 7
    page = warehouse_staff.page(f"{plan.path}/return")
    assert 'value="7"' in page
    assert "&lt;script&gt;" in page
    for field in ("debrief", "ran_out_first"):
        refused(warehouse_staff, f"{plan.path}/return", {field: "x" * 6000}, 422)
        refused(warehouse_staff, f"{plan.path}/return", {field: "a\x00b"}, 422)
    refused(warehouse_staff, f"{plan.path}/return", {"served_men": "-3"}, 422)
    assert kit.found(plan.id).served == {"men": 0, "women": 0, "boys": 7, "girls": 0, "small_children": 0}


def test_it_closes_when_all_is_counted(plan: kit.Plan, warehouse_staff: Browser) -> None:
    assert warehouse_staff.post(f"{plan.path}/close").status_code == 409
    kit.out(plan, warehouse_staff)
    assert warehouse_staff.post(f"{plan.path}/close").status_code == 409
    warehouse_staff.send(f"{plan.path}/return", {})
    assert "60 are still on the van: 60 Joggers." in refused(warehouse_staff, f"{plan.path}/close", {}, 409)
    assert "Count the rest" in kit.reads(warehouse_staff, plan.path)
    warehouse_staff.send(f"{plan.path}/return", kit.count(plan, 60, 0, 0))
    warehouse_staff.send(f"{plan.path}/close", {"key": "k"})
    warehouse_staff.send(f"{plan.path}/close", {"key": "k"})
    assert warehouse_staff.post(f"{plan.path}/return", data={"served_men": "1"}).status_code == 409
    kit.in_order()


# A change of plan, and calling it off.


def change(plan: kit.Plan, **changed: Any) -> dict[str, Any]:
    found = kit.found(plan.id)
    return {
        "title": found.title,
        "site_id": found.site_id,
        "starts_at": wall(found.starts_at),
        "ends_at": wall(found.ends_at),
        "expected_men": found.expected_men,
        "version": found.version,
        **changed,
    }


def wall(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%dT%H:%M:%S")


def test_a_change_of_plan_takes_shifts_crew_and_packing_list_along(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(500, 0, starts_at=(now() + timedelta(days=1)).replace(microsecond=0), expected_men=100)
    data = item(plan, mode="per_person", per_person="1", groups=["men"])
    coordinator.send(f"{plan.path}/packing-list", data)
    found = kit.found(plan.id)
    starts_at, ends_at, point_id = found.starts_at, found.ends_at, make.meeting_point("South").id
    shift_id = make.shift(kit.found(plan.id), starts_at=starts_at - timedelta(hours=1)).id
    person = make.person()
    signing.sign_up(actor_id=person.id, shift_id=shift_id)
    by = timedelta(hours=3)
    coordinator.send(
        f"{plan.path}/edit",
        change(plan, site_id=point_id, starts_at=wall(starts_at + by), ends_at=wall(ends_at + by), expected_men=150),
    )
    db.session.rollback()
    shift = db.session.get_one(Shift, shift_id)
    assert (shift.starts_at, shift.site_id) == (starts_at + timedelta(hours=2), point_id)
    assert kit.lines(plan.id)["One size"].allocated == 150
    told = db.session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.kind == "shift_changed")).all()
    assert told == [person.email]
    kit.in_order()


def test_a_stale_change_is_refused_and_what_was_typed_stays(plan: kit.Plan, coordinator: Browser) -> None:
    old = change(plan, title="Typed by the second")
    coordinator.send(f"{plan.path}/edit", change(plan, title="By the first"))
    answer = coordinator.send(f"{plan.path}/edit", old, 409).get_data(as_text=True)
    assert "Typed by the second" in answer
    assert kit.found(plan.id).title == "By the first"
    refused(coordinator, f"{plan.path}/edit", change(plan, version=ODD), 409)
    refused(coordinator, f"{plan.path}/edit", change(plan, title=" "), 422)


def test_calling_off_frees_everything_and_keeps_the_record(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 80)
    later = stock.planned(plan.depot, 50, now() + timedelta(days=3))
    kit.pack(plan, coordinator)
    refused(coordinator, f"{plan.path}/cancel", {"reason": "x" * 301}, 422)
    data = {"reason": f"Snow {ODD}", "key": "k"}
    coordinator.send(f"{plan.path}/cancel", data)
    coordinator.send(f"{plan.path}/cancel", data)
    assert kit.lines(later)["One size"].allocated == 50
    assert stock.stock(plan.depot) == (100, 50)
    assert "Back in their boxes" in kit.reads(coordinator, plan.path)
    assert coordinator.get(f"{plan.path}/cancel").status_code == 200
    kit.in_order()


# The timeline.


def test_an_unknown_line_never_breaks_the_page(plan: kit.Plan, coordinator: Browser) -> None:
    with transaction() as session:
        for action, details in (
            ("distribution.sung_to", {}),
            ("distribution.packed", {"quantity": "many"}),
            ("shift.moved", {"starts_at": "never", "told": 1}),
            ("distribution.changed", {"fields": None, "starts_at": ODD}),
        ):
            audit.record(session, None, action, "distribution", plan.id, distribution_id=plan.id, **details)
    words = kit.reads(coordinator, plan.path)
    for action in ("distribution.sung_to", "distribution.packed", "shift.moved", "distribution.changed"):
        assert f"Shoreline made a change ({action})" in words


def test_a_long_history_is_paged_and_exported(plan: kit.Plan, coordinator: Browser) -> None:
    with transaction() as session:
        for _ in range(120):
            audit.record(session, None, "distribution.packing", "distribution", plan.id, distribution_id=plan.id)
    assert kit.reads(coordinator, plan.path).count("began packing") == 12
    page = kit.reads(coordinator, f"{plan.path}/history")
    assert "1–50 of" in page
    csv = coordinator.get(f"{plan.path}/history?format=csv").get_data(as_text=True)
    assert csv.count("began packing") == 120


# As many queries at any size.


def grow(plan: kit.Plan, times: int) -> None:
    """More of everything: products on the list with their boxes, shifts with crews, lines of the timeline."""
    actor_id = plan.depot.actor_id
    for _ in range(times):
        product_id = make.product(sizes=("S", "M")).id
        for size_id in db.session.scalars(select(Size.id).where(Size.product_id == product_id)).all():
            receiving.receive_new_box(actor_id=actor_id, size_id=size_id, quantity=20, location_id=plan.depot.shelf)
        packing_lists.set_item(
            actor_id=actor_id,
            distribution_id=plan.id,
            product_id=product_id,
            per_person_hundredths=None,
            groups=[],
            total=30,
            profile={},
        )
        signing.sign_up(actor_id=make.person().id, shift_id=make.shift(kit.found(plan.id)).id)


def test_the_pages_make_the_same_queries_at_any_size(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 60)
    grow(plan, 1)
    pages = ["", "/history", "/packing-list", "/pick", "/dispatch", "/cancel"]
    for _ in range(2):  # first to fill caches
        before = {page: count(coordinator, plan.path + page) for page in pages}
    grow(plan, 30)
    after = {page: count(coordinator, plan.path + page) for page in pages}
    assert before == after
    assert after[""] <= 13, after
    kit.out(plan, coordinator)
    assert count(coordinator, f"{plan.path}/return") <= 12
    kit.in_order()


def count(browser: Browser, path: str) -> int:
    with queries() as sent:
        browser.page(path)
    return len(sent)


def test_a_distribution_of_nothing_is_shown_too(coordinator: Browser) -> None:
    made = make.distribution(expected_men=0).id
    words = kit.reads(coordinator, f"/distributions/{made}")
    assert "No packing list yet" in words
    assert "No shifts yet" in words
    assert "about" not in words.split("Crew")[0]
    assert db.session.get_one(Distribution, made).state == "planned"
