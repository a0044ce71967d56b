"""Goods past their best-before: promised to nobody, marked by the worker, and there again when their date was wrong."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, select

from logistics import worker
from logistics.audit import AuditLine
from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.errors import Conflict
from logistics.outbox.models import OutboxMessage
from logistics.stock import checks, expiring, moving, packing, receiving
from logistics.stock.counting import correct
from logistics.stock.dividing import merge_boxes, split_box
from logistics.stock.expiring import mark_due, set_best_before
from logistics.stock.models import Box, Movement
from logistics.stock.taking import take_out
from logistics.stock.undoing import undo
from logistics.web.filters import today

from .. import make
from . import kit

DAY = timedelta(days=1)


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot(has_best_before=True)


def date_passes(*codes: str) -> None:
    """It was yesterday's date all the time: as if midnight had come since."""
    with transaction() as session:
        for box in session.scalars(select(Box).where(Box.code.in_(codes))):
            box.best_before = today() - DAY


def tomorrow() -> datetime:
    return now() + DAY


def test_what_arrives_past_its_date_is_promised_to_nobody(at: kit.Depot) -> None:
    kit.receive(at, 5, best_before=today() - DAY)
    kit.receive(at, 15, best_before=today())
    made = kit.planned(at, 17)
    assert kit.line(at, made).allocated == 15
    assert (kit.stock(at), kit.expired(at)) == ((20, 15), 5)
    assert packing.pack_all(actor_id=None, distribution_id=made) == 15
    assert (kit.stock(at), kit.expired(at)) == ((5, 0), 5)
    kit.sound()


def test_many_rows_at_once_are_born_as_they_are(at: kit.Depot) -> None:
    rows = [
        receiving.ReceivedRow(code=f"R{n}", size_id=at.size, location_id=at.shelf, quantity=10, best_before=day)
        for n, day in enumerate([None, today() - DAY, today() - 9 * DAY, today() + DAY])
    ]
    with transaction() as session:
        receiving.receive_rows(session, rows, actor_id=None)
    assert (kit.stock(at)[0], kit.expired(at)) == (40, 20)
    kit.sound()


def test_the_worker_marks_a_box_and_tells_whose_promise_it_breaks(app: Flask, at: kit.Depot) -> None:
    codes = [kit.receive(at, 10, best_before=today() + DAY) for _ in range(2)]
    kit.receive(at, 15)
    early, late = kit.planned(at, 12, tomorrow()), kit.planned(at, 20, tomorrow() + DAY)
    date_passes(*codes)
    worker.run(app, once=True)
    assert (kit.stock(at), kit.expired(at)) == ((35, 15), 20)
    assert kit.allocated(at, early, late) == [12, 3]
    messages = db.session.scalars(select(OutboxMessage)).all()  # one for both boxes
    assert [(each.kind, each.person_id) for each in messages] == [("promise_taken", at.actor_id)]
    assert (messages[0].params["quantity"], messages[0].params["why"]) == (17, "expired")
    told = db.session.scalars(select(AuditLine).where(AuditLine.action == "distribution.promise_expired")).all()
    assert [(each.distribution_id, each.details["quantity"]) for each in told] == [(late, 17)]
    assert mark_due() == 0
    kit.sound()


def test_sizes_and_warehouses_are_each_their_own(app: Flask) -> None:
    at = kit.depot("S", "M", has_best_before=True)
    far = make.warehouse()
    far_id, far_shelf = far.id, make.shelf(far).id
    small = kit.receive(at, 10, size="S", best_before=today())
    medium = kit.receive(at, 10, size="M", best_before=today())
    moving.move_box(actor_id=None, code=small, from_id=at.shelf, to_id=far_shelf, quantity=4)
    date_passes(small, medium)
    assert (mark_due(), mark_due(), mark_due()) == (1, 1, 0)
    assert [kit.expired(at, "S"), kit.expired(at, "S", far_id), kit.expired(at, "M")] == [6, 4, 10]
    moving.move_box(actor_id=None, code=small, from_id=at.shelf, to_id=far_shelf, quantity=1)
    assert [kit.expired(at, "S"), kit.expired(at, "S", far_id)] == [5, 5]
    kit.sound()


