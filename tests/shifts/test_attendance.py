"""Who came: what may be written down, by whom and when, and what becomes of it."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from logistics import clock
from logistics.audit import AuditLine
from logistics.db import db, transaction
from logistics.errors import Conflict, NotAllowed, NotFound
from logistics.shifts import checks, signing
from logistics.shifts.day import attendance, codes, leads
from logistics.shifts.day import checks as day_checks
from logistics.shifts.day_models import Presence
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.plans import planning

from .. import make
from ..racing import race, refused

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2031, 3, 4, 9, 30, tzinfo=UTC)


class Day:
    """A shift from 9:30 to 12:30 with Amina on it, Ben as its lead, and Salma, who coordinates."""

    def __init__(self, starts_at: datetime = START, hours: float = 3) -> None:
        self.starts_at, self.ends_at = starts_at, starts_at + timedelta(hours=hours)
        self.amina, self.ben = make.person(name="Amina Volunteer").id, make.person(name="Ben Lead").id
        self.salma, self.stranger = make.person("coordinator").id, make.person().id
        self.shift = make.shift(starts_at=starts_at, hours=hours).id
        for person_id in (self.amina, self.ben):
            self.add(person_id, self.shift)
        leads.choose_lead(actor_id=self.salma, shift_id=self.shift, person_id=self.ben)

    def add(self, person_id: int, shift_id: int) -> None:
        with clock.as_if(self.starts_at - timedelta(days=2)):
            signing.sign_up(actor_id=person_id, shift_id=shift_id)

    def mark(self, what: str, after: float, *, by: int = 0, seen: str = "", whom: int = 0) -> str:
        """`after` is in minutes from the start."""
        with clock.as_if(self.starts_at + timedelta(minutes=after)):
            return attendance.mark(
                actor_id=by or self.ben, shift_id=self.shift, person_id=whom or self.amina, what=what, seen=seen
            )

    def sign_up(self, whom: int = 0) -> SignUp:
        db.session.rollback()
        return db.session.scalars(
            select(SignUp).where(SignUp.shift_id == self.shift, SignUp.person_id == (whom or self.amina))
        ).one()


@pytest.fixture
def day(app: Flask) -> Day:
    return Day()


def test_arriving_and_leaving(day: Day) -> None:
    assert day.mark("arrived", -5) == "here"
    assert day.sign_up().state == SignUpState.CONFIRMED
    assert day.mark("left", 170) == "left"
    mine = day.sign_up()
    assert mine.state == SignUpState.ATTENDED
    assert mine.arrived_at == START - timedelta(minutes=5)
    assert mine.left_at == START + timedelta(minutes=170)
    assert list(checks.problems(db.session)) == []


def test_each_change_leaves_an_audit_line_off_the_distributions_timeline(day: Day) -> None:
    for what, after in (("arrived", 0), ("arrived", 1), ("unrecorded", 2), ("no_show", 3)):
        day.mark(what, after)
    db.session.rollback()
    lines = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "shift.attendance_marked").order_by(AuditLine.id)
    ).all()
    assert [line.details["mark"] for line in lines] == ["arrived", "unrecorded", "no_show"]
    assert {(line.actor_id, line.details["person_id"], line.distribution_id) for line in lines} == {
        (day.ben, day.amina, None)
    }


def test_a_repeat_changes_nothing(day: Day) -> None:
    day.mark("arrived", 0)
    day.mark("arrived", 20)
    assert day.sign_up().arrived_at == START


def test_undo_takes_everything_back(day: Day) -> None:
    day.mark("arrived", 0)
    day.mark("left", 10)
    assert day.mark("unrecorded", 11) == "expected"
    mine = day.sign_up()
    assert (mine.state, mine.arrived_at, mine.left_at) == (SignUpState.CONFIRMED, None, None)


def test_coming_back_after_leaving(day: Day) -> None:
    day.mark("arrived", 0)
    day.mark("left", 60)
    assert day.mark("arrived", 90) == "here"
    mine = day.sign_up()
    assert (mine.state, mine.arrived_at, mine.left_at) == (SignUpState.CONFIRMED, START, None)


def test_a_no_show_who_comes_after_all(day: Day) -> None:
    day.mark("no_show", 15)
    assert day.sign_up().state == SignUpState.NO_SHOW
    assert day.mark("arrived", 40) == "here"
    assert day.sign_up().arrived_at == START + timedelta(minutes=40)


@pytest.mark.parametrize(
    ("what", "after"), [("arrived", -61), ("no_show", -1), ("completed", 179), ("left", 10), ("unheard_of", 10)]
)
def test_what_cannot_be_written_down(day: Day, what: str, after: float) -> None:
    with pytest.raises((Conflict, NotFound)):
        day.mark(what, after)
    assert day.sign_up().arrived_at is None


def test_who_has_arrived_is_not_said_to_have_stayed_away(day: Day) -> None:
    day.mark("arrived", 0)
    with pytest.raises(Conflict):
        day.mark("no_show", 10)


def test_what_a_stale_page_offers_is_refused(day: Day) -> None:
    day.mark("no_show", 10)
    day.mark("arrived", 20)
    with pytest.raises(Conflict):
        day.mark("unrecorded", 30, seen="no_show")
    assert day.sign_up().arrived_at is not None


def test_written_down_afterwards_someone_was_there_as_planned(day: Day) -> None:
    assert day.mark("completed", 24 * 60) == "left"
    mine = day.sign_up()
    assert (mine.state, mine.arrived_at, mine.left_at) == (SignUpState.ATTENDED, day.starts_at, day.ends_at)


def test_leaving_written_down_late_is_leaving_at_the_end(day: Day) -> None:
    day.mark("arrived", 0)
    day.mark("left", 180 + 100)
    assert day.sign_up().left_at == START + timedelta(minutes=280)
    day.mark("arrived", 285)
    assert day.sign_up().state == SignUpState.ATTENDED
    day.mark("left", 24 * 60)
    assert day.sign_up().left_at == day.ends_at


def test_the_lead_and_staff_write_it_down_and_nobody_else(day: Day) -> None:
    for by in (day.stranger, day.amina):
        with pytest.raises(NotAllowed):
            day.mark("arrived", 0, by=by)
    assert day.mark("arrived", 0, by=make.person("warehouse").id) == "here"
    assert day.mark("completed", 180 + 23 * 60) == "left"
    with pytest.raises(NotAllowed):
        day.mark("unrecorded", 180 + 25 * 60)
    assert day.mark("unrecorded", 180 + 25 * 60, by=day.salma) == "expected"


def test_a_lead_who_left_the_shift_leads_it_no_more(day: Day) -> None:
    with clock.as_if(START - timedelta(days=2)):
        signing.cancel(actor_id=day.ben, shift_id=day.shift)
    with pytest.raises(NotAllowed):
        day.mark("arrived", 0)


def test_the_lead_is_of_the_crew(day: Day) -> None:
    with pytest.raises(Conflict):
        leads.choose_lead(actor_id=day.salma, shift_id=day.shift, person_id=day.stranger)
    leads.choose_lead(actor_id=day.salma, shift_id=day.shift, person_id=None)
    db.session.rollback()
    assert db.session.get_one(Shift, day.shift).lead_id is None


def test_someone_who_is_not_on_the_shift(day: Day) -> None:
    for whom, error in ((day.stranger, Conflict), (999_999, NotFound)):
        with pytest.raises(error):
            day.mark("arrived", 0, by=day.salma, whom=whom)


def test_taking_back_a_no_show_of_someone_who_is_elsewhere_by_now(day: Day) -> None:
    day.mark("no_show", 30)
    other = make.shift(starts_at=START + timedelta(hours=1), hours=3).id
    with clock.as_if(START + timedelta(minutes=40)):
        signing.add_person(actor_id=day.salma, shift_id=other, person_id=day.amina)
    for what in ("unrecorded", "arrived"):
        with pytest.raises(signing.Clash):
            day.mark(what, 45)
    assert list(checks.problems(db.session)) == []


def test_the_worker_settles_who_came_and_leaves_the_rest_unrecorded(day: Day) -> None:
    day.mark("arrived", 0)
    with clock.as_if(day.ends_at + timedelta(minutes=90)):
        assert attendance.close_due() == 0
    with clock.as_if(day.ends_at + timedelta(minutes=121)):
        assert attendance.close_due() == 1
        assert attendance.close_due() == 0
    assert day.sign_up().state == SignUpState.ATTENDED
    assert day.sign_up().left_at is None  # nobody said so
    assert day.sign_up(day.ben).state == SignUpState.CONFIRMED  # not recorded, and not a no-show
    assert list(checks.problems(db.session)) == []


def test_checking_in_oneself(day: Day) -> None:
    codes.make_for_shift(actor_id=day.ben, shift_id=day.shift)
    key = db.session.get_one(Shift, day.shift).check_in_key or ""

    def scan(person_id: int, what: str, after: float) -> str:
        with clock.as_if(START + timedelta(minutes=after)):
            return attendance.check_in(actor_id=person_id, key=key, what=what)

    with pytest.raises(Conflict):
        scan(day.amina, "arrived", -61)
    assert scan(day.amina, "arrived", -60) == "here"
    assert scan(day.amina, "left", 175) == "left"
    with pytest.raises(Conflict):
        scan(day.stranger, "arrived", 0)
    with pytest.raises(Conflict):
        scan(day.ben, "arrived", 180)
    with pytest.raises(NotFound):
        scan(day.ben, "no_show", 10)
    codes.make_for_shift(actor_id=day.salma, shift_id=day.shift)
    with pytest.raises(NotFound):
        scan(day.ben, "arrived", 0)
    with pytest.raises(NotAllowed):
        codes.make_for_shift(actor_id=day.amina, shift_id=day.shift)


@pytest.mark.parametrize(
    ("starts", "hours"),
    [
        (datetime(2031, 3, 4, 22, 0, tzinfo=PARIS), 4),  # across midnight
        (datetime(2031, 3, 30, 1, 0, tzinfo=PARIS), 3),  # the clocks go forward: 1:00 to 5:00 on the wall
        (datetime(2031, 10, 26, 1, 0, tzinfo=PARIS), 3),  # and back: 1:00 to 3:00
    ],
)
def test_a_night_shift(app: Flask, starts: datetime, hours: float) -> None:
    day = Day(starts.astimezone(UTC), hours)
    day.mark("arrived", -60)
    day.mark("arrived", 0, whom=day.ben)
    day.mark("left", hours * 60 - 1)
    mine = day.sign_up()
    assert mine.left_at is not None
    assert mine.arrived_at is not None
    assert mine.left_at - mine.arrived_at == timedelta(hours=hours, minutes=59)
    with clock.as_if(day.ends_at + timedelta(hours=2, minutes=1)):
        assert attendance.close_due() == 1  # Ben


def test_two_who_tap_the_same_at_once(app: Flask, day: Day) -> None:
    with_clock = partial(_at, START)
    answers = race(app, *[with_clock(partial(_mark, day, "arrived", by)) for by in (day.ben, day.salma)] * 2)
    assert refused(answers, Conflict) == 0
    assert answers == ["here"] * 4
    assert db.session.query(AuditLine).filter_by(action="shift.attendance_marked").count() == 1


def test_one_says_here_and_another_did_not_come(app: Flask, day: Day) -> None:
    for _ in range(10):
        answers = race(
            app,
            _at(START, partial(_mark, day, "arrived", day.ben, "expected")),
            _at(START, partial(_mark, day, "no_show", day.salma, "expected")),
        )
        assert refused(answers, Conflict) == 1
        mine = day.sign_up()
        assert (mine.state == SignUpState.NO_SHOW) == (mine.arrived_at is None)
        day.mark("unrecorded", 1)
    assert list(checks.problems(db.session)) == []


def test_arriving_while_the_shift_is_called_off(app: Flask, day: Day) -> None:
    answers = race(
        app,
        _at(START, partial(_mark, day, "arrived", day.ben)),
        _at(START, partial(planning.call_off, actor_id=day.salma, shift_id=day.shift)),
    )
    refused(answers, Conflict)
    assert day.sign_up().state == SignUpState.CANCELLED
    assert list(checks.problems(db.session)) == []


def _mark(day: Day, what: str, by: int, seen: str = "") -> str:
    return attendance.mark(actor_id=by, shift_id=day.shift, person_id=day.amina, what=what, seen=seen)


def _at(moment: datetime, act):  # type: ignore[no-untyped-def]
    def run():  # type: ignore[no-untyped-def]
        with clock.as_if(moment):
            return act()

    return run


def test_what_contradicts_itself_is_named(day: Day) -> None:
    day.mark("arrived", 0)
    presence = Presence(
        site_id=db.session.get_one(Shift, day.shift).site_id,
        person_id=day.amina,
        day=START.date(),
        arrived_at=START,
        left_at=START - timedelta(hours=1),
    )
    with transaction() as session:
        session.add(presence)
        mine = signing.sign_up_of(session, day.amina, day.shift)
        assert mine is not None
        mine.state, mine.left_at = SignUpState.NO_SHOW, START - timedelta(minutes=1)
    site = db.session.scalar(select(Presence.site_id))
    assert list(day_checks.problems(db.session)) == [
        f"person {day.amina} did not come to shift {day.shift}, and arrived there",
        f"person {day.amina} left shift {day.shift} before arriving",
        f"person {day.amina} left site {site} before arriving",
    ]
