"""The rows of the shift list as a page shows them, made once for the whole page: the list is opened most of all."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import escape

from ..clock import now
from ..web import filters
from .listing import Name, overlapping
from .signing import OtherShift

SOON = timedelta(days=2)  # someone missing sooner than this is pressing


class Row(NamedTuple):
    """One line, its texts escaped already: the template prints them as they are.

    `action` is "sign-up", "cancel" or "" (then `places` says why); `urgency` is how `short` looks.
    """

    id: int
    when: str
    role: str
    site: str
    places: str
    short: str
    urgency: str
    action: str


def by_day(
    found: Sequence[Any], roles: dict[int, Name], sites: dict[int, Name], mine: Sequence[OtherShift]
) -> list[tuple[str, list[Row]]]:
    """Return the rows of a page under the heading of their day.

    `found` are rows of `listing.page_of`; `mine` are the reader's own shifts, empty when signed out.
    """
    words = _Words(roles, sites, mine)
    days: list[tuple[str, list[Row]]] = []
    current: date | None = None
    zone = current_app.extensions["shoreline_settings"].timezone
    for row in found:
        day = row.starts_at.astimezone(zone).date()
        if day != current:
            current = day
            days.append((heading(day), []))
        days[-1][1].append(words.row(*row[:8]))
    return days


def heading(day: date) -> str:
    """Return "Tomorrow, Tuesday 24 November"; days further off without the first word."""
    today = filters.local_date(now())
    if day == today:
        return str(_("Today, %(day)s", day=filters.day(day)))
    if day == today + timedelta(days=1):
        return str(_("Tomorrow, %(day)s", day=filters.day(day)))
    return filters.day(day)


class _Words:
    """What the rows of one page have in common: each name, time and sentence is looked up and escaped once."""

    def __init__(self, roles: dict[int, Name], sites: dict[int, Name], mine: Sequence[OtherShift]) -> None:
        self.roles = _Escaped(lambda number: filters.named(roles[number]))
        self.sites = _Escaped(lambda number: filters.named(sites[number]))
        self.times = _Escaped(lambda hours: filters.when(*hours))
        self.shorts = _Escaped(lambda missing: ngettext("%(num)d short", "%(num)d short", missing))
        self.filled = str(escape(_("%(filled)s of %(places)s filled", filled="{0}", places="{1}"))).format
        self.overlaps = _Escaped(lambda other: _("overlaps your %(role)s shift", role=filters.named(other)))
        self.why = _Escaped({"full": _("full"), "begun": _("has begun"), "yours": _("you are on it")}.__getitem__)
        self.mine, self.on = mine, {shift.shift_id for shift in mine}
        self.at = now()
        self.soon = self.at + SOON

    def row(
        self,
        number: int,
        role_id: int,
        site_id: int,
        starts_at: datetime,
        ends_at: datetime,
        minimum: int,
        maximum: int,
        filled: int,
    ) -> Row:
        """Return the line for one shift."""
        action, why_not = self._action(number, starts_at, ends_at, filled < maximum)
        places = self.filled(filled, maximum)
        return Row(
            number,
            self.times[starts_at, ends_at],
            self.roles[role_id],
            self.sites[site_id],
            f"{places} · {why_not}" if why_not else places,
            self.shorts[minimum - filled] if filled < minimum and action != "cancel" else "",
            "bad" if starts_at < self.soon else "warn",
            action,
        )

    def _action(self, number: int, starts_at: datetime, ends_at: datetime, has_place: bool) -> tuple[str, str]:
        if starts_at <= self.at:
            return "", self.why["yours" if number in self.on else "begun"]
        if number in self.on:
            return "cancel", ""
        if not has_place:
            return "", self.why["full"]
        other = overlapping(self.mine, number, starts_at, ends_at) if self.mine else None
        return ("", self.overlaps[other]) if other else ("sign-up", "")


class _Escaped(dict[Any, str]):
    """Texts by what they depend on, each made when first asked for, and escaped for HTML."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, key: Any) -> str:
        text = self[key] = str(escape(self.make(key)))
        return text
