"""Convoys' pages, through the front door."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people import qualifications
from logistics.people.models import Person
from logistics.shifts import checks, signing
from logistics.shifts.group_models import Convoy
from logistics.shifts.models import Shift, SignUp, SignUpState

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries

START = now().replace(microsecond=0) + timedelta(days=10)


@pytest.fixture(autouse=True)
def nothing_broken(app: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
    assert list(checks.problems(db.session)) == []


@pytest.fixture
def friend(app: Flask) -> Browser:
    return Browser(app).sign_in(make.person(name="Femke Friend"))


def convoy(leader: Browser, size: int = 4, seats: int = 5) -> int:
    leader.send("/convoys/new", {"name": "Ghent", "size": size, "lapse_hours": 48, "seats": seats})
    db.session.rollback()
    return db.session.scalars(select(Convoy.id).order_by(Convoy.id.desc()).limit(1)).one()


def link(leader: Browser, number: int) -> str:
    found = re.search(r'value="http://localhost(/join/[^"]+)"', leader.page(f"/convoys/{number}"))
    assert found is not None
    return found.group(1)


def held(browser: Browser) -> dict[int, int]:
    db.session.rollback()
    query = select(SignUp.shift_id, SignUp.places).where(
        SignUp.person_id == browser.person_id, SignUp.state == SignUpState.CONFIRMED
    )
    return {row.shift_id: row.places for row in db.session.execute(query)}


def filled(number: int) -> int:
    db.session.rollback()
    return db.session.scalars(select(Shift.filled).where(Shift.id == number)).one()


def test_from_a_convoy_to_its_names(volunteer: Browser, friend: Browser) -> None:
    assert "Make a convoy" in volunteer.page("/convoys")
    first, second = (make.shift(starts_at=START + timedelta(days=days)).id for days in (0, 1))
    number = convoy(volunteer)
    assert "6 places free" in volunteer.page(f"/convoys/{number}/hold")
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [first, second]})
    assert held(volunteer) == {first: 4, second: 4}
    page = text_of(volunteer.page(f"/convoys/{number}"))
    assert "1 of 4 have a name" in page
    assert "3 without a name" in page
    assert "1 car, 5 seats for 4 people" in page

    path = link(volunteer, number)
    page = friend.page(path)
    assert "Amina Volunteer has held places for you all" in page
    assert "A place for you" in page
    friend.send(path, {"seats": 0})
    assert held(friend) == {first: 1, second: 1}
    assert (held(volunteer), filled(first)) == ({first: 3, second: 3}, 4)
    assert "You are on it" in friend.page(f"/convoys/{number}")
    assert friend.get(path).location == f"/convoys/{number}"

    volunteer.send(f"/convoys/{number}/shifts/{first}/give-back", {"count": 2})
    assert (held(volunteer)[first], filled(first)) == (1, 2)
    volunteer.send(f"/convoys/{number}/shifts/{first}/give-back", {"count": 1}, 409)
    friend.send(f"/convoys/{number}/shifts/{second}/leave", {"reason": ""})
    assert (held(friend), held(volunteer)[second]) == ({first: 1}, 4)
    friend.send(f"/convoys/{number}/take")
    assert held(friend) == {first: 1, second: 1}
    friend.send(f"/convoys/{number}/give-back", status=403)
    volunteer.send(f"/convoys/{number}/give-back")
    assert (held(volunteer), filled(second)) == ({first: 1, second: 1}, 2)
    friend.send(f"/convoys/{number}/leave", {"reason": ""})
    assert held(friend) == {}
    friend.page(f"/convoys/{number}", 404)
    volunteer.send(f"/convoys/{number}/end")
    assert "Over" in volunteer.page(f"/convoys/{number}")
    assert "This convoy is over" in friend.page(path)
    friend.send(path, {"seats": 0}, 409)


def test_who_has_no_account_comes_back_after_making_one(volunteer: Browser, browser: Browser) -> None:
    path = link(volunteer, convoy(volunteer))
    page = browser.page(path)
    assert 'href="/register"' in page
    assert f'href="/sign-in?next={path}"' in page
    assert f'value="{path}"' in browser.page("/sign-in")  # as the mail to confirm leads there
    answer = browser.send(path, headers={"Referer": f"http://localhost{path}"})
    assert answer.location == f"/sign-in?next={path}"


def test_a_link_of_nobody_and_one_that_stopped(volunteer: Browser, friend: Browser) -> None:
    number = convoy(volunteer)
    old = link(volunteer, number)
    volunteer.send(f"/convoys/{number}/link")
    assert link(volunteer, number) != old
    for path in (old, "/join/x", f"{old[:-2]}zz", "/join/W10.x"):
        assert "works no more" in friend.page(path, 404)
        friend.send(path, {"seats": 0}, 404)


@pytest.mark.parametrize("size", ["0", "-1", "10000", "", "x", "🙂", "1e3", "9" * 40])
def test_a_party_of_no_sensible_size(volunteer: Browser, size: str) -> None:
    page = volunteer.send("/convoys/new", {"name": "Ghent", "size": size, "lapse_hours": 48, "seats": 0}, 422)
    assert 'id="size-error"' in page.get_data(True)


@pytest.mark.parametrize("count", ["0", "-1", "10000", "", "5"])
def test_places_for_more_than_the_convoy(volunteer: Browser, count: str) -> None:
    shift, number = make.shift(starts_at=START).id, convoy(volunteer)
    page = volunteer.send(f"/convoys/{number}/hold", {"count": count, "shift": [shift]}, 422).get_data(True)
    assert 'id="count-error"' in page
    assert held(volunteer) == {}


def test_a_shift_with_too_few_places_is_named_and_can_be_waited_for(volunteer: Browser) -> None:
    roomy, tight = make.shift(starts_at=START).id, make.shift(starts_at=START + timedelta(days=1), maximum=4).id
    others = [make.person().id for _ in range(2)]
    for person in others:
        signing.sign_up(actor_id=person, shift_id=tight)
    number = convoy(volunteer)
    page = volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [roomy, tight, 999999]}, 409).get_data(True)
    assert "2 places are free, and you need 4" in page
    assert len(re.findall(r'name="shift" value="\d+"[^>]* checked', page)) == 2
    assert held(volunteer) == {}
    volunteer.send(f"/convoys/{number}/wait", {"shift": [tight], "count": 4})
    assert "Waiting for 4 places" in text_of(volunteer.page(f"/convoys/{number}"))
    for person in others:
        signing.cancel(actor_id=person, shift_id=tight)
    page = text_of(volunteer.page(f"/convoys/{number}"))
    assert "4 places are offered to you" in page
    volunteer.send(f"/shifts/{tight}/accept")
    assert held(volunteer) == {tight: 4}
    volunteer.send(f"/convoys/{number}/wait", {"shift": ["x"], "count": 4}, 404)


def test_a_turn_in_line_is_named_before_and_after_it_is_given_up_for_fewer_places(volunteer: Browser) -> None:
    shift = make.shift(of_role=make.role("Driver"), starts_at=START, maximum=4).id
    others = [make.person().id for _ in range(4)]
    for person in others:
        signing.sign_up(actor_id=person, shift_id=shift)
    number = convoy(volunteer)
    volunteer.send(f"/convoys/{number}/wait", {"shift": [shift], "count": 4})
    for person in others[:2]:
        signing.cancel(actor_id=person, shift_id=shift)
    page = text_of(volunteer.page(f"/convoys/{number}/hold"))
    assert "You wait for 4 places there. Holding fewer ends that, and your turn goes to the next." in page
    volunteer.send(f"/convoys/{number}/hold", {"count": 2, "shift": [shift]})
    page = text_of(volunteer.page(f"/convoys/{number}"))
    assert "You took fewer places than you waited for on Driver" in page
    assert held(volunteer) == {shift: 2}
    assert "You wait for" not in text_of(volunteer.page(f"/convoys/{number}/hold"))


def test_only_what_is_full_can_be_waited_for(volunteer: Browser) -> None:
    first = make.shift(starts_at=START, maximum=3).id
    parallel, tight = (make.shift(starts_at=START, maximum=each).id for each in (6, 2))
    number = convoy(volunteer)
    volunteer.send(f"/convoys/{number}/hold", {"count": 3, "shift": [first]})
    page = volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [first, parallel]}, 409).get_data(True)
    assert "1 place" not in text_of(page)
    assert "Wait for it together" not in page  # of the one they have places, the other they can't come to
    page = volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [tight]}, 409).get_data(True)
    assert "Wait for it together" in page
    page = volunteer.send(f"/convoys/{number}/wait", {"count": 4, "shift": [first]}, 409).get_data(True)
    assert "can’t wait for more there" in page


def test_the_hold_page_has_the_lists_filters_and_says_what_cannot_be_held(volunteer: Browser, friend: Browser) -> None:
    day = START.astimezone(ZoneInfo("Europe/Paris")).date()
    driver, cook = make.role("Driver"), make.role("Cook")
    gate, hall = make.warehouse("Gate"), make.warehouse("Hall")
    make.shift(of_role=driver, site=gate, starts_at=START)
    parallel = make.shift(of_role=cook, site=hall, starts_at=START).id
    later = make.shift(of_role=cook, site=gate, starts_at=START + timedelta(days=4)).id
    number, other = convoy(volunteer), convoy(volunteer)
    hold = f"/convoys/{number}/hold"

    def offered(query: str) -> list[int]:
        return [int(each) for each in re.findall(r'name="shift" value="(\d+)"', volunteer.page(f"{hold}{query}"))]

    assert offered(f"?role={cook.id}") == [parallel, later]
    assert offered(f"?site={hall.id}") == offered("?q=hall") == [parallel]
    assert offered(f"?day={day + timedelta(days=1)}&until={day + timedelta(days=4)}") == [later]
    assert "No shift fits that" in volunteer.page(f"{hold}?day={day}&until={day - timedelta(days=1)}")
    assert offered("?day=9999-12-31&until=x&role=-1&site=abc") != []

    signing.sign_up(actor_id=volunteer.person_id, shift_id=parallel)
    volunteer.send(f"/convoys/{other}/hold", {"count": 2, "shift": [later]})
    page = text_of(volunteer.page(hold))
    assert "Not for you yourself: overlaps your Cook shift" in page
    assert "you hold places there for another convoy" in page
    assert re.search(rf'value="{later}"[^>]* disabled', volunteer.page(hold))


def test_places_held_for_the_others_only(volunteer: Browser, friend: Browser) -> None:
    one, two = (make.shift(starts_at=START).id for _ in range(2))
    number = convoy(volunteer)
    page = volunteer.send(f"/convoys/{number}/hold", {"count": 2, "shift": [one, two]}, 409).get_data(True)
    assert "I don’t come myself" in page
    volunteer.send(f"/convoys/{number}/hold", {"count": 2, "shift": [one, two], "without_me": "y"})
    assert (held(volunteer), filled(one), filled(two)) == ({}, 2, 2)
    listed = text_of(volunteer.page("/shifts"))
    assert "For your convoy" in listed
    assert "you hold 2 places" in listed
    mine = text_of(volunteer.page("/my/shifts"))
    assert "You hold for your convoy" in mine
    assert "You are on no shift yet" in mine


def test_what_one_may_not_do_yet_is_said_on_the_way_in(volunteer: Browser, friend: Browser) -> None:
    shift, number = make.shift(starts_at=START).id, convoy(volunteer)
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [shift]})
    with transaction() as session:
        session.get_one(Person, friend.person_id).age_group = None
    path = link(volunteer, number)
    assert 'href="/my/details"' in friend.page(path)
    friend.send(path, {"seats": 3})
    assert held(friend) == {}
    page = friend.page(f"/convoys/{number}")
    assert 'href="/my/details"' in page
    assert "2 cars, 8 seats" in text_of(page)


def test_strangers_and_members_cannot_do_what_the_leader_can(volunteer: Browser, friend: Browser) -> None:
    shift, number = make.shift(starts_at=START).id, convoy(volunteer)
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [shift]})
    for path in ("", "/hold"):
        friend.page(f"/convoys/{number}{path}", 404)
    for path in (
        "/end",
        "/link",
        "/take",
        "/leave",
        f"/shifts/{shift}/give-back",
        f"/members/{volunteer.person_id}/remove",
    ):
        friend.send(f"/convoys/{number}{path}", {"count": 1}, 404)
    friend.send(link(volunteer, number), {"seats": 0})
    for path in ("/end", "/link", f"/shifts/{shift}/give-back", f"/members/{volunteer.person_id}/remove"):
        friend.send(f"/convoys/{number}{path}", {"count": 1}, 403)
    volunteer.send(f"/convoys/{number}/members/{friend.person_id}/remove", {"reason": ""})
    assert (held(friend), held(volunteer)) == ({}, {shift: 4})
    for made_up in (999999, 9**30):
        friend.page(f"/convoys/{made_up}", 404)
        friend.send(f"/convoys/{made_up}/end", status=404)
        friend.page(f"/my/stay/{made_up}/change", 404)


def test_seats_are_counted_and_bounded(volunteer: Browser) -> None:
    number = convoy(volunteer, size=14, seats=0)
    for seats in ("-1", "61", "x", ""):
        volunteer.send(f"/convoys/{number}/seats", {"seats": seats}, 422)
    volunteer.send(f"/convoys/{number}/seats", {"seats": 12})
    assert "1 car, 12 seats for 14 people 2 seats short" in text_of(volunteer.page(f"/convoys/{number}"))


def test_what_was_typed_stays_with_its_error(volunteer: Browser, friend: Browser) -> None:
    number, only = convoy(volunteer), make.shift(starts_at=START).id
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [only]})
    friend.send(link(volunteer, number), {"seats": 0})

    def refused(browser: Browser, path: str, name: str, typed: str, at: str, status: int = 422) -> str:
        page = browser.send(f"/convoys/{number}{path}", {name: typed}, status).get_data(True)
        assert re.search(rf'id="{at}" name="{name}"[^>]* value="{typed}"', page), at
        assert len(re.findall(rf' value="{typed}"', page)) == 1
        return page

    page = refused(volunteer, "/seats", "seats", "99", "seats")
    assert 'id="seats-error"' in page
    assert 'href="#seats"' in page
    refused(volunteer, "/seats", "seats", "many", "seats")
    page = refused(volunteer, f"/shifts/{only}/give-back", "count", "77", f"count-{only}")
    assert f'id="count-{only}-error"' in page
    assert f'href="#count-{only}"' in page
    assert "<details open>" in page
    refused(volunteer, f"/shifts/{only}/give-back", "count", "3", f"count-{only}", 409)
    long = "x" * 301
    assert f'id="reason-{only}-error"' in refused(friend, f"/shifts/{only}/leave", "reason", long, f"reason-{only}")
    assert 'id="reason-error"' in refused(friend, "/leave", "reason", long, "reason")
    at = f"why-{friend.person_id}"
    assert f'id="{at}-error"' in refused(volunteer, f"/members/{friend.person_id}/remove", "reason", long, at)


def test_drivers_are_counted_by_the_licence_that_roles_ask_for(
    volunteer: Browser, friend: Browser, admin: Browser
) -> None:
    number, shift = convoy(volunteer), make.shift(starts_at=START).id
    friend.send(link(volunteer, number), {"seats": 4})
    assert "driver" not in text_of(volunteer.page(f"/convoys/{number}"))
    terms = qualifications.Terms("Licence", "Permis", takes_detail=True)
    licence = qualifications.create(actor_id=admin.person_id, terms=terms)
    admin.send("/admin/roles/new", {"name": "Driver", "qualifications": [licence], f"category_{licence}": "B"})
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [shift]})

    def said(detail: str, until: datetime) -> str:
        qualifications.confirm(
            actor_id=admin.person_id,
            person_id=friend.person_id,
            qualification_id=licence,
            today=now().date(),
            detail=detail,
            expires_on=until.date(),
        )
        return text_of(volunteer.page(f"/convoys/{number}"))

    later = START + timedelta(days=400)
    assert "0 drivers, 2 cars, 9 seats for 4 people" in text_of(volunteer.page(f"/convoys/{number}"))
    assert "fewer drivers than cars" in said("A1", later)
    assert "0 drivers" in said("B", START - timedelta(days=1))
    page = said("B, BE", later)
    assert "1 driver, 2 cars, 9 seats" in page
    assert "Femke Friend · drives" in page


def test_those_who_plan_see_all_convoys_and_download_them(
    volunteer: Browser, friend: Browser, coordinator: Browser
) -> None:
    number = convoy(volunteer)
    assert "Ghent" in coordinator.page("/convoys")
    assert "Ghent" in coordinator.page(f"/convoys/{number}")
    assert "Amina Volunteer" in coordinator.get("/convoys?format=csv").get_data(True)
    assert "Ghent" not in friend.page("/convoys")
    assert "Ghent" not in friend.get("/convoys?format=csv").get_data(True)


def test_a_convoys_pages_take_the_same_few_queries_whatever_there_is(volunteer: Browser, friend: Browser) -> None:
    number, first = convoy(volunteer, size=9), make.shift(starts_at=START, maximum=20).id
    volunteer.send(f"/convoys/{number}/hold", {"count": 9, "shift": [first]})
    friend.send(link(volunteer, number), {"seats": 0})
    pages = (f"/convoys/{number}", "/convoys", f"/convoys/{number}/hold")
    with queries() as few:
        for path in pages:
            volunteer.page(path)
        friend.page(pages[0])
    more = [make.shift(starts_at=START + timedelta(days=days), maximum=20).id for days in range(1, 9)]
    volunteer.send(f"/convoys/{number}/hold", {"count": 9, "shift": more})
    with queries() as many:
        for path in pages:
            volunteer.page(path)
        friend.page(pages[0])
    assert len(many) == len(few)


def test_a_leader_who_cannot_come_is_told_what_they_hold_and_chooses(volunteer: Browser, friend: Browser) -> None:
    first, second = (make.shift(starts_at=START + timedelta(days=days)).id for days in (0, 1))
    number = convoy(volunteer)
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [first, second]})
    asked = text_of(volunteer.send(f"/shifts/{first}/cancel", status=409).get_data(True))  # the button in a list
    assert "You hold 3 more places here" in asked
    assert "Give back only my own place Give back all 4 places" in asked
    assert filled(first) == 4
    volunteer.send(f"/shifts/{first}/cancel", {"others": "keep"})
    volunteer.send(f"/shifts/{second}/cancel", {"others": "give"})
    assert (filled(first), filled(second)) == (3, 0)
    page = text_of(volunteer.page(f"/shifts/{first}"))
    assert "You hold 3 places here for your convoy, and are not on it yourself" in page
    assert "Sign up" in page
    assert "3 places, 3 without a name" in text_of(volunteer.page(f"/convoys/{number}"))
    friend.send(link(volunteer, number), {"seats": 0})
    assert (held(friend), filled(first)) == ({first: 1}, 3)
    volunteer.send(f"/convoys/{number}/shifts/{first}/give-back", {"count": 2})
    assert filled(first) == 1


def test_a_leader_comes_back_to_a_full_shift_of_which_they_hold_their_own_place(volunteer: Browser) -> None:
    only, number = make.shift(starts_at=START, maximum=4).id, convoy(volunteer)
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [only]})
    volunteer.send(f"/shifts/{only}/cancel", {"others": "keep"})
    assert "Sign up" in text_of(volunteer.page(f"/shifts/{only}"))
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [only]})
    page = text_of(volunteer.page(f"/shifts/{only}"))
    assert "Sign up" in page
    assert "All places are taken" not in page
    volunteer.send(f"/shifts/{only}/sign-up")
    assert (held(volunteer), filled(only)) == ({only: 4}, 4)


def test_coordinators_see_what_a_leader_holds_without_coming(volunteer: Browser, coordinator: Browser) -> None:
    only, number = make.shift(starts_at=START).id, convoy(volunteer)
    volunteer.send(f"/convoys/{number}/hold", {"count": 4, "shift": [only]})
    volunteer.send(f"/shifts/{only}/cancel", {"others": "keep"})
    assert "Amina Volunteer 3 places Held for a convoy" in text_of(coordinator.page(f"/shifts/{only}/crew"))
    coordinator.send(f"/shifts/{only}/crew/{volunteer.person_id}/remove", {"reason": "No van"})
    assert filled(only) == 0
