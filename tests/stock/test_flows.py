"""What flowed by day, and stock as it stood on any day, whatever of it is written down already."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.stock import checks, undoing
from logistics.stock.arriving import discards, tally
from logistics.stock.dividing import split_box
from logistics.stock.knowing import as_of, figures, flows
from logistics.stock.knowing.checks import problems
from logistics.stock.knowing.models import Flow, FlowDay
from logistics.stock.models import Movement, Product, Unit
from logistics.stock.moving import move_box
from logistics.stock.taking import take_out
from tests.racing import race

from .. import make
from ..browsing import Browser, text_of
from ..conftest import empty_tables
from . import kit

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 20, 12, tzinfo=PARIS)  # the clocks go forward nine days later


def there(day: date, warehouse_id: int = 0) -> int:
    db.session.rollback()
    rows = as_of.every(db.session, as_of.AsOf(day, warehouse_id), PARIS)
    return sum(row.quantity for row in rows)


def write_all() -> int:
    written = 0
    while more := flows.write_due("Europe/Paris"):
        written += more
    return written


@pytest.fixture
def story(app: Flask) -> Iterator[kit.Depot]:
    """Fifty come; ten days later five are given away, then twenty go to another warehouse."""
    at = kit.depot()
    with as_if(NOON):
        code = kit.receive(at, 50)
    far = make.shelf(make.warehouse()).id
    with as_if(NOON + timedelta(days=10)):
        take_out(actor_id=None, code=code, location_id=at.shelf, quantity=5)
        move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=30)  # flows nowhere
    with as_if(NOON + timedelta(days=11)):
        move_box(actor_id=None, code=code, from_id=at.other_shelf, to_id=far, quantity=20)
        yield at
        kit.sound()


@pytest.mark.parametrize("written", [False, True])
def test_stock_as_it_stood_on_any_day(story: kit.Depot, written: bool) -> None:
    if written:
        assert write_all() == 11  # from 20 to 30 March: the 31st is not over
    first = NOON.date()
    days = {first + timedelta(days=n): there(first + timedelta(days=n)) for n in (-1, 0, 9, 10, 11)}
    assert list(days.values()) == [0, 50, 50, 45, 45]
    assert there(first + timedelta(days=10), story.warehouse_id) == 45
    assert there(first + timedelta(days=11), story.warehouse_id) == 25
    assert list(problems(db.session)) == []


def test_a_day_is_one_of_the_clock_on_the_wall(app: Flask) -> None:
    at = kit.depot()
    with as_if(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)):  # half past midnight on the 29th in Paris
        kit.receive(at, 7)
    with as_if(datetime(2026, 4, 2, tzinfo=UTC)):
        for _ in range(2):
            assert (there(date(2026, 3, 28)), there(date(2026, 3, 29))) == (0, 7)
            write_all()
        flow = db.session.scalars(select(Flow)).one()
        assert (flow.day, flow.way, flow.reason, flow.quantity) == (date(2026, 3, 29), "in", "donated", 7)


def test_another_time_zone_writes_the_days_again(story: kit.Depot) -> None:
    write_all()
    assert flows.write_due("Pacific/Auckland") == 10  # the 20th's noon is the 21st there
    assert set(db.session.scalars(select(FlowDay.zone))) == {"Pacific/Auckland"}
    assert list(problems(db.session)) == []


def test_two_workers_write_a_day_once(app: Flask, story: kit.Depot) -> None:
    then = now()

    def work() -> int:
        with as_if(then):
            return flows.write_days(zone="Europe/Paris")

    assert sum(race(app, *[work] * 4)) == 11
    assert list(problems(db.session)) == []


def test_what_is_dated_back_lets_its_days_be_written_again(story: kit.Depot) -> None:
    write_all()
    with transaction() as session:
        flows.forget_since(session, NOON + timedelta(days=10))
    assert flows.written_until(db.session) == NOON.date() + timedelta(days=8)
    write_all()
    assert list(problems(db.session)) == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE flow SET quantity = quantity + 1 WHERE way = 'in'", "its flows say 51"),
        ("DELETE FROM flow WHERE way = 'out'", "its flows say 0"),
        ("DELETE FROM flow_day WHERE day = '2026-03-25'", "some are missing"),
        ("DELETE FROM flow_day", "no day of which they are all"),
    ],
)
def test_what_is_off_is_named(story: kit.Depot, statement: str, named: str) -> None:
    write_all()
    with transaction() as session:
        session.execute(text(statement))
    assert any(named in problem for problem in checks.problems(db.session))
    with transaction() as session:
        session.execute(delete(Flow))
        session.execute(delete(FlowDay))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(st.tuples(st.integers(0, 40), st.integers(-9, 30).filter(bool)), max_size=12),
    written_at=st.integers(0, 41),
)
def test_any_history_is_told_as_it_was(app: Flask, acts: list[tuple[int, int]], written_at: int) -> None:
    empty_tables(app)
    at = kit.depot()
    code, by_day, stands = "", dict.fromkeys(range(-1, 42), 0), 0
    for day, change in sorted(acts, key=lambda act: act[0]):
        if change < 0 and stands + change < 0:
            continue
        with as_if(NOON + timedelta(days=day)):
            if change > 0:
                code = kit.receive(at, change)
                stands += change
            elif kit.level(code, at.shelf) >= -change:
                take_out(actor_id=None, code=code, location_id=at.shelf, quantity=-change)
                stands += change
        for later in range(day, 42):
            by_day[later] = stands
    with as_if(NOON + timedelta(days=written_at)):
        write_all()
    with as_if(NOON + timedelta(days=41)):
        assert {day: there(NOON.date() + timedelta(days=day)) for day in by_day} == by_day
        assert list(problems(db.session)) == []


def test_weeks_tell_what_came_and_went_and_how_long_it_lasts(story: kit.Depot) -> None:
    for _ in range(2):
        weeks = figures.weeks(db.session, PARIS, figures.sizes_of(story.product_id))
        assert (sum(weeks.came_in), sum(weeks.went_out)) == (
            50,
            5,
        )  # what went from one warehouse to the other stays ours
        here = figures.weeks(db.session, PARIS, figures.sizes_of(story.product_id), story.warehouse_id)
        assert (sum(here.came_in), sum(here.went_out)) == (50, 25)
        assert weeks.firsts[-1] == date(2026, 3, 30)
        assert weeks.days_left(45) == 45 * 28 // 5
        assert weeks.days_left(0) == 0
        write_all()
    alone = figures.weeks(db.session, PARIS, figures.pieces("Nothing"))
    assert alone.empty
    assert alone.days_left(5) is None


def weeks_of(at: kit.Depot, category: str = "") -> figures.Weeks:
    db.session.rollback()
    return figures.weeks(db.session, PARIS, figures.pieces(category))


def test_what_is_split_or_undone_is_no_flow(app: Flask) -> None:
    at = kit.depot()
    with as_if(NOON):
        code = kit.receive(at, 50)
        mistake = kit.receive(at, 5000)
        split_box(actor_id=at.actor_id, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=20)
        take_out(actor_id=at.actor_id, code=code, location_id=at.shelf, quantity=5)
        take_out(actor_id=at.actor_id, code=code, location_id=at.shelf, quantity=25)
        for quantity in (5000, 25):
            wrong = db.session.scalars(select(Movement.id).where(Movement.quantity == quantity)).one()
            db.session.rollback()
            undoing.undo(actor_id=at.actor_id, movement_id=wrong)
    with as_if(NOON + timedelta(days=2)):
        for _ in range(2):
            weeks = weeks_of(at)
            assert (sum(weeks.came_in), sum(weeks.went_out), weeks.donated) == (50, 5, 50), mistake
            assert weeks.days_left(45) == 45 * 28 // 5
            write_all()
        assert list(problems(db.session)) == []


def test_the_rate_of_what_is_thrown_out_is_of_pieces_sorted(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    kit.receive(at, 90)
    rice = make.product("Rice", category="Food").id
    with transaction() as session:
        session.get_one(Product, rice).unit = Unit.GRAM
    warehouse_id = at.warehouse_id
    for quantity, product_id in ((8, at.product_id), (2, None), (2000, rice)):
        discards.throw_out(
            actor_id=at.actor_id, warehouse_id=warehouse_id, reason="torn", quantity=quantity, product_id=product_id
        )
    db.session.rollback()
    assert tally.today(db.session, at.actor_id, warehouse_id, now() - timedelta(hours=1)).percent == 10
    weeks = weeks_of(at)
    found = figures.discarded(db.session, PARIS, weeks)
    assert (found.by_reason, found.by_week[-1], found.percent) == ([("torn", 10)], 10, 10)
    assert figures.discarded(db.session, PARIS, weeks_of(at, "Food"), category="Food").total == 0
    assert figures.discarded(db.session, PARIS, weeks, 10**6).total == 0
    rows = warehouse_staff.get("/stock/figures?format=csv").get_data(as_text=True).splitlines()
    assert rows[-1].endswith(",90,0,10")


def test_the_pages(story: kit.Depot, warehouse_staff: Browser, volunteer: Browser) -> None:
    page = text_of(warehouse_staff.page("/stock/as-of?day=2026-03-25"))
    assert "What was on hand at the end of" in page
    assert "25 March 2026" in page
    assert "Joggers" in page
    csv = warehouse_staff.get("/stock/as-of?day=2026-03-25&format=csv").get_data(as_text=True)
    assert "2026-03-25" in csv
    for path in (
        "/stock/as-of",
        "/stock/as-of?day=9999-01-01",
        "/stock/as-of?day=x&warehouse=-1&q=%F0%9F%A7%A6",
        "/stock/figures",
    ):
        warehouse_staff.page(path)
        volunteer.page(path, 403)
    assert "Week from" in warehouse_staff.get("/stock/figures?format=csv").get_data(as_text=True)


def test_a_product_says_how_long_it_lasts(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    code = kit.receive(at, 60)
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=28)
    page = text_of(warehouse_staff.page(f"/stock/products/{at.product_id}"))
    assert "At the rate of the last four weeks, what is free lasts 32 days." in page
