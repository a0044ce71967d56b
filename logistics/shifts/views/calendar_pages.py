"""Weeks and months of shifts, for who plans their days at a desk: what is on, and where people are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import render_template
from flask_babel import format_date
from flask_login import current_user
from markupsafe import Markup

from ...clock import midnight, now
from ...db import db
from ...web import filters
from ...web.asked import day_asked
from ...web.drawing import Drawer
from .. import listing
from ..wanted import Wanted
from . import list_page, rows

VIEWS = ("week", "month")
MOST = 1000  # shifts of a week or a month; no charity of this kind has as many
WEEK = timedelta(days=7)

_CELL = Drawer("shifts/calendar_cell.html", "cell")


@dataclass
class Day:
    """One day: how many shifts it has, how many places and people are still wanted, and in a week its shifts as drawn."""

    day: date
    shifts: int = 0
    free: int = 0
    short: int = 0
    mine: bool = False
    cells: str = ""  # safe HTML
    inside: bool = True  # of the month shown

    def add(self, row: Any, begun: bool, on_it: bool) -> None:
        """Count one shift."""
        self.shifts += 1
        if not begun:
            self.free += max(0, row.maximum - row.filled)
            self.short += max(0, row.minimum - row.filled)
        self.mine = self.mine or on_it


def show(asked: list_page.Asked, view: str) -> str:
    """Show the week or the month that the address asks for, with the list's filters."""
    today = filters.local_date(now())
    day = day_asked("from") or asked.day or today
    first, after = _week(day) if view == "week" else _month(day)
    starts, ends = (first, after) if view == "week" else (_week(first)[0], _week(after - timedelta(days=1))[1])
    found = listing.read(db.session, _wanted(asked, starts, ends), 1, MOST)
    days = _days(found, starts, ends, drawn=view == "week")
    for each in days:
        each.inside = first <= each.day < after
    return render_template(
        "shifts/calendar.html",
        view=view,
        asked=asked,
        signed_in=current_user.is_authenticated,
        role_options=rows.role_options(found.names, asked.role_id),
        site_options=rows.site_options(found.names, asked.site_id),
        weeks=[days[place : place + 7] for place in range(0, len(days), 7)],
        first=first,
        title=_title(view, first, after),
        today=today,
        before=first - WEEK if view == "week" else _month(first - timedelta(days=1))[0],
        after=after,
        cut=found.page.total > MOST,
        path=lambda **changes: path(asked, **changes),
        weekday=lambda each: format_date(each, "EEE"),
    )


def path(asked: list_page.Asked, **changes: Any) -> str:
    """Return the address of the list or of another view with the same filters."""
    mine = {"can": "1" if asked.free else "", "for": "me" if asked.mine else ""}
    kept = {"q": asked.words, "role": asked.role_id, "site": asked.site_id, **mine, **changes}
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"/shifts?{query}" if query else "/shifts"


def _wanted(asked: list_page.Asked, first: date, after: date) -> Wanted:
    me = current_user.id if current_user.is_authenticated else None
    return list_page.wanted(asked, me, midnight(first, list_page.zone()), midnight(after, list_page.zone()))


def _days(found: listing.ShiftList, first: date, after: date, *, drawn: bool) -> list[Day]:
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range((after - first).days)}
    cells: dict[date, list[str]] = {day: [] for day in days}
    mine = {shift.shift_id for shift in found.mine if shift.on_it}
    draw, at = _CELL.here(), now()
    for row in found.page.rows:
        day = filters.local_date(row.starts_at)
        begun, on_it = row.starts_at <= at, row.id in mine
        days[day].add(row, begun, on_it)
        if drawn:
            names = filters.named(found.roles[row.role_id]), filters.named(found.sites[row.site_id])
            stands = row.minimum, row.maximum, row.filled, begun, row.starts_at < at + rows.SOON, on_it
            cells[day].append(draw(row.id, row.starts_at, row.ends_at, *names, *stands))
    for day, html in cells.items():
        days[day].cells = Markup("".join(html))
    return list(days.values())


def _week(day: date) -> tuple[date, date]:
    """Return the Monday of a day's week and the one after it."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + WEEK


def _month(day: date) -> tuple[date, date]:
    """Return the first day of a day's month and that of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _title(view: str, first: date, after: date) -> str:
    if view == "month":
        return str(format_date(first, "LLLL y"))
    last: Sequence[date] = (first, after - timedelta(days=1))
    return "–".join(filters.short_day(each) for each in last)
