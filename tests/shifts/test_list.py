"""The list of shifts: what a reader can take, why not, what comes first, and its week and month."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people.models import AgeGroup, Person
from logistics.people.qualification_models import Agreement, AgreementText, HeldQualification, Qualification
from logistics.shifts import checks, signing, waiting
from logistics.shifts.day_models import RoleWish, Stay
from logistics.shifts.models import Role, RoleQualification, Shift

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries

START = now().replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=3)
LARGEST = 100_000  # bytes of a page of 200 shifts, uncompressed


def rows(page: str) -> dict[int, str]:
    """Return each shift's row by its id, in the order of the page."""
    found = re.findall(r'(?s)<li id="shift-(\d+)">(.*?)</li>', page)
    return {int(number): row for number, row in found}


def require(role: Role, name: str) -> Qualification:
    role_id = role.id
    with transaction() as session:
        made = Qualification(name=name, name_key=name.casefold())
        session.add(made)
        session.flush()
        session.add(RoleQualification(role_id=role_id, qualification_id=made.id))
    return made


def fill(shift: Shift, people: int) -> None:
    shift_id = shift.id
    for _ in range(people):
        signing.sign_up(actor_id=make.person().id, shift_id=shift_id)


def stay(person_id: int, arrives: datetime, leaves: datetime) -> None:
    with transaction() as session:
        session.add(
            Stay(person_id=person_id, arrives_on=arrives.date(), leaves_on=leaves.date(), created_at=now()),
        )


def wish(person_id: int, role: Role) -> None:
    role_id = role.id
    with transaction() as session:
        session.add(RoleWish(person_id=person_id, role_id=role_id))


def test_one_tap_from_home_to_signed_up(volunteer: Browser) -> None:
    shift = make.shift(of_role=make.role("Driver"), starts_at=START)
    page = volunteer.page("/")
    assert f'formaction="/shifts/{shift.id}/sign-up"' in rows(page)[shift.id]
    answer = volunteer.send(f"/shifts/{shift.id}/sign-up", headers={"Referer": "http://localhost/"})
    assert answer.location == f"/#shift-{shift.id}"
    page = volunteer.page("/")
    assert "You are on it" in rows(page)[shift.id]
    assert "Your next shift Confirmed" in text_of(page)
    assert list(checks.problems(db.session)) == []


def test_of_a_day_what_is_shortest_of_people_comes_first(volunteer: Browser) -> None:
    role = make.role()
    enough = make.shift(of_role=role, starts_at=START, minimum=0).id
    some = make.shift(of_role=role, starts_at=START, minimum=2).id
    most = make.shift(of_role=role, starts_at=START + timedelta(hours=1), minimum=5).id
    before = make.shift(of_role=role, starts_at=START - timedelta(days=1), minimum=0).id
    licence = make.role()
    require(licence, "Driving licence")
    barred = make.shift(of_role=licence, starts_at=START, minimum=6).id
    assert list(rows(volunteer.page("/"))) == [before, most, some, enough, barred]


def test_what_is_not_ones_own_yet_says_why_and_what_unlocks_it(volunteer: Browser) -> None:
    role = make.role("Driver")
    licence = require(role, "Driving licence")
    shift = make.shift(of_role=role, starts_at=START)
    for path in ("/", "/shifts"):
        row = rows(volunteer.page(path))[shift.id]
        assert "This role needs: Driving licence." in row
        assert f'href="/my/qualifications#qualification-{licence.id}"' in row
        assert "sign-up" not in row
    page = volunteer.send(f"/shifts/{shift.id}/sign-up", status=409).get_data(as_text=True)
    assert f'href="/my/qualifications#qualification-{licence.id}"' in page


