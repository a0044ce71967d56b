"""Corrections, and the promises they break."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid
from logistics.outbox.models import OutboxMessage
from logistics.people.models import Person
from logistics.stock.counting import correct
from logistics.stock.models import OUTSIDE_IDS, LocationKind, Movement, Product

from .. import make
from . import kit


def count(at: kit.Depot, code: str, seen: int, counted: int, reason: str = "miscounted", note: str = "") -> str:
    return correct(
        actor_id=at.actor_id,
        code=code,
        location_id=at.shelf,
        seen=seen,
        counted=counted,
        reason=reason,
        note=note,
    )


def test_fewer_are_written_off_and_more_came_with_the_box(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50, source="bought")
    assert count(at, code, 50, 44, "damaged") == code
    assert kit.level(code, OUTSIDE_IDS[LocationKind.WRITTEN_OFF]) == 6
    count(at, code, 44, 60, "found")
    assert kit.level(code, OUTSIDE_IDS[LocationKind.BOUGHT]) == -66
    assert kit.stock(at) == (60, 0)
    assert db.session.scalars(select(Movement.reason).order_by(Movement.id)).all() == ["bought", "damaged", "found"]
    told = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "box.corrected").order_by(AuditLine.id)
    ).first()
    assert told is not None
    assert (told.details["before"], told.details["quantity"], told.details["reason"]) == (50, 44, "damaged")
    kit.sound()


def test_a_count_that_finds_what_was_there_is_written_down_too(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    count(at, code, 50, 50)
    assert db.session.scalars(select(AuditLine.action).order_by(AuditLine.id.desc())).first() == "box.counted"
    assert kit.stock(at) == (50, 0)
    kit.sound()


def test_a_stale_page_is_refused_with_both_numbers(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    count(at, code, 50, 40)
    with pytest.raises(Conflict, match="The page showed 50 here, but there are 40 by now"):
        count(at, code, 50, 45)
    kit.sound()


def test_what_is_found_goes_to_whoever_is_short(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 5)
    short = kit.planned(at, 20)
    count(at, code, 5, 15, "found")
    assert kit.line(at, short).allocated == 15
    kit.sound()


def test_a_promise_is_taken_from_the_latest_and_its_coordinator_is_told(app: Flask) -> None:
    at = kit.depot()
    code, start = kit.receive(at, 100), now() + timedelta(days=1)
    early, late = kit.planned(at, 40, start), kit.planned(at, 30, start + timedelta(days=1))
    middle = kit.planned(at, 20, start)  # as early as the first, but made later
    with transaction() as session:
        session.get_one(Person, at.actor_id).language = "fr"
        session.get_one(Product, at.product_id).name_fr = "Joggings"
    count(at, code, 100, 95)  # ten are free: nobody is hurt
    assert kit.allocated(at, early, middle, late) == [40, 20, 30]
    count(at, code, 95, 50)
    assert kit.allocated(at, early, middle, late) == [40, 10, 0]
    messages = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [message.kind for message in messages] == ["promise_taken", "promise_taken"]
    assert [message.person_id for message in messages] == [at.actor_id, at.actor_id]
    assert messages[0].language == "fr"
    assert messages[0].params == {
        "distribution_id": late,
        "title": "Hoodies",
        "product": "Joggings",
        "size": "One size",
        "quantity": 30,
        "why": "counted",
        "path": f"/distributions/{late}",
    }
    assert messages[1].params["quantity"] == 10
    timeline = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "distribution.promise_taken").order_by(AuditLine.id)
    ).all()
    assert [each.distribution_id for each in timeline] == [late, middle]
    kit.sound()


def test_of_one_whose_planner_left_or_is_not_known_those_who_plan_are_told(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 10)
    unknown = kit.distribution(at, created_by=None)
    kit.plan(at, unknown, 5)
    gone = kit.distribution(at, created_by=make.person("coordinator").id)
    kit.plan(at, gone, 5)
    with transaction() as session:
        session.get_one(kit.Distribution, gone)
        left = session.get_one(Person, session.get_one(kit.Distribution, gone).created_by)
        left.disabled_at = now()
    count(at, code, 10, 0, "stolen")
    assert kit.allocated(at, unknown, gone) == [0, 0]
    told = db.session.scalars(select(OutboxMessage)).all()
    assert [message.person_id for message in told] == [at.actor_id, at.actor_id]
    assert {message.params["distribution_id"] for message in told} == {unknown, gone}
    kit.sound()


@pytest.mark.parametrize(
    ("counted", "reason", "note", "field"),
    [
        (-1, "lost", "", "counted"),
        (1_000_001, "found", "", "counted"),
        (11, "damaged", "", "reason"),
        (9, "found", "", "reason"),
        (9, "nonsense", "", "reason"),
        (9, "other", "  ", "note"),
    ],
)
def test_what_does_not_explain_the_difference(app: Flask, counted: int, reason: str, note: str, field: str) -> None:
    at = kit.depot()
    code = kit.receive(at, 10)
    with pytest.raises(Invalid) as refused:
        count(at, code, 10, counted, reason, note)
    assert refused.value.field == field
    assert kit.stock(at) == (10, 0)


@pytest.mark.parametrize("others", [["coordinator", "coordinator", "admin", "warehouse"], ["admin", "warehouse"]])
def test_when_its_planner_is_gone_all_who_plan_are_told(app: Flask, others: list[str]) -> None:
    at = kit.depot()
    people = [(role, make.person(role).email) for role in others]
    wanted = {email for role, email in people if role == others[0]}
    code = kit.receive(at, 40)
    made = kit.planned(at, 40)
    with transaction() as session:
        session.get_one(Person, at.actor_id).disabled_at = now()
    correct(actor_id=None, code=code, location_id=at.shelf, seen=40, counted=30, reason="miscounted")
    told = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "promise_taken")).all()
    assert {message.to_address for message in told} == wanted
    assert kit.allocated(at, made) == [30]
    kit.sound()
