"""Changing one shift of a pattern and all that follow: what follows, what was set by hand and stays, who is told."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.clock import now
from logistics.db import db
from logistics.errors import Conflict, Invalid, NotFound
from logistics.outbox.models import OutboxMessage
from logistics.shifts import checks, signing
from logistics.shifts.models import Shift
from logistics.shifts.pattern_models import PatternLine
from logistics.shifts.plans import laying, patterns, planning, series, terms

from .. import make
from ..racing import race, refused

ZONE = ZoneInfo("Europe/Paris")
TOMORROW = now().astimezone(ZONE).date() + timedelta(days=2)
DAYS = [TOMORROW + timedelta(days=number) for number in range(4)]


@pytest.fixture
def actor(app: Flask) -> int:
    return make.person("coordinator").id


@pytest.fixture
def four(actor: int) -> list[int]:
    """Four days' shifts of one line, 09:30 to 12:30, for 1 to 4 people."""
    laid = patterns.create(actor_id=actor, name="A day", name_fr="")
    line = patterns.Line(make.role().id, make.warehouse().id, 570, 180, 1, 4)
    patterns.add_line(actor_id=actor, pattern_id=laid, line=line)
    laying.lay_over_days(actor_id=actor, pattern_id=laid, days=DAYS, zone=ZONE)
    return [shift.id for shift in shifts()]


def shifts() -> list[Shift]:
    db.session.rollback()
    return list(db.session.scalars(select(Shift).order_by(Shift.starts_at, Shift.id)))


def values(shift_id: int, **changes: Any) -> dict[str, Any]:
    db.session.rollback()
    shift = db.session.get_one(Shift, shift_id)
    return {"shift_id": shift_id, "version": shift.version, **terms.terms_of(shift).__dict__, **changes}


def follow(actor: int, shift_id: int, **changes: Any) -> dict[str, int]:
    return series.edit_following(actor_id=actor, zone=ZONE, **values(shift_id, **changes))


def only(actor: int, shift_id: int, **changes: Any) -> int:
    return planning.edit(actor_id=actor, **values(shift_id, **changes))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def starts() -> list[str]:
    return [f"{shift.starts_at.astimezone(ZONE):%H:%M}" for shift in shifts()]


def line() -> PatternLine:
    db.session.rollback()
    return db.session.scalars(select(PatternLine)).one()


def all_well() -> bool:
    return list(checks.problems(db.session)) == []


def test_all_that_follow_change_and_what_came_before_stays(actor: int, four: list[int]) -> None:
    assert follow(actor, four[1], minimum=2, maximum=6, notes="Gloves") == {"changed": 3, "kept": 0}
    assert [(shift.minimum, shift.maximum, shift.notes) for shift in shifts()] == [
        (1, 4, ""),
        (2, 6, "Gloves"),
        (2, 6, "Gloves"),
        (2, 6, "Gloves"),
    ]
    assert (line().minimum, line().maximum, line().notes) == (2, 6, "Gloves")
    assert all_well()


def test_what_was_set_by_hand_stays_but_only_that(actor: int, four: list[int]) -> None:
    only(actor, four[2], maximum=9)
    follow(actor, four[0], maximum=6, cancel_hours=48, newcomers_maximum=2)
    assert [shift.maximum for shift in shifts()] == [6, 6, 9, 6]
    assert {(shift.cancel_hours, shift.newcomers_maximum) for shift in shifts()} == {(48, 2)}


def test_one_set_by_hand_can_be_made_the_rule(actor: int, four: list[int]) -> None:
    only(actor, four[0], maximum=5)
    follow(actor, four[0], maximum=7)
    assert [shift.maximum for shift in shifts()] == [7, 7, 7, 7]


def test_a_time_that_follows_is_the_same_on_the_wall_and_crews_are_told(actor: int, four: list[int]) -> None:
    only(actor, four[2], starts_at=at(DAYS[2], 8), ends_at=at(DAYS[2], 12))
    person = make.person().id
    for number in four:
        signing.sign_up(actor_id=person, shift_id=number)
    follow(actor, four[0], starts_at=at(DAYS[0], 10), ends_at=at(DAYS[0], 13))
    assert starts() == ["10:00", "10:00", "08:00", "10:00"]
    assert (line().start_minute, line().minutes) == (600, 180)
    told = select(func.count()).where(OutboxMessage.kind == "shift_changed")
    assert db.session.scalar(told) == 3
    assert all_well()


