"""The rows of the shift list as a page shows them, made once for the whole page: the list is opened most of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from ..clock import now
from ..web import filters
from .listing import Name, overlapping
from .signing import OtherShift

SOON = timedelta(days=2)  # someone missing sooner than this is pressing


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `action` is "sign-up", "cancel" or "" (then `places` says why); `urgency` is how `short` looks."""

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
    for row in found:
        day = filters.local_date(row[3])
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
    """What the rows of one page have in common: names in the page's language, and sentences looked up once."""

    def __init__(self, roles: dict[int, Name], sites: dict[int, Name], mine: Sequence[OtherShift]) -> None:
        self.roles = {number: filters.named(role) for number, role in roles.items()}
        self.sites = {number: filters.named(site) for number, site in sites.items()}
        self.mine, self.on = mine, {shift.shift_id for shift in mine}
        self.at = now()
        self.soon = self.at + SOON
        self.times: dict[tuple[datetime, datetime], str] = {}
        self.shorts: dict[int, str] = {}
        self.filled = _("%(filled)s of %(places)s filled", filled="{0}", places="{1}").format
        self.full, self.begun, self.yours = _("full"), _("has begun"), _("you are on it")

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
        when = self.times.get((starts_at, ends_at))
        if when is None:
            when = self.times[starts_at, ends_at] = filters.when(starts_at, ends_at)
        action, why_not = self._action(number, starts_at, ends_at, filled < maximum)
        places = self.filled(filled, maximum)
        return Row(
            number,
            when,
            self.roles[role_id],
            self.sites[site_id],
            f"{places} · {why_not}" if why_not else places,
            self._short(minimum - filled) if filled < minimum else "",
            "bad" if starts_at < self.soon else "warn",
            action,
        )

    def _action(self, number: int, starts_at: datetime, ends_at: datetime, has_place: bool) -> tuple[str, str]:
        if starts_at <= self.at:
            return "", self.yours if number in self.on else self.begun
        if number in self.on:
            return "cancel", ""
        if not has_place:
            return "", self.full
        other = overlapping(self.mine, number, starts_at, ends_at) if self.mine else None
        if other is not None:
            return "", _("overlaps your %(role)s shift", role=filters.named(other))
        return "sign-up", ""

    def _short(self, missing: int) -> str:
        if missing not in self.shorts:
            self.shorts[missing] = ngettext("%(num)d short", "%(num)d short", missing)
        return self.shorts[missing]