def test_a_newcomer_is_first_led_to_what_every_volunteer_agrees_to(app: Flask, browser: Browser) -> None:
    person = make.person(name="New Comer")
    with transaction() as session:
        session.add(AgreementText(kind="conduct", language="en", version=1, text="Be kind.", published_at=now()))
        session.get_one(Person, person.id).age_group = None
    shift = make.shift(starts_at=START)
    browser.sign_in(person)
    page = browser.page("/")
    assert 'class="notice is-warn">Say first whether you are 18 or over. <a href="/my/details">' in page
    with transaction() as session:
        session.get_one(Person, person.id).age_group = AgeGroup.ADULT
    page = browser.page("/")
    assert 'href="/my/agreements"' in page
    assert "sign-up" not in rows(page)[shift.id]
    with transaction() as session:
        session.add(Agreement(person_id=person.id, kind="conduct", version=1, agreed_at=now()))
    page = browser.page("/")
    assert "/my/agreements" not in page
    assert "sign-up" in rows(page)[shift.id]


def test_home_is_cut_to_ones_days_and_wishes_until_told_otherwise(volunteer: Browser) -> None:
    driver, cook = make.role("Driver"), make.role("Cook")
    inside = make.shift(of_role=driver, starts_at=START).id
    late_on_the_last_day = make.shift(of_role=driver, starts_at=START.replace(hour=20) + timedelta(days=1)).id
    cooking = make.shift(of_role=cook, starts_at=START).id
    after = make.shift(of_role=driver, starts_at=START + timedelta(days=2)).id
    assert len(rows(volunteer.page("/"))) == 4
    stay(volunteer.person_id, START - timedelta(days=1), START + timedelta(days=1))
    assert set(rows(volunteer.page("/"))) == {inside, late_on_the_last_day, cooking}
    wish(volunteer.person_id, driver)
    page = volunteer.page("/")
    assert set(rows(page)) == {inside, late_on_the_last_day}
    assert "of your roles (Driver)" in text_of(page)
    assert after in rows(volunteer.page("/?for=all"))
    assert len(rows(volunteer.page("/shifts"))) == 4
    assert set(rows(volunteer.page("/shifts?for=me"))) == {inside, late_on_the_last_day}


def test_a_stay_of_the_past_cuts_nothing(volunteer: Browser) -> None:
    make.shift(starts_at=START)
    stay(volunteer.person_id, START - timedelta(days=30), START - timedelta(days=20))
    assert len(rows(volunteer.page("/"))) == 1


def test_only_those_one_can_take_now(volunteer: Browser) -> None:
    role, licensed = make.role(), make.role()
    require(licensed, "First aid")
    mine = make.shift(of_role=role, starts_at=START)
    free = make.shift(of_role=role, starts_at=START + timedelta(days=1)).id
    make.shift(of_role=role, starts_at=START + timedelta(hours=1))
    make.shift(of_role=licensed, starts_at=START + timedelta(days=1))
    full = make.shift(of_role=role, starts_at=START + timedelta(days=2), maximum=1)
    fill(full, 1)
    signing.sign_up(actor_id=volunteer.person_id, shift_id=mine.id)
    assert list(rows(volunteer.page("/shifts?can=1"))) == [free]


def test_what_one_can_take_is_judged_by_the_mix_and_on_the_shifts_own_day(volunteer: Browser) -> None:
    kept, open_to_all = (
        make.shift(starts_at=START, minimum=0, maximum=1, experienced_minimum=kept).id for kept in (1, 0)
    )
    looked_after = make.shift(starts_at=START + timedelta(days=2), newcomers_maximum=0).id
    licensed = make.role("Licensed")
    licence = require(licensed, "First aid")
    early, late = (make.shift(of_role=licensed, starts_at=START + timedelta(days=days)).id for days in (1, 30))
    with transaction() as session:
        session.add(
            HeldQualification(
                person_id=volunteer.person_id,
                qualification_id=licence.id,
                declared_at=now(),
                confirmed_at=now(),
                expires_on=(START + timedelta(days=10)).date(),
            )
        )
    assert list(rows(volunteer.page("/shifts?can=1"))) == [open_to_all, early]
    for refused in (kept, looked_after, late):
        volunteer.send(f"/shifts/{refused}/sign-up", status=409)
    assert sorted(rows(volunteer.page("/shifts"))) == sorted([kept, open_to_all, looked_after, early, late])


