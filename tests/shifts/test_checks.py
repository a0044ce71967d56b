"""Each invariant, broken by SQL past its guards, is named."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.clock import now
from logistics.db import db, transaction
from logistics.shifts import checks, signing, waiting
from logistics.shifts.day import checks as day_checks
from logistics.shifts.day_models import Presence, Stay
from logistics.shifts.group_models import Convoy
from logistics.shifts.groups import checks as group_checks
from logistics.shifts.groups import convoys, riding

from .. import make
from ..breaking import unsaid, without_checks


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


TABLES = ("shift", "sign_up", "convoy", "stay", "presence")
BROKEN = {  # what is done past every guard, and the sentence that names it
    "UPDATE shift SET filled = 2 WHERE id = :one": "shift {one} says 2 places are taken, but sign-ups hold 1",
    "UPDATE shift SET filled = 3 WHERE id = :one": "shift {one} has 3 people in 2 places",
    "UPDATE shift SET minimum = 9 WHERE id = :one": "shift {one} needs more people than it has places",
    "UPDATE shift SET ends_at = starts_at WHERE id = :one": "shift {one} needs more people than it has places",
    "UPDATE shift SET cancelled_at = starts_at WHERE id = :one": "shift {one} was called off, but 1 people still have",
    "UPDATE shift SET cancelled_at = starts_at WHERE id = :full": "shift {full} was called off, but 2 people still have",
    "UPDATE shift SET starts_at = (SELECT starts_at FROM shift WHERE id = :one) WHERE id = :two": (
        "person {person} is on shifts {one} and {two}, which overlap"
    ),
    "DROP INDEX uq_sign_up_shift_id_person_id;"
    "INSERT INTO sign_up (shift_id, person_id, state, places, created_at, changed_at)"
    " SELECT shift_id, person_id, state, places, created_at, changed_at FROM sign_up WHERE shift_id = :one": (
        "person {person} is signed up twice for shift {one}"
    ),
    "UPDATE shift SET extra = 1 WHERE id = :one": "shift {one} lets in more than its maximum, though no more are on it",
    "UPDATE sign_up SET convoy_id = NULL WHERE shift_id = :held": "sign-up of shift {held} holds 2 places without a con",
    "UPDATE sign_up SET state = 'held' WHERE shift_id = :one": "a sign-up of shift {one} holds 1 places without a convoy",
    "UPDATE sign_up SET waiting_since = NULL WHERE shift_id = :full": "someone waits for shift {full} without a turn",
    "UPDATE sign_up SET state = 'offered' WHERE shift_id = :one": "someone waits for shift {one} without a turn, or is",
    "UPDATE sign_up SET state = 'offered', offer_lapses_at = (SELECT MAX(ends_at) FROM shift) WHERE shift_id = :one": (
        "an offer of shift {one} outlives the shift's start"
    ),
    "UPDATE shift SET lead_id = :waits WHERE id = :one": "person {waits} leads shift {one}, and is not on it",
    "UPDATE shift SET maximum = 2 WHERE id = :full": "person {waits} waits for 1 places of shift {full}, which has as",
    "UPDATE convoy SET size = 1": "convoy {convoy} is of 1 people, but has 2 members",
    "DELETE FROM convoy_member WHERE person_id = :leader": "convoy {convoy} has a leader who is not one of it",
    "UPDATE sign_up SET person_id = :person WHERE shift_id = :held AND places = 2": (
        "person {person} holds several places on shift {held} for convoy {convoy}, which they do not lead"
    ),
    "UPDATE convoy SET size = 2": "convoy {convoy} is of 2 people, but holds 3 places on shift {held}",
    "UPDATE stay SET leaves_on = (SELECT MAX(leaves_on) FROM stay)": "person {person} has stays {stay} and {next_stay}",
    "UPDATE sign_up SET state = 'no_show', arrived_at = created_at WHERE shift_id = :one": (
        "person {person} did not come to shift {one}, and arrived there"
    ),
    "UPDATE sign_up SET left_at = created_at, arrived_at = (SELECT MAX(starts_at) FROM shift) WHERE shift_id = :one": (
        "person {person} left shift {one} before arriving"
    ),
    "UPDATE presence SET left_at = (SELECT MIN(created_at) FROM shift)": "person {person} left site {site} before arriv",
}


def world() -> dict[str, int]:
    """Something of all that shifts keep: someone on two of them, a line, a convoy, stays, and who is at a site."""
    start, people = now() + timedelta(days=2), {name: make.person().id for name in ("person", "other", "waits")}
    ids = people | {
        name: make.shift(starts_at=start + timedelta(days=days), maximum=maximum, hours=30).id
        for name, days, maximum in (("one", 0, 2), ("two", 2, 2), ("full", 4, 1), ("held", 6, 6))
    }
    for name in ("one", "two"):
        signing.sign_up(actor_id=ids["person"], shift_id=ids[name])
    signing.sign_up(actor_id=ids["other"], shift_id=ids["full"])
    waiting.join(actor_id=ids["waits"], shift_id=ids["full"])
    ids["leader"] = make.person().id
    ids["convoy"] = convoys.make(actor_id=ids["leader"], name="Ghent", size=3, lapse_hours=48)
    convoys.hold(actor_id=ids["leader"], convoy_id=ids["convoy"], shift_ids=[ids["held"]], count=3)
    link = convoys.link_of(db.session.get_one(Convoy, ids["convoy"]))
    riding.join(actor_id=make.person().id, convoy_id=ids["convoy"], link=link)
    ids["site"] = make.warehouse().id
    first = date(2026, 12, 1)
    with transaction() as session:
        stays = [
            Stay(
                person_id=ids["person"],
                arrives_on=first + timedelta(days=days),
                leaves_on=first + timedelta(days=days + 4),
                created_at=now(),
            )
            for days in (0, 5)
        ]
        session.add_all([*stays, Presence(site_id=ids["site"], person_id=ids["person"], day=first, arrived_at=start)])
        session.flush()
        ids["stay"], ids["next_stay"] = (stay.id for stay in stays)
    assert problems() == []
    return ids


def broken(ids: dict[str, int], statements: str) -> list[str]:
    """What is said after these statements, which are taken back again."""
    with without_checks(*TABLES) as session:
        for statement in statements.split(";"):
            used = {name: value for name, value in ids.items() if f":{name}" in statement}
            session.execute(text(statement), used)
        return list(checks.problems(session))


def test_whatever_is_broken_is_named_and_every_sentence_is_said(app: Flask) -> None:
    """No statement above goes unnamed, and no check has a sentence that none of them brings out."""
    ids, said = world(), []
    for statements, named in BROKEN.items():
        found = broken(ids, statements)
        assert any(named.format(**ids) in each for each in found), (statements, found)
        said += found
    assert unsaid(said, checks, group_checks, day_checks) == []
    assert problems() == []
