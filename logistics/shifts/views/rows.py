"""The rows of the shift list as a page shows them: the list is opened most of all."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from ...clock import now
from ...web import filters
from ...web.drawing import Drawer
from ...web.i18n import spoken, translate
from ..listing import Listed, Mine, Name, Names, ShiftList, overlapping
from ..models import SignUpState
from ..places import offer_until
from ..qualifying.standing import EXPERIENCED_AFTER, NOBODY, Crew, Standing, Why, demands_mix, why_not_mix, why_not_role

SOON = timedelta(days=2)  # someone missing sooner than this is pressing


_LINE = Drawer("shifts/row.html", "line")


class Can(NamedTuple):
    """What a row's button does, and why it does no more.

    `action` is sign-up, sign-in, cancel, ask (to cancel late, which asks why), accept, wait, leave (the line) or
    unlock (what is to be put right first); "" is no button. `why` is full, begun, yours, overlaps, offered, held or
    not-yet; `words` are what it names: one's role at that time, until when the offer holds, what is held for a convoy,
    or the reason. `path` and `todo` are where it leads, and in which words.
    """

    action: str = ""
    why: str = ""
    words: str = ""
    path: str = ""
    todo: str = ""


_SIGN_UP = Can("sign-up")


class Reader:
    """Who reads a list: what they may take, and what they have taken already."""

    def __init__(
        self, found: ShiftList, standing: Standing | None, crews: Mapping[int, Crew], first_step: Why | None
    ) -> None:
        """Take a page of shifts, how its reader stands (none when signed out), and the crews of those with a mix.

        `first_step` is what the page says above the list, for it keeps the reader from every shift.
        """
        self.standing, self.crews, self.roles, self.at = standing, crews, found.roles, now()
        self.theirs = {shift.shift_id: shift for shift in found.mine}
        self.on = [shift for shift in found.mine if shift.on_it]
        self.first_step = first_step
        needs = standing.needs.items() if standing else ()
        self.expiring = {role_id for role_id, those in needs if any(need.expires_on for need in those)}
        self.not_yet: dict[tuple[int, date | None], Can | None] = {}
        self.told: dict[str, Can | None] = {}
        self.mixed = standing is not None and standing.worked < EXPERIENCED_AFTER  # others upset no mix

    def can(self, row: Listed) -> Can:
        """Return what the reader can do with the shift of a row."""
        mine = self.theirs.get(row.id) if self.theirs else None
        if row.starts_at <= self.at:
            return Can("", "yours" if mine and mine.on_it else "begun")
        full = row.filled >= row.maximum
        alone_in_line = mine is not None and mine.state == SignUpState.WAITING and mine.places == 1
        if mine is not None and (full or not alone_in_line):
            return self._with_mine(row, mine)
        if self.standing is None:
            return Can("", "full") if full else Can("sign-in")
        not_yet = self._not_yet(self.standing, row)
        if not_yet is not None:
            return not_yet
        other = overlapping(self.on, row.id, row.starts_at, row.ends_at) if self.on else None
        if other:
            return Can("", "overlaps", filters.named(self.roles[other.role_id]), f"/shifts/{other.shift_id}")
        if full:
            return Can("wait" if offer_until(row.starts_at) else "", "full")
        return _SIGN_UP

    def _with_mine(self, row: Listed, mine: Mine) -> Can:
        if mine.state == SignUpState.WAITING:
            return Can("leave", "full")
        if mine.state == SignUpState.OFFERED and mine.lapses_at:
            return Can("accept", "offered", moment(mine.lapses_at))
        if mine.state == SignUpState.HELD:
            held = ngettext("you hold %(num)d place", "you hold %(num)d places", mine.places)
            return Can("", "held", str(held), f"/shifts/{row.id}")
        return Can("ask" if row.starts_at - self.at < timedelta(hours=row.cancel_hours) else "cancel")

    def _not_yet(self, standing: Standing, row: Any) -> Can | None:
        role_id = row.role_id
        # Of a role, the same is true of every day, unless something that it needs runs out.
        key = role_id, row.ends_at.date() if role_id in self.expiring else None
        if key not in self.not_yet:
            self.not_yet[key] = _told(why_not_role(standing, role_id, row.ends_at), self.first_step)
        not_yet = self.not_yet[key]
        if not_yet is None and self.mixed and demands_mix(row):
            why = why_not_mix(standing, row, self.crews.get(row.id, NOBODY), row.maximum - row.filled - 1)
            if why is not None and why.reason.text not in self.told:  # each is said of many rows
                self.told[why.reason.text] = _told(why)
            return self.told[why.reason.text] if why else None
        return not_yet


def _told(why: Why | None, told_above: Why | None = None) -> Can | None:
    """Return what a row says of why it is not the reader's yet; of what the page says above its list, only the link."""
    if why is None:
        return None
    words = "" if why == told_above else translate(why.reason)
    return Can("unlock" if why.unlock else "", "not-yet", words, why.unlock, translate(why.todo) if why.todo else "")


