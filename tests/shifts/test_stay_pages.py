"""A stay's pages, through the front door."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people.models import Person
from logistics.shifts import checks, signing, waiting
from logistics.shifts.day_models import RoleWish, Stay
from logistics.shifts.models import SignUp, SignUpState

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries

PARIS = ZoneInfo("Europe/Paris")
TODAY = now().astimezone(PARIS).date()


@pytest.fixture(autouse=True)
def nothing_broken(app: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
    assert list(checks.problems(db.session)) == []


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def at(number: int, hour: float = 9.5) -> datetime:
    return datetime.combine(day(number), datetime.min.time(), PARIS) + timedelta(hours=hour)


def begin(browser: Browser, first: int = 1, last: int = 7, status: int = 303, **more: object) -> str:
    days = {"arrives_on": day(first).isoformat(), "leaves_on": day(last).isoformat(), **more}
    answer = browser.send("/my/stay/new", days, status)
    return answer.location or answer.get_data(as_text=True)


def stay_id() -> int:
    db.session.rollback()
    return db.session.scalars(select(Stay.id).order_by(Stay.id)).one()


def mine(browser: Browser) -> list[int]:
    db.session.rollback()
    query = select(SignUp.shift_id).where(SignUp.person_id == browser.person_id, SignUp.state == SignUpState.CONFIRMED)
    return list(db.session.scalars(query.order_by(SignUp.shift_id)))


def ticked(page: str, name: str = "shift") -> list[int]:
    return [int(number) for number in re.findall(rf'name="{name}" value="(\d+)"[^>]* checked', page)]


def offered(page: str, name: str = "shift") -> list[int]:
    return [int(number) for number in re.findall(rf'name="{name}" value="(\d+)"', page)]


def test_from_the_days_of_a_stay_to_its_shifts(volunteer: Browser) -> None:
    assert "When are you here?" in volunteer.page("/my/stay")
    warehouse, place = make.warehouse(), make.meeting_point()
    driver = make.role("Driver")
    morning = make.shift(site=warehouse, starts_at=at(2)).id
    afternoon = make.shift(site=place, starts_at=at(2, 14), of_role=driver).id
    other = make.shift(site=place, starts_at=at(2, 14.5), minimum=0).id
    where = begin(volunteer)
    page = volunteer.page(where)
    assert "0 shifts booked , 2 proposed" in text_of(page) or "0 shifts booked, 2 proposed" in text_of(page)
    assert ticked(page) == [morning, afternoon]
    assert other in offered(page)
    answer = volunteer.send(f"/my/stay/{stay_id()}/book", {"shift": [morning, afternoon]})
    assert mine(volunteer) == [morning, afternoon]
    page = volunteer.page(answer.location or "")
    assert "2 shifts are booked" in page
    assert ticked(page) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"leaves_on": "2020-01-01"}, "leaves_on"),
        ({"leaves_on": "9999-12-31"}, "leaves_on"),
        ({"arrives_on": "9999-12-30", "leaves_on": "9999-12-31"}, "arrives_on"),
        ({"leaves_on": (TODAY + timedelta(days=400)).isoformat()}, "leaves_on"),
        ({"arrives_on": "tomorrow"}, "arrives_on"),
        ({"arrives_on": "\x00"}, "arrives_on"),
        ({"leaves_on": ""}, "leaves_on"),
        ({"arrives_on": "🙂"}, "arrives_on"),
    ],
)
def test_days_that_cannot_be_are_said_at_the_field(volunteer: Browser, values: dict[str, str], field: str) -> None:
    page = begin(volunteer, status=422, **values)
    assert f'id="{field}-error"' in page


def test_a_second_stay_on_the_same_days_is_refused(volunteer: Browser) -> None:
    begin(volunteer)
    assert 'id="arrives_on-error"' in begin(volunteer, 7, 9, status=409)


def test_made_up_roles_are_no_mistake(volunteer: Browser) -> None:
    role = make.role().id
    begin(volunteer, roles=[str(role), "999999", "-1", "x"])
    assert db.session.scalars(select(RoleWish.role_id)).all() == [role]
    volunteer.send(f"/my/stay/roles?stay={stay_id()}", {"roles": []})
    assert db.session.scalars(select(RoleWish.role_id)).all() == []


def test_what_went_meanwhile_is_listed_and_the_other_ticks_stay(volunteer: Browser) -> None:
    warehouse = make.warehouse()
    went, stays_there, unticked = (
        make.shift(site=warehouse, starts_at=at(number), maximum=1, minimum=1).id for number in (2, 3, 4)
    )
    instead = make.shift(site=warehouse, starts_at=at(2), minimum=0).id
    begin(volunteer)
    signing.sign_up(actor_id=make.person().id, shift_id=went)
    page = volunteer.send(f"/my/stay/{stay_id()}/book", {"shift": [went, stays_there, 999999]}, 409).get_data(True)
    assert "2 of the shifts you chose" in page
    assert f"/shifts/{went}" in page
    assert ticked(page) == [stays_there]
    assert {instead, stays_there, unticked} <= set(offered(page))
    assert went not in offered(page)
    assert mine(volunteer) == []


def test_nothing_ticked_and_far_too_much_ticked(volunteer: Browser) -> None:
    begin(volunteer)
    assert "Tick at least one shift" in volunteer.send(f"/my/stay/{stay_id()}/book", {}, 422).get_data(True)
    volunteer.send(f"/my/stay/{stay_id()}/book", {"shift": list(range(1, 500))}, 422)
    volunteer.send(f"/my/stay/{stay_id()}/book", {"shift": ["-1", "x", "9" * 30]}, 422)


def test_changing_the_days_shows_what_follows_and_does_it_at_once(volunteer: Browser) -> None:
    warehouse = make.warehouse()
    early, late, new = (make.shift(site=warehouse, starts_at=at(number)).id for number in (2, 5, 9))
    begin(volunteer)
    number = stay_id()
    volunteer.send(f"/my/stay/{number}/book", {"shift": [early, late]})
    days = {"arrives_on": day(4).isoformat(), "leaves_on": day(10).isoformat()}
    page = volunteer.page(f"/my/stay/{number}/change", query_string=days)
    assert "1 shift of yours falls outside" in page
    assert (ticked(page, "give_up"), ticked(page)) == ([early], [new])
    assert mine(volunteer) == [early, late]
    volunteer.send(f"/my/stay/{number}/change", {**days, "give_up": [early], "shift": [new]})
    assert mine(volunteer) == [late, new]
    db.session.rollback()
    assert db.session.get_one(Stay, number).arrives_on == day(4)


def test_a_change_that_cannot_be_done_changes_nothing_and_keeps_the_ticks(volunteer: Browser) -> None:
    warehouse = make.warehouse()
    early = make.shift(site=warehouse, starts_at=at(2)).id
    went, still = (make.shift(site=warehouse, starts_at=at(number), maximum=1).id for number in (9, 10))
    begin(volunteer)
    number = stay_id()
    volunteer.send(f"/my/stay/{number}/book", {"shift": [early]})
    signing.sign_up(actor_id=make.person().id, shift_id=went)
    days = {"arrives_on": day(4).isoformat(), "leaves_on": day(11).isoformat()}
    answer = volunteer.send(f"/my/stay/{number}/change", {**days, "give_up": [early], "shift": [went, still]}, 409)
    page = answer.get_data(True)
    assert f"/shifts/{went}" in page
    assert (ticked(page, "give_up"), ticked(page)) == ([early], [still])
    assert mine(volunteer) == [early]
    page = volunteer.page(
        f"/my/stay/{number}/change", 422, query_string={"arrives_on": "x", "leaves_on": days["leaves_on"]}
    )
    assert 'id="arrives_on-error"' in page
    backwards = {"arrives_on": days["leaves_on"], "leaves_on": days["arrives_on"]}
    assert "leave before you arrive" in volunteer.page(f"/my/stay/{number}/change", 422, query_string=backwards)


def test_calling_a_stay_off_gives_up_what_is_ticked(volunteer: Browser) -> None:
    keep, leave = (make.shift(starts_at=at(number)).id for number in (2, 3))
    begin(volunteer)
    number = stay_id()
    volunteer.send(f"/my/stay/{number}/book", {"shift": [keep, leave]})
    assert ticked(volunteer.page(f"/my/stay/{number}/cancel"), "give_up") == [keep, leave]
    volunteer.send(f"/my/stay/{number}/cancel", {"give_up": [leave]})
    assert mine(volunteer) == [keep]
    assert "When are you here?" in volunteer.page("/my/stay")


def test_a_reason_that_must_be_given_is_not_called_optional(volunteer: Browser) -> None:
    soon = make.shift(starts_at=now() + timedelta(hours=9)).id
    begin(volunteer, first=0)
    number = stay_id()
    volunteer.send(f"/my/stay/{number}/book", {"shift": [soon]})
    days = {"arrives_on": day(3).isoformat(), "leaves_on": day(7).isoformat()}
    for page in (
        volunteer.page(f"/my/stay/{number}/cancel"),
        volunteer.page(f"/my/stay/{number}/change", query_string=days),
    ):
        assert ('name="reason"' in page, "(optional)" in page) == (True, False)
    volunteer.send(f"/my/stay/{number}/cancel", {"give_up": [soon], "reason": ""}, status=422)


def test_somebody_elses_stay_is_not_found(volunteer: Browser, browser: Browser) -> None:
    begin(volunteer)
    number = stay_id()
    browser.sign_in(make.person())
    browser.page(f"/my/stay/{number}/change", 404)
    browser.page(f"/my/stay/{number}/cancel", 404)
    browser.send(f"/my/stay/{number}/book", {"shift": [1]}, 404)
    assert "When are you here?" in browser.page(f"/my/stay?stay={number}")


def test_a_newcomer_is_told_what_to_do_first(volunteer: Browser) -> None:
    make.shift(starts_at=at(2))
    with transaction() as session:
        session.get_one(Person, volunteer.person_id).age_group = None
    page = volunteer.page(begin(volunteer))
    assert offered(page) == []
    assert 'href="/my/details"' in page


def test_a_stay_takes_the_same_few_queries_whatever_there_is(volunteer: Browser) -> None:
    begin(volunteer)
    with queries() as few:
        volunteer.page("/my/stay")
    warehouse, place = make.warehouse(), make.meeting_point()
    for number in range(1, 7):
        for hour, site in ((9.5, warehouse), (10, warehouse), (14, place)):
            make.shift(site=site, starts_at=at(number, hour))
    with queries() as many:
        volunteer.page("/my/stay")
    assert len(many) <= len(few) + 1


def waits_for(browser: Browser, starts_at: datetime) -> tuple[int, int]:
    """A full shift for which someone waits, and who has its place."""
    here, full = make.person().id, make.shift(starts_at=starts_at, maximum=1).id
    signing.sign_up(actor_id=here, shift_id=full)
    waiting.join(actor_id=browser.person_id, shift_id=full)
    return full, here


def test_a_place_that_is_only_offered_is_not_called_booked(volunteer: Browser) -> None:
    begin(volunteer)
    full, here = waits_for(volunteer, at(3))
    signing.cancel(actor_id=here, shift_id=full)
    page = volunteer.page("/my/stay")
    assert "0 shifts booked, 1 offered" in text_of(page)
    assert "Booked" not in text_of(page)
    assert f'href="/shifts/{full}">Answer' in page


def test_turns_in_lines_outside_the_new_days_are_among_the_consequences(volunteer: Browser) -> None:
    begin(volunteer)
    full, here = waits_for(volunteer, at(6))
    near, _ = waits_for(volunteer, at(2))
    number = stay_id()
    page = volunteer.page(f"/my/stay/{number}/change?arrives_on={day(1)}&leaves_on={day(3)}")
    assert "You wait for 1 shift outside" in text_of(page)
    assert ticked(page, "give_up") == [full]
    volunteer.send(
        f"/my/stay/{number}/change", {"arrives_on": day(1), "leaves_on": day(3), "give_up": [full], "reason": ""}
    )
    signing.cancel(actor_id=here, shift_id=full)  # and nobody is offered what they can't come to
    rows = db.session.execute(select(SignUp.shift_id, SignUp.state).where(SignUp.person_id == volunteer.person_id))
    assert {row.shift_id: row.state for row in rows} == {full: "cancelled", near: "waiting"}
    assert ticked(volunteer.page(f"/my/stay/{number}/cancel"), "give_up") == [near]
