"""Real threads and connections at once, on both databases: each race ends exact, and only because of its guards."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from logistics import db as database
from logistics.cli import upgrade
from logistics.commands import Command
from logistics.db import db
from logistics.distributions import service as distributions
from logistics.distributions.models import Distribution
from logistics.factory import create_app
from logistics.stock import expiring, ledger, lookup
from logistics.stock.models import Availability, Level

from ..conftest import empty_tables, settings_for_tests
from ..postgres import fresh_database
from . import everything, races
from .unguarded import drop_constraints, prepare_sqlite_badly

Race = Callable[[Flask], list[str]]
TRIES = 12  # a race without guards may go well by luck

EACH = [
    races.last_hundred,
    races.twenty_packers,
    races.twenty_movers,
    races.same_pack_form,
    races.same_plan_form,
    races.count_pack_cancel,
    races.new_boxes,
    races.everybody_at_once,
    races.past_its_date,
    races.close_a_shelf_that_is_filled,
]


@pytest.mark.parametrize("race", EACH, ids=lambda race: race.__name__)
def test_a_race_ends_exact(app: Flask, race: Race) -> None:
    assert race(app) == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scratch_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a database of its own whose CHECKs do not hold, and whose SQLite does not queue its writers."""
    instance = tmp_path_factory.mktemp("unguarded")
    if request.param == "sqlite":
        url = f"sqlite:///{instance / 'unguarded.db'}"
        upgrade(url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "prepare_sqlite", prepare_sqlite_badly)
            app = create_app(settings_for_tests(url, instance))
        yield app
        return
    with fresh_database("unguarded") as url:
        upgrade(url)
        app = create_app(settings_for_tests(url, instance))
        with app.app_context():
            with db.engine.begin() as connection:
                drop_constraints(connection)
            yield app
            db.session.rollback()
            db.engine.dispose()


@pytest.fixture
def unguarded(scratch_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The same code without what guards it: no locks, and counters read first and written afterwards."""
    empty_tables(scratch_app)
    monkeypatch.setattr(ledger, "for_update", lambda statement: statement)
    monkeypatch.setattr(ledger, "keep_box", lambda session, box: session.refresh(box, ["expired"]))
    monkeypatch.setattr(expiring, "for_update", lambda statement: statement)
    monkeypatch.setattr(expiring, "hold_box", lambda session, box: time.sleep(0.002))
    monkeypatch.setattr(distributions, "lock", just_read)
    monkeypatch.setattr(lookup, "hold", lambda session, place: time.sleep(0.002))
    monkeypatch.setattr(ledger, "lower_level", read_then_write_level)
    monkeypatch.setattr(ledger, "lower_on_hand", read_then_write_on_hand)
    monkeypatch.setattr(Command, "_guarded", just_do)
    with scratch_app.app_context():
        yield scratch_app


def just_read(session: Session, distribution_id: int) -> Distribution:
    return session.scalars(
        select(Distribution).where(Distribution.id == distribution_id).execution_options(populate_existing=True)
    ).one()


def read_then_write_level(session: Session, box_id: int, location_id: int, quantity: int) -> bool:
    there = ledger.level_at(session, box_id, location_id)
    time.sleep(0.002)
    if there < quantity:
        return False
    here = (Level.box_id == box_id, Level.location_id == location_id)
    session.execute(update(Level).where(*here).values(quantity=there - quantity))
    return True


def read_then_write_on_hand(
    session: Session, warehouse_id: int, size_id: int, quantity: int, promised: int, expired: int
) -> bool:
    here = (Availability.warehouse_id == warehouse_id, Availability.size_id == size_id)
    numbers = (Availability.on_hand, Availability.allocated, Availability.expired)
    on_hand, allocated, past = session.execute(select(*numbers).where(*here)).one()
    time.sleep(0.002)
    if on_hand - quantity < allocated - promised + past - expired or allocated < promised or past < expired:
        return False
    session.execute(
        update(Availability)
        .where(*here)
        .values(on_hand=on_hand - quantity, allocated=allocated - promised, expired=past - expired)
    )
    return True


def just_do(self: Command[Any, Any], session: Session, _token: object, args: Any, kwargs: Any) -> Any:
    return self.function(session, *args, **kwargs)


GUARDED = [race for race in EACH if race is not races.new_boxes]  # its guard is UNIQUE (code), which stays
GUARDED.append(everything.a_little_of_everything)  # all of it: test_everything_at_once


@pytest.mark.parametrize("race", GUARDED, ids=lambda race: race.__name__)
def test_without_its_guards_a_race_goes_wrong(unguarded: Flask, race: Race) -> None:
    for _ in range(TRIES):
        if race(unguarded):
            return
        empty_tables(unguarded)
    pytest.fail(f"{race.__name__} ended exact {TRIES} times without any guard: it proves nothing")
