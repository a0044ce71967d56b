"""Patterns: laying a day's shifts over days and distributions, once, right across the change of clocks."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from logistics.audit import AuditLine
from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.distributions.models import Distribution
from logistics.errors import Conflict, DomainError, Invalid, NotFound
from logistics.shifts import checks
from logistics.shifts.models import Shift
from logistics.shifts.pattern_models import PatternLine
from logistics.shifts.plans import drafts, laying, patterns, planning, wall
from logistics.shifts.plans.drafts import Skip

from .. import make
from ..racing import race, refused

ZONE = ZoneInfo("Europe/Paris")
WEEK = [date(2026, 10, day) for day in range(19, 26)]  # the clocks go back in the night to the last of these
BEFORE = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def actor(app: Flask) -> int:
    return make.person("coordinator").id


def pattern(actor: int, *lines: patterns.Line, name: str = "A day") -> int:
    made = patterns.create(actor_id=actor, name=name, name_fr="")
    for line in lines:
        patterns.add_line(actor_id=actor, pattern_id=made, line=line)
    return made


def line(site_id: int | None = None, *, at: str = "08:30", hours: float = 3, **changes: Any) -> patterns.Line:
    hour, minute = map(int, at.split(":"))
    values: dict[str, Any] = {"role_id": 0, "minimum": 1, "maximum": 4, **changes}
    values["role_id"] = values["role_id"] or make.role().id
    return patterns.Line(site_id=site_id, start_minute=60 * hour + minute, minutes=int(hours * 60), **values)


def lay(actor: int, pattern_id: int, days: list[date]) -> tuple[int, int]:
    done = laying.lay_over_days(actor_id=actor, pattern_id=pattern_id, days=days, zone=ZONE)
    return done["made"], done["skipped"]


def shifts() -> list[Shift]:
    db.session.rollback()
    return list(db.session.scalars(select(Shift).order_by(Shift.starts_at, Shift.id)))


def on_the_wall() -> list[str]:
    return [
        f"{shift.starts_at.astimezone(ZONE):%d %H:%M}-{shift.ends_at.astimezone(ZONE):%d %H:%M}" for shift in shifts()
    ]


def all_well() -> bool:
    return list(checks.problems(db.session)) == []


def test_half_past_eight_stays_half_past_eight_when_the_clocks_change(actor: int) -> None:
    house = make.warehouse().id
    laid = pattern(actor, line(house), line(house, at="22:00", hours=8))
    with as_if(BEFORE):
        assert lay(actor, laid, WEEK[-2:]) == (4, 0)
    assert on_the_wall() == ["24 08:30-24 11:30", "24 22:00-25 06:00", "25 08:30-25 11:30", "25 22:00-26 06:00"]
    night = shifts()[1]
    assert night.ends_at - night.starts_at == timedelta(hours=9)
    assert all_well()


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    start=st.integers(0, wall.DAY - 1),
    minutes=st.integers(1, wall.DAY),
)
def test_a_shift_ends_after_it_starts_and_within_a_day_whatever_the_clocks_do(
    day: date, start: int, minutes: int
) -> None:
    starts_at, ends_at = wall.span_on(day, start, minutes, ZONE)
    assert timedelta() < ends_at - starts_at <= timedelta(days=1)
    began, lasts = wall.hours_of(starts_at, ends_at, ZONE)
    assert 1 <= lasts <= wall.DAY
    if abs((ends_at - starts_at) - timedelta(minutes=minutes)) < timedelta(minutes=1):  # no change of clocks in it
        assert (began, lasts) == (start, minutes) or wall.local(starts_at, ZONE).date() == day


def test_doing_it_again_makes_nothing_twice(actor: int) -> None:
    house = make.warehouse().id
    laid = pattern(actor, line(house), line(house, at="13:00"))
    with as_if(BEFORE):
        assert lay(actor, laid, WEEK[:3]) == (6, 0)
        assert lay(actor, laid, WEEK[:4] * 2) == (2, 6)
    assert len(shifts()) == 8
    laid_lines = db.session.scalars(
        select(AuditLine.details).where(AuditLine.action == "pattern.laid").order_by(AuditLine.id)
    ).all()
    assert [(details["made"], details["skipped"]) for details in laid_lines] == [(6, 0), (2, 6)]


def test_what_was_moved_or_called_off_that_day_is_not_made_again(actor: int) -> None:
    house = make.warehouse().id
    laid = pattern(actor, line(house), line(house, at="13:00"))
    with as_if(BEFORE):
        lay(actor, laid, WEEK[:1])
        early, late = shifts()
        numbers, moved = (early.id, late.id), early.starts_at + timedelta(hours=1)
        values = {"role_id": early.role_id, "site_id": house, "minimum": 1, "maximum": 4}
        ends_at = early.ends_at
        planning.edit(actor_id=actor, shift_id=numbers[0], version=1, starts_at=moved, ends_at=ends_at, **values)
        planning.call_off(actor_id=actor, shift_id=numbers[1])
        plan = laying.plan_days(db.session, laid, WEEK[:1], ZONE)
        assert [draft.skip for draft in plan] == [Skip.THERE, Skip.CALLED_OFF]
        assert lay(actor, laid, WEEK[:1]) == (0, 2)
    assert len(shifts()) == 2


def test_a_shift_just_like_it_counts_whoever_made_it(actor: int) -> None:
    house, role = make.warehouse(), make.role()
    laid = pattern(actor, line(house.id, role_id=role.id))
    starts_at = wall.span_on(WEEK[0], 8 * 60 + 30, 60, ZONE)[0]
    make.shift(of_role=role, site=house, starts_at=starts_at)
    with as_if(BEFORE):
        assert lay(actor, laid, WEEK[:2]) == (1, 1)


def test_what_cannot_be_on_a_plain_day_is_left_out_and_says_why(actor: int) -> None:
    house, closed, role = make.warehouse().id, make.warehouse(), make.role()
    laid = pattern(actor, line(), line(make.meeting_point().id), line(closed.id), line(house, role_id=role.id))
    with transaction() as session:
        session.merge(closed).closed_at = now()
        session.merge(role).closed_at = now()
    with as_if(BEFORE):
        found = {draft.skip for draft in laying.plan_days(db.session, laid, WEEK[:1], ZONE)}
        assert found == {Skip.NO_SITE, Skip.NEEDS_DISTRIBUTION, Skip.SITE_CLOSED, Skip.ROLE_CLOSED}
        assert lay(actor, laid, WEEK[:1]) == (0, 4)


def test_a_time_that_has_passed_today_is_left_out(actor: int) -> None:
    house = make.warehouse().id
    laid = pattern(actor, line(house), line(house, at="18:00"))
    with as_if(datetime(2026, 10, 19, 10, tzinfo=UTC)):
        assert lay(actor, laid, WEEK[:1]) == (1, 1)
    assert on_the_wall() == ["19 18:00-19 21:00"]


def test_a_pattern_crews_a_distribution_at_its_site(actor: int) -> None:
    house, point = make.warehouse().id, make.meeting_point()
    laid = pattern(actor, line(at="14:00"), line(house, at="12:00"))
    starts_at = datetime(2026, 10, 20, 12, tzinfo=UTC)
    both = [make.distribution(point, starts_at=starts_at).id for _ in range(2)]
    with as_if(BEFORE):
        for number in (*both, both[0]):
            laying.lay_over_distribution(actor_id=actor, pattern_id=laid, distribution_id=number, zone=ZONE)
    made = shifts()
    assert [(shift.distribution_id, shift.site_id) for shift in made] == [
        (both[0], house),
        (both[1], house),
        (both[0], point.id),
        (both[1], point.id),
    ]
    assert on_the_wall() == ["20 12:00-20 15:00"] * 2 + ["20 14:00-20 17:00"] * 2


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_nothing_is_laid_over_what_is_over(actor: int, state: str) -> None:
    laid, over, other = pattern(actor, line()), make.distribution(state=state), make.distribution()
    ids = over.id, other.id
    with pytest.raises(Conflict):
        laying.lay_over_distribution(actor_id=actor, pattern_id=laid, distribution_id=ids[0], zone=ZONE)
    with pytest.raises(Conflict):
        laying.copy_crew_plan(actor_id=actor, source_id=ids[1], distribution_id=ids[0], zone=ZONE)
    with pytest.raises(Invalid):
        laying.copy_crew_plan(actor_id=actor, source_id=ids[1], distribution_id=ids[1], zone=ZONE)


def test_a_crew_plan_is_copied_relative_to_the_start(actor: int) -> None:
    house, old, new = make.warehouse(), make.meeting_point(), make.meeting_point()
    source = make.distribution(old, starts_at=datetime(2026, 10, 20, 12, tzinfo=UTC))  # 14:00, in summer
    target = make.distribution(new, starts_at=datetime(2026, 10, 27, 13, tzinfo=UTC))  # 14:00, in winter
    make.shift(source, cancel_hours=48, newcomers_maximum=2, experienced_minimum=1)
    twice = make.role()
    for _ in range(2):
        make.shift(source, site=house, of_role=twice, starts_at=source.starts_at - timedelta(hours=3))
    off = make.shift(source).id
    ids, sites = (source.id, target.id), (new.id, house.id)
    with as_if(BEFORE):
        planning.call_off(actor_id=actor, shift_id=off)
        copy = partial(laying.copy_crew_plan, actor_id=actor, source_id=ids[0], distribution_id=ids[1], zone=ZONE)
        assert copy() == {"made": 3, "skipped": 0}
        assert copy() == {"made": 0, "skipped": 3}
    made = [shift for shift in shifts() if shift.distribution_id == ids[1]]
    assert [f"{shift.starts_at.astimezone(ZONE):%d %H:%M}" for shift in made] == ["27 11:00", "27 11:00", "27 14:00"]
    assert [shift.site_id for shift in made] == [sites[1], sites[1], sites[0]]
    assert (made[2].cancel_hours, made[2].newcomers_maximum, made[2].experienced_minimum) == (48, 2, 1)
    assert all_well()


def test_a_day_and_a_distribution_are_kept_as_patterns(actor: int) -> None:
    house, role = make.warehouse(), make.role()
    starts_at = wall.span_on(WEEK[0], 9 * 60, 60, ZONE)[0]
    for _ in range(2):
        make.shift(of_role=role, site=house, starts_at=starts_at, minimum=1, maximum=3)
    kept = laying.keep_day(actor_id=actor, name="Monday", name_fr="Lundi", day=WEEK[0], site_id=house.id, zone=ZONE)
    (found,) = patterns.lines_of(db.session, kept)
    assert (found.start_minute, found.minutes, found.minimum, found.maximum) == (540, 180, 2, 6)
    distribution = make.distribution(starts_at=starts_at)
    make.shift(distribution)
    make.shift(distribution, starts_at=starts_at - timedelta(days=1))
    values = {"actor_id": actor, "name_fr": "", "zone": ZONE}
    number = distribution.id
    kept = laying.keep_distribution(name="A van", distribution_id=number, **values)
    assert [each.site_id for each in patterns.lines_of(db.session, kept)] == [None]
    with pytest.raises(Invalid, match="no shifts on that day"):
        laying.keep_day(name="Empty", day=WEEK[5], site_id=None, **values)
    with pytest.raises(Invalid) as taken:
        laying.keep_distribution(name=" a VAN", distribution_id=number, **values)
    assert taken.value.field == "name"


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "field"),
    [
        (date(2026, 9, 30), date(2026, 10, 2), [], "first_day"),
        (date(2026, 10, 3), date(2026, 10, 2), [], "last_day"),
        (date(2026, 10, 3), date(2027, 10, 4), [], "last_day"),
        (date(9999, 12, 30), date(9999, 12, 31), [], "last_day"),
        (date(2026, 10, 19), date(2026, 10, 20), [5, 6], "weekdays"),
    ],
)
def test_days_that_make_no_sense_are_refused(first: date, last: date, weekdays: list[int], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        laying.days_between(first, last, weekdays, date(2026, 10, 1))
    assert refusal.value.field == field


def test_days_of_the_week_between_two_dates() -> None:
    found = laying.days_between(date(2026, 10, 1), date(2026, 10, 31), [5, 6], date(2026, 10, 1))
    assert [day.day for day in found] == [3, 4, 10, 11, 17, 18, 24, 25, 31]


def test_too_many_at_once_make_nothing(actor: int) -> None:
    house = make.warehouse().id
    laid = pattern(actor, line(house), line(house, at="13:00"))
    days = [date(2026, 10, 2) + timedelta(days=number) for number in range(drafts.MOST_SHIFTS // 2 + 1)]
    with as_if(BEFORE):
        with pytest.raises(Conflict):
            lay(actor, laid, days)
        for wrong in ([], [date(2026, 9, 1)], [date(9999, 12, 31)], [date.min], days * 2 + [date(2030, 1, 1)]):
            with pytest.raises(DomainError):
                lay(actor, laid, wrong)
    assert shifts() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start_minute": -1}, "starts"),
        ({"start_minute": 1440}, "starts"),
        ({"minutes": 0}, "ends"),
        ({"minutes": 1441}, "ends"),
        ({"minimum": -1}, "minimum"),
        ({"maximum": 0, "minimum": 0}, "maximum"),
        ({"minimum": 5}, "maximum"),
        ({"role_id": 999_999}, "role_id"),
        ({"site_id": 999_999}, "site_id"),
        ({}, "role_id"),  # as one that is there
    ],
)
def test_a_line_that_makes_no_sense_is_refused_at_its_field(actor: int, changes: dict[str, Any], field: str) -> None:
    good = line(make.warehouse().id)
    laid = pattern(actor, good)
    values = {**good.__dict__, **changes}
    with pytest.raises(Invalid) as refusal:
        patterns.add_line(actor_id=actor, pattern_id=laid, line=patterns.Line(**values))
    assert refusal.value.field == field


def test_lines_are_changed_and_taken_out(actor: int) -> None:
    good = line(make.warehouse().id)
    laid = pattern(actor, good)
    number = db.session.scalars(select(PatternLine.id)).one()
    with as_if(BEFORE):
        lay(actor, laid, WEEK[:1])
        later = patterns.Line(**{**good.__dict__, "maximum": 9})
        patterns.change_line(actor_id=actor, pattern_id=laid, line_id=number, line=later)
        lay(actor, laid, WEEK[:2])
        assert [shift.maximum for shift in shifts()] == [4, 9]
        patterns.remove_line(actor_id=actor, pattern_id=laid, line_id=number)
        assert lay(actor, laid, WEEK[:3]) == (0, 0)
    for again in (patterns.remove_line, partial(patterns.change_line, line=good)):
        with pytest.raises(NotFound):
            again(actor_id=actor, pattern_id=laid, line_id=number)
    patterns.close(actor_id=actor, pattern_id=laid)
    with as_if(BEFORE), pytest.raises(Conflict):
        lay(actor, laid, WEEK)
    patterns.reopen(actor_id=actor, pattern_id=laid)
    assert patterns.rename(actor_id=actor, pattern_id=laid, name="Other", name_fr="Autre") == laid


def test_eight_at_once_make_each_shift_once(app: Flask, actor: int) -> None:
    house, role = make.warehouse().id, make.role().id
    same = [pattern(actor, line(house, role_id=role), name=name) for name in ("One", "Two")]
    days = [now().astimezone(ZONE).date() + timedelta(days=number) for number in range(1, 6)]
    answers = race(app, *(partial(lay, actor, same[number % 2], days) for number in range(8)))
    assert refused(answers, Conflict) == 0
    assert sum(made for made, _skipped in answers) == 5
    assert len({shift.starts_at for shift in shifts()}) == len(shifts()) == 5


def test_eight_at_once_crew_a_distribution_once(app: Flask, actor: int) -> None:
    laid = pattern(actor, line(), line(make.warehouse().id, at="13:00"))
    source, target = (make.distribution(starts_at=now() + timedelta(days=days)) for days in (3, 5))
    make.shift(source)
    ids = source.id, target.id
    over = partial(laying.lay_over_distribution, actor_id=actor, pattern_id=laid, distribution_id=ids[1], zone=ZONE)
    copy = partial(laying.copy_crew_plan, actor_id=actor, source_id=ids[0], distribution_id=ids[1], zone=ZONE)
    answers = race(app, *[over] * 4, *[copy] * 4)
    assert refused(answers, Conflict) == 0
    query = select(func.count(Shift.id)).where(Shift.distribution_id == ids[1])
    assert db.session.scalar(query) == 3
    assert db.session.scalar(select(func.count(Distribution.id))) == 2
    assert all_well()
