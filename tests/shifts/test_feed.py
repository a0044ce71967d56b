"""One's shifts as a calendar: who can see it, what stands in it, and that others can read it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import event, select, update

from logistics import calendars
from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.outbox.mail import compose
from logistics.outbox.models import OutboxMessage
from logistics.people.models import Person
from logistics.shifts import moving, signing, waiting
from logistics.shifts.models import Role, Shift, SignUp, SignUpState
from logistics.shifts.plans import planning
from logistics.shifts.telling import feed

from .. import make
from ..browsing import Browser

SOON = now().replace(microsecond=0) + timedelta(days=3)


def address(app: Flask, person_id: int) -> str:
    return f"/my/calendar/{feed.make_address(actor_id=person_id)}.ics"


def entries(app: Flask, path: str) -> dict[str, dict[str, object]]:
    """What a calendar finds at an address, by UID."""
    answer = Browser(app).get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    found = {}
    for each in Calendar.from_ical(answer.data).walk("VEVENT"):
        found[str(each["uid"])] = {
            "status": str(each["status"]),
            "sequence": each["sequence"],
            "starts": each.decoded("dtstart").astimezone(UTC),
            "title": str(each["summary"]),
        }
    return found


def test_the_address_is_shown_once_replaced_and_revoked(app: Flask, volunteer: Browser, browser: Browser) -> None:
    assert "Make my address" in volunteer.page("/my/calendar")
    paths = []
    for _ in range(2):
        made = volunteer.post("/my/calendar")
        assert made.status_code == 200
        assert made.headers["Cache-Control"] == "no-store"
        paths += re.findall(r'value="http://localhost(/my/calendar/[^"]+\.ics)"', made.get_data(as_text=True))
        page = volunteer.page("/my/calendar")
        assert "Turn it off" in page
        assert paths[-1] not in page
    assert browser.get(paths[0]).status_code == 404
    assert browser.get(paths[1]).status_code == 200
    volunteer.send("/my/calendar/revoke")
    volunteer.send("/my/calendar/revoke")
    assert browser.get(paths[1]).status_code == 404


@pytest.mark.parametrize("token", ["x", "é", "a" * 5000, "..", "%ff"])
def test_a_wrong_address_is_not_found(browser: Browser, token: str) -> None:
    assert browser.get(f"/my/calendar/{token}.ics").status_code == 404


def test_an_account_switched_off_has_no_feed(app: Flask, browser: Browser) -> None:
    person_id = make.person().id
    path = address(app, person_id)
    with transaction() as session:
        session.execute(update(Person).where(Person.id == person_id).values(disabled_at=now()))
    assert browser.get(path).status_code == 404


def test_only_ones_own_shifts_stand_in_it(app: Flask) -> None:
    mine, other = make.person().id, make.person().id
    shift_id = make.shift(starts_at=SOON).id
    signing.sign_up(actor_id=mine, shift_id=shift_id)
    signing.sign_up(actor_id=other, shift_id=shift_id)
    assert list(entries(app, address(app, mine))) == [f"shift-{shift_id}-{mine}@localhost"]


def test_uids_stay_and_sequences_grow_as_things_change(app: Flask) -> None:
    """Booked, moved, left and booked again: one entry, whose sequence never falls."""
    person_id, coordinator_id = make.person().id, make.person("coordinator").id
    shift_id = make.shift(starts_at=SOON).id
    path, name = address(app, person_id), f"shift-{shift_id}-{person_id}@localhost"
    seen = []

    def look(status: str) -> None:
        (only,) = entries(app, path).items()
        assert (only[0], only[1]["status"]) == (name, status)
        seen.append(only[1]["sequence"])

    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    look("CONFIRMED")
    with transaction() as session:
        values = {"starts_at": SOON + timedelta(hours=1), "version": Shift.version + 1}
        session.execute(update(Shift).where(Shift.id == shift_id).values(values))
    look("CONFIRMED")
    assert entries(app, path)[name]["starts"] == SOON + timedelta(hours=1)
    with as_if(now() + timedelta(seconds=5)):
        signing.cancel(actor_id=person_id, shift_id=shift_id)
    look("CANCELLED")
    with as_if(now() + timedelta(seconds=10)):
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    look("CONFIRMED")
    with as_if(now() + timedelta(seconds=15)):
        planning.call_off(actor_id=coordinator_id, shift_id=shift_id)
    look("CANCELLED")
    assert seen == sorted(set(seen))


def mailed(kind: str) -> dict[str, object]:
    """The invitation of the latest mail of a kind, as a calendar reads it."""
    db.session.rollback()
    row = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id.desc()).limit(1)
    ).one()
    mail = compose(row.kind, row.to_address, row.language, row.params, message_id="<1@localhost>")
    part = next(each for each in mail.walk() if each.get_content_type() == "text/calendar")
    (entry,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    return {"uid": str(entry["uid"]), "sequence": entry["sequence"], "modified": entry.decoded("last-modified")}


def test_the_feed_never_falls_behind_what_was_mailed(app: Flask) -> None:
    """Booked, moved, left, called off: the entry is as new in the feed as in the mail, and newer than before."""
    person_id, coordinator_id = make.person().id, make.person("coordinator").id
    shift_id, site_id = make.shift(starts_at=SOON).id, make.warehouse().id
    path, seen = address(app, person_id), []

    def look(kind: str) -> None:
        (only,) = Calendar.from_ical(Browser(app).get(path).data).walk("VEVENT")
        told = mailed(kind)
        assert str(only["uid"]) == told["uid"]
        assert only["sequence"] == told["sequence"]
        assert only.decoded("last-modified") == told["modified"] == only.decoded("dtstamp")
        seen.append((only["sequence"], told["modified"]))

    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    look("sign_up_confirmed")
    with as_if(now() + timedelta(minutes=5)), transaction() as session:
        shift = signing.lock_shift(session, shift_id)
        to = (shift.starts_at + timedelta(hours=1), shift.ends_at + timedelta(hours=1), session.get_one(Site, site_id))
        moving.move(session, [shift], [to], coordinator_id)
    look("shift_changed")
    with as_if(now() + timedelta(minutes=10)):
        signing.cancel(actor_id=person_id, shift_id=shift_id)
    look("shift_left")
    with as_if(now() + timedelta(minutes=15)):
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
    look("sign_up_confirmed")
    with as_if(now() + timedelta(minutes=20)):
        signing.remove_person(actor_id=coordinator_id, shift_id=shift_id, person_id=person_id)
    look("shift_removed")
    with as_if(now() + timedelta(minutes=25)):
        signing.add_person(actor_id=coordinator_id, shift_id=shift_id, person_id=person_id)
    with as_if(now() + timedelta(minutes=30)):
        planning.call_off(actor_id=coordinator_id, shift_id=shift_id)
    (only,) = Calendar.from_ical(Browser(app).get(path).data).walk("VEVENT")
    told = mailed("shift_cancelled")
    assert only["sequence"] >= told["sequence"]
    assert seen == sorted(set(seen))


def test_an_empty_feed_is_a_calendar_still(app: Flask) -> None:
    calendar = Calendar.from_ical(Browser(app).get(address(app, make.person().id)).data)
    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE"]  # RFC 5545, 3.6: one or more
    assert b"BEGIN:VTIMEZONE" in calendars.feed("Mine", [], ZoneInfo("UTC"))


def test_it_says_what_to_bring(app: Flask) -> None:
    amina, louis = make.person().id, make.person(language="fr").id
    role = make.role("Driver")
    with transaction() as session:
        session.execute(update(Role).values(bring="Warm clothes", bring_fr="Des vêtements chauds"))
    shift_id = make.shift(starts_at=SOON, of_role=role).id
    for person_id, said in ((amina, "What to bring: Warm clothes"), (louis, "Des vêtements chauds")):
        signing.sign_up(actor_id=person_id, shift_id=shift_id)
        (entry,) = Calendar.from_ical(Browser(app).get(address(app, person_id)).data).walk("VEVENT")
        assert said in str(entry["description"])
        assert f"/shifts/{shift_id}" in str(entry["description"])


def test_what_is_cancelled_is_said_so_for_thirty_days(app: Flask) -> None:
    person_id = make.person().id
    shift_id = make.shift(starts_at=SOON + timedelta(days=90)).id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    signing.cancel(actor_id=person_id, shift_id=shift_id)
    path = address(app, person_id)
    (entry,) = entries(app, path).values()
    assert entry["status"] == "CANCELLED"
    assert str(entry["title"]).startswith("Not any more: ")
    with transaction() as session:
        session.execute(update(SignUp).values(changed_at=now() - timedelta(days=31)))
    assert entries(app, path) == {}


def test_an_offered_place_is_tentative_and_a_wait_is_nothing(app: Flask) -> None:
    holder, waits = make.person().id, make.person().id
    shift_id = make.shift(starts_at=SOON, maximum=1).id
    signing.sign_up(actor_id=holder, shift_id=shift_id)
    waiting.join(actor_id=waits, shift_id=shift_id)
    path = address(app, waits)
    assert entries(app, path) == {}
    signing.cancel(actor_id=holder, shift_id=shift_id)
    (entry,) = entries(app, path).values()
    assert entry["status"] == "TENTATIVE"


def test_the_last_thirty_days_and_all_ahead(app: Flask) -> None:
    person_id = make.person().id
    ids = {}
    for days in (-40, -20, 3, 200):
        shift_id = make.shift(starts_at=now() + timedelta(days=days)).id
        ids[days] = f"shift-{shift_id}-{person_id}@localhost"
        with transaction() as session:
            at = now() - timedelta(days=50)
            values = {"shift_id": shift_id, "person_id": person_id, "state": SignUpState.CONFIRMED}
            session.add(SignUp(**values, created_at=at, changed_at=at))
    assert set(entries(app, address(app, person_id))) == {ids[days] for days in (-20, 3, 200)}


def test_it_is_sent_again_only_when_it_changed(app: Flask, browser: Browser) -> None:
    person_id = make.person().id
    shift_id = make.shift(starts_at=SOON).id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    path = address(app, person_id)
    first = browser.get(path)
    assert browser.get(path).data == first.data
    again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with transaction() as session:
        moved = {"ends_at": Shift.ends_at, "starts_at": SOON - timedelta(hours=1), "version": Shift.version + 1}
        session.execute(update(Shift).where(Shift.id == shift_id).values(moved))
    assert browser.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_it_speaks_its_owners_language_and_says_no_exact_place(app: Flask, browser: Browser) -> None:
    person_id = make.person(language="fr").id
    role, site = (
        make.role("Driver", name_fr="Conducteur"),
        make.meeting_point("North", place="Behind the church, gate 4"),
    )
    shift_id = make.shift(starts_at=SOON, of_role=role, site=site).id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    text = browser.get(address(app, person_id)).get_data(as_text=True)
    assert "SUMMARY:Conducteur" in text
    assert "LOCATION:North" in text
    assert "church" not in text


def test_as_many_queries_however_many_shifts(app: Flask, browser: Browser) -> None:
    person_id = make.person().id
    path, counts = address(app, person_id), []
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    for _ in range(2):
        for number in range(3):
            shift_id = make.shift(starts_at=now() + timedelta(days=len(counts) * 10 + number + 1)).id
            signing.sign_up(actor_id=person_id, shift_id=shift_id)
        seen.clear()
        assert browser.get(path).status_code == 200
        counts.append(len([statement for statement in seen if statement.startswith("SELECT")]))
    event.remove(db.engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] <= 3


CLOCKS = {  # the last Sundays of October and March, at the hour when a shift begins in Paris
    "2031-10-25T08:00": "20311025T100000",
    "2031-10-26T08:00": "20311026T090000",
    "2032-03-27T08:00": "20320327T090000",
    "2032-03-28T08:00": "20320328T100000",
}


@pytest.mark.parametrize("starts", CLOCKS)
def test_the_clock_on_the_wall_is_right_on_both_sides_of_a_change(app: Flask, browser: Browser, starts: str) -> None:
    person_id = make.person().id
    shift_id = make.shift(starts_at=datetime.fromisoformat(starts).replace(tzinfo=UTC)).id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    text = browser.get(address(app, person_id)).get_data(as_text=True)
    assert f"DTSTART;TZID=Europe/Paris:{CLOCKS[starts]}\r\n" in text
