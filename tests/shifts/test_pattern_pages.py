"""Patterns, series and crews through the front door."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db
from logistics.shifts import checks, signing
from logistics.shifts.models import Shift, SignUp
from logistics.shifts.pattern_models import Pattern, PatternLine

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries

ZONE = ZoneInfo("Europe/Paris")
DAY = now().astimezone(ZONE).date() + timedelta(days=3)


def shifts() -> list[Shift]:
    db.session.rollback()
    return list(db.session.scalars(select(Shift).order_by(Shift.starts_at, Shift.id)))


def a_pattern(browser: Browser, site_id: int | None, **line: object) -> str:
    """Make a pattern of one line through its pages, and return its address."""
    browser.send("/shifts/patterns/new", {"key": "new", "name": "A day"})
    number = db.session.scalars(select(Pattern.id)).one()
    path = f"/shifts/patterns/{number}"
    values = {"role_id": make.role("Driver").id, "site_id": site_id or "", "starts": "09:30", "ends": "12:30"}
    browser.send(f"{path}/lines/new", {"key": "line", **values, "minimum": 1, "maximum": 4, **line})
    return path


def test_a_pattern_from_its_name_to_a_months_shifts(coordinator: Browser, volunteer: Browser) -> None:
    assert "There is none yet" in coordinator.page("/shifts/patterns")
    path = a_pattern(coordinator, make.warehouse("House").id, starts="22:00", ends="06:00")
    assert "22:00–06:00" in coordinator.page(path)
    answer = coordinator.send(
        f"{path}/days", {"key": "k", "first_day": DAY, "last_day": DAY + timedelta(days=27), "weekdays": ["0", "4"]}
    )
    shown = coordinator.page(answer.location)
    assert "8 shifts will be made" in text_of(shown)
    days = [DAY + timedelta(days=number) for number in range(28)]
    chosen = [str(day) for day in days if day.weekday() in (0, 4)][:-1]  # one is not ticked
    for _twice in range(2):
        coordinator.send(f"{path}/lay", {"key": "once", "day": chosen})
    assert [str(shift.starts_at.astimezone(ZONE).date()) for shift in shifts()] == chosen
    assert {shift.ends_at.astimezone(ZONE).hour for shift in shifts()} == {6}
    again = text_of(coordinator.page(answer.location))
    assert "1 shift will be made" in again
    assert "7 left out: there already" in again
    assert "A day" in coordinator.page("/shifts/patterns?q=a+d")
    assert "A day" in coordinator.page("/shifts/patterns?format=csv")
    volunteer.page(path, status=403)
    volunteer.send(f"{path}/lay", {"key": "x", "day": chosen}, status=403)
    assert list(checks.problems(db.session)) == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"first_day": "tomorrow"},
        {"first_day": "2020-01-01"},
        {"first_day": "9999-12-31"},
        {"first_day": "2026-11-2\0"},
        {"first_day": str(DAY), "last_day": str(DAY - timedelta(days=1))},
        {"first_day": str(DAY), "last_day": str(DAY + timedelta(days=366))},
        {"first_day": str(DAY), "weekdays": ["7"]},
        {"first_day": str(DAY), "weekdays": ["x"]},
        {"first_day": str(DAY), "weekdays": [str((DAY.weekday() + 1) % 7)]},
    ],
)
def test_days_that_make_no_sense_are_refused_at_their_field(coordinator: Browser, values: dict[str, object]) -> None:
    path = a_pattern(coordinator, make.warehouse().id)
    coordinator.send(f"{path}/days", {"key": "k", **values}, status=422)


def test_addresses_made_by_hand_break_nothing(coordinator: Browser) -> None:
    path = a_pattern(coordinator, make.warehouse().id)
    for query in ("first=x", f"first={DAY}&last=x&on=99", "on=0"):
        coordinator.page(f"{path}/days?{query}")
    coordinator.page(f"{path}/days?first=2020-01-01&last=2020-01-02", status=422)
    coordinator.page(f"{path}/days?first={DAY}&last={DAY + timedelta(days=900)}", status=422)
    coordinator.send(f"{path}/lay", {"key": "k", "day": ["x", "\0"]}, status=422)
    coordinator.send(f"{path}/lay", {"key": "k", "day": ["0001-01-01", "9999-12-31"]}, status=422)
    many = [str(date(2027, 1, 1) + timedelta(days=number)) for number in range(500)]
    coordinator.send(f"{path}/lay", {"key": "k", "day": many}, status=422)
    for wrong in ("/shifts/patterns/99999", "/shifts/patterns/99999/days", f"{path}/lines/99999/edit"):
        coordinator.page(wrong, status=404)
    coordinator.page("/shifts/patterns/new?distribution=99999", status=404)
    coordinator.page("/distributions/99999/crew-plan", status=404)
    assert shifts() == []


def test_a_line_is_changed_and_taken_out(coordinator: Browser) -> None:
    path = a_pattern(coordinator, None)
    line = db.session.scalars(select(PatternLine)).one()
    values = {"key": "c", "role_id": line.role_id, "site_id": "", "minimum": 2, "maximum": 3}
    edit = f"{path}/lines/{line.id}/edit"
    assert 'value="09:30"' in coordinator.page(edit)
    coordinator.send(edit, {**values, "starts": "10:00", "ends": "10:00"})
    assert (shown := text_of(coordinator.page(path))).count("10:00–10:00") == 1
    assert "Where the distribution is" in shown
    for starts in ("", "25:00", "noon", "😀"):
        coordinator.send(edit, {**values, "starts": starts, "ends": "10:00"}, status=422)
    coordinator.send(f"{path}/lines/new", {**values, "starts": "10:00", "ends": "11:00"}, status=422)
    coordinator.send(f"{path}/edit", {"key": "r", "name": "Other"})
    coordinator.send(f"{path}/lines/{line.id}/remove")
    coordinator.send(f"{path}/lines/{line.id}/remove", status=404)
    coordinator.send(f"{path}/close")
    assert "No longer used" in coordinator.page(path)
    coordinator.send(f"{path}/lay", {"key": "l", "day": str(DAY)}, status=409)
    coordinator.send(f"{path}/reopen")


def test_a_distribution_is_crewed_by_a_pattern_and_by_another_distribution(coordinator: Browser) -> None:
    path = a_pattern(coordinator, None)
    first, second = make.distribution().id, make.distribution().id
    plan = f"/distributions/{first}/crew-plan"
    pattern = f"pattern-{path.rsplit('/', 1)[1]}"
    assert "1 shift will be made" in text_of(coordinator.page(f"{plan}?of={pattern}"))
    for _twice in range(2):
        coordinator.send(plan, {"key": "a", "of": pattern})
    assert "There is nothing to make" in coordinator.page(f"{plan}?of={pattern}")
    coordinator.send(f"/distributions/{second}/crew-plan", {"key": "b", "of": f"distribution-{first}"})
    assert sorted(shift.distribution_id or 0 for shift in shifts()) == [first, second]
    coordinator.page(f"{plan}?of=distribution-99999", status=404)
    coordinator.send(plan, {"key": "c", "of": "nothing"}, status=422)
    coordinator.send(plan, {"key": "d", "of": f"distribution-{first}"}, status=422)
    assert "added 1 shift of a pattern" in coordinator.page(f"/distributions/{first}/history")
    assert "copied 1 shift of another distribution" in coordinator.page(f"/distributions/{second}/history")
    coordinator.send(f"/shifts/patterns/new?distribution={first}", {"key": "e", "name": "Kept"})
    day = shifts()[0].starts_at.astimezone(ZONE).date()
    coordinator.send(f"/shifts/patterns/new?day={day}", {"key": "f", "name": "None"}, status=422)


def test_all_that_follow_are_changed_from_the_form(coordinator: Browser) -> None:
    path = a_pattern(coordinator, make.warehouse().id)
    coordinator.send(f"{path}/lay", {"key": "l", "day": [str(DAY + timedelta(days=number)) for number in range(3)]})
    first, second, third = shifts()
    values = {"key": "s", "version": first.version, "role_id": first.role_id, "site_id": first.site_id}
    values |= {"starts_at": f"{DAY}T10:00", "ends_at": f"{DAY}T13:00", "minimum": 1, "maximum": 2}
    assert "2 later shifts of the same pattern follow" in text_of(coordinator.page(f"/shifts/{first.id}/edit"))
    for _ in range(3):
        signing.sign_up(actor_id=make.person().id, shift_id=third.id)
    number = first.id
    refused = coordinator.send(f"/shifts/{number}/edit", {**values, "which": "following"}, status=422)
    assert "Take some off first" in refused.get_data(as_text=True)
    coordinator.send(f"/shifts/{number}/edit", {**values, "maximum": 3, "which": "following"})
    assert [shift.maximum for shift in shifts()] == [3, 3, 3]
    assert {shift.starts_at.astimezone(ZONE).hour for shift in shifts()} == {10}
    coordinator.send(f"/shifts/{number}/edit", {**values, "which": "all of them"}, status=422)
    version = shifts()[0].version
    coordinator.send(f"/shifts/{number}/edit", {**values, "key": "t", "version": version, "cancel_hours": "48"})
    assert [shift.cancel_hours for shift in shifts()] == [48, 24, 24]
    assert second.id == shifts()[1].id


def test_staff_add_people_and_take_them_off(coordinator: Browser, volunteer: Browser) -> None:
    shift = make.shift(maximum=1)
    path, people = f"/shifts/{shift.id}/crew", [make.person(name=name) for name in ("Ann Adams", "Ann Brown")]
    ids = [person.id for person in people]
    assert "Ann Adams" in coordinator.page(f"{path}?q=ann")
    coordinator.send(path, {"key": "a", "person": ids[0]})
    coordinator.send(path, {"key": "b", "person": ids[1]}, status=409)
    assert "Add beyond the maximum" in coordinator.page(f"{path}?q=ann")
    coordinator.send(path, {"key": "c", "person": ids[1], "over": "1"})
    assert (shifts()[0].filled, shifts()[0].extra) == (2, 1)
    assert "1 beyond the maximum" in coordinator.page(path)
    coordinator.send(f"{path}/{ids[0]}/remove", {"key": "d", "reason": ""}, status=422)
    coordinator.send(f"{path}/{ids[0]}/remove", {"key": "e", "reason": "The van is full"})
    coordinator.page(f"{path}/{ids[0]}/remove", status=404)
    reason = db.session.scalars(select(SignUp.cancel_reason).where(SignUp.person_id == ids[0])).one()
    assert reason == "The van is full"
    for wrong in ("", "x", "999999", "-1"):
        coordinator.send(path, {"key": "f", "person": wrong}, status=404)
    volunteer.page(path, status=403)
    volunteer.send(path, {"key": "g", "person": ids[0]}, status=403)
    assert list(checks.problems(db.session)) == []


def test_a_refusal_speaks_of_the_one_who_is_added(coordinator: Browser, app: Flask) -> None:
    person, starts_at = make.person(name="Ann Adams").id, now() + timedelta(days=2)
    mine, other = make.shift(starts_at=starts_at).id, make.shift(starts_at=starts_at).id
    signing.sign_up(actor_id=person, shift_id=mine)
    answer = coordinator.send(f"/shifts/{other}/crew", {"key": "a", "person": person}, status=409)
    assert "Ann Adams is on another shift at that time" in answer.get_data(as_text=True)


def test_pages_take_as_many_queries_for_much_as_for_little(coordinator: Browser) -> None:
    path = a_pattern(coordinator, make.warehouse().id)
    shift = make.shift(maximum=60).id

    def count() -> list[int]:
        counts = []
        for page in (path, f"{path}/days?first={DAY}&last={DAY + timedelta(days=60)}", f"/shifts/{shift}/crew?q=p"):
            with queries() as sent:
                coordinator.page(page)
            counts.append(len(sent))
        return counts

    few = count()
    coordinator.send(f"{path}/lay", {"key": "l", "day": [str(DAY + timedelta(days=number)) for number in range(20)]})
    for _ in range(8):
        signing.sign_up(actor_id=make.person().id, shift_id=shift)
    assert count() == few
