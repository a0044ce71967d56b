"""The pages of shifts, through the front door."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people import qualifications
from logistics.shifts import checks, signing
from logistics.shifts.models import RoleQualification, Shift, SignUp

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries

START = now().replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=3)


def test_a_volunteer_signs_up_and_cancels_with_one_tap(volunteer: Browser) -> None:
    shift = make.shift(of_role=make.role("Driver"), minimum=2, maximum=6)
    page = text_of(volunteer.page("/shifts"))
    assert "0 of 6 filled" in page
    assert "2 short" in page

    answer = volunteer.send(f"/shifts/{shift.id}/sign-up", headers={"Referer": "http://localhost/shifts?page=1"})
    assert answer.location == f"/shifts?page=1#shift-{shift.id}"
    page = volunteer.page("/shifts")
    assert "You are on it" in page
    assert "1 of 6 filled" in text_of(page)
    assert f'action="/shifts/{shift.id}/cancel"' in page
    assert "Driver" in volunteer.page("/my/shifts")

    volunteer.send(f"/shifts/{shift.id}/cancel")
    page = volunteer.page("/shifts")
    assert "0 of 6 filled" in text_of(page)
    assert f'action="/shifts/{shift.id}/sign-up"' in page
    assert list(checks.problems(db.session)) == []


def test_the_list_says_full_and_names_what_overlaps(volunteer: Browser) -> None:
    mine = make.shift(of_role=make.role("Driver"), starts_at=START)
    make.shift(of_role=make.role("Hot drinks"), starts_at=START + timedelta(hours=1))
    full = make.shift(maximum=1, starts_at=START + timedelta(days=1))
    signing.sign_up(actor_id=make.person().id, shift_id=full.id)
    signing.sign_up(actor_id=volunteer.person_id, shift_id=mine.id)
    page = volunteer.page("/shifts")
    assert "overlaps your Driver shift" in page
    assert "1 of 1 filled · full" in page
    assert f'action="/shifts/{full.id}/sign-up"' not in page


def test_a_refusal_shows_the_shift_as_it_stands(volunteer: Browser) -> None:
    mine = make.shift(of_role=make.role("Driver"), starts_at=START)
    other = make.shift(starts_at=START)
    full = make.shift(maximum=1)
    signing.sign_up(actor_id=make.person().id, shift_id=full.id)
    signing.sign_up(actor_id=volunteer.person_id, shift_id=mine.id)
    page = volunteer.send(f"/shifts/{other.id}/sign-up", status=409).get_data(as_text=True)
    assert re.search(r"You are already on Driver, \w+ \d+ \w+( \d+)? \d\d:00–\d\d:00\.", page)
    assert "This shift is full" in volunteer.send(f"/shifts/{full.id}/sign-up", status=409).get_data(as_text=True)
    assert "You are not on this shift" in volunteer.send(f"/shifts/{full.id}/cancel", status=409).get_data(as_text=True)
    volunteer.send("/shifts/999999/sign-up", status=404)
    volunteer.send("/shifts/99999999999999999999/sign-up", status=404)
    volunteer.send(f"/shifts/{other.id}/sign-up", status=400, csrf=False)


def test_signed_out_one_may_look_and_is_sent_to_sign_in(browser: Browser) -> None:
    shift = make.shift(of_role=make.role("Driver"))
    page = browser.page("/shifts")
    assert "Driver" in page
    assert f"/sign-in?next=/shifts/{shift.id}" in page
    browser.page(f"/shifts/{shift.id}")
    assert browser.send(f"/shifts/{shift.id}/sign-up").location.startswith("/sign-in")
    assert browser.get("/my/shifts").location == "/sign-in?next=/my/shifts"
    assert db.session.scalars(select(SignUp)).all() == []


def test_the_exact_place_and_the_notes_are_for_the_crew_and_coordinators(
    app: Flask, browser: Browser, volunteer: Browser, coordinator: Browser, warehouse_staff: Browser
) -> None:
    point = make.meeting_point("North", place="Behind the old station")
    shift = make.shift(make.distribution(point, starts_at=START, notes="Bring gloves"), notes="Red van")
    path = f"/shifts/{shift.id}"
    for reader in (browser, volunteer, warehouse_staff):
        page = reader.page(path) + reader.page("/shifts")
        assert "old station" not in page
        assert "Red van" not in page
        assert "Bring gloves" not in page
    volunteer.send(f"{path}/sign-up")
    for reader in (volunteer, coordinator):
        page = reader.page(path)
        assert "Behind the old station" in page
        assert "Red van" in page
        assert "Bring gloves" in page
    volunteer.send(f"{path}/cancel")
    assert "old station" not in volunteer.page(path)


def test_names_are_for_staff(volunteer: Browser, coordinator: Browser, fundraiser: Browser) -> None:
    shift = make.shift()
    signing.sign_up(actor_id=make.person(name="Zoé Martin").id, shift_id=shift.id)
    signing.sign_up(actor_id=volunteer.person_id, shift_id=shift.id)
    assert "Zoé Martin" in coordinator.page(f"/shifts/{shift.id}")
    assert "Zoé Martin" not in volunteer.page(f"/shifts/{shift.id}")
    assert "Zoé Martin" not in fundraiser.page(f"/shifts/{shift.id}")


def test_the_list_is_filtered_by_its_address_and_bad_filters_are_harmless(volunteer: Browser) -> None:
    driver, cook, house = make.role("Driver"), make.role("Cook"), make.warehouse("House")
    make.shift(of_role=driver, site=house, starts_at=START)
    make.shift(of_role=cook, starts_at=START + timedelta(days=1))
    rows = re.compile(r'<li id="shift-')

    def count(query: str) -> int:
        return len(rows.findall(volunteer.page(f"/shifts?{query}")))

    assert count("") == 2
    assert count(f"role={driver.id}") == 1
    assert count(f"site={house.id}") == 1
    assert count(f"role={cook.id}&site={house.id}") == 0
    assert count(f"day={START.date()}") == 1
    assert "No shift fits that" in volunteer.page("/shifts?role=999999")
    for nonsense in ("role=x", "site=-1", "day=tomorrow", "day=9999-12-31", "page=abc", "page=99"):
        assert count(nonsense) == 2


def test_the_list_is_paged(volunteer: Browser) -> None:
    role, house = make.role(), make.warehouse()
    for number in range(51):
        make.shift(of_role=role, site=house, starts_at=START + timedelta(hours=4 * number))
    assert volunteer.page("/shifts").count('<li id="shift-') == 50
    assert "1–50 of 51" in text_of(volunteer.page("/shifts"))
    assert volunteer.page("/shifts?page=2").count('<li id="shift-') == 1
    assert volunteer.page("/shifts?page=77").count('<li id="shift-') == 1


def test_the_list_as_csv_is_for_staff(volunteer: Browser, coordinator: Browser) -> None:
    make.shift(of_role=make.role("=Driver"))
    answer = coordinator.get("/shifts?format=csv")
    assert answer.mimetype == "text/csv"
    assert "'=Driver" in answer.get_data(as_text=True)
    assert volunteer.get("/shifts?format=csv").status_code == 403


@pytest.mark.parametrize("path", ["/shifts", "/my/shifts"])
def test_a_page_makes_the_same_queries_for_one_shift_and_for_a_hundred(volunteer: Browser, path: str) -> None:
    def add(number: int) -> None:
        shift = make.shift(starts_at=START + timedelta(hours=4 * number))
        if number % 2 == 0:
            signing.sign_up(actor_id=volunteer.person_id, shift_id=shift.id)

    add(0)
    with queries() as few:
        volunteer.page(path)
    for number in range(1, 100):
        add(number)
    with queries() as many:
        volunteer.page(path)
    assert len(many) == len(few)
    assert len(few) <= 7


def test_one_shift_makes_the_same_queries_however_many_are_on_it(coordinator: Browser) -> None:
    shift = make.shift(make.distribution(), maximum=100)
    with queries() as few:
        coordinator.page(f"/shifts/{shift.id}")
    for _ in range(20):
        signing.sign_up(actor_id=make.person().id, shift_id=shift.id)
    with queries() as many:
        coordinator.page(f"/shifts/{shift.id}")
    assert len(many) == len(few)


def test_my_shifts_shows_the_next_those_after_and_those_past(volunteer: Browser) -> None:
    assert "You are on no shift yet" in volunteer.page("/my/shifts")
    names = {"Driver": 1, "Cook": 2, "Barber": 5}
    for name, days in names.items():
        shift = make.shift(of_role=make.role(name), starts_at=START + timedelta(days=days))
        signing.sign_up(actor_id=volunteer.person_id, shift_id=shift.id)
    with transaction() as session:
        session.get_one(Shift, shift.id).starts_at = now() - timedelta(days=2)
        session.get_one(Shift, shift.id).ends_at = now() - timedelta(days=1)
    page = text_of(volunteer.page("/my/shifts"))
    positions = [page.index(word) for word in ("Your next shift", "Driver", "After that", "Cook", "helped", "Barber")]
    assert positions == sorted(positions)
    assert "Barber" in volunteer.get("/my/shifts?format=csv").get_data(as_text=True)


def form(shift_or_distribution: object = None, **changes: object) -> dict[str, object]:
    return {
        "starts_at": f"{START:%Y-%m-%dT%H:%M}",
        "ends_at": f"{START + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "minimum": "2",
        "maximum": "3",
        "notes": "",
        **changes,
    }


def test_a_coordinator_adds_several_roles_quickly(coordinator: Browser) -> None:
    distribution, driver, cook = make.distribution(starts_at=START), make.role("Driver"), make.role("Cook")
    path = f"/shifts/new?distribution={distribution.id}"
    page = coordinator.page(path)
    assert re.search(rf'<option selected value="{distribution.site_id}"', page)
    data = form(role_id=driver.id, site_id=distribution.site_id, again="1")
    answer = coordinator.send(path, data)
    page = coordinator.page(answer.location)
    assert "Driver" in text_of(page)
    assert 'value="3"' in page
    answer = coordinator.send(answer.location, form(role_id=cook.id, site_id=distribution.site_id))
    assert answer.location == f"/distributions/{distribution.id}"
    found = db.session.scalars(select(Shift)).all()
    assert {shift.distribution_id for shift in found} == {distribution.id}
    assert len(found) == 2


def test_what_was_typed_is_kept_when_a_shift_is_refused(coordinator: Browser) -> None:
    role, house = make.role(), make.warehouse()
    bad = form(role_id=role.id, site_id=house.id, minimum="5", notes="Bring tea 🫖")
    page = coordinator.send("/shifts/new", bad, status=422).get_data(as_text=True)
    assert "Bring tea 🫖" in page
    assert "fewer than it takes at least" in page
    for field, value in [
        ("role_id", ""),
        ("role_id", "abc"),
        ("site_id", "99999999999999999999"),
        ("starts_at", "soon"),
        ("maximum", "1e9"),
        ("minimum", "-1"),
        ("notes", "a\x00b"),
        ("notes", "x" * 5001),
    ]:
        data = form(**{"role_id": role.id, "site_id": house.id, field: value})
        page = coordinator.send("/shifts/new", data, status=422).get_data(as_text=True)
        assert f'id="{field}-error"' in page
    assert db.session.scalars(select(Shift)).all() == []


def test_a_shift_is_changed_and_a_stale_page_is_refused(coordinator: Browser) -> None:
    shift = make.shift(starts_at=START)
    path = f"/shifts/{shift.id}/edit"
    data = form(role_id=shift.role_id, site_id=shift.site_id, version=shift.version, maximum="9")
    assert 'name="version" value="1"' in coordinator.page(path)
    coordinator.send(path, data)
    page = coordinator.send(path, {**data, "notes": "typed"}, status=409).get_data(as_text=True)
    assert "while you were editing" in page
    assert "typed" in page
    assert "9" in text_of(coordinator.page(f"/shifts/{shift.id}"))


def test_a_role_that_someone_on_it_cannot_do_is_refused_at_its_field(coordinator: Browser, admin: Browser) -> None:
    shift, role_id = make.shift(starts_at=START), make.role("Barber").id
    licence = qualifications.create(actor_id=admin.person_id, terms=qualifications.Terms("Licence"))
    with transaction() as session:
        session.add(RoleQualification(role_id=role_id, qualification_id=licence))
    signing.sign_up(actor_id=make.person(name="Zoé").id, shift_id=shift.id)
    data = form(role_id=role_id, site_id=shift.site_id, version=shift.version, notes="typed")
    page = coordinator.send(f"/shifts/{shift.id}/edit", data, status=409).get_data(as_text=True)
    assert "Not able to do this role yet: Zoé." in text_of(page)
    assert ('id="role_id-error"' in page, "typed" in page) == (True, True)


def test_a_maximum_below_who_is_on_it_is_refused_at_its_field(coordinator: Browser) -> None:
    shift = make.shift(starts_at=START, maximum=3)
    for _ in range(2):
        signing.sign_up(actor_id=make.person().id, shift_id=shift.id)
    data = form(role_id=shift.role_id, site_id=shift.site_id, version=shift.version, minimum="1", maximum="1")
    page = coordinator.send(f"/shifts/{shift.id}/edit", data, status=422).get_data(as_text=True)
    assert 'id="maximum-error"' in page


def test_the_same_form_sent_twice_makes_one_shift(coordinator: Browser) -> None:
    role, house = make.role(), make.warehouse()
    data = form(role_id=role.id, site_id=house.id, key="one-key")
    assert coordinator.send("/shifts/new", data).location == coordinator.send("/shifts/new", data).location
    assert len(db.session.scalars(select(Shift)).all()) == 1


def test_a_shift_is_called_off(coordinator: Browser, volunteer: Browser) -> None:
    shift = make.shift()
    volunteer.send(f"/shifts/{shift.id}/sign-up")
    coordinator.send(f"/shifts/{shift.id}/call-off")
    assert "Called off" in volunteer.page(f"/shifts/{shift.id}")
    assert "You are on no shift yet" in volunteer.page("/my/shifts")
    assert "called off" in volunteer.send(f"/shifts/{shift.id}/sign-up", status=409).get_data(as_text=True)


@pytest.mark.parametrize("path", ["/shifts/new", "/shifts/1/edit", "/admin/roles", "/admin/roles/new"])
def test_volunteers_plan_nothing(volunteer: Browser, path: str) -> None:
    volunteer.page(path, 403)
    volunteer.send("/shifts/1/call-off", status=403)


def test_roles_are_made_changed_closed_and_opened(admin: Browser, coordinator: Browser) -> None:
    assert "Begin with the roles" in admin.page("/admin/roles")
    data = {"name": " Driver ", "name_fr": "Conducteur", "description": "Drives", "description_fr": ""}
    admin.send("/admin/roles/new", data)
    page = admin.send("/admin/roles/new", {**data, "name": "DRIVER"}, status=422).get_data(as_text=True)
    assert "There is a role of this name already" in page
    (number,) = map(int, re.findall(r'id="role-(\d+)"', admin.page("/admin/roles")))
    admin.send(f"/admin/roles/{number}/edit", {**data, "name": "Van driver"})
    assert "Van driver" in admin.page("/admin/roles?q=van")
    assert "No role of that name" in admin.page("/admin/roles?q=%25")
    admin.send(f"/admin/roles/{number}/close")
    assert "No longer used" in admin.page("/admin/roles")
    assert "Van driver" not in coordinator.page("/shifts/new")
    admin.send(f"/admin/roles/{number}/reopen")
    make.warehouse()
    assert "Van driver" in coordinator.page("/shifts/new")
    assert "Van driver" in admin.get("/admin/roles?format=csv").get_data(as_text=True)
    admin.page("/admin/roles/999999/edit", 404)
    for bad in ({"name": ""}, {"name": "x" * 61}, {"name": "ok", "name_fr": "x" * 61}, {"name": "ß" * 60}):
        admin.send("/admin/roles/new", {**data, **bad}, status=422)


def test_the_pages_speak_french_names(volunteer: Browser) -> None:
    shift = make.shift(of_role=make.role("Driver", name_fr="Conducteur"))
    volunteer.get("/language/fr")
    assert "Conducteur" in volunteer.page("/shifts")
    assert "Conducteur" in volunteer.page(f"/shifts/{shift.id}")
    volunteer.send(f"/shifts/{shift.id}/sign-up")
    assert "Conducteur" in volunteer.page("/my/shifts")


def test_names_are_escaped_in_the_list(volunteer: Browser) -> None:
    nasty = '<img src=x>"&'
    mine = make.shift(of_role=make.role(nasty), site=make.warehouse(f"House {nasty}"), starts_at=START)
    make.shift(of_role=make.role(f"2 {nasty}"), starts_at=START)
    signing.sign_up(actor_id=volunteer.person_id, shift_id=mine.id)
    for path in ("/shifts", "/my/shifts", f"/shifts/{mine.id}"):
        page = volunteer.page(path)
        assert "<img" not in page
        assert "&lt;img src=x&gt;&#34;&amp;" in page
