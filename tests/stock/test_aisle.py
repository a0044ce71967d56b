"""The aisle: what its phone sends is done once and in order, and what cannot be done is told with both sides."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from logistics.audit import AuditLine
from logistics.clock import as_if, now
from logistics.commands import RepeatGuard
from logistics.db import db, transaction
from logistics.outbox.models import OutboxMessage as Message
from logistics.stock.aisle.models import AisleAct
from logistics.stock.counting import correct
from logistics.stock.models import Location, Movement
from logistics.stock.moving import move_box
from logistics.stock.taking import take_out

from .. import make
from ..browsing import Browser, text_of
from . import kit
from . import test_counts as stock_takes
from .aisle import act, count, move, post, put, send, states, take


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def received_long_ago(at: kit.Depot, quantity: int) -> str:
    with as_if(now() - timedelta(hours=5)):
        return kit.receive(at, quantity)


def test_everything_that_is_done_in_an_aisle(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = received_long_ago(at, 20)
    results = send(
        warehouse_staff,
        at,
        take(at, code, 5, ago=30),
        take(at, code, 2, reason="damaged", ago=25),
        put(at, code, 4, ago=20),
        move(at, code, 7, ago=15),
        count(at, code, 9, 10, ago=10),
        count(at, code, 7, 7, shelf=at.other_shelf, ago=5),
    )
    assert states(results) == ["done"] * 6, results
    assert results[-1]["box"]["places"] == [[at.shelf, 9], [at.other_shelf, 7]]
    assert (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) == (9, 7)
    reasons = db.session.scalars(select(Movement.reason).order_by(Movement.id)).all()
    assert reasons == ["donated", "taken_out", "damaged", "donated", "moved", "lost"]
    done = db.session.scalars(select(AisleAct).order_by(AisleAct.id)).all()
    assert [one.kind for one in done] == ["take", "take", "put", "move", "count", "count"]
    assert [one.movement_id is None for one in done] == [False] * 5 + [True]
    assert all(one.made_at < one.recorded_at for one in done)
    kit.sound()


def test_a_box_tells_when_something_was_done_that_came_later(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = received_long_ago(at, 20)
    send(warehouse_staff, at, take(at, code, 5, ago=90), take(at, code, 1))
    for path in (f"/stock/boxes/{code}", "/stock/movements"):
        page = text_of(warehouse_staff.page(path))
        assert page.count("without a signal") == 1
        assert re.search(r"\d\d:\d\d done (\d+ \w+, )?\d\d:\d\d, without a signal", page)


def test_what_is_sent_again_is_done_once_even_after_its_key_was_tidied_away(
    at: kit.Depot, warehouse_staff: Browser
) -> None:
    code = kit.receive(at, 20)
    queue = [take(at, code, 5), move(at, code, 3), count(at, code, 11, 12)]
    first = send(warehouse_staff, at, *queue)
    assert states(send(warehouse_staff, at, *queue)) == states(first) == ["done"] * 3
    with transaction() as session:
        session.execute(delete(RepeatGuard))
    assert states(send(warehouse_staff, at, *queue)) == ["done"] * 3
    assert (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) == (11, 3)
    kit.sound()


def test_a_conflict_says_both_sides_and_holds_up_its_own_box_alone(at: kit.Depot, warehouse_staff: Browser) -> None:
    short, other = kit.receive(at, 20), kit.receive(at, 20)
    take_out(actor_id=None, code=short, location_id=at.shelf, quantity=17)
    first, then = take(at, short, 5), move(at, short.lower(), 1)
    results = send(warehouse_staff, at, first, then, take(at, other, 5))
    assert states(results) == ["conflict", "waits", "done"]
    assert results[0]["says"] == "Only 3 are on shelf C4."
    assert (results[0]["field"], results[0]["box"]["places"]) == ("quantity", [[at.shelf, 3]])
    assert kit.level(short, at.shelf) == 3  # nothing is cut down to what is there
    # Decided on the phone, under the same key: what was refused left nothing behind.
    assert states(send(warehouse_staff, at, {**first, "quantity": 3}, then)) == ["done", "conflict"]
    assert kit.level(short, at.shelf) == 0
    kit.sound()


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"code": "nowhere"}, "code", "There is no box of this code."),
        ({"code": ""}, "code", "There is no box of this code."),
        ({"code": "x" * 301}, "code", "Use 300 characters or fewer."),
        ({"code": 7}, "code", "could not be read"),
        ({"kind": "steal"}, "kind", "Choose what shall be done."),
        ({"kind": ["take"]}, "kind", "Choose what shall be done."),
        ({"quantity": 0}, "quantity", "Enter a number from 1"),
        ({"quantity": -5}, "quantity", "Enter a number from 1"),
        ({"quantity": 1.5}, "quantity", "Enter a whole number."),
        ({"quantity": "3"}, "quantity", "Enter a whole number."),
        ({"quantity": True}, "quantity", "Enter a whole number."),
        ({"quantity": None}, "quantity", "Enter a whole number."),
        ({"quantity": 10**12}, "quantity", "Enter a whole number."),
        ({"quantity": 2_000_000}, "quantity", "Enter a number from 1"),
        ({"shelf": 999999}, "shelf_id", "Choose a shelf."),
        ({"shelf": 1}, "shelf_id", "Choose a shelf."),  # a place of the world outside
        ({"reason": "because"}, "reason", "Choose why they are written off."),
        ({"reason": "found"}, "reason", "Choose why they are written off."),
        ({"reason": "other"}, "note", "Say in the note what happened."),
        ({"note": "x" * 501}, "note", "Use 500 characters or fewer."),
        ({"note": "a\x00b"}, "note", "characters that cannot be stored"),
        ({"note": "\ud800"}, "note", "characters that cannot be stored"),
        ({"made_at": "yesterday"}, "made_at", "could not be read"),
        ({"made_at": "2026-11-24T10:00:00"}, "made_at", "could not be read"),
        ({"made_at": "0001-01-01T00:00:00+14:00"}, "made_at", "could not be read"),
        ({"best_before": "soon"}, "best_before", "Enter a date"),
        ({"key": "short"}, None, "could not be read"),
        ({"key": "x" * 65}, None, "could not be read"),
        ({"key": 12345678}, None, "could not be read"),
        ({"kind": "put", "source": "stolen"}, "source", "Say whether it was donated or bought."),
        ({"kind": "move", "to": 999999}, "to_id", "Choose a shelf."),
        ({"kind": "count", "counted": -1}, "counted", "Enter a number from 0"),
        ({"kind": "count", "counted": 3, "expected": 20, "reason": ""}, "reason", "Choose why the number is another."),
    ],
)
def test_an_act_that_cannot_be_is_refused_at_its_field_and_others_go_on(
    at: kit.Depot, warehouse_staff: Browser, changes: dict[str, Any], field: str | None, said: str
) -> None:
    code, other = kit.receive(at, 20), kit.receive(at, 20)
    results = send(warehouse_staff, at, {**take(at, code, 3), **changes}, take(at, other, 3))
    assert states(results) == ["conflict", "done"]
    assert results[0]["field"] == field
    assert said in results[0]["says"]
    assert (kit.level(code, at.shelf), kit.level(other, at.shelf)) == (20, 17)
    kit.sound()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing",
        b"[]",
        b"null",
        b"{}",
        b'{"acts": {}}',
        b'{"acts": [], "person": NaN}',
        b'{"acts": [], "person": "1"}',
        b'{"acts": [], "person": 1e400}',
        b'{"acts": [], "person": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"acts": [{}] * 51}).encode(),
    ],
)
def test_what_is_no_sending_is_refused_whole(warehouse_staff: Browser, body: bytes) -> None:
    answer = post(warehouse_staff, body)
    assert answer.status_code == 400
    assert answer.get_json()["says"]


def test_acts_that_are_no_acts_are_told_one_by_one(at: kit.Depot, warehouse_staff: Browser) -> None:
    results = send(warehouse_staff, at, None, 7, [], "take", {}, {"key": "a-long-key"})
    assert states(results) == ["conflict"] * 6


def test_too_much_at_once_is_not_even_read(warehouse_staff: Browser) -> None:
    assert post(warehouse_staff, b" " * (300 * 1024)).status_code == 413
    assert post(warehouse_staff, b" " * (10 * 1024 * 1024)).status_code == 413


def test_what_somebody_else_did_is_not_sent_as_ones_own(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    body = {"person": at.actor_id, "warehouse": at.warehouse_id, "acts": [take(at, code, 5)]}
    answer = post(warehouse_staff, json.dumps(body))
    assert answer.status_code == 409
    assert "They must sign in" in answer.get_json()["says"]
    assert kit.level(code, at.shelf) == 20


def test_who_may_not_move_stock_gets_and_sends_nothing(at: kit.Depot, app: Flask, volunteer: Browser) -> None:
    paths = ("/stock/aisle/me", "/stock/aisle/catalogue", f"/stock/aisle/data?warehouse={at.warehouse_id}")
    for path in paths:
        volunteer.page(path, 403)
        assert Browser(app).get(path).status_code == 303
    assert post(volunteer, b"{}").status_code == 403
    assert post(Browser(app), b"{}").status_code == 303
    assert volunteer.post("/stock/aisle/acts", json={}).status_code == 400  # without its token


def test_a_session_that_ended_leaves_the_queue_to_be_sent_after_the_next_sign_in(
    at: kit.Depot, app: Flask, warehouse_staff: Browser
) -> None:
    code, queue = kit.receive(at, 20), []
    queue.append(take(at, code, 5))
    warehouse_staff.send("/sign-out")
    assert warehouse_staff.get("/stock/aisle/me").status_code == 303
    assert post(warehouse_staff, json.dumps({"acts": queue})).status_code == 303
    person = make.person("warehouse")
    warehouse_staff.sign_in(person)
    me = warehouse_staff.get("/stock/aisle/me").get_json()
    assert me["person"] == warehouse_staff.person_id
    body = json.dumps({"person": me["person"], "warehouse": at.warehouse_id, "acts": queue})
    answer = post(warehouse_staff, body, **{"X-CSRFToken": me["token"]})
    assert states(answer.get_json()["results"]) == ["done"]


def test_discarding_is_written_down_with_its_reason(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 3)
    wrong = take(at, code, 5)
    assert states(send(warehouse_staff, at, wrong)) == ["conflict"]
    assert states(send(warehouse_staff, at, {**wrong, "discarded": "Scanned the wrong box"})) == ["done"]
    assert states(send(warehouse_staff, at, act("take", "never-was", discarded="No such box"))) == ["done"]
    lines = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "box.act_discarded").order_by(AuditLine.id)
    ).all()
    assert [(line.subject_id, line.details["quantity"], line.details["why"]) for line in lines] == [
        (code, 5, "Scanned the wrong box"),
        ("never-was", 0, "No such box"),
    ]
    assert kit.level(code, at.shelf) == 3


def test_promised_goods_stay_and_a_closed_shelf_takes_nothing(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    kit.plan(at, kit.distribution(at), 18, {"S": 1})
    results = send(warehouse_staff, at, take(at, code, 5))
    assert states(results) == ["conflict"]
    assert "18 are promised" in results[0]["says"]
    assert results[0]["box"]["free"] == 2
    with transaction() as session:
        session.get_one(Location, at.other_shelf).closed_at = now()
    results = send(warehouse_staff, at, move(at, code, 5))
    assert (results[0]["field"], results[0]["says"]) == ("to_id", "Shelf D1 is closed. Choose another.")
    # What is gone is gone, whatever was promised.
    assert states(send(warehouse_staff, at, take(at, code, 5, reason="stolen"))) == ["done"]
    assert kit.stock(at) == (15, 15)
    kit.sound()


# A count is a fact at a moment.


def test_a_count_is_compared_with_the_ledger_of_its_moment(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    moment = now()
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=6)  # after the count, before it is sent
    assert states(send(warehouse_staff, at, count(at, code, 18, 20, moment=moment))) == ["done"]
    assert kit.level(code, at.shelf) == 12  # two were missing then, and six went since
    kit.sound()


def test_goods_that_moved_unseen_before_a_count_make_it_a_question(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=6)
    agreed = count(at, code, 14, 20)  # the phone knew nothing of the six, and whoever counted did
    results = send(warehouse_staff, at, agreed)
    assert states(results) == ["done"]
    assert kit.level(code, at.shelf) == 14
    unsure = count(at, code, 20, 20)
    results = send(warehouse_staff, at, unsure)
    assert (states(results), results[0]["field"], results[0]["then"]) == (["conflict"], "expected", 14)
    assert results[0]["says"] == "Your phone showed 20, but the ledger has 14 for that moment."
    # Shown both, whoever counted says that the count holds.
    assert states(send(warehouse_staff, at, {**unsure, "expected": 14, "reason": "miscounted"})) == ["done"]
    assert kit.level(code, at.shelf) == 20
    kit.sound()


def test_what_was_done_without_a_signal_counts_from_when_it_was_done(
    at: kit.Depot, app: Flask, warehouse_staff: Browser
) -> None:
    code = received_long_ago(at, 20)
    other = Browser(app).sign_in(make.person("warehouse"))
    # Others took five two hours ago, counted an hour ago, and were sent last; both phones were off.
    assert states(send(warehouse_staff, at, take(at, code, 5, ago=120))) == ["done"]
    assert states(send(other, at, count(at, code, 15, 20, ago=60))) == ["done"]
    assert kit.level(code, at.shelf) == 15
    # Two phones find the same three missing: the second has nothing to write.
    assert states(send(other, at, count(at, code, 12, 15, ago=50))) == ["done"]
    assert states(send(warehouse_staff, at, count(at, code, 12, 15, ago=40))) == ["done"]
    assert kit.level(code, at.shelf) == 12
    # An older count that comes after a newer one is a question: it may have found the very same.
    results = send(other, at, count(at, code, 13, 15, ago=55))
    assert (states(results), results[0]["field"]) == (["conflict"], "overtaken")
    kit.sound()


def test_a_count_holds_against_what_was_done_before_it_and_came_later(
    at: kit.Depot, app: Flask, warehouse_staff: Browser
) -> None:
    code = received_long_ago(at, 20)
    other = Browser(app).sign_in(make.person("warehouse"))
    # Five were taken, four put in, three moved away; then somebody else counts what is there, and is sent first.
    late = [take(at, code, 5, ago=60), put(at, code, 4, ago=59), move(at, code, 3, ago=58)]
    assert states(send(other, at, count(at, code, 16, 20, ago=50))) == ["done"]
    assert states(send(other, at, count(at, code, 3, 0, shelf=at.other_shelf, ago=49))) == ["done"]
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=1)
    assert states(send(warehouse_staff, at, *late)) == ["done"] * 3
    assert (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) == (15, 3)  # as counted, less one
    moved = db.session.execute(select(Movement.reason, Movement.quantity).order_by(Movement.id)).all()
    assert [tuple(row) for row in moved[4:]] == [
        *[("miscounted", 5), ("taken_out", 5)],
        *[("donated", 4), ("miscounted", 4)],
        *[("miscounted", 3), ("moved", 3), ("miscounted", 3)],
    ]
    # What was counted then is still what the ledger says of then.
    assert states(send(other, at, count(at, code, 16, 16, ago=45))) == ["done"]
    assert states(send(warehouse_staff, at, *late)) == ["done"] * 3
    assert kit.level(code, at.shelf) == 15
    kit.sound()


def test_a_stock_take_holds_too_from_when_it_was_counted(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = received_long_ago(at, 20)
    running = stock_takes.begin(at)
    stock_takes.count(at, running, code, 15)
    counted_at = now()
    stock_takes.post(at, running)
    assert states(send(warehouse_staff, at, take(at, code, 5, ago=60))) == ["done"]
    assert kit.level(code, at.shelf) == 15
    # A count after it, though before it was posted, is compared with what it found.
    assert states(send(warehouse_staff, at, count(at, code, 15, 15, moment=counted_at))) == ["done"]
    assert kit.level(code, at.shelf) == 15
    kit.sound()


def test_what_a_count_has_in_it_already_changes_no_promise(at: kit.Depot, app: Flask, warehouse_staff: Browser) -> None:
    code = received_long_ago(at, 20)
    other = Browser(app).sign_in(make.person("warehouse"))
    assert states(send(other, at, count(at, code, 15, 20, ago=50))) == ["done"]
    made = kit.distribution(at)
    kit.plan(at, made, 18, {"S": 1})
    assert kit.allocated(at, made) == [15]
    assert states(send(warehouse_staff, at, take(at, code, 5, ago=60), put(at, code, 4, ago=59))) == ["done"] * 2
    assert kit.allocated(at, made) == [15]
    assert not db.session.scalars(select(Message.kind).where(Message.kind == "promise_taken")).all()
    kit.sound()


def test_a_correction_by_others_overtakes_an_older_count(at: kit.Depot, warehouse_staff: Browser) -> None:
    code, moment = kit.receive(at, 20), now()
    correct(actor_id=None, code=code, location_id=at.shelf, seen=20, counted=18, reason="lost")
    results = send(warehouse_staff, at, count(at, code, 18, 20, moment=moment))
    assert (states(results), results[0]["field"]) == (["conflict"], "overtaken")
    assert kit.level(code, at.shelf) == 18


def test_fewer_are_left_than_a_count_would_take_off(at: kit.Depot, warehouse_staff: Browser) -> None:
    code, moment = kit.receive(at, 20), now()
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=19)
    results = send(warehouse_staff, at, count(at, code, 15, 20, moment=moment))
    assert (states(results), results[0]["says"]) == (["conflict"], "Only 1 are on shelf C4.")
    kit.sound()


def test_a_clock_that_is_ahead_does_nothing_in_the_future(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    ahead = count(at, code, 19, 20, moment=datetime(2099, 1, 1, tzinfo=UTC))
    assert states(send(warehouse_staff, at, ahead)) == ["done"]
    done = db.session.scalars(select(AisleAct)).one()
    assert done.made_at <= done.recorded_at <= now()
    assert states(send(warehouse_staff, at, ahead)) == ["done"]  # the same input, though the clock went on
