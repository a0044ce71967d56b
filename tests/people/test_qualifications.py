"""Qualifications: declared, confirmed by staff, held until a last day, asked for by admins."""

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.errors import Conflict, Invalid, NotFound
from logistics.people import qualifications as service
from logistics.people.qualification_models import HeldQualification, Qualification
from logistics.people.qualifications import Terms
from tests import make
from tests.browsing import Browser, text_of

TODAY = date(2026, 11, 24)


def made(**terms: object) -> int:
    name = str(terms.pop("name", "First aid"))
    return service.create(actor_id=make.person("admin").id, terms=Terms(name, **terms))  # type: ignore[arg-type]


def held(person_id: int) -> HeldQualification:
    db.session.rollback()
    return db.session.scalars(select(HeldQualification).where(HeldQualification.person_id == person_id)).one()


def later(days: int) -> str:
    return (now() + timedelta(days=days)).date().isoformat()


def test_a_licence_is_declared_waits_is_confirmed_and_renewed(volunteer: Browser, coordinator: Browser) -> None:
    licence = made(name="Driving licence", takes_detail=True)
    mine, theirs = f"/my/qualifications/{licence}", f"/volunteers/{volunteer.person_id}/qualifications/{licence}"
    assert "I have it" in volunteer.page("/my/qualifications")
    assert "Say which" in volunteer.send(mine, {"detail": ""}, status=422).get_data(as_text=True)
    volunteer.send(mine, {"detail": "B", "expires_on": later(30)})
    assert "to be confirmed" in volunteer.page("/my/qualifications")
    waiting = coordinator.page("/volunteers/waiting")
    assert ("Amina Volunteer" in waiting, "1 thing to confirm" in waiting) == (True, True)
    assert 'value="B"' in coordinator.page(theirs)
    answer = coordinator.send(theirs, {"detail": "B", "expires_on": later(30), "back": "/volunteers/waiting"})
    assert answer.location == "/volunteers/waiting"
    assert "Nothing waits" in coordinator.page("/volunteers/waiting")
    assert (held(volunteer.person_id).confirmed_by, held(volunteer.person_id).detail) == (coordinator.person_id, "B")
    assert "confirmed already" in volunteer.send(mine, {"detail": "C"}, status=409).get_data(as_text=True)
    coordinator.send(theirs, {"detail": "BE", "expires_on": later(400)})
    assert held(volunteer.person_id).detail == "BE"
    coordinator.send(f"{theirs}/remove")
    assert "I have it" in volunteer.page("/my/qualifications")


def test_what_is_self_declared_counts_at_once_and_can_be_taken_back(volunteer: Browser, coordinator: Browser) -> None:
    tour = made(name="Tour", self_declared=True)
    volunteer.send(f"/my/qualifications/{tour}", {})
    assert "self-declared" in volunteer.page("/my/qualifications")
    assert "Nothing waits" in coordinator.page("/volunteers/waiting")
    volunteer.send(f"/my/qualifications/{tour}/withdraw")
    volunteer.send(f"/my/qualifications/{tour}/withdraw")
    assert db.session.scalars(select(HeldQualification)).all() == []


def test_what_is_given_on_the_day_is_given_by_staff_for_that_day(volunteer: Browser, coordinator: Browser) -> None:
    briefing = made(name="Briefing", on_the_day=True)
    volunteer.send(f"/my/qualifications/{briefing}", {}, status=409)
    path = f"/volunteers/{volunteer.person_id}/qualifications"
    assert "Given today" in coordinator.page(path)
    coordinator.send(f"{path}/{briefing}", {})
    assert held(volunteer.person_id).expires_on == now().astimezone(settings_zone(volunteer)).date()
    coordinator.send(f"{path}/{briefing}", {})


def settings_zone(browser: Browser) -> object:
    return browser.application.extensions["shoreline_settings"].timezone


@pytest.mark.parametrize(
    "day", ["yesterday", "2026-02-31", "2001-01-01", "9999-12-31", "\N{GRINNING FACE}", "1" * 5000]
)
def test_a_last_day_is_a_day_to_come(volunteer: Browser, day: str) -> None:
    number = made()
    page = volunteer.send(f"/my/qualifications/{number}", {"expires_on": day}, status=422).get_data(as_text=True)
    assert "expires_on-error" in page
    assert db.session.scalars(select(HeldQualification)).all() == []


