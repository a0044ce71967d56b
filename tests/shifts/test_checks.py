"""Each invariant, broken by SQL past its guards, is named."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.clock import now
from logistics.db import db, transaction
from logistics.shifts import checks, signing

from .. import make
from ..breaking import without_checks


def problems() -> list[str]:
    db.session.rollback()
    return list(checks.problems(db.session))


def run(statement: str, **values: object) -> None:
    with transaction() as session:
        session.execute(text(statement), values)


@pytest.fixture
def shift_id(app: Flask) -> int:
    """A shift of two places with one person on it."""
    made = make.shift(maximum=2).id
    signing.sign_up(actor_id=make.person().id, shift_id=made)
    assert problems() == []
    return made


def test_places_that_do_not_count_up_are_named(shift_id: int) -> None:
    run("UPDATE shift SET filled = 2 WHERE id = :id", id=shift_id)
    assert problems() == [f"shift {shift_id} says 2 places are taken, but sign-ups hold 1"]


def test_more_people_than_places_are_refused_by_the_database_and_named(shift_id: int) -> None:
    with pytest.raises(IntegrityError):
        run("UPDATE shift SET filled = 3 WHERE id = :id", id=shift_id)
    with without_checks("shift") as session:
        session.execute(text("UPDATE shift SET filled = 3 WHERE id = :id"), {"id": shift_id})
        assert f"shift {shift_id} has 3 people in 2 places" in list(checks.problems(session))


@pytest.mark.parametrize("broken", ["minimum = 9", "ends_at = starts_at"])
def test_a_shift_that_cannot_be_is_refused_by_the_database_and_named(shift_id: int, broken: str) -> None:
    with pytest.raises(IntegrityError):
        run(f"UPDATE shift SET {broken} WHERE id = :id", id=shift_id)
    with without_checks("shift") as session:
        session.execute(text(f"UPDATE shift SET {broken} WHERE id = :id"), {"id": shift_id})
        found = list(checks.problems(session))
        assert found == [f"shift {shift_id} needs more people than it has places, or ends before it starts"]


def test_people_on_a_shift_that_was_called_off_are_named(shift_id: int) -> None:
    run("UPDATE shift SET cancelled_at = starts_at WHERE id = :id", id=shift_id)
    assert problems() == [f"shift {shift_id} was called off, but 1 people still have a place or a turn on it"]


def test_a_person_on_two_overlapping_shifts_is_named(app: Flask) -> None:
    start, person_id = now() + timedelta(days=2), make.person().id
    first, second = make.shift(starts_at=start).id, make.shift(starts_at=start + timedelta(days=1)).id
    for number in (first, second):
        signing.sign_up(actor_id=person_id, shift_id=number)
    run(
        "UPDATE shift SET starts_at = (SELECT starts_at FROM shift WHERE id = :first),"
        " ends_at = (SELECT ends_at FROM shift WHERE id = :first) WHERE id = :second",
        first=first,
        second=second,
    )
    assert problems() == [f"person {person_id} is on shifts {first} and {second}, which overlap"]
