"""The pages of a distribution: who sees what, what has happened, and as many queries at any size."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics import audit
from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Distribution
from logistics.giving import spending
from logistics.shifts import signing
from logistics.shifts.models import Shift, SignUpState
from logistics.stock import packing_lists, receiving
from logistics.stock.models import Size

from .. import make
from ..browsing import Browser
from ..counting import queries
from ..giving.helpers import fund
from ..shifts.worked import sign_up
from . import kit

PLACE = "Behind the blue container"


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
    warehouse_staff.send(f"/shifts/{shift_id}/cancel", {"reason": "The ferry is late"})
    assert PLACE not in warehouse_staff.page(path)


@pytest.mark.parametrize("state", [SignUpState.ATTENDED, SignUpState.NO_SHOW])
def test_the_exact_place_is_told_until_a_day_after(
    coordinator: Browser, warehouse_staff: Browser, state: SignUpState
) -> None:
    made = make.distribution(make.meeting_point("North", place=PLACE), starts_at=now() - timedelta(hours=30))
    path, shift_id = f"/distributions/{made.id}", make.shift(made, starts_at=now() - timedelta(hours=26), hours=3).id
    sign_up(warehouse_staff.person_id, shift_id, state)
    for page in (path, f"/shifts/{shift_id}"):
        assert PLACE in warehouse_staff.page(page)
    with transaction() as session:
        shift = session.get_one(Shift, shift_id)
        shift.starts_at, shift.ends_at = now() - timedelta(hours=28), now() - timedelta(hours=25)
    for page in (path, f"/shifts/{shift_id}"):
        assert PLACE not in warehouse_staff.page(page)
        assert PLACE in coordinator.page(page)


def test_each_sees_only_the_actions_that_are_theirs(
    plan: kit.Plan, coordinator: Browser, warehouse_staff: Browser, fundraiser: Browser, volunteer: Browser
) -> None:
    planning = {"pick", "edit", "cancel", "packing-list", "crew-plan"}
    for browser, seen in ((coordinator, planning), (warehouse_staff, {"pick"})):
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


def test_an_unknown_line_never_breaks_the_page(plan: kit.Plan, coordinator: Browser) -> None:
    with transaction() as session:
        for action, details in (
            ("distribution.sung_to", {}),
            ("distribution.packed", {"quantity": "many"}),
            ("shift.moved", {"starts_at": "never", "told": 1}),
            ("distribution.changed", {"fields": None, "starts_at": kit.ODD}),
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
    assert count(coordinator, f"{plan.path}/return") <= 13
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


def test_an_empty_fund_is_short_until_the_distribution_is_over(app: Flask, coordinator: Browser) -> None:
    made = make.distribution().id
    fund_id = fund("Vans", given=6000)
    spend = {"actor_id": coordinator.person_id, "fund_id": fund_id, "distribution_id": made, "currency": "gbp"}
    spending.record_spend(**spend, amount=4600, what="Van", spent_on=now().date())
    words = kit.reads(coordinator, f"/distributions/{made}")
    assert "Money Covered" in words
    assert "Vans: £14 left." in words
    spending.record_spend(**spend, amount=1400, what="Fuel", spent_on=now().date())
    for path in ("/", f"/distributions/{made}"):
        assert "Money Vans: nothing left" in kit.reads(coordinator, path)
