"""Signing up and taking it back: capacity, clashes, and what may not be joined."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db
from logistics.errors import Conflict, NotFound
from logistics.outbox.models import OutboxMessage
from logistics.shifts import checks, signing
from logistics.shifts.models import Shift, SignUp, SignUpState
from logistics.shifts.plans import planning

from .. import make


def filled(shift: Shift) -> int:
    return db.session.scalars(select(Shift.filled).where(Shift.id == shift.id)).one()


def all_well() -> bool:
    return list(checks.problems(db.session)) == []


def test_signing_up_takes_a_place_tells_by_mail_and_leaves_a_line(app: Flask) -> None:
    point, driver = make.meeting_point("North", place="Behind the station"), make.role("Driver", name_fr="Conducteur")
    distribution = make.distribution(point)
    shift, person = make.shift(distribution, of_role=driver), make.person(language="fr", email="a@example.org")
    starts_at = shift.starts_at.isoformat()

    assert signing.sign_up(actor_id=person.id, shift_id=shift.id) == shift.id

    assert filled(shift) == 1
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.kind, mail.to_address, mail.language) == ("sign_up_confirmed", "a@example.org", "fr")
    assert mail.params["role"] == "Conducteur"
    assert mail.params["site"] == "North"
    assert mail.params["starts_at"] == starts_at
    assert mail.params["path"] == f"/shifts/{shift.id}"
    assert "station" not in str(mail.params)
    line = db.session.scalars(select(AuditLine)).one()
    assert (line.action, line.distribution_id, line.actor_id) == ("shift.signed_up", distribution.id, person.id)
    assert all_well()


def test_signing_up_twice_is_signing_up_once(app: Flask) -> None:
    shift, person = make.shift(), make.person()
    for _ in range(2):
        assert signing.sign_up(actor_id=person.id, shift_id=shift.id) == shift.id
    assert filled(shift) == 1
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1
    assert all_well()


def test_full_is_full_until_someone_cancels(app: Flask) -> None:
    shift, first, second = make.shift(maximum=1), make.person(), make.person()
    signing.sign_up(actor_id=first.id, shift_id=shift.id)
    with pytest.raises(Conflict, match="full"):
        signing.sign_up(actor_id=second.id, shift_id=shift.id)
    signing.cancel(actor_id=first.id, shift_id=shift.id)
    signing.sign_up(actor_id=second.id, shift_id=shift.id)
    assert filled(shift) == 1
    assert all_well()


def test_a_cancelled_sign_up_can_be_taken_up_again(app: Flask) -> None:
    shift, person = make.shift(), make.person()
    signing.sign_up(actor_id=person.id, shift_id=shift.id)
    for _ in range(2):
        signing.cancel(actor_id=person.id, shift_id=shift.id)
    assert filled(shift) == 0
    signing.sign_up(actor_id=person.id, shift_id=shift.id)
    assert filled(shift) == 1
    assert db.session.scalars(select(SignUp.state)).all() == [SignUpState.CONFIRMED]
    assert all_well()


@pytest.mark.parametrize(("after", "clashes"), [(-3, False), (-2.99, True), (0, True), (2.99, True), (3, False)])
def test_overlapping_shifts_are_refused_with_the_name_of_the_other(app: Flask, after: float, clashes: bool) -> None:
    start, person = now() + timedelta(days=2), make.person()
    first = make.shift(of_role=make.role("Driver"), starts_at=start)
    second = make.shift(starts_at=start + timedelta(hours=after))
    signing.sign_up(actor_id=person.id, shift_id=first.id)
    if clashes:
        with pytest.raises(signing.Clash, match="Driver") as refused:
            signing.sign_up(actor_id=person.id, shift_id=second.id)
        assert refused.value.other.shift_id == first.id
        assert filled(second) == 0
    else:
        signing.sign_up(actor_id=person.id, shift_id=second.id)
    assert all_well()


def test_a_shift_given_up_is_no_clash(app: Flask) -> None:
    start, person = now() + timedelta(days=2), make.person()
    first, second = make.shift(starts_at=start), make.shift(starts_at=start)
    signing.sign_up(actor_id=person.id, shift_id=first.id)
    signing.cancel(actor_id=person.id, shift_id=first.id)
    signing.sign_up(actor_id=person.id, shift_id=second.id)
    assert all_well()


def test_what_has_begun_or_was_called_off_is_not_joined(app: Flask) -> None:
    person, other = make.person(), make.person("coordinator")
    begun, off = make.shift(starts_at=now() - timedelta(minutes=1)), make.shift()
    planning.call_off(actor_id=other.id, shift_id=off.id)
    with pytest.raises(Conflict, match="begun"):
        signing.sign_up(actor_id=person.id, shift_id=begun.id)
    with pytest.raises(Conflict, match="called off"):
        signing.sign_up(actor_id=person.id, shift_id=off.id)
    with pytest.raises(NotFound):
        signing.sign_up(actor_id=person.id, shift_id=999_999)
    assert all_well()


def test_what_one_is_not_on_or_has_begun_is_not_cancelled(app: Flask) -> None:
    person, soon = make.person(), make.shift(starts_at=now() + timedelta(hours=1))
    with pytest.raises(Conflict, match="not on"):
        signing.cancel(actor_id=person.id, shift_id=soon.id)
    with pytest.raises(NotFound):
        signing.cancel(actor_id=person.id, shift_id=999_999)
    signing.sign_up(actor_id=person.id, shift_id=soon.id)
    with make.transaction() as session:
        session.get_one(Shift, soon.id).starts_at = now() - timedelta(hours=1)
    with pytest.raises(Conflict, match="begun"):
        signing.cancel(actor_id=person.id, shift_id=soon.id)
    assert filled(soon) == 1
    assert all_well()
