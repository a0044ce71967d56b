"""Reminders the evening before and thanks the morning after: when, to whom, and once."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.clock import as_if
from logistics.db import db, transaction
from logistics.outbox.models import OutboxMessage
from logistics.people.models import Person
from logistics.shifts import signing
from logistics.shifts.models import Role, Shift, SignUp, SignUpState
from logistics.shifts.telling import reminding

from .. import make
from ..racing import race

LONG_BEFORE = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


def wall(app: Flask, text: str) -> datetime:
    """A moment by the clock on the wall (Europe/Paris)."""
    zone = app.extensions["shoreline_settings"].timezone
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def send(app: Flask, at: str) -> int:
    db.session.rollback()
    with as_if(wall(app, at)):
        return reminding.send_due(app.extensions["shoreline_settings"])


def mailed(kind: str) -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def booked(app: Flask, starts: str, hours: float = 3, person: Person | None = None, **fields: Any) -> tuple[int, int]:
    """Return the ids of a shift that starts then by the clock on the wall, and of who is on it."""
    db.session.rollback()
    person_id = (person or make.person()).id
    with as_if(LONG_BEFORE):
        shift_id = make.shift(starts_at=wall(app, starts), hours=hours, **fields).id
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    return shift_id, person_id


def attended(shift_id: int) -> None:
    with transaction() as session:
        session.execute(update(SignUp).where(SignUp.shift_id == shift_id).values(state=SignUpState.ATTENDED))


ON_TIME = {  # when a shift starts, a moment too early to remind of it, one that is right
    "an ordinary day": ("2026-11-24 09:00", "2026-11-23 16:59", "2026-11-23 17:00"),
    "just after midnight": ("2026-11-24 00:00", "2026-11-23 16:59", "2026-11-23 17:00"),
    "late in the evening": ("2026-11-24 23:45", "2026-11-23 16:59", "2026-11-23 17:00"),
    "the first of a month": ("2026-12-01 08:00", "2026-11-30 16:59", "2026-11-30 17:00"),
    "the first of a year": ("2027-01-01 10:00", "2026-12-31 16:59", "2026-12-31 17:00"),
    "the end of February": ("2027-03-01 08:00", "2027-02-28 16:59", "2027-02-28 17:00"),
    "the day the clocks go back": ("2026-10-25 08:00", "2026-10-24 16:59", "2026-10-24 17:00"),
    "the day after they went back": ("2026-10-26 08:00", "2026-10-25 16:59", "2026-10-25 17:00"),
    "the day they go forward": ("2027-03-28 08:00", "2027-03-27 16:59", "2027-03-27 17:00"),
    "the day after they went forward": ("2027-03-29 00:30", "2027-03-28 16:59", "2027-03-28 17:00"),
}


@pytest.mark.parametrize("which", ON_TIME)
def test_a_reminder_goes_out_the_evening_before_and_once(app: Flask, which: str) -> None:
    starts, early, right = ON_TIME[which]
    shift_id, person_id = booked(app, starts)
    assert send(app, early) == 0
    assert send(app, right) == 1
    assert send(app, right) == 0
    (message,) = mailed("shift_reminder")
    assert (message.person_id, message.about) == (person_id, f"shift:{shift_id}")


def test_a_reminder_says_where_when_and_what_to_bring(app: Flask) -> None:
    with as_if(LONG_BEFORE):
        role = make.role("Driver", name_fr="Conducteur")
    with transaction() as session:
        bring = {"bring": "Your licence", "bring_fr": "Votre permis"}
        session.execute(update(Role).where(Role.id == role.id).values(bring))
    booked(app, "2026-11-24 09:00", person=make.person(language="fr"), of_role=role, site=make.meeting_point("North"))
    send(app, "2026-11-23 18:00")
    (message,) = mailed("shift_reminder")
    assert message.language == "fr"
    found = {name: message.params[name] for name in ("role", "site", "bring", "starts_at")}
    assert found == {
        "role": "Conducteur",
        "site": "North",
        "bring": "Votre permis",
        "starts_at": wall(app, "2026-11-24 09:00").isoformat(),
    }


def test_what_nobody_reminded_of_yesterday_is_reminded_of_today_until_it_begins(app: Flask) -> None:
    booked(app, "2026-11-24 09:00")
    booked(app, "2026-11-24 12:00")
    assert send(app, "2026-11-24 10:00") == 1
    assert send(app, "2026-11-24 12:00") == 0


def test_who_books_after_the_reminders_has_been_told_all_by_the_confirmation(app: Flask) -> None:
    shift_id, _ = booked(app, "2026-11-24 09:00")
    late = make.person().id
    with as_if(wall(app, "2026-11-23 17:30")):
        signing.sign_up(actor_id=late, shift_id=shift_id)
    assert send(app, "2026-11-23 18:00") == 1
    assert late not in {message.person_id for message in mailed("shift_reminder")}


@pytest.mark.parametrize("change", ["does not want it", "left", "called off", "waits", "is switched off"])
def test_who_is_not_reminded(app: Flask, change: str) -> None:
    shift_id, person_id = booked(app, "2026-11-24 09:00")
    booked(app, "2026-11-24 10:00")
    with transaction() as session:
        mine = update(SignUp).where(SignUp.shift_id == shift_id)
        me = update(Person).where(Person.id == person_id)
        session.execute(
            {
                "does not want it": me.values(wants_reminders=False),
                "left": mine.values(state=SignUpState.CANCELLED),
                "called off": update(Shift).where(Shift.id == shift_id).values(cancelled_at=LONG_BEFORE),
                "waits": mine.values(state=SignUpState.WAITING, waiting_since=LONG_BEFORE),
                "is switched off": me.values(disabled_at=LONG_BEFORE),
            }[change]
        )
    assert send(app, "2026-11-23 18:00") == 1
    assert person_id not in {message.person_id for message in mailed("shift_reminder")}


def test_a_shift_that_moves_to_another_day_is_reminded_of_again(app: Flask) -> None:
    shift_id, _ = booked(app, "2026-11-24 09:00")
    assert send(app, "2026-11-23 17:00") == 1
    with transaction() as session:
        later = {"starts_at": wall(app, "2026-11-27 09:00"), "ends_at": wall(app, "2026-11-27 12:00")}
        session.execute(update(Shift).where(Shift.id == shift_id).values(later))
    assert send(app, "2026-11-24 18:00") == 0
    assert send(app, "2026-11-26 17:00") == 1
    assert len(mailed("shift_reminder")) == 2


def test_workers_at_once_remind_and_thank_each_person_once(app: Flask) -> None:
    ahead = [booked(app, "2026-11-24 09:00", maximum=6)[0] for _ in range(8)]
    behind = [booked(app, "2026-11-22 09:00")[0] for _ in range(8)]
    for shift_id in behind:
        attended(shift_id)
    assert len(ahead) == 8
    race(app, *(partial(send, app, "2026-11-23 18:00") for _ in range(6)))
    for kind in ("shift_reminder", "shift_thanks"):
        people = [message.person_id for message in mailed(kind)]
        assert len(people) == len(set(people)) == 8


def test_more_than_one_batch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminding, "BATCH", 2)
    for _ in range(5):
        booked(app, "2026-11-24 09:00")
    assert [send(app, "2026-11-23 18:00") for _ in range(4)] == [2, 2, 1, 0]


def test_thanks_go_out_the_morning_after_and_once(app: Flask) -> None:
    shift_id, person_id = booked(app, "2026-10-24 21:00", hours=6)  # it ends after midnight, on the day of 25 hours
    attended(shift_id)
    assert send(app, "2026-10-25 09:00") == 0
    assert send(app, "2026-10-26 08:59") == 0
    assert send(app, "2026-10-26 09:00") == 1
    assert send(app, "2026-10-26 09:01") == 0
    (message,) = mailed("shift_thanks")
    assert message.person_id == person_id


def test_a_day_of_two_shifts_is_one_thank_you(app: Flask) -> None:
    person = make.person()
    for starts in ("2026-11-24 09:00", "2026-11-24 14:00"):
        attended(booked(app, starts, person=db.session.merge(person))[0])
    assert send(app, "2026-11-25 10:00") == 2
    assert len(mailed("shift_thanks")) == 1


def test_who_is_not_thanked(app: Flask) -> None:
    booked(app, "2026-11-24 09:00")  # nobody wrote down that they came
    unwanted, person_id = booked(app, "2026-11-24 09:00")
    long_ago, _ = booked(app, "2026-11-10 09:00")
    for shift_id in (unwanted, long_ago):
        attended(shift_id)
    with transaction() as session:
        session.execute(update(Person).where(Person.id == person_id).values(wants_thanks=False))
    assert send(app, "2026-11-25 10:00") == 0