_RANKS = {"accept": 0, "sign-up": 1, "sign-in": 1, "cancel": 1, "ask": 1}  # what can be taken stands first


_SHOWN = slice(Listed._fields.index("waiting") + 1)  # of a shift, for all to see; the rest is of the reader


def by_day(found: ShiftList, reader: Reader, level: int) -> Markup:
    """Return the rows of a page, drawn, each day's under a heading of this level.

    Of a day, what the reader can take stands first, and of that what is shortest of people.
    """
    rows = found.page.rows
    # Of the time, a page tells whole minutes only: what is shown in one of them is the same for all who may do the same.
    minute = reader.at.replace(second=0, microsecond=0)
    zone: ZoneInfo = current_app.extensions["shoreline_settings"].timezone
    shown, can = tuple(row[_SHOWN] for row in rows), tuple(map(reader.can, rows))
    return _by_day(spoken(), zone, minute, level, found.names, shown, can)


@lru_cache(maxsize=128)  # of some 20 kilobytes
def _by_day(
    _language: str, zone: ZoneInfo, at: datetime, level: int, names: Names, rows: tuple[Any, ...], can: tuple[Can, ...]
) -> Markup:
    draw, soon = _LINE.here(), at + SOON
    roles = {number: filters.named(name) for number, name in names.roles.items()}
    sites = {number: filters.named(name) for number, name in names.sites.items()}
    days: dict[date, list[tuple[int, int, str]]] = {}
    for (number, role, site, starts_at, ends_at, minimum, maximum, filled, waiting), does in zip(
        rows, can, strict=True
    ):
        shift = number, starts_at, ends_at, roles[role], sites[site], minimum, maximum, filled, waiting
        html = draw(*shift, starts_at < soon, *does)
        rank = _RANKS.get(does.action, 2), min(0, filled - minimum)
        days.setdefault(starts_at.astimezone(zone).date(), []).append((*rank, html))
    # Sorting is stable: what is equally short stays in the order of its time.
    return Markup("").join(
        _DAY.format(level=level, day=heading(day), rows=Markup("".join(row[2] for row in sorted(rows, key=_rank))))
        for day, rows in days.items()
    )


_DAY = Markup('<h{level} class="day">{day}</h{level}>\n<ul class="rowlist sheet">\n{rows}</ul>\n')
_rank = itemgetter(0, 1)


def moment(at: datetime) -> str:
    """Return "today 18:00", "tomorrow 06:30" or "24 Nov 06:30"."""
    day, today = filters.local_date(at), filters.local_date(now())
    if day == today:
        return str(_("today %(time)s", time=filters.time(at)))
    if day == today + timedelta(days=1):
        return str(_("tomorrow %(time)s", time=filters.time(at)))
    return f"{filters.short_day(day)} {filters.time(at)}"


def heading(day: date) -> str:
    """Return "Tomorrow, Tuesday 24 November"; days further off without the first word."""
    return _heading(day, filters.local_date(now()), spoken())


@lru_cache(maxsize=1024)
def _heading(day: date, today: date, _language: str) -> str:
    if day == today:
        return str(_("Today, %(day)s", day=filters.day(day)))
    if day == today + timedelta(days=1):
        return str(_("Tomorrow, %(day)s", day=filters.day(day)))
    return filters.day(day)


def role_options(names: Names, chosen: int | None) -> Markup:
    """Return the options of a filter by role: every role that is open, and the chosen one in any case."""
    return _options(spoken(), names, "roles", chosen)


def site_options(names: Names, chosen: int | None) -> Markup:
    """Return the options of a filter by site, in the same way."""
    return _options(spoken(), names, "sites", chosen)


@lru_cache(maxsize=256)
def _options(_language: str, names: Names, of: str, chosen: int | None) -> Markup:
    things: Mapping[int, Name] = getattr(names, of)
    open_ones = filters.by_name(thing for thing in things.values() if not thing.closed or thing.id == chosen)
    option = Markup('<option value="%s"%s>%s</option>')
    return Markup("").join(
        option % (thing.id, Markup(" selected") if thing.id == chosen else "", filters.named(thing))
        for thing in open_ones
    )
