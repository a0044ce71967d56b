"""Each invariant of convoys and stays, broken by SQL past its guards, is named."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from logistics.clock import now
from logistics.db import db, transaction
from logistics.shifts import checks
from logistics.shifts.day_models import Stay
from logistics.shifts.groups import convoys

from .. import make


def problems() -> list[str]:
    db.session.rollback()
    return list(checks.problems(db.session))


def run(statement: str, **values: object) -> None:
    with transaction() as session:
        session.execute(text(statement), values)


@pytest.fixture
def held(app: Flask) -> tuple[int, int, int]:
    """A convoy of three, its leader, and a shift on which it holds three places."""
    leader, shift = make.person().id, make.shift().id
    convoy = convoys.make(actor_id=leader, name="Ghent", size=3, lapse_hours=48)
    convoys.hold(actor_id=leader, convoy_id=convoy, shift_ids=[shift], count=3)
    assert problems() == []
    return convoy, leader, shift


def test_more_members_than_a_convoy_is_of(held: tuple[int, int, int]) -> None:
    convoy, _leader, _shift = held
    for _ in range(3):
        run(
            "INSERT INTO convoy_member (convoy_id, person_id, joined_at, seats) VALUES (:convoy, :person, :at, 0)",
            convoy=convoy,
            person=make.person().id,
            at=now().isoformat(),
        )
    assert problems() == [f"convoy {convoy} is of 3 people, but has 4 members"]


def test_a_leader_who_is_not_one_of_their_convoy(held: tuple[int, int, int]) -> None:
    run("DELETE FROM convoy_member")
    assert problems() == [f"convoy {held[0]} has a leader who is not one of it"]


def test_several_places_held_by_one_who_does_not_lead(held: tuple[int, int, int]) -> None:
    convoy, _leader, shift = held
    person = make.person().id
    run("UPDATE sign_up SET person_id = :person", person=person)
    assert problems() == [
        f"person {person} holds several places on shift {shift} for convoy {convoy}, which they do not lead"
    ]


def test_more_places_than_a_convoy_is_of(held: tuple[int, int, int]) -> None:
    convoy, _leader, shift = held
    run("UPDATE sign_up SET places = 4")
    run("UPDATE shift SET filled = 4")
    assert problems() == [f"convoy {convoy} is of 3 people, but holds 4 places on shift {shift}"]


def test_stays_that_overlap(app: Flask) -> None:
    person, first = make.person().id, date(2026, 12, 1)
    with transaction() as session:
        stays = [
            Stay(
                person_id=person,
                arrives_on=first + timedelta(days=days),
                leaves_on=first + timedelta(days=days + 4),
                created_at=now(),
            )
            for days in (0, 4)
        ]
        session.add_all(stays)
        session.flush()
        ids = [stay.id for stay in stays]
    assert problems() == [f"person {person} has stays {ids[0]} and {ids[1]}, which overlap"]
