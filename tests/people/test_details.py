"""What shifts ask about oneself: age without a birth date, and whom to call."""

import pytest
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.db import db, transaction
from logistics.people import contacts
from logistics.people.models import Person
from logistics.people.qualification_models import EmergencyContact
from tests import make
from tests.browsing import Browser

CONTACT = {"name": "Leïla", "phone": "+33 6 12 34 56 78", "relation": "sister"}


@pytest.fixture
def unknown(volunteer: Browser) -> Browser:
    """A volunteer who has not said how old they are."""
    with transaction() as session:
        session.get_one(Person, volunteer.person_id).age_group = None
    return volunteer


def me(browser: Browser) -> Person:
    return db.session.get_one(Person, browser.person_id)


def test_an_adult_says_so_once_and_goes_back_to_the_shift(unknown: Browser) -> None:
    shift = make.shift()
    page = unknown.send(f"/shifts/{shift.id}/sign-up", status=409).get_data(as_text=True)
    assert 'href="/my/details"' in page
    assert f'value="/shifts/{shift.id}"' in unknown.page(
        "/my/details", headers={"Referer": f"http://localhost/shifts/{shift.id}"}
    )
    answer = unknown.send("/my/details/age", {"age_group": "adult", "next": f"/shifts/{shift.id}"})
    assert answer.location == f"/shifts/{shift.id}"
    unknown.send(f"/shifts/{shift.id}/sign-up")


@pytest.mark.parametrize("next_path", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(unknown: Browser, next_path: str) -> None:
    assert unknown.send("/my/details/age", {"age_group": "adult", "next": next_path}).location == "/my/details"


@pytest.mark.parametrize("age", ["", "12", "adult ", "\N{GRINNING FACE}", "x" * 10_000])
def test_an_age_is_one_of_two(unknown: Browser, age: str) -> None:
    assert "Choose one of the two." in unknown.send("/my/details/age", {"age_group": age}, status=422).get_data(True)
    assert me(unknown).age_group is None


def test_sixteen_stays_sixteen_until_staff_say_otherwise(unknown: Browser, coordinator: Browser) -> None:
    unknown.send("/my/details/age", {"age_group": "16-17"})
    page = unknown.send("/my/details/age", {"age_group": "adult"}, status=409).get_data(as_text=True)
    assert "a coordinator changes it" in page
    path = f"/volunteers/{unknown.person_id}"
    assert "Amina Volunteer" in coordinator.page("/volunteers/waiting")
    coordinator.send(f"{path}/consent/recorded", {"back": "/volunteers/waiting"})
    assert (me(unknown).guardian_consent_at is None, me(unknown).guardian_consent_by) == (False, coordinator.person_id)
    assert "Amina Volunteer" not in coordinator.page("/volunteers/waiting")
    coordinator.send(f"{path}/consent/withdrawn")
    assert me(unknown).guardian_consent_at is None
    coordinator.send(f"{path}/consent/recorded")
    coordinator.send(f"{path}/age", {"age_group": "adult"})
    assert (me(unknown).age_group, me(unknown).guardian_consent_at) == ("adult", None)
    coordinator.send(f"{path}/consent/recorded", status=409)
    unknown.send(f"{path}/consent/recorded", status=403)


def test_an_audit_line_never_tells_an_age_or_a_contact(unknown: Browser) -> None:
    unknown.send("/my/details/age", {"age_group": "16-17"})
    unknown.send("/my/details/contact", CONTACT)
    unknown.send("/my/details/contact/remove")
    lines = db.session.scalars(
        select(AuditLine).where(AuditLine.actor_id == unknown.person_id).order_by(AuditLine.id)
    ).all()
    assert [line.action for line in lines] == [
        "person.changed",
        "emergency_contact.changed",
        "emergency_contact.removed",
    ]
    told = " ".join(str(line.details) for line in lines)
    assert not any(value in told for value in ("16-17", *CONTACT.values()))


def test_whom_to_call_is_kept_changed_and_removed(volunteer: Browser) -> None:
    volunteer.send("/my/details/contact", CONTACT)
    volunteer.send("/my/details/contact", {**CONTACT, "relation": ""})
    contact = contacts.contact_of(db.session, volunteer.person_id)
    assert contact is not None
    assert (contact.name, contact.relation) == ("Leïla", "")
    assert "+33 6 12 34 56 78" in volunteer.page("/my/details")
    volunteer.send("/my/details/contact/remove")
    volunteer.send("/my/details/contact/remove")
    assert db.session.scalars(select(EmergencyContact)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"phone": ""},
        {"phone": "call my mum"},
        {"name": "x" * 101},
        {"relation": "x" * 61},
        {"name": "a\x00b"},
    ],
)
def test_a_contact_that_cannot_be_called_is_refused_and_stays_typed(volunteer: Browser, wrong: dict[str, str]) -> None:
    page = volunteer.send("/my/details/contact", {**CONTACT, **wrong}, status=422).get_data(as_text=True)
    assert "error-summary" in page
    assert db.session.scalars(select(EmergencyContact)).all() == []
