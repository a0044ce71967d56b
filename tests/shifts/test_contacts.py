"""Whom to call: the shift's lead and coordinators see it, around the shift, and every look is written down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.people import contacts as own
from logistics.shifts import signing
from logistics.shifts.day import contacts
from logistics.shifts.models import Shift
from tests import make
from tests.browsing import Browser

PHONE = "+33 6 12 34 56 78"


@pytest.fixture
def shift(volunteer: Browser) -> int:
    """A shift that begins in an hour, with the volunteer on it."""
    shift_id = make.shift(starts_at=now() + timedelta(hours=1)).id
    signing.sign_up(actor_id=volunteer.person_id, shift_id=shift_id)
    own.set_contact(actor_id=volunteer.person_id, name="Leïla", phone=PHONE, relation="sister")
    return shift_id


def looks() -> list[tuple[int | None, str]]:
    lines = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "emergency_contact.looked_at").order_by(AuditLine.id)
    )
    return [(line.actor_id, line.subject_id) for line in lines]


def test_a_coordinator_looks_and_it_is_written_down(coordinator: Browser, volunteer: Browser, shift: int) -> None:
    page = coordinator.page(f"/shifts/{shift}/contacts")
    assert ("Amina Volunteer" in page, PHONE in page, looks()) == (True, False, [])
    page = coordinator.send(f"/shifts/{shift}/contacts/{volunteer.person_id}", status=200).get_data(as_text=True)
    assert (PHONE in page, "Leïla" in page) == (True, True)
    assert looks() == [(coordinator.person_id, str(volunteer.person_id))]
    told = str(db.session.scalars(select(AuditLine.details)).all())
    assert PHONE not in told


def test_the_lead_of_this_shift_looks_and_no_one_else_of_the_crew(
    volunteer: Browser, warehouse_staff: Browser, shift: int
) -> None:
    path = f"/shifts/{shift}/contacts/{volunteer.person_id}"
    for browser in (volunteer, warehouse_staff):
        browser.page(f"/shifts/{shift}/contacts", 403)
        browser.send(path, status=403)
    signing.sign_up(actor_id=warehouse_staff.person_id, shift_id=shift)
    with transaction() as session:
        session.get_one(Shift, shift).lead_id = warehouse_staff.person_id
    assert PHONE in warehouse_staff.send(path, status=200).get_data(as_text=True)
    other = make.shift(starts_at=now() + timedelta(hours=1)).id
    warehouse_staff.page(f"/shifts/{other}/contacts", 403)
    assert looks() == [(warehouse_staff.person_id, str(volunteer.person_id))]


@pytest.mark.parametrize(("hours", "seen"), [(-12.1, False), (-11.9, True), (3 + 11.9, True), (3 + 12.1, False)])
def test_only_around_the_shift(coordinator: Browser, volunteer: Browser, shift: int, hours: float, seen: bool) -> None:
    with transaction() as session:
        found = session.get_one(Shift, shift)
        found.starts_at, found.ends_at = now() - timedelta(hours=hours), now() + timedelta(hours=3 - hours)
    status = 200 if seen else 409
    page = coordinator.send(f"/shifts/{shift}/contacts/{volunteer.person_id}", status=status).get_data(as_text=True)
    assert (PHONE in page, len(looks())) == (seen, int(seen))
    coordinator.page(f"/shifts/{shift}/contacts", status)


def test_only_of_those_on_the_shift(coordinator: Browser, volunteer: Browser, shift: int) -> None:
    elsewhere = make.person()
    own.set_contact(actor_id=elsewhere.id, name="Max", phone=PHONE, relation="")
    for person_id in (elsewhere.id, coordinator.person_id, 999999):
        coordinator.send(f"/shifts/{shift}/contacts/{person_id}", status=404)
    coordinator.send(f"/shifts/999999/contacts/{volunteer.person_id}", status=404)
    with as_if(now() - timedelta(minutes=1)):
        signing.cancel(actor_id=volunteer.person_id, shift_id=shift, reason="Ill")
    coordinator.send(f"/shifts/{shift}/contacts/{volunteer.person_id}", status=404)
    assert looks() == []


def test_who_gave_nobody_is_shown_as_such(coordinator: Browser, shift: int) -> None:
    silent = make.person(name="Silent Sam")
    signing.sign_up(actor_id=silent.id, shift_id=shift)
    assert "nobody given" in coordinator.page(f"/shifts/{shift}/contacts")
    assert [member.has_contact for member in contacts.crew(db.session, shift)] == [True, False]
