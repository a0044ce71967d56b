"""Many at once, on real threads and connections; and each race again without its guard, where it must go wrong.

The unguarded versions read in one transaction and write in another, as a view without a service would. (Within one
transaction SQLite has a single writer, so that nothing could go wrong there.)
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from logistics.clock import now
from logistics.db import WRITES, db, transaction
from logistics.errors import Conflict
from logistics.people.models import Person
from logistics.shifts import checks, listing, places, signing
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.plans import planning

from .. import make
from ..racing import race, refused

PLACES, VOLUNTEERS = 7, 60
START = now().replace(microsecond=0) + timedelta(days=3)


def confirmed(**which: int) -> int:
    db.session.rollback()
    query = select(func.count(SignUp.id)).where(SignUp.state == SignUpState.CONFIRMED).filter_by(**which)
    return db.session.scalar(query) or 0


def problems() -> list[str]:
    db.session.rollback()
    return list(checks.problems(db.session))


def everyone_signs_up(app: Flask, people: int = VOLUNTEERS) -> tuple[int, int]:
    """Return how many of `people` were refused, and how many have a place."""
    shift_id = make.shift(maximum=PLACES).id
    ids = [make.person().id for _ in range(people)]
    answers = race(app, *(partial(signing.sign_up, actor_id=number, shift_id=shift_id) for number in ids))
    return refused(answers, Conflict), confirmed(shift_id=shift_id)


def one_signs_up_for_two_that_overlap(app: Flask) -> tuple[int, int]:
    """Return how often they were refused, and how many shifts they are on."""
    person_id = make.person().id
    shifts = [make.shift(starts_at=START + timedelta(hours=hours)).id for hours in (0, 1)]
    answers = race(app, *(partial(signing.sign_up, actor_id=person_id, shift_id=number) for number in shifts))
    return refused(answers, Conflict), confirmed(person_id=person_id)


def one_sends_the_form_twice(app: Flask) -> int:
    """Return how many places they have."""
    shift, person = make.shift(), make.person()
    shift_id = shift.id
    race(app, *[partial(signing.sign_up, actor_id=person.id, shift_id=shift_id)] * 2)
    db.session.rollback()
    return db.session.scalars(select(Shift.filled).where(Shift.id == shift_id)).one()


def start_another_transaction(session: Session) -> None:
    """What a check in one transaction and a write in the next comes to."""
    session.commit()
    time.sleep(0.01)
    session.connection(execution_options={WRITES: True} if app_is_sqlite() else {"isolation_level": "READ COMMITTED"})


def goes_wrong(attempt: Callable[[], bool], tries: int = 20) -> bool:
    """Whether an attempt shows the fault within some tries: a race need not go wrong each time."""
    return any(attempt() for _ in range(tries))


def test_sixty_volunteers_for_seven_places(app: Flask) -> None:
    assert everyone_signs_up(app) == (VOLUNTEERS - PLACES, PLACES)
    assert problems() == []


def test_sixty_volunteers_get_too_many_places_when_the_conditional_update_is_gone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_write(session: Session, shift_id: int, count: int = 1, seen: int | None = None) -> bool:
        filled, maximum = session.execute(select(Shift.filled, Shift.maximum).where(Shift.id == shift_id)).one()
        if filled >= maximum:
            return False
        start_another_transaction(session)
        session.execute(update(Shift).where(Shift.id == shift_id).values(filled=filled + 1))
        return True

    monkeypatch.setattr(places, "take", read_then_write)
    assert goes_wrong(lambda: everyone_signs_up(app, people=12)[1] > PLACES)
    assert any("places are taken, but" in problem for problem in problems())


def test_one_volunteer_and_two_overlapping_shifts_fifty_times(app: Flask) -> None:
    for _ in range(50):
        assert one_signs_up_for_two_that_overlap(app) == (1, 1)
    assert problems() == []


def test_one_volunteer_gets_both_when_the_persons_lock_is_gone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = signing.refuse_clash

    def look_then_go_on(session: Session, person_id: int, shift: Shift) -> None:
        guarded(session, person_id, shift)
        if app_is_sqlite():
            shift_id = shift.id
            start_another_transaction(session)
            listing.get(session, shift_id)  # its role and site again, for the mail
        else:
            time.sleep(0.01)

    monkeypatch.setattr(signing, "lock_person", without_lock)
    monkeypatch.setattr(signing, "refuse_clash", look_then_go_on)
    assert goes_wrong(lambda: one_signs_up_for_two_that_overlap(app)[1] == 2)
    assert any("which overlap" in problem for problem in problems())


def test_the_same_form_twice_at_once_takes_one_place(app: Flask) -> None:
    for _ in range(10):
        assert one_sends_the_form_twice(app) == 1
    assert problems() == []


def test_the_same_form_twice_takes_two_places_when_its_guards_are_gone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its guards are the locks of person and shift, and behind them the unique index, which is put back at the end."""
    guarded = signing.refuse_clash

    def look_then_go_on(session: Session, person_id: int, shift: Shift) -> None:
        guarded(session, person_id, shift)
        shift_id = shift.id
        start_another_transaction(session)
        listing.get(session, shift_id)  # its role and site again, for the mail

    monkeypatch.setattr(signing, "lock_person", without_lock)
    monkeypatch.setattr(signing, "refuse_clash", look_then_go_on)
    with transaction() as session:
        session.execute(text("DROP INDEX uq_sign_up_shift_id_person_id"))
    try:
        assert goes_wrong(lambda: one_sends_the_form_twice(app) == 2)
        assert any("is signed up twice" in problem for problem in problems())
    finally:
        with transaction() as session:
            session.execute(text("DELETE FROM sign_up"))
            session.execute(text("CREATE UNIQUE INDEX uq_sign_up_shift_id_person_id ON sign_up (shift_id, person_id)"))


