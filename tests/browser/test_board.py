"""The briefing board on a screen in a real browser: it updates live, and survives a lost connection."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.shifts import checks, signing
from logistics.shifts.day import codes, presence
from logistics.shifts.day_models import Presence
from logistics.shifts.models import Shift
from logistics.web.filters import local_date

from .. import make
from .conftest import address_of, session_cookie
from .steps import WIDTHS

pytestmark = WIDTHS
WAIT = 15_000  # several looks for news


@pytest.fixture
def screen(app: Flask, chromium: Browser, width: int) -> Iterator[Page]:
    """A coordinator's phone or screen. A lost connection is written to its console, so it is not watched as others are."""
    window = {"width": width, "height": 768}
    context = chromium.new_context(base_url=address_of(app), viewport=window, timezone_id="Pacific/Auckland")
    context.add_cookies([session_cookie(app, make.person("coordinator"), "en")])
    yield context.new_page()
    context.close()


def arrive(app: Flask, site_id: int, name: str) -> int:
    person_id = make.person(name=name).id
    key = db.session.get_one(Site, site_id).wall_key or ""
    presence.arrive(actor_id=person_id, key=key, day=local_date(now()))
    return person_id


def test_the_board_updates_and_survives_a_lost_connection(app: Flask, screen: Page) -> None:
    site = make.warehouse("Main warehouse")
    site_id = site.id
    shift_id = make.shift(of_role=make.role("Sorting"), site=site, starts_at=now(), minimum=2).id
    codes.make_for_wall(actor_id=make.person("coordinator").id, site_id=site_id)
    screen.goto("/board")
    expect(screen.get_by_text("2 short", exact=True)).to_be_visible()

    amina = arrive(app, site_id, "Amina Volunteer")  # scans the wall with her phone
    button = screen.locator(f"#assign-{shift_id}-{amina}")
    expect(button).to_be_visible(timeout=WAIT)

    screen.context.set_offline(True)
    button.click()
    expect(screen.locator("#said")).to_contain_text("may not have been saved")
    expect(screen.locator("#lost")).to_contain_text("Not connected since")
    said = re.search(r"since (\d+):(\d\d)", screen.locator("#lost").inner_text())
    zone = app.extensions["shoreline_settings"].timezone
    at = [now().astimezone(zone) - timedelta(minutes=minutes) for minutes in (0, 1)]
    assert said
    assert (int(said[1]), int(said[2])) in [(each.hour, each.minute) for each in at]  # not Auckland's
    expect(screen.get_by_text("Amina Volunteer").first).to_be_visible()  # what it last knew
    expect(button).to_be_disabled()
    ben = arrive(app, site_id, "Ben Volunteer")

    screen.context.set_offline(False)
    expect(screen.locator(f"#assign-{shift_id}-{ben}")).to_be_visible(timeout=WAIT)
    expect(screen.locator("#lost")).to_be_hidden()
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id).filled == 0  # nothing was kept to be sent later

    button.click()
    expect(screen.locator("#said")).to_contain_text("On the shift")
    expect(button).to_have_count(0)
    expect(screen.get_by_text("1 short", exact=True)).to_be_visible()
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id).filled == 1
    assert list(checks.problems(db.session)) == []


def test_a_refused_tap_is_said_and_the_board_shows_how_things_stand(app: Flask, screen: Page) -> None:
    site = make.warehouse("Main warehouse")
    site_id = site.id
    shift_id = make.shift(of_role=make.role("Sorting"), site=site, starts_at=now(), maximum=1).id
    coordinator_id = make.person("coordinator").id
    codes.make_for_wall(actor_id=coordinator_id, site_id=site_id)
    amina, other = arrive(app, site_id, "Amina Volunteer"), make.person(name="Quick Other").id
    screen.goto("/board")
    screen.route("**/*live=1", lambda route: route.fulfill(status=304))  # the news is a moment late
    signing.add_person(actor_id=coordinator_id, shift_id=shift_id, person_id=other)
    screen.locator(f"#assign-{shift_id}-{amina}").click()
    expect(screen.locator("#said")).to_contain_text("This shift is full")
    expect(screen.get_by_text("Quick Other").first).to_be_visible()
    screen.locator(f"#home-{amina}").click()
    expect(screen.locator("#said")).to_contain_text("gone home")
    with transaction() as session:
        assert session.query(Presence).filter(Presence.left_at.is_(None)).count() == 0


def test_a_session_that_ended_leads_to_signing_in_and_back(app: Flask, screen: Page) -> None:
    make.warehouse("Main warehouse")
    screen.goto("/board")
    screen.context.clear_cookies()
    screen.wait_for_url("**/sign-in?next=/board", timeout=WAIT)