@pytest.mark.parametrize("view", ["week", "month"])
def test_a_week_and_a_month_keep_to_what_one_can_take_and_to_ones_days(volunteer: Browser, view: str) -> None:
    monday = datetime(2031, 3, 31, 9, 0, tzinfo=UTC)
    driver, cook = make.role("Driver"), make.role("Cook")
    first, cooking, later = (
        make.shift(of_role=of_role, starts_at=monday + timedelta(days=days)).id
        for of_role, days in ((driver, 0), (cook, 1), (driver, 3))
    )
    full = make.shift(of_role=driver, starts_at=monday + timedelta(days=1, hours=5), maximum=1)
    fill(full, 1)
    stay(volunteer.person_id, monday, monday + timedelta(days=2))
    wish(volunteer.person_id, driver)
    address = f"/shifts?view={view}&from=2031-03-31"

    def counted(query: str) -> int:
        page = volunteer.page(f"{address}{query}")
        if view == "week":
            return sum(f'href="/shifts/{number}"' in page for number in (first, cooking, later, full.id))
        return sum(int(number) for number in re.findall(r'<span class="words">(\d+) shifts?</span>', page))

    assert [counted(query) for query in ("", "&for=me", "&can=1", "&can=1&for=me")] == [4, 2, 3, 1]
    page = volunteer.page(f"{address}&can=1&for=me")
    links = re.findall(r'href="(/shifts\?[^"]*)"', page)
    assert links
    assert all("can=1" in link and "for=me" in link for link in links)
    assert re.search(r'id="can"[^>]* checked', page)


def test_filters_and_words_live_in_the_address(volunteer: Browser, browser: Browser) -> None:
    driver, cook = make.role("Driver", name_fr="Conducteur"), make.role("Cook 100%")
    north = make.warehouse("North_Hall")
    driving = make.shift(of_role=driver, site=north, starts_at=START).id
    cooking = make.shift(of_role=cook, starts_at=START).id
    for reader in (volunteer, browser):
        for query, found in (
            ("q=driv", [driving]),
            ("q=CONDUCT", [driving]),
            ("q=north_h", [driving]),
            ("q=100%25", [cooking]),
            ("q=%25", [cooking]),
            ("q=_", [driving]),
            ("q=nothing", []),
            (f"q=driver&role={cook.id}", []),
            (f"site={north.id}", [driving]),
            ("q=%F0%9F%AB%96", []),
            ("per_page=7", [driving, cooking]),
            ("per_page=100000", [driving, cooking]),
            ("can=1&for=me", [driving, cooking]),
        ):
            assert sorted(rows(reader.page(f"/shifts?{query}"))) == sorted(found), query


def test_a_full_shift_offers_its_waiting_list_and_then_a_place(volunteer: Browser) -> None:
    shift = make.shift(of_role=make.role("Driver"), starts_at=START, maximum=1)
    other = make.person()
    signing.sign_up(actor_id=other.id, shift_id=shift.id)
    assert "Put me on the waiting list" in rows(volunteer.page("/"))[shift.id]
    assert "Put me on the waiting list" in volunteer.page(f"/shifts/{shift.id}")
    answer = volunteer.send(f"/shifts/{shift.id}/wait", headers={"Referer": "http://localhost/"})
    assert answer.location == f"/#shift-{shift.id}"
    row = rows(volunteer.page("/"))[shift.id]
    assert "You are waiting" in row
    assert "1 of 1 filled · full, 1 waiting" in text_of(row)
    assert "You are number 1 in line" in volunteer.page(f"/shifts/{shift.id}")
    assert "number 1 in line" in volunteer.page("/my/shifts")

    signing.cancel(actor_id=other.id, shift_id=shift.id)
    for path in ("/", "/shifts", "/my/shifts", f"/shifts/{shift.id}"):
        page = volunteer.page(path)
        assert "Kept for you until" in page, path
        assert f'ction="/shifts/{shift.id}/accept"' in page, path
        assert "No thanks" in page, path
    volunteer.send(f"/shifts/{shift.id}/accept")
    assert "You are on it" in rows(volunteer.page("/"))[shift.id]
    assert list(checks.problems(db.session)) == []


