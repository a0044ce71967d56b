"""A change of plan, and calling it off."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.outbox.models import OutboxMessage
from logistics.shifts import signing
from logistics.shifts.models import Shift

from .. import make
from ..browsing import Browser
from ..stock import kit as stock
from . import kit


def test_a_change_of_plan_takes_shifts_crew_and_packing_list_along(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(500, 0, starts_at=(now() + timedelta(days=1)).replace(microsecond=0), expected_men=100)
    data = kit.item(plan, mode="per_person", per_person="1", groups=["men"])
    coordinator.send(f"{plan.path}/packing-list", data)
    found = kit.found(plan.id)
    starts_at, ends_at, point_id = found.starts_at, found.ends_at, make.meeting_point("South").id
    shift_id = make.shift(kit.found(plan.id), starts_at=starts_at - timedelta(hours=1)).id
    person = make.person()
    signing.sign_up(actor_id=person.id, shift_id=shift_id)
    by = timedelta(hours=3)
    coordinator.send(
        f"{plan.path}/edit",
        kit.change(
            plan, site_id=point_id, starts_at=kit.wall(starts_at + by), ends_at=kit.wall(ends_at + by), expected_men=150
        ),
    )
    db.session.rollback()
    shift = db.session.get_one(Shift, shift_id)
    assert (shift.starts_at, shift.site_id) == (starts_at + timedelta(hours=2), point_id)
    assert kit.lines(plan.id)["One size"].allocated == 150
    told = db.session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.kind == "shift_changed")).all()
    assert told == [person.email]
    kit.in_order()


def test_a_stale_change_is_refused_and_what_was_typed_stays(plan: kit.Plan, coordinator: Browser) -> None:
    old = kit.change(plan, title="Typed by the second")
    coordinator.send(f"{plan.path}/edit", kit.change(plan, title="By the first"))
    answer = coordinator.send(f"{plan.path}/edit", old, 409).get_data(as_text=True)
    assert "Typed by the second" in answer
    assert kit.found(plan.id).title == "By the first"
    kit.refused(coordinator, f"{plan.path}/edit", kit.change(plan, version=kit.ODD), 409)
    kit.refused(coordinator, f"{plan.path}/edit", kit.change(plan, title=" "), 422)


def test_calling_off_frees_everything_and_keeps_the_record(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(100, 80)
    later = stock.planned(plan.depot, 50, now() + timedelta(days=3))
    kit.pack(plan, coordinator)
    kit.refused(coordinator, f"{plan.path}/cancel", {"reason": "x" * 301}, 422)
    data = {"reason": f"Snow {kit.ODD}", "key": "k"}
    coordinator.send(f"{plan.path}/cancel", data)
    coordinator.send(f"{plan.path}/cancel", data)
    assert kit.lines(later)["One size"].allocated == 50
    assert stock.stock(plan.depot) == (100, 50)
    assert "Back in their boxes" in kit.reads(coordinator, plan.path)
    assert coordinator.get(f"{plan.path}/cancel").status_code == 200
    kit.in_order()


@pytest.mark.parametrize("people", [200, 150])
def test_moved_to_a_day_ahead_it_is_promised_what_is_there_again(app: Flask, coordinator: Browser, people: int) -> None:
    plan = kit.plan(0, 60, starts_at=now() - timedelta(days=1))
    stock.receive(plan.depot, 50)
    assert kit.lines(plan.id)["One size"].allocated == 0
    start = now() + timedelta(days=1)
    times = {"starts_at": kit.wall(start), "ends_at": kit.wall(start + timedelta(hours=2))}
    coordinator.send(f"{plan.path}/edit", kit.change(plan, **times, expected_men=people))
    assert kit.lines(plan.id)["One size"].allocated == 50
    kit.in_order()


def test_one_called_off_says_what_its_crew_was(app: Flask, coordinator: Browser) -> None:
    plan = kit.plan(0, 0)
    coordinator.send(f"{plan.path}/cancel", {"reason": "Snow."})
    assert "Nobody had been asked to come." in kit.reads(coordinator, plan.path)
    made = make.distribution()
    distribution_id, driver = made.id, make.role("Driver")
    shift_id = make.shift(made, of_role=driver, maximum=2).id
    stays, leaves = make.person().id, make.person().id
    for person_id in (stays, leaves):
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    signing.cancel(actor_id=leaves, shift_id=shift_id, reason="The ferry.")
    coordinator.send(f"/distributions/{distribution_id}/cancel", {"reason": "Snow."})
    words = kit.reads(coordinator, f"/distributions/{distribution_id}")
    assert "These shifts were called off with it: Driver 1 person told" in words
    assert "Nobody is asked to come yet" not in words