def test_a_maximum_is_lowered_while_people_sign_up(app: Flask) -> None:
    actor, people = make.person("coordinator").id, [make.person().id for _ in range(8)]
    shift = make.shift(maximum=8)
    values = {name: getattr(shift, name) for name in ("role_id", "site_id", "starts_at", "ends_at", "minimum")}
    lower = partial(planning.edit, actor_id=actor, shift_id=shift.id, version=1, maximum=3, **values)
    answers = race(app, lower, *(partial(signing.sign_up, actor_id=each, shift_id=shift.id) for each in people))
    lowered = not isinstance(answers[0], Exception)
    assert confirmed() <= (3 if lowered else 8)
    assert problems() == []


def test_a_shift_is_called_off_while_people_sign_up_and_cancel(app: Flask) -> None:
    actor, people = make.person("coordinator").id, [make.person().id for _ in range(8)]
    shift_id = make.shift(maximum=8).id
    for person_id in people[:4]:
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    race(
        app,
        partial(planning.call_off, actor_id=actor, shift_id=shift_id),
        *(partial(signing.cancel, actor_id=each, shift_id=shift_id) for each in people[:4]),
        *(partial(signing.sign_up, actor_id=each, shift_id=shift_id) for each in people[4:]),
    )
    assert confirmed() == 0
    assert problems() == []


def test_a_shift_moves_onto_one_that_its_crew_is_just_signing_up_for(app: Flask) -> None:
    actor = make.person("coordinator").id
    for _ in range(10):
        person_id = make.person().id
        moving, other = make.shift(starts_at=START), make.shift(starts_at=START + timedelta(days=1))
        values = {name: getattr(moving, name) for name in ("role_id", "site_id", "minimum", "maximum", "version")}
        move = partial(
            planning.edit,
            actor_id=actor,
            shift_id=moving.id,
            starts_at=other.starts_at,
            ends_at=other.ends_at,
            **values,
        )
        other_id = other.id
        signing.sign_up(actor_id=person_id, shift_id=moving.id)
        answers = race(app, move, partial(signing.sign_up, actor_id=person_id, shift_id=other_id))
        refused(answers, Conflict)
        assert confirmed(person_id=person_id) == 1
    assert problems() == []


def without_lock(session: Session, person_id: int) -> Person:
    return session.get_one(Person, person_id)


def app_is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"
