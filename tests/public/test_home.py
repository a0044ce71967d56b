"""The first page: the front page for the world, the day's work for those who are signed in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from logistics.db import db, transaction
from logistics.distributions.models import DistributionState
from logistics.giving.models import Fund
from logistics.people import privacy
from logistics.public import home
from logistics.shifts import signing
from logistics.stock import packing_lists

from .. import make
from ..browsing import Browser, text_of
from ..stock import kit
from .test_needs import FRENCH, another, count

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # at noon in Calais


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    """Let it be noon on a Tuesday, for whoever asks the time, and before anyone signs in."""
    with time_machine.travel(NOON, tick=False):
        yield


def test_the_world_is_told_who_we_are_and_how_to_help(app: Flask, browser: Browser) -> None:
    page = browser.page("/")
    assert "Shoreline brings warm clothes" in text_of(page)
    assert "Nothing is short just now" in text_of(page)
    for href in ("/give", "/shifts", "/register", "/sign-in"):
        assert f'href="{href}"' in page
    assert '<html lang="fr">' in browser.page("/", headers=FRENCH)


def test_the_front_page_names_the_five_largest_needs(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    made = kit.distribution(at)
    for number in range(1, 7):
        another(at, made, number * 10, name=f"Thing {number}")
    text = text_of(browser.page("/"))
    places = [text.index(f"Thing {number} {number * 10}") for number in (6, 5, 4, 3, 2)]
    assert places == sorted(places)
    assert "Thing 1" not in text
    assert 'href="/needs"' in browser.page("/")


def test_a_volunteer_reads_only_their_next_shift(app: Flask, volunteer: Browser) -> None:
    page = volunteer.page("/")
    assert "Good afternoon, Amina" in page
    assert "No shifts are open just now" in text_of(page)
    role, site = make.role("Driver", name_fr="Conducteur"), make.meeting_point("North", place="Behind the container")
    make.distribution(site, title="Hoodies", starts_at=NOON + timedelta(hours=2))
    ids = [
        make.shift(of_role=role, site=site, starts_at=NOON + timedelta(days=days, hours=2)).id for days in (3, 1, 500)
    ]
    for shift_id in ids:
        signing.sign_up(actor_id=volunteer.person_id, shift_id=shift_id)
    page = volunteer.page("/")
    text = text_of(page)
    assert "Your next shift Confirmed Tomorrow, Wednesday 25 November, 14:00–17:00 · Driver North" in text
    assert "My shifts: 2 more after that" in text
    assert "Hoodies" not in text
    assert "container" not in text
    assert f'formaction="/shifts/{ids[1]}/cancel"' in page
    for href in (f"/shifts/{ids[1]}", "/shifts", "/my/shifts"):
        assert f'href="{href}"' in page
    french = text_of(volunteer.page("/", headers=FRENCH))
    assert "Conducteur" not in french  # the account has said that it reads English
    volunteer.get("/language/fr")
    french = text_of(volunteer.page("/"))
    assert "Conducteur" in french
    assert "mercredi 25 novembre" in french


def test_staff_read_how_todays_and_tomorrows_distributions_stand(app: Flask, coordinator: Browser) -> None:
    assert "There is no distribution today or tomorrow" in text_of(coordinator.page("/"))
    at = kit.depot()
    site = make.meeting_point("North meeting point")
    today = make.distribution(site, title="Hoodies", starts_at=NOON + timedelta(hours=2))
    today_id = today.id
    make.shift(today, of_role=make.role("Driver"), minimum=2)
    packing_lists.set_warehouse(actor_id=at.actor_id, distribution_id=today_id, warehouse_id=at.warehouse_id)
    kit.plan(at, today_id, 40)
    for title, hours in (("Late tonight", 11.5), ("Tomorrow", 26), ("In two days", 36.5), ("Last night", -13)):
        make.distribution(site, title=title, starts_at=NOON + timedelta(hours=hours))
    make.distribution(site, title="Yesterday", starts_at=NOON - timedelta(hours=20))
    make.distribution(site, title="Called off", starts_at=NOON + timedelta(hours=3), state=DistributionState.CANCELLED)
    page = coordinator.page("/")
    text = text_of(page)
    assert "Today, Tuesday 24 November 14:00–16:30 · Hoodies Planned North meeting point" in text
    assert "Crew Driver: 2 short Goods 40 short Money No costs yet" in text
    assert "Crew No shifts yet Goods No packing list yet" in text
    assert text.index("Last night") < text.index("Hoodies") < text.index("Late tonight") < text.index("· Tomorrow")
    for absent in ("In two days", "Yesterday", "Called off"):
        assert absent not in text
    assert f'href="/distributions/{today_id}"' in page


def test_coordinators_are_told_of_distributions_left_behind(
    app: Flask, coordinator: Browser, warehouse_staff: Browser
) -> None:
    site = make.meeting_point()
    tonight = make.distribution(site, starts_at=NOON - timedelta(hours=5)).id  # over, but its day is not
    assert "still planned" not in coordinator.page("/")
    yesterday = make.distribution(site, starts_at=NOON - timedelta(days=1)).id
    make.distribution(site, starts_at=NOON - timedelta(days=1), state=DistributionState.OUT)
    page = coordinator.page("/")
    assert "1 distribution is past and still planned" in page
    assert 'href="/distributions?show=overdue"' in page
    assert "still planned" not in warehouse_staff.page("/")  # who cannot call it off
    coordinator.send(f"/distributions/{yesterday}/cancel", {"reason": "Never sent off"})
    page = coordinator.page("/")
    assert "still planned" not in page
    assert f'href="/distributions/{tonight}"' in page


@pytest.mark.parametrize(("hour", "greeting"), [(4, "evening"), (5, "morning"), (11, "morning"), (18, "evening")])
def test_the_greeting_goes_by_the_clock_on_the_wall(
    app: Flask, volunteer: Browser, monkeypatch: pytest.MonkeyPatch, hour: int, greeting: str
) -> None:
    monkeypatch.setattr(home, "now", lambda: NOON.replace(hour=hour - 1))
    assert f"Good {greeting}, Amina" in volunteer.page("/")


def test_an_admin_is_led_to_the_first_steps_until_they_are_done(app: Flask, admin: Browser) -> None:
    page = admin.page("/")
    assert 'href="/admin"' in page
    assert "Go on with the set-up" in text_of(page)
    everything_set_up(admin)
    assert "set-up" not in text_of(admin.page("/")).replace("Set-up", "")


def test_others_are_not_asked_to_set_anything_up(app: Flask, coordinator: Browser) -> None:
    assert "Go on with the set-up" not in text_of(coordinator.page("/"))


def everything_set_up(admin: Browser) -> None:
    depot = kit.depot()
    make.meeting_point()
    make.role()
    privacy.publish(actor_id=depot.actor_id, language="en", text="# Privacy\n\nWe keep little.", shown=0)
    with transaction() as session:
        session.add(Fund(name="General", name_key="general", description=""))


def test_a_hundred_distributions_and_shifts_cost_as_many_queries_as_one(
    app: Flask, volunteer: Browser, coordinator: Browser, admin: Browser
) -> None:
    browsers = (volunteer, coordinator, admin)
    role, site = make.role("Driver"), make.meeting_point()
    fill(role, site, range(1), browsers)
    before = [count(browser, "/") for browser in browsers]
    fill(role, site, range(1, 101), browsers)
    assert [count(browser, "/") for browser in browsers] == before
    assert before == [3, 8, 9]
    assert "There are more: see all distributions" in text_of(coordinator.page("/"))
    db.session.rollback()


def fill(role: Any, site: Any, numbers: range, browsers: tuple[Browser, ...]) -> None:
    for number in numbers:
        made = make.distribution(site, starts_at=NOON + timedelta(minutes=number))
        later = NOON + timedelta(days=2000 + number)
        shift_id = make.shift(made, of_role=role, starts_at=later, hours=1).id
        for browser in browsers:
            signing.sign_up(actor_id=browser.person_id, shift_id=shift_id)
