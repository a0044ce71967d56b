"""The pages of distributions and sites, through the front door."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.distributions import checks
from logistics.distributions.models import Distribution, Site

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries

START = now().replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=3)


def form(**changes: object) -> dict[str, object]:
    return {
        "title": "Hoodies",
        "starts_at": f"{START:%Y-%m-%dT%H:%M}",
        "ends_at": f"{START + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "expected_men": "200",
        "expected_boys": "",
        "notes": "Bring gloves",
        **changes,
    }


def test_a_coordinator_plans_a_distribution(coordinator: Browser) -> None:
    assert "there is none yet" in coordinator.page("/distributions/new")
    point = make.meeting_point("North")
    assert "North" in coordinator.page("/distributions/new")
    answer = coordinator.send("/distributions", form(site_id=point.id))
    made = db.session.scalars(select(Distribution)).one()
    assert answer.location == f"/distributions/{made.id}"
    assert (made.expected["men"], made.expected["boys"], made.notes) == (200, 0, "Bring gloves")
    page = text_of(coordinator.page("/distributions"))
    assert "Hoodies" in page
    assert "about 200 people" in page
    assert "Planned" in page
    assert list(checks.problems(db.session)) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", "🧥" * 101),
        ("title", "a\x00b"),
        ("site_id", ""),
        ("site_id", "abc"),
        ("site_id", "99999999999999999999"),
        ("starts_at", ""),
        ("starts_at", "tomorrow"),
        ("starts_at", "1999-01-01T10:00"),
        ("ends_at", "2020-01-01T10:00"),
        ("expected_men", "-1"),
        ("expected_men", "100001"),
        ("expected_men", "1.5"),
        ("expected_girls", "many"),
        ("notes", "x" * 5001),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_typed_is_lost(
    coordinator: Browser, field: str, value: str
) -> None:
    make.meeting_point()
    point = make.meeting_point()
    data = form(**{"site_id": point.id, "notes": "Typed 🫖", field: value})
    page = coordinator.send("/distributions", data, status=422).get_data(as_text=True)
    assert f'id="{field}-error"' in page
    if field != "notes":
        assert "Typed 🫖" in page
    assert db.session.scalars(select(Distribution)).all() == []


def test_the_same_form_sent_twice_plans_one(coordinator: Browser) -> None:
    data = form(site_id=make.meeting_point().id, key="one-key")
    answers = {coordinator.send("/distributions", data).location for _ in range(2)}
    assert len(answers) == 1
    assert len(db.session.scalars(select(Distribution)).all()) == 1
    coordinator.send("/distributions", {**data, "title": "Other"}, status=409)


def test_the_list_is_filtered_and_in_order(warehouse_staff: Browser) -> None:
    north, south = make.meeting_point("North"), make.meeting_point("South")
    make.distribution(north, title="Later", starts_at=START + timedelta(days=1))
    make.distribution(south, title="Sooner", starts_at=START)
    make.distribution(north, title="Finished", starts_at=START - timedelta(days=9), state="closed")
    make.distribution(north, title="Stopped", starts_at=START, state="cancelled")
    titles = re.compile("Sooner|Later|Finished|Stopped")

    def listed(query: str) -> list[str]:
        return titles.findall(text_of(warehouse_staff.page(f"/distributions?{query}")))

    assert listed("") == ["Sooner", "Later"]
    assert listed("show=over") == ["Stopped", "Finished"]
    assert listed("show=cancelled") == ["Stopped"]
    assert listed(f"show=all&site={south.id}") == ["Sooner"]
    assert listed("q=late") == ["Later"]
    assert listed("q=NORTH") == ["Later"]
    assert listed("q=%25") == []
    assert listed("show=nonsense&site=abc&page=x") == ["Sooner", "Later"]
    assert "Plan a distribution" not in warehouse_staff.page("/distributions")
    rows = warehouse_staff.get("/distributions?show=all&format=csv").get_data(as_text=True).splitlines()
    assert len(rows) == 5


def test_the_list_makes_the_same_queries_for_one_and_for_a_hundred(coordinator: Browser) -> None:
    point = make.meeting_point()
    make.distribution(point)
    with queries() as few:
        coordinator.page("/distributions")
    for number in range(99):
        make.distribution(point, starts_at=START + timedelta(hours=number))
    with queries() as many:
        page = coordinator.page("/distributions")
    assert len(many) == len(few)
    assert "1–50 of 100" in text_of(page)


def test_who_may_see_and_who_may_plan(
    browser: Browser, volunteer: Browser, warehouse_staff: Browser, fundraiser: Browser
) -> None:
    assert browser.get("/distributions").location == "/sign-in?next=/distributions"
    volunteer.page("/distributions", 403)
    for staff in (warehouse_staff, fundraiser):
        staff.page("/distributions")
        staff.page("/distributions/new", 403)
        staff.send("/distributions", form(), status=403)
        staff.page("/admin/sites", 403)


def test_sites_are_made_changed_closed_and_opened(admin: Browser) -> None:
    assert "Begin with a warehouse" in admin.page("/admin/sites")
    assert "vague on purpose" in admin.page("/admin/sites/new")
    data = {"kind": "meeting_point", "name": " North ", "name_fr": "Nord", "place": "Behind the station"}
    admin.send("/admin/sites/new", data)
    admin.send("/admin/sites/new", {**data, "kind": "warehouse", "name": "Main house"})
    site = db.session.scalars(select(Site).where(Site.name == "North")).one()
    assert (site.kind, site.name_fr, site.place) == ("meeting_point", "Nord", "Behind the station")
    admin.page("/admin/sites")  # shows what was said of the last two, once
    page = text_of(admin.page("/admin/sites"))
    assert page.index("Main house") < page.index("North")
    for bad, field in [
        ({"name": "NORTH"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name_fr": "x" * 81}, "name_fr"),
        ({"kind": "tent"}, "kind"),
        ({"place": "x" * 501}, "place"),
    ]:
        page = admin.send("/admin/sites/new", {**data, "name": "New", **bad}, status=422).get_data(as_text=True)
        assert f'id="{field}-error"' in page
    admin.send(f"/admin/sites/{site.id}/edit", {**data, "name": "North gate", "kind": "warehouse"})
    page = admin.page("/admin/sites?q=gate")
    assert "North gate" in page
    assert "Main house" not in page
    assert db.session.get_one(Site, site.id, populate_existing=True).kind == "meeting_point"
    admin.send(f"/admin/sites/{site.id}/close")
    assert "Closed" in text_of(admin.page("/admin/sites"))
    admin.send(f"/admin/sites/{site.id}/reopen")
    rows = admin.get("/admin/sites?format=csv").get_data(as_text=True)
    assert "North gate" in rows
    assert "station" not in rows
    admin.page("/admin/sites/999999/edit", 404)
    admin.send("/admin/sites/999999/close", status=404)


def test_a_site_in_use_says_why_it_stays_open(admin: Browser) -> None:
    site_id = make.distribution().site_id
    admin.send(f"/admin/sites/{site_id}/close")
    assert "still to take place" in admin.page("/admin/sites")


def test_the_pages_speak_french_names(coordinator: Browser) -> None:
    site_id = make.distribution().site_id
    with make.transaction() as session:
        session.get_one(Site, site_id).name_fr = "Point nord"
    coordinator.get("/language/fr")
    assert "Point nord" in coordinator.page("/distributions")
