"""Hours: what attendance says, what staff correct, and what is typed."""

from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db
from logistics.errors import Conflict, Invalid, NotFound
from logistics.shifts.models import SignUp, SignUpState
from logistics.shifts.worked import hours, minutes
from tests import make

from .worked import at, past_shift, sign_up

NINE = at(2026, 3, 28, 8)  # nine in Paris, the day before the clocks change


def worked(person_id: int) -> list[int]:
    return [row.minutes for row in db.session.execute(hours.worked_shifts(person_id))]


def test_hours_are_from_arriving_to_leaving(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina, starts_at=NINE, arrived_at=NINE - timedelta(minutes=5), left_at=NINE + timedelta(minutes=200))
    assert worked(amina) == [205]


def test_what_was_not_written_down_is_the_shift_s_own_time(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina, starts_at=NINE, hours=3)
    past_shift(amina, starts_at=NINE - timedelta(days=1), hours=3, arrived_at=NINE - timedelta(hours=23))
    assert worked(amina) == [180, 120]


def test_who_came_after_its_end_worked_nothing_rather_than_less(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina, starts_at=NINE, hours=3, arrived_at=NINE + timedelta(hours=5))
    assert worked(amina) == [0]


def test_a_night_in_which_the_clocks_go_forward_is_as_long_as_it_was(app: Flask) -> None:
    amina = make.person().id
    past_shift(amina, starts_at=at(2026, 3, 28, 21), hours=8)
    assert worked(amina) == [480]


def test_only_shifts_attended_count(app: Flask) -> None:
    amina = make.person().id
    for state in SignUpState:
        wanted = {"waiting_since": now()} if state == SignUpState.WAITING else {}
        wanted |= {"offer_lapses_at": now()} if state == SignUpState.OFFERED else {}
        past_shift(amina, state=state, **wanted)
    assert hours.total(db.session, amina) == hours.Total(1, 180)


def test_totals_and_roles_and_periods(app: Flask) -> None:
    amina, driver, sorter = make.person().id, make.role("Driver"), make.role("Sorter")
    past_shift(amina, of_role=driver, starts_at=NINE, hours=2)
    past_shift(amina, of_role=driver, starts_at=NINE - timedelta(days=40), hours=2)
    past_shift(amina, of_role=sorter, starts_at=NINE, hours=1.5)
    past_shift(make.person(), starts_at=NINE)
    assert hours.total(db.session, amina) == hours.Total(3, 330)
    assert hours.total(db.session, amina, (NINE - timedelta(days=1), NINE)) == hours.Total(0, 0)
    assert hours.total(db.session, amina, (NINE, NINE + timedelta(days=1))) == hours.Total(2, 210)
    roles = [(role.name, role.shifts, role.minutes) for role in hours.by_role(db.session, amina)]
    assert roles == [("Driver", 2, 240), ("Sorter", 1, 90)]


def test_a_correction_counts_and_is_written_down(app: Flask) -> None:
    staff, amina = make.person("coordinator").id, make.person().id
    shift_id = past_shift(amina).id
    for _again in range(2):
        hours.correct(actor_id=staff, shift_id=shift_id, minutes={str(amina): 95})
    assert worked(amina) == [95]
    line = db.session.scalars(select(AuditLine)).one()  # the second changed nothing
    assert (line.action, line.actor_id, line.details) == (
        "shift.hours_corrected",
        staff,
        {"person_id": amina, "minutes": 95, "was": None},
    )
    assert db.session.scalars(select(SignUp.minutes_by)).one() == staff
    hours.correct(actor_id=staff, shift_id=shift_id, minutes={str(amina): None})
    assert worked(amina) == [180]
    assert db.session.scalars(select(SignUp.minutes_by)).one() is None


def test_a_correction_is_refused_where_there_is_nothing_to_correct(app: Flask) -> None:
    staff, amina, absent = make.person("coordinator").id, make.person().id, make.person().id
    shift_id = past_shift(amina).id
    sign_up(absent, shift_id, SignUpState.NO_SHOW)
    for wrong, refusal in (
        ({str(absent): 10}, Conflict),
        ({str(staff): 10}, NotFound),
        ({str(amina): -1}, Invalid),
        ({str(amina): 2881}, Invalid),
    ):
        with pytest.raises(refusal):
            hours.correct(actor_id=staff, shift_id=shift_id, minutes=wrong)
    with pytest.raises(NotFound):
        hours.correct(actor_id=staff, shift_id=999_999, minutes={str(amina): 10})
    assert worked(amina) == [180]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3:30", 210),
        ("3h30", 210),
        (" 3 h 30 min ", 210),
        ("3.5", 210),
        ("3,5 h", 210),
        ("3.25", 195),
        ("3", 180),
        ("3 heures", 180),
        ("45 min", 45),
        ("0", 0),
        ("48:00", 2880),
    ],
)
def test_what_people_type_as_hours(text: str, expected: int) -> None:
    assert minutes.parse(text) == expected


@pytest.mark.parametrize("text", ["", "-1", "3:60", "49", "99:99", "٣", "three", "1e3", "3:3", "NaN", "9" * 400, "🙂"])
def test_what_is_no_time_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        minutes.parse(text, "hours")
    assert refusal.value.field == "hours"


@given(st.integers(0, minutes.MOST))
def test_what_is_shown_can_be_typed_again(number: int) -> None:
    assert minutes.parse(minutes.typed(number)) == number


@given(st.text(max_size=12))
def test_anything_typed_is_a_time_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert 0 <= minutes.parse(text) <= minutes.MOST