def test_nothing_due_is_one_read(at: kit.Depot) -> None:
    kit.receive(at, 10, best_before=today())
    statements: list[str] = []

    def seen(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", seen)
    try:
        assert mark_due() == 0
    finally:
        event.remove(db.engine, "before_cursor_execute", seen)
    assert [each.split()[0] for each in statements if each != "BEGIN"] == ["SELECT"]


def test_many_are_marked_in_batches(at: kit.Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "AT_ONCE", 2)
    date_passes(*(kit.receive(at, 1, best_before=today()) for _ in range(5)))
    assert [mark_due() for _ in range(4)] == [2, 2, 1, 0]
    assert kit.expired(at) == 5
    kit.sound()


@pytest.fixture
def far_west(app: Flask) -> Iterator[None]:
    """A charity in Los Angeles, whose day is not that of UTC."""
    settings = app.extensions["shoreline_settings"]
    object.__setattr__(settings, "timezone", ZoneInfo("America/Los_Angeles"))
    yield
    object.__setattr__(settings, "timezone", ZoneInfo("Europe/Paris"))


def test_the_day_is_that_of_the_clock_on_the_wall(at: kit.Depot, far_west: None) -> None:
    evening = datetime(2026, 11, 25, 2, tzinfo=UTC)  # of the 24th there
    with as_if(evening):
        kit.receive(at, 10, best_before=date(2026, 11, 24))
        made = kit.planned(at, 10, evening + DAY)
        assert mark_due() == 0
        assert packing.pack_all(actor_id=None, distribution_id=made) == 10


def test_a_box_on_a_van_is_past_its_date_when_it_comes_back(at: kit.Depot) -> None:
    code = kit.receive(at, 10, best_before=today())
    made, waiting = kit.planned(at, 10, tomorrow()), kit.planned(at, 10, tomorrow() + DAY)
    packing.pack_all(actor_id=None, distribution_id=made)
    date_passes(code)
    assert mark_due() == 1
    assert kit.expired(at) == 0  # nothing of it is on a shelf
    packing.put_back(actor_id=None, distribution_id=made, code=code, to_id=at.shelf, quantity=4)
    assert (kit.allocated(at, made, waiting), kit.expired(at)) == ([0, 0], 4)
    kit.cancel(at, made)
    assert (kit.allocated(at, made, waiting), kit.stock(at), kit.expired(at)) == ([0, 0], (10, 0), 10)
    kit.sound()


def test_writing_it_off_takes_it_off_the_books_and_hurts_no_promise(at: kit.Depot) -> None:
    code = kit.receive(at, 10, best_before=today() - DAY)
    kit.receive(at, 5)
    made = kit.planned(at, 5)
    correct(actor_id=None, code=code, location_id=at.shelf, seen=10, counted=0, reason="expired")
    assert (kit.stock(at), kit.expired(at), kit.allocated(at, made)) == ((5, 5), 0, [5])
    correct(actor_id=None, code=code, location_id=at.shelf, seen=0, counted=2, reason="found")
    assert (kit.stock(at), kit.expired(at)) == ((7, 5), 2)
    kit.sound()


def test_another_date_makes_it_good_again_for_whoever_is_short(at: kit.Depot) -> None:
    code = kit.receive(at, 10, best_before=today() - DAY)
    made = kit.planned(at, 8)
    assert kit.allocated(at, made) == [0]
    set_best_before(actor_id=at.actor_id, code=code, best_before=today())
    assert (kit.allocated(at, made), kit.expired(at)) == ([8], 0)
    set_best_before(actor_id=at.actor_id, code=code.lower(), best_before=today() - DAY)
    assert (kit.allocated(at, made), kit.expired(at)) == ([0], 10)
    set_best_before(actor_id=at.actor_id, code=code, best_before=None, undated=True)
    assert (kit.allocated(at, made), kit.expired(at)) == ([8], 0)
    told = db.session.scalars(select(AuditLine).where(AuditLine.action == "box.dated").order_by(AuditLine.id)).all()
    assert [(each.actor_id, each.details["before"], each.details["best_before"]) for each in told] == [
        (at.actor_id, (today() - DAY).isoformat(), today().isoformat()),
        (at.actor_id, today().isoformat(), (today() - DAY).isoformat()),
        (at.actor_id, (today() - DAY).isoformat(), None),
    ]
    kit.sound()


def test_a_part_of_a_box_past_its_date_is_past_it_too_and_stays_apart(at: kit.Depot) -> None:
    old, good = kit.receive(at, 10, best_before=today() - DAY), kit.receive(at, 10)
    made = kit.planned(at, 10)
    part = split_box(actor_id=None, code=old, from_id=at.shelf, to_id=at.other_shelf, quantity=4)
    assert (kit.stock(at), kit.expired(at)) == ((20, 10), 10)
    with pytest.raises(Conflict, match="One of the two boxes is past its best-before"):
        merge_boxes(actor_id=None, code=part, from_id=at.other_shelf, into=good, quantity=4)
    merge_boxes(actor_id=None, code=part, from_id=at.other_shelf, into=old, quantity=4)
    assert (kit.stock(at), kit.expired(at), kit.allocated(at, made)) == ((20, 10), 10, [10])
    kit.sound()


def test_a_write_off_that_is_undone_is_still_past_its_date(at: kit.Depot) -> None:
    code = kit.receive(at, 10, best_before=today() - DAY)
    made = kit.planned(at, 10)
    correct(actor_id=None, code=code, location_id=at.shelf, seen=10, counted=0, reason="expired")
    undo(actor_id=None, movement_id=db.session.scalars(select(Movement.id).order_by(Movement.id.desc())).first() or 0)
    assert (kit.stock(at), kit.expired(at), kit.allocated(at, made)) == ((10, 0), 10, [0])
    kit.sound()


def test_what_is_past_its_date_is_not_given_away_at_the_door(at: kit.Depot) -> None:
    code = kit.receive(at, 10, best_before=today() - DAY)
    with pytest.raises(Conflict, match="is past its best-before"):
        take_out(actor_id=None, code=code, location_id=at.shelf, quantity=1)
    assert kit.stock(at) == (10, 0)


def test_only_what_is_good_can_leave_a_warehouse_that_promised_it(at: kit.Depot) -> None:
    kit.receive(at, 10, best_before=today() - DAY)
    good = kit.receive(at, 10)
    kit.planned(at, 8)
    far = make.shelf(make.warehouse()).id
    said = "Only 2 can leave: of the 20 in this warehouse, 8 are promised to distributions and 10 are past their date."
    with pytest.raises(Conflict, match=said):
        moving.move_box(actor_id=None, code=good, from_id=at.shelf, to_id=far, quantity=3)
    kit.sound()


def test_a_worker_that_stands_still_is_told_of(at: kit.Depot) -> None:
    kit.receive(at, 10, code="R1", best_before=today())
    with as_if(now() + DAY):
        assert list(checks.problems(db.session)) == []
    with as_if(now() + 2 * DAY):
        assert list(checks.problems(db.session)) == ["Box R1 is past its date and was not marked: does the worker run?"]