def test_only_staff_confirm_and_only_what_there_is(volunteer: Browser, coordinator: Browser) -> None:
    number, own = made(), f"/volunteers/{volunteer.person_id}/qualifications"
    for path in (own, f"{own}/{number}"):
        volunteer.page(path, 403)
    for path in (f"{own}/{number}", f"{own}/{number}/remove", f"/volunteers/{volunteer.person_id}/age"):
        volunteer.send(path, status=403)
    for path in (f"{own}/999999", f"/volunteers/999999/qualifications/{number}"):
        coordinator.page(path, 404)
        coordinator.send(path, status=404)
    volunteer.send("/my/qualifications/999999", status=404)


def test_an_admin_makes_changes_and_retires_one(admin: Browser) -> None:
    assert "Begin with what your vans need" in admin.page("/admin/qualifications")
    data = {"name": "First aid", "name_fr": "Secours", "days_valid": "1095", "description": "Show the card."}
    admin.send("/admin/qualifications/new", data)
    page = admin.send("/admin/qualifications/new", {**data, "name": "FIRST AID "}, status=422).get_data(as_text=True)
    assert "There is a qualification of this name already." in page
    number = db.session.scalars(select(Qualification.id)).one()
    page = admin.page("/admin/qualifications")
    assert "holds for 1095 days" in text_of(page)
    admin.send(f"/admin/qualifications/{number}/edit", {"name": "First aid", "name_fr": "", "self_declared": "y"})
    found = db.session.get_one(Qualification, number)
    assert (found.self_declared, found.days_valid, found.name_fr) == (True, None, None)
    admin.send(f"/admin/qualifications/{number}/close")
    assert "No longer used" in admin.page("/admin/qualifications")
    admin.send(f"/admin/qualifications/{number}/reopen")
    assert "First aid" in admin.get("/admin/qualifications?format=csv").get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("days_valid", "0"), ("days_valid", "-1"), ("days_valid", "99999"), ("name", " "), ("name", "x" * 81)],
)
def test_nonsense_about_a_qualification_is_an_error_at_its_field(admin: Browser, field: str, value: str) -> None:
    page = admin.send("/admin/qualifications/new", {"name": "First aid", field: value}, status=422)
    assert f'id="{field}-error"' in page.get_data(as_text=True)


def test_given_on_the_day_and_self_declared_exclude_each_other(admin: Browser) -> None:
    data = {"name": "Briefing", "on_the_day": "y", "self_declared": "y"}
    assert "untick one" in admin.send("/admin/qualifications/new", data, status=422).get_data(as_text=True)


def test_it_holds_for_its_days_the_first_one_counted(app: Flask) -> None:
    person, staff = make.person(), make.person("coordinator")
    person_id, staff_id = person.id, staff.id
    number = made(days_valid=3)
    service.confirm(actor_id=staff_id, person_id=person_id, qualification_id=number, today=TODAY)
    assert held(person_id).expires_on == TODAY + timedelta(days=2)
    with pytest.raises(Conflict):
        service.declare(actor_id=person_id, qualification_id=number, today=TODAY + timedelta(days=2))
    service.declare(actor_id=person_id, qualification_id=number, today=TODAY + timedelta(days=3))
    assert held(person_id).confirmed_at is None


def test_what_is_no_longer_asked_for_is_not_declared(app: Flask) -> None:
    person, number = make.person(), made()
    person_id = person.id
    service.close(actor_id=person_id, qualification_id=number)
    with pytest.raises(Conflict):
        service.declare(actor_id=person_id, qualification_id=number, today=TODAY)
    with pytest.raises(NotFound):
        service.declare(actor_id=person_id, qualification_id=number + 1, today=TODAY)
    with pytest.raises(Invalid):
        service.create(actor_id=person_id, terms=Terms("x", days_valid=0))


@given(st.none() | st.dates(), st.dates())
def test_a_last_day_is_still_a_day_on_which_it_holds(last: date | None, day: date) -> None:
    assert service.lasts(last, day) == (last is None or day <= last)
