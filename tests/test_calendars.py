"""Calendars as they are read back: by the icalendar package, and by dateutil for the rules of a time zone."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from logistics.calendars import Event, Mailbox, Method, Status, feed, invitation, rules_of

PARIS = ZoneInfo("Europe/Paris")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=200)


def event(starts_at: datetime, hours: float = 3, **fields: object) -> Event:
    given = {
        "uid": "shift-3-7@localhost",
        "sequence": 5,
        "changed_at": datetime(2026, 10, 1, 9, 0, tzinfo=UTC),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=hours),
        "title": "Driver",
        "place": "North",
        "text": "Bring warm clothes",
        "link": "http://localhost/shifts/3",
        **fields,
    }
    return Event(**given)


def read(raw: bytes, zone: ZoneInfo = PARIS) -> Calendar:
    """Read a calendar as others do, seeing first that its lines are what RFC 5545 (3.1) wants."""
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    calendar = Calendar.from_ical(raw)
    assert not calendar.errors
    assert [error for each in calendar.walk() for error in each.errors] == []
    return calendar


@given(starts_at=MOMENTS, hours=st.integers(1, 40), title=TEXTS, place=TEXTS)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_back(starts_at: datetime, hours: int, title: str, place: str) -> None:
    made = event(starts_at, hours, title=title, place=place)
    (entry,) = read(feed("Shoreline", [made], PARIS)).walk("VEVENT")
    assert entry.decoded("dtstart").astimezone(UTC) == made.starts_at
    assert entry.decoded("dtend").astimezone(UTC) == made.ends_at
    assert (str(entry["summary"]), str(entry["location"])) == (title, place)
    assert (str(entry["uid"]), entry["sequence"]) == ("shift-3-7@localhost", 5)


ON_THE_EDGE = {
    "over midnight": (datetime(2026, 11, 24, 21, 0, tzinfo=UTC), 6),
    "over the end of a month": (datetime(2026, 11, 30, 22, 30, tzinfo=UTC), 3),
    "over the end of a year": (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), 3),
    "over the hour that is left out": (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), 2),
    "over the hour that comes twice": (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 3),
    "from the first of the two hours": (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 1),
    "from the second of the two hours": (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 1),
    "to the second of the two hours": (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 3),
}


@pytest.mark.parametrize("which", ON_THE_EDGE)
def test_times_survive_the_clocks(which: str) -> None:
    starts_at, hours = ON_THE_EDGE[which]
    calendar = read(feed("Shoreline", [event(starts_at, hours)], PARIS))
    (entry,) = calendar.walk("VEVENT")
    (rules,) = calendar.walk("VTIMEZONE")
    theirs = tzical(StringIO(rules.to_ical().decode())).get()
    for name, moment in (("dtstart", starts_at), ("dtend", starts_at + timedelta(hours=hours))):
        written = entry.decoded(name)
        assert written.astimezone(UTC) == moment
        if entry[name].params.get("TZID"):  # as a calendar does that knows no zone but the one we sent
            assert written.replace(tzinfo=theirs).astimezone(UTC) == moment


def test_a_time_is_that_of_the_wall_under_its_zone() -> None:
    raw = feed("Shoreline", [event(datetime(2026, 10, 26, 8, 0, tzinfo=UTC))], PARIS)
    assert b"DTSTART;TZID=Europe/Paris:20261026T090000\r\n" in raw
    raw = feed("Shoreline", [event(datetime(2026, 10, 24, 7, 0, tzinfo=UTC))], PARIS)
    assert b"DTSTART;TZID=Europe/Paris:20261024T090000\r\n" in raw


def test_outlook_can_read_the_rules() -> None:
    text = rules_of(PARIS, 2025, 2027).to_ical().decode()
    assert text.count("BEGIN:STANDARD") == text.count("BEGIN:DAYLIGHT") == 1
    assert "DTSTART:20250330T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in text
    assert "DTSTART:20251026T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in text


@pytest.mark.parametrize(
    "name", ["Europe/Paris", "Europe/London", "America/New_York", "Asia/Tokyo", "Asia/Kabul", "Africa/Casablanca"]
)
def test_rules_say_what_the_zone_says(name: str) -> None:
    zone = ZoneInfo(name)
    theirs = tzical(StringIO(rules_of(zone, 2026, 2027).to_ical().decode())).get()
    moment, end = datetime(2026, 1, 2, tzinfo=UTC), datetime(2027, 12, 30, tzinfo=UTC)
    while moment < end:
        local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        if local.replace(tzinfo=zone).utcoffset() == local.replace(tzinfo=zone, fold=1).utcoffset():
            assert local.replace(tzinfo=theirs).utcoffset() == local.replace(tzinfo=zone).utcoffset(), local
        moment += timedelta(hours=7)


def test_a_zone_without_rules_is_utc() -> None:
    raw = feed("Shoreline", [event(datetime(2026, 10, 26, 8, 0, tzinfo=UTC))], ZoneInfo("UTC"))
    assert b"DTSTART:20261026T080000Z\r\n" in raw
    assert b"VTIMEZONE" not in raw


def test_a_feed_says_how_often_to_look() -> None:
    calendar = read(feed("Shoreline", [], PARIS))
    assert str(calendar["x-wr-calname"]) == "Shoreline"
    assert calendar.decoded("refresh-interval") == timedelta(hours=1)
    assert str(calendar["x-published-ttl"]) == "PT1H"
    assert calendar.walk("VEVENT") == []


def test_what_is_cancelled_takes_no_time() -> None:
    made = event(datetime(2026, 10, 26, 8, 0, tzinfo=UTC), status=Status.CANCELLED)
    (entry,) = read(feed("Shoreline", [made], PARIS)).walk("VEVENT")
    assert (str(entry["status"]), str(entry["transp"])) == ("CANCELLED", "TRANSPARENT")


@pytest.mark.parametrize("method", [Method.REQUEST, Method.CANCEL])
def test_an_invitation_asks_for_no_answer(method: Method) -> None:
    raw = invitation(
        event(datetime(2026, 10, 26, 8, 0, tzinfo=UTC)),
        method,
        PARIS,
        organizer=Mailbox('Care "4" Calais; and others', "shoreline@example.org"),
        guest=Mailbox("Élodie, de l'Étoile", "elodie@example.org"),
    )
    calendar = read(raw)
    (entry,) = calendar.walk("VEVENT")
    assert str(calendar["method"]) == method
    assert entry["organizer"] == "mailto:shoreline@example.org"
    assert entry["organizer"].params["CN"] == "Care '4' Calais; and others"
    assert entry["attendee"] == "mailto:elodie@example.org"
    assert entry["attendee"].params["CN"] == "Élodie, de l'Étoile"
    assert (entry["attendee"].params["PARTSTAT"], entry["attendee"].params["RSVP"]) == ("ACCEPTED", "FALSE")