def test_another_day_is_for_one_shift_only(actor: int, four: list[int]) -> None:
    with pytest.raises(Invalid) as refusal:
        follow(actor, four[0], starts_at=at(DAYS[1], 9, 30), ends_at=at(DAYS[1], 12, 30))
    assert refusal.value.field == "starts_at"
    only(actor, four[0], starts_at=at(DAYS[1], 9, 30), ends_at=at(DAYS[1], 12, 30))


def test_fewer_places_than_are_taken_names_the_days_and_changes_nothing(actor: int, four: list[int]) -> None:
    for number in (four[1], four[3]):
        for _ in range(3):
            signing.sign_up(actor_id=make.person().id, shift_id=number)
    with pytest.raises(series.TooFew) as refusal:
        follow(actor, four[0], maximum=2)
    assert list(refusal.value.days) == [DAYS[1], DAYS[3]]
    assert [shift.maximum for shift in shifts()] == [4, 4, 4, 4]
    follow(actor, four[0], maximum=3)
    assert all_well()


def test_fewer_places_than_are_kept_for_the_experienced_name_the_day_too(actor: int, four: list[int]) -> None:
    only(actor, four[2], experienced_minimum=4)
    with pytest.raises(series.TooFew) as refusal:
        follow(actor, four[0], maximum=3)
    assert list(refusal.value.days) == [DAYS[2]]


def test_what_is_called_off_or_no_series_stays_as_it_was(actor: int, four: list[int]) -> None:
    planning.call_off(actor_id=actor, shift_id=four[1])
    follow(actor, four[0], maximum=6)
    assert [shift.maximum for shift in shifts()] == [6, 4, 6, 6]
    alone = make.shift().id
    for number, kind in ((four[1], Conflict), (alone, Conflict)):
        with pytest.raises(kind):
            follow(actor, number, maximum=7)
    with pytest.raises(NotFound):
        series.edit_following(actor_id=actor, zone=ZONE, **{**values(alone), "shift_id": 999_999})
    with pytest.raises(Conflict, match="while you were editing"):
        series.edit_following(actor_id=actor, zone=ZONE, **{**values(four[0], maximum=8), "version": 1})
    db.session.rollback()
    assert series.following(db.session, db.session.get_one(Shift, four[0])) == 2
    assert series.following(db.session, db.session.get_one(Shift, alone)) == 0


def test_the_site_and_the_role_follow_also_for_what_is_laid_over_distributions(actor: int) -> None:
    laid = patterns.create(actor_id=actor, name="A van", name_fr="")
    patterns.add_line(actor_id=actor, pattern_id=laid, line=patterns.Line(make.role().id, None, 570, 180, 1, 4))
    for day in DAYS[:3]:
        number = make.distribution(starts_at=at(day, 14)).id
        laying.lay_over_distribution(actor_id=actor, pattern_id=laid, distribution_id=number, zone=ZONE)
    house, elsewhere, driver = make.warehouse().id, make.warehouse().id, make.role().id
    ids = [shift.id for shift in shifts()]
    only(actor, ids[2], site_id=elsewhere)
    follow(actor, ids[0], site_id=house, role_id=driver)
    assert [(shift.site_id, shift.role_id) for shift in shifts()] == [(house, driver)] * 2 + [(elsewhere, driver)]
    assert (line().site_id, line().role_id) == (house, driver)


def test_series_changes_sign_ups_and_single_changes_at_once(app: Flask, actor: int, four: list[int]) -> None:
    """Whatever order they come in, nobody is beyond the places, and nobody is in two places."""
    people = [make.person().id for _ in range(10)]
    clashing = make.shift(starts_at=at(DAYS[2], 13)).id
    fewer, later = values(four[0], maximum=2), values(four[1], starts_at=at(DAYS[1], 11), ends_at=at(DAYS[1], 14))
    lay = partial(
        laying.lay_over_days,
        actor_id=actor,
        pattern_id=line().pattern_id,
        days=[*DAYS, DAYS[3] + timedelta(days=1)],
        zone=ZONE,
    )
    answers = race(
        app,
        partial(series.edit_following, actor_id=actor, zone=ZONE, **fewer),
        partial(series.edit_following, actor_id=actor, zone=ZONE, **later),
        lay,
        lay,
        *(partial(signing.sign_up, actor_id=number, shift_id=four[2]) for number in people),
        *(partial(signing.sign_up, actor_id=number, shift_id=clashing) for number in people),
    )
    refused([answer for answer in answers if not isinstance(answer, Invalid)], Conflict)
    assert len(shifts()) == 6
    assert len({shift.starts_at.astimezone(ZONE).date() for shift in shifts()}) == 5
    assert all(shift.filled <= shift.maximum for shift in shifts())
    assert all_well()