def test_leaving_the_line_and_declining_an_offer(volunteer: Browser) -> None:
    shift = make.shift(starts_at=START, maximum=1)
    other = make.person()
    signing.sign_up(actor_id=other.id, shift_id=shift.id)
    volunteer.send(f"/shifts/{shift.id}/wait")
    volunteer.send(f"/shifts/{shift.id}/leave")
    assert "waiting for" not in volunteer.page("/my/shifts")
    volunteer.send(f"/shifts/{shift.id}/wait")
    signing.cancel(actor_id=other.id, shift_id=shift.id)
    volunteer.send(f"/shifts/{shift.id}/leave")
    assert "sign-up" in rows(volunteer.page("/"))[shift.id]
    page = volunteer.send(f"/shifts/{shift.id}/accept", status=409).get_data(as_text=True)
    assert "lapsed" in page
    assert list(checks.problems(db.session)) == []


def test_an_offer_at_the_time_of_ones_own_shift_can_be_taken_instead(volunteer: Browser) -> None:
    mine = make.shift(of_role=make.role("Cook"), starts_at=START)
    shift = make.shift(of_role=make.role("Driver"), starts_at=START, maximum=1)
    other = make.person()
    signing.sign_up(actor_id=other.id, shift_id=shift.id)
    signing.sign_up(actor_id=volunteer.person_id, shift_id=mine.id)
    waiting.join(actor_id=volunteer.person_id, shift_id=shift.id)
    signing.cancel(actor_id=other.id, shift_id=shift.id)
    assert "You are already on Cook" in volunteer.send(f"/shifts/{shift.id}/accept", status=409).get_data(as_text=True)
    assert "Accept, and give up the other" in volunteer.page(f"/shifts/{shift.id}")
    volunteer.send(f"/shifts/{shift.id}/accept", {"instead": "1"})
    assert "You are on it" in volunteer.page(f"/shifts/{shift.id}")
    assert "You are on it" not in volunteer.page(f"/shifts/{mine.id}")
    assert list(checks.problems(db.session)) == []


def test_a_late_cancel_asks_why_on_the_shifts_page(volunteer: Browser) -> None:
    shift = make.shift(of_role=make.role("Driver"), starts_at=now() + timedelta(hours=5))
    volunteer.send(f"/shifts/{shift.id}/sign-up")
    path = f"/shifts/{shift.id}"
    for page in (volunteer.page("/shifts"), volunteer.page("/my/shifts")):
        assert f'href="{path}#cancel"' in page
        assert f'action="{path}/cancel"' not in page
    assert 'name="reason"' in volunteer.page(path)
    page = volunteer.send(f"{path}/cancel", status=422).get_data(as_text=True)
    assert 'id="reason-error"' in page
    for bad in ("x" * 301, "a\x00b"):
        page = volunteer.send(f"{path}/cancel", {"reason": bad}, status=422).get_data(as_text=True)
        assert 'id="reason-error"' in page
    volunteer.send(f"{path}/cancel", {"reason": "The ferry is late 🫖"})
    assert "You are on it" not in volunteer.page(path)
    assert list(checks.problems(db.session)) == []


def test_the_shifts_page_says_what_to_bring_and_who_leads(volunteer: Browser) -> None:
    shift = make.shift(starts_at=START)
    lead = make.person(name="Zoé Martin")
    with transaction() as session:
        session.get_one(Shift, shift.id).lead_id = lead.id
        session.get_one(Role, shift.role_id).bring = "Warm gloves"
    page = volunteer.page(f"/shifts/{shift.id}")
    assert "Warm gloves" in page
    assert "Zoé Martin" not in page
    volunteer.send(f"/shifts/{shift.id}/sign-up")
    assert "Zoé Martin" in volunteer.page(f"/shifts/{shift.id}")
    assert "Warm gloves" in volunteer.page("/my/shifts")


@pytest.mark.parametrize("action", ["wait", "leave", "accept"])
def test_forged_shifts_and_strangers_are_refused(volunteer: Browser, browser: Browser, action: str) -> None:
    volunteer.send(f"/shifts/999999/{action}", status=404)
    volunteer.send(f"/shifts/99999999999999999999/{action}", status=404)
    shift = make.shift(starts_at=START)
    volunteer.send(f"/shifts/{shift.id}/{action}", status=400, csrf=False)
    assert browser.send(f"/shifts/{shift.id}/{action}").location.startswith("/sign-in")


