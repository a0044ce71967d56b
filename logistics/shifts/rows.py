"""The rows of the shift list as a page shows them: the list is opened most of all."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup

from ..clock import now
from ..web import filters
from ..web.drawing import Drawer
from ..web.i18n import spoken
from .listing import Name, ShiftList, overlapping
from .signing import OtherShift

SOON = timedelta(days=2)  # someone missing sooner than this is pressing


_LINE = Drawer("shifts/row.html", "line")


def by_day(found: ShiftList, signed_in: bool) -> list[tuple[str, Markup]]:
    """Return the rows of a page, drawn, under the heading of their day."""
    draw, zone, at = _LINE.here(), current_app.extensions["shoreline_settings"].timezone, now()
    soon = at + SOON
    roles = {number: filters.named(name) for number, name in found.roles.items()}
    sites = {number: filters.named(name) for number, name in found.sites.items()}
    days: dict[date, list[str]] = {}
    for _kind, number, role_id, site_id, starts_at, ends_at, minimum, maximum, filled, *_rest in found.page.rows:
        can = _can(found.mine, number, starts_at, ends_at, filled < maximum, at, signed_in)
        places, what = (minimum, maximum, filled, starts_at < soon), (roles[role_id], sites[site_id])
        days.setdefault(starts_at.astimezone(zone).date(), []).append(
            draw(number, starts_at, ends_at, *what, *places, *can)
        )
    return [(heading(day), Markup("".join(rows))) for day, rows in days.items()]


def _can(
    mine: list[OtherShift],
    number: int,
    starts_at: datetime,
    ends_at: datetime,
    has_place: bool,
    at: datetime,
    signed_in: bool,
) -> tuple[str, str, str]:
    """Return what a row's button does: "sign-up", "cancel" or "sign-in"; or "" and why there is none.

    Why is "full", "begun", "yours" or "overlaps", which the name of one's own role at that time follows.
    """
    on_it = bool(mine) and any(shift.shift_id == number for shift in mine)
    if starts_at <= at:
        return "", "yours" if on_it else "begun", ""
    if on_it:
        return "cancel", "", ""
    if not has_place:
        return "", "full", ""
    other = overlapping(mine, number, starts_at, ends_at) if mine else None
    if other:
        return "", "overlaps", filters.named(other)
    return "sign-up" if signed_in else "sign-in", "", ""


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


def options(things: dict[int, Name], chosen: int | None) -> Markup:
    """Return the options of a filter: every role or site that is open, and the chosen one in any case."""
    open_ones = filters.by_name(thing for thing in things.values() if not thing.closed or thing.id == chosen)
    return _options(tuple((thing.id, filters.named(thing)) for thing in open_ones), chosen)


@lru_cache(maxsize=256)
def _options(named: tuple[tuple[int, str], ...], chosen: int | None) -> Markup:
    option = Markup('<option value="%s"%s>%s</option>')
    return Markup("").join(
        option % (number, Markup(" selected") if number == chosen else "", name) for number, name in named
    )
