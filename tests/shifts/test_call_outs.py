"""Calling out: who is asked, in which order, how often; and the pages by which staff fill a shift."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict
from logistics.outbox.models import OutboxMessage
from logistics.people.models import AgeGroup, Person
from logistics.people.qualification_models import AgreementText, HeldQualification, Qualification
from logistics.shifts import checks, listing, signing
from logistics.shifts.day_models import CalledOut, RoleWish, Stay
from logistics.shifts.models import RoleQualification, Shift, SignUp, SignUpState
from logistics.shifts.plans import planning
from logistics.shifts.qualifying import requirements, standings
from logistics.shifts.telling import call_outs

from .. import make
from ..browsing import Browser
from ..counting import queries
from ..racing import race, refused

ZONE = ZoneInfo("Europe/Paris")


def willing(name: str = "", **fields: object) -> int:
    made = make.person(name=name).id
    with transaction() as session:
        person = session.get_one(Person, made)
        for field, value in {"wants_call_outs": True, **fields}.items():
            setattr(person, field, value)
    return made


def short(minimum: int = 2, **fields: object) -> int:
    return make.shift(minimum=minimum, maximum=10, **fields).id  # type: ignore[arg-type]


def asked(shift_id: int) -> list[int]:
    db.session.rollback()
    found = call_outs.candidates(db.session, listing.get(db.session, shift_id), ZONE)
    return [each.person_id for each in found]


def send(actor: int, shift_id: int, seen: int = 0) -> int:
    return call_outs.send(actor_id=actor, shift_id=shift_id, seen=seen, zone=ZONE)


def add(*rows: object) -> None:
    with transaction() as session:
        session.add_all(rows)


def stay(person_id: int, first: int, last: int) -> Stay:
    """A stay from and to so many days from today; the shift is in two days, or three when the clocks change."""
    today = now().astimezone(ZONE).date()
    days = today + timedelta(days=first), today + timedelta(days=last)
    return Stay(person_id=person_id, arrives_on=days[0], leaves_on=days[1], created_at=now())


@pytest.fixture
def actor(app: Flask) -> int:
    return make.person("coordinator").id


def test_only_those_who_are_willing_and_free_are_asked(actor: int) -> None:
    shift_id = short()
    starts_at = db.session.get_one(Shift, shift_id).starts_at
    good, busy, off, _unwilling = willing(), willing(), willing(), make.person().id
    willing(disabled_at=now()), willing(email_confirmed_at=None)
    elsewhere = make.shift(starts_at=starts_at + timedelta(hours=1)).id
    signing.sign_up(actor_id=busy, shift_id=elsewhere)
    signing.sign_up(actor_id=off, shift_id=shift_id)
    signing.remove_person(actor_id=actor, shift_id=shift_id, person_id=off, reason="Ill")
    assert asked(shift_id) == [good]


def test_a_wish_comes_first_then_who_is_here(actor: int) -> None:
    shift_id = short()
    role_id = db.session.get_one(Shift, shift_id).role_id
    unknown, near, here, away, wish = willing(), willing(), willing(), willing(), willing()
    add(stay(near, 4, 9), stay(here, 0, 3), stay(away, 20, 30), stay(away, -9, -3))
    add(RoleWish(person_id=wish, role_id=role_id))
    assert asked(shift_id) == [wish, here, near, unknown]


def test_only_the_qualified_are_asked(actor: int) -> None:
    shift_id = short()
    role_id, day = db.session.get_one(Shift, shift_id).role_id, now().date()
    first_aid = Qualification(name="First aid", name_key="first aid")
    add(first_aid)
    number = first_aid.id
    add(RoleQualification(role_id=role_id, qualification_id=number))
    _none, declared, lapsed, good = (willing() for _ in range(4))
    minor = willing(age_group=AgeGroup.MINOR)
    kept = {"qualification_id": number, "declared_at": now()}
    add(
        HeldQualification(person_id=declared, **kept),
        HeldQualification(person_id=lapsed, confirmed_at=now(), expires_on=day, **kept),
        HeldQualification(person_id=good, confirmed_at=now(), expires_on=day + timedelta(days=9), **kept),
        HeldQualification(person_id=minor, confirmed_at=now(), **kept),
    )
    assert asked(shift_id) == [good]
    add(AgreementText(kind="conduct", language="en", version=1, text="Be kind", published_at=now()))
    assert asked(shift_id) == []


def test_many_stand_as_each_does_alone(actor: int) -> None:
    role_id = make.role().id
    first_aid = Qualification(name="First aid", name_key="first aid")
    add(first_aid, AgreementText(kind="conduct", language="en", version=2, text="Be kind", published_at=now()))
    number = first_aid.id
    add(RoleQualification(role_id=role_id, qualification_id=number))
    people = [willing(), willing(age_group=None), willing(age_group=AgeGroup.MINOR, guardian_consent_at=now())]
    add(HeldQualification(person_id=people[0], qualification_id=number, declared_at=now(), confirmed_at=now()))
    shift_id = make.shift(starts_at=now() - timedelta(days=3)).id
    values = {"state": SignUpState.ATTENDED, "created_at": now(), "changed_at": now()}
    add(SignUp(shift_id=shift_id, person_id=people[0], **values))
    found = standings.of_many(db.session, people, [role_id])
    for person_id in people:
        alone = requirements.read(db.session, person_id, role_id)
        together = found[person_id]
        assert {**together.__dict__, "needs": {}} == {**alone.__dict__, "needs": {}}
        assert list(together.needs.get(role_id, ())) == list(alone.needs[role_id])


def test_newcomers_are_not_asked_where_there_are_enough(actor: int) -> None:
    shift_id = short(newcomers_maximum=0)
    willing()
    assert asked(shift_id) == []


def test_three_are_asked_for_each_that_is_missing_and_nobody_twice(actor: int) -> None:
    shift_id = short(minimum=1)
    people = [willing() for _ in range(5)]
    assert send(actor, shift_id) == 3
    with pytest.raises(Conflict, match="just asked others"):
        send(actor, shift_id)
    assert send(actor, shift_id, seen=3) == 2
    with pytest.raises(Conflict, match="nobody left"):
        send(actor, shift_id, seen=5)
    mailed = db.session.scalars(
        select(OutboxMessage.person_id).where(OutboxMessage.kind == "called_out").order_by(OutboxMessage.person_id)
    ).all()
    assert list(mailed) == people
    lines = db.session.scalars(
        select(AuditLine.details).where(AuditLine.action == "shift.called_out").order_by(AuditLine.id)
    ).all()
    assert list(lines) == [{"asked": 3, "missing": 1}, {"asked": 2, "missing": 1}]


def test_never_more_than_fifty(actor: int) -> None:
    shift_id = make.shift(minimum=100, maximum=100).id
    for _ in range(53):
        willing()
    assert len(asked(shift_id)) == call_outs.MOST_ASKED


def test_those_who_were_asked_least_lately_come_first(actor: int) -> None:
    first, second = short(minimum=1), short(minimum=1)
    people = [willing() for _ in range(4)]
    send(actor, first)
    assert asked(second) == [people[3], people[0], people[1]]


def test_no_call_out_for_what_is_not_short(actor: int) -> None:
    full, off = short(minimum=0), short()
    begun = make.shift(starts_at=now() - timedelta(hours=1)).id
    planning.call_off(actor_id=actor, shift_id=off)
    willing()
    for shift_id in (full, off, begun):
        with pytest.raises(Conflict):
            send(actor, shift_id)
    assert db.session.scalar(select(func.count()).select_from(CalledOut)) == 0


def test_eight_coordinators_at_once_ask_once(app: Flask, actor: int) -> None:
    shift_id = short(minimum=1)
    people = [willing() for _ in range(9)]
    answers = race(app, *[partial(send, actor, shift_id)] * 8)
    assert refused(answers, Conflict) == 7
    asked_ids = db.session.scalars(select(CalledOut.person_id).order_by(CalledOut.person_id)).all()
    assert list(asked_ids) == people[:3]
    taken = race(app, *(partial(signing.sign_up, actor_id=number, shift_id=shift_id) for number in asked_ids))
    assert refused(taken, Conflict) == 0  # the places above its minimum are free as well
    assert list(checks.problems(db.session)) == []


def test_the_page_shows_whom_it_asks_and_asks_them(coordinator: Browser, volunteer: Browser) -> None:
    shift_id = short(minimum=1)
    willing("Wanda Willing")
    path = f"/shifts/{shift_id}/call-out"
    assert "Wanda Willing" in coordinator.page(path)
    coordinator.send(path, {"key": "k1", "seen": "0"})
    coordinator.send(path, {"key": "k1", "seen": "0"})  # a double click
    html = coordinator.page(path)
    assert "1 person was asked so far" in html
    assert "Nobody is left to ask" in html
    coordinator.send(path, {"key": "k2", "seen": "x"}, status=409)
    volunteer.page(path, status=403)
    coordinator.page("/shifts/999999/call-out", status=404)


def test_the_page_takes_as_many_queries_for_many_as_for_few(coordinator: Browser) -> None:
    shift_id = short(minimum=9)
    willing()
    with queries() as few:
        coordinator.page(f"/shifts/{shift_id}/call-out")
    for _ in range(20):
        willing()
    with queries() as many:
        coordinator.page(f"/shifts/{shift_id}/call-out")
    assert len(few) == len(many)