def many(people: int) -> None:
    role, site = make.role(f"Responsable de file {people}"), make.warehouse(f"North meeting point {people}")
    role_id, site_id = role.id, site.id
    with transaction() as session:
        session.add_all(
            Shift(
                role_id=role_id,
                site_id=site_id,
                starts_at=START + timedelta(hours=4 * number),
                ends_at=START + timedelta(hours=4 * number + 3),
                minimum=2,
                maximum=6,
                created_at=now(),
            )
            for number in range(people)
        )


@pytest.mark.parametrize("path", ["/", "/shifts?view=week", "/shifts?view=month", "/shifts?q=file&can=1&for=me"])
def test_as_many_queries_for_one_shift_as_for_a_hundred(volunteer: Browser, path: str) -> None:
    many(1)
    with queries() as few:
        volunteer.page(path)
    many(100)
    with queries() as more:
        volunteer.page(path)
    assert len(more) == len(few) <= 7


def test_a_long_page_is_asked_for_and_stays_small(volunteer: Browser, browser: Browser) -> None:
    many(201)
    with queries() as sent:
        page = volunteer.page("/shifts?per_page=200")
    assert sum(statement.startswith("SELECT") for statement in sent) == 2
    assert len(rows(page)) == 200
    assert "1–200 of 201" in text_of(page)
    assert len(rows(volunteer.page("/shifts?per_page=200&page=2"))) == 1
    assert len(rows(volunteer.page("/shifts?per_page=100"))) == 100
    newcomer = make.person()
    with transaction() as session:
        session.get_one(Person, newcomer.id).age_group = None
    for reader in (volunteer, browser, Browser(volunteer.application).sign_in(newcomer)):
        for language in ("en", "fr"):
            reader.get(f"/language/{language}")
            assert len(reader.get("/shifts?per_page=200").data) < LARGEST


def test_a_week_shows_its_days_and_leads_to_the_next(volunteer: Browser, browser: Browser) -> None:
    driver, cook = make.role("Driver"), make.role("Cook")
    mine = make.shift(of_role=driver, starts_at=datetime(2031, 3, 31, 21, 30, tzinfo=UTC), minimum=3)  # 23:30 there
    make.shift(of_role=cook, starts_at=datetime(2031, 4, 6, 22, 30, tzinfo=UTC))  # on Monday, there
    signing.sign_up(actor_id=volunteer.person_id, shift_id=mine.id)
    page = volunteer.page("/shifts?view=week&from=2031-04-02")
    text = text_of(page)
    assert "Monday 31 March 2031 23:30–1 Apr 02:30 Driver" in text
    assert "You are on it" in text
    assert "Cook" not in text.split("Sunday 6 April")[1].split("Privacy")[0]
    assert "view=week&amp;from=2031-03-24" in page
    assert "view=week&amp;from=2031-04-07" in page
    assert "2 short" in text_of(browser.page("/shifts?view=week&from=2031-04-02"))
    next_week = text_of(browser.page(f"/shifts?view=week&from=2031-04-07&role={cook.id}"))
    assert "Monday 7 April 2031 00:30–03:30 Cook" in next_week


def test_a_month_counts_and_leads_to_its_days(volunteer: Browser) -> None:
    role = make.role()
    for hour in (8, 12):
        make.shift(of_role=role, starts_at=datetime(2031, 3, 30, hour, tzinfo=UTC), minimum=2, maximum=4)
    page = volunteer.page("/shifts?view=month&from=2031-03-15")
    assert "2 2 shifts −4 4 short" in text_of(page)
    assert 'href="/shifts?day=2031-03-30"' in page
    assert "from=2031-02-01" in page
    assert "from=2031-04-01" in page
    assert page.count("<td") == 42  # from Monday 24 February to Sunday 6 April
    assert "2 shifts" not in text_of(volunteer.page("/shifts?view=month&from=2031-03-15&q=nothing"))


@pytest.mark.parametrize(
    "query", ["view=year", "view=week&from=9999-12-31", "view=month&from=x", "view=month&from=2100-12-31"]
)
def test_nonsense_in_a_calendars_address_is_harmless(volunteer: Browser, query: str) -> None:
    volunteer.page(f"/shifts?{query}")
