"""iCalendar (RFC 5545), as Google, Apple and Outlook read it: events, invitations, feeds.

Lines end in CRLF and are folded at 75 octets; the `icalendar` package sees to that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText
from icalendar import Event as Entry

PRODUCT = "-//Shoreline//Shifts//EN"
ANY_YEAR = 2026  # whose rules an empty calendar has
REFRESH = timedelta(hours=1)  # how often a calendar should look at a feed again
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Status(StrEnum):
    """How an event stands (RFC 5545, 3.8.1.11)."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


class Method(StrEnum):
    """What a calendar is asked to do (RFC 5546). Only REQUEST and CANCEL make all three keep an event up to date."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Event:
    """One entry. `uid` stays for as long as the entry does; `sequence` and `changed_at` never fall."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    text: str
    link: str
    status: Status = Status.CONFIRMED


@dataclass(frozen=True)
class Mailbox:
    """Someone's name and address."""

    name: str
    address: str


def invitation(event: Event, method: Method, zone: ZoneInfo, *, organizer: Mailbox, guest: Mailbox) -> bytes:
    """Return a calendar with one event for one guest, who has already said yes (so that nobody need answer it)."""
    calendar, entry = _calendar(method), _entry(event, zone)
    host, comes = _host(organizer), vCalAddress(f"mailto:{guest.address}")
    comes.params.update(
        {"CN": vText(_unquoted(guest.name)), "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    )
    entry.add("organizer", host)
    entry.add("attendee", comes)
    return _written(calendar, [entry], [event], zone)


def enclosure(events: Sequence[Event], zone: ZoneInfo, *, organizer: Mailbox) -> bytes:
    """Return a calendar with several events, to be taken over into one's own."""
    entries = [_entry(event, zone) for event in events]
    for entry in entries:
        entry.add("organizer", _host(organizer))  # which is needed, and no attendee allowed (RFC 5546, 3.2.1)
    return _written(_calendar(Method.PUBLISH), entries, events, zone)


def _host(organizer: Mailbox) -> vCalAddress:
    host = vCalAddress(f"mailto:{organizer.address}")
    host.params["CN"] = vText(_unquoted(organizer.name))
    return host


def feed(name: str, events: Sequence[Event], zone: ZoneInfo) -> bytes:
    """Return a calendar to subscribe to. The same events give the same bytes, so that these can be compared."""
    calendar = _calendar(Method.PUBLISH)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")  # the same, for Outlook
    return _written(calendar, [_entry(event, zone) for event in events], events, zone)


def _unquoted(name: str) -> str:
    """Return a name without the quotes that a parameter cannot hold, and that Outlook does not read escaped."""
    return name.replace('"', "'")


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    return calendar


def _entry(event: Event, zone: ZoneInfo) -> Entry:
    entry, cancelled = Entry(), event.status == Status.CANCELLED
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("dtstart", on_the_wall(event.starts_at, zone))
    entry.add("dtend", on_the_wall(event.ends_at, zone))
    entry.add("summary", event.title)
    entry.add("location", event.place)
    entry.add("description", event.text)
    entry.add("url", event.link)
    entry.add("status", event.status.value)
    entry.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    return entry


def on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment in `zone`; in UTC the second time that the clocks show it.

    A time with a TZID that comes twice means the first of the two (RFC 5545, 3.3.5).
    """
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) if local.fold else local


def _written(calendar: Calendar, entries: Sequence[Entry], events: Sequence[Event], zone: ZoneInfo) -> bytes:
    # Moments in UTC need no such rules; but a calendar must have one component at least (RFC 5545, 3.6).
    if not events or zone.key not in ("UTC", "Etc/UTC"):
        years = [moment.year for event in events for moment in (event.starts_at, event.ends_at)] or [ANY_YEAR]
        calendar.add_component(rules_of(zone, min(years) - 1, max(years) + 1))
    for entry in entries:
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


@dataclass(frozen=True)
class Change:
    """A change of the clocks. `local` is what they show just before it, naive."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    summer: bool

    @property
    def nth(self) -> tuple[int, int, int]:
        """Return its month, its weekday, and which of these it is in that month; -1 for the last."""
        last = (self.local + timedelta(days=7)).month != self.local.month
        return self.local.month, self.local.weekday(), -1 if last else (self.local.day - 1) // 7 + 1


def rules_of(zone: ZoneInfo, first: int, last: int) -> Timezone:
    """Return the VTIMEZONE of `zone` for the years `first` to `last`.

    Outlook reads one STANDARD and one DAYLIGHT, each with an RRULE of one weekday ([MS-OXCICAL] 2.1.3.1.1.19.2), so
    the rules are written like that wherever they are that regular. Elsewhere each change is written out.
    """
    years = [changes(zone, year) for year in range(first, last + 1)]
    component = Timezone()
    component.add("tzid", zone.key)
    found = years[0] if _regular(years) else [change for year in years for change in year]
    if not _regular(years) or not found:
        component.add_component(_observance(_as_it_began(zone, first)))
    for change in found:
        component.add_component(_observance(change, yearly=_regular(years)))
    return component


def _regular(years: Sequence[Sequence[Change]]) -> bool:
    def rule(change: Change) -> tuple[object, ...]:
        return (*change.nth, change.local.time(), change.before, change.after, change.summer)

    same = all([rule(change) for change in a] == [rule(change) for change in b] for a, b in pairwise(years))
    return same and len(years[0]) in (0, 2)


@cache
def changes(zone: ZoneInfo, year: int) -> list[Change]:
    """Return the changes of the clocks that begin in a year."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(367)]
    days = [day for day in days if day <= datetime(year + 1, 1, 1, tzinfo=UTC)]
    return [
        _between(zone, early, late)
        for early, late in pairwise(days)
        if early.astimezone(zone).utcoffset() != late.astimezone(zone).utcoffset()
    ]


def _between(zone: ZoneInfo, early: datetime, late: datetime) -> Change:
    """Find the second at which the offset changes, between two moments."""
    before, after = (moment.astimezone(zone).utcoffset() or timedelta() for moment in (early, late))
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    there = late.astimezone(zone)
    return Change((late + before).replace(tzinfo=None), before, after, there.tzname() or "", bool(there.dst()))


def _as_it_began(zone: ZoneInfo, year: int) -> Change:
    there = datetime(year, 1, 1, tzinfo=zone)
    offset = there.utcoffset() or timedelta()
    return Change(there.replace(tzinfo=None), offset, offset, there.tzname() or "", summer=False)


def _observance(change: Change, *, yearly: bool = False) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if change.summer else TimezoneStandard()
    part.add("dtstart", change.local)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    if yearly:
        month, weekday, nth = change.nth
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": f"{nth}{WEEKDAYS[weekday]}"})
    return part
