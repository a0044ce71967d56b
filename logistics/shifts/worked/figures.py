"""How volunteering goes, month by month: hours by role, who comes again, and who does not come.

Months are those of the clock on the wall, so the database is given their first moments and counts by ranges.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select
from sqlalchemy.orm import Session

from ...clock import midnight, now
from ..models import Role, Shift, SignUp
from .hours import ATTENDED
from .minutes import MinutesBetween, worked
from .volunteers import MISSED

MONTHS = 12
MOST_ROLES = 5  # with a colour of their own; the rest are told together
DAY = 24 * 60  # minutes
ANOTHER_DAY = DAY // 2  # a shift that starts this long after another's start is on another day
SOON, LATER = 30, 90  # days


@dataclass(frozen=True)
class RoleHours:
    """The minutes worked in one role, month by month. A role without names is all the others together."""

    name: str | None
    name_fr: str | None
    minutes: Sequence[int]

    @property
    def total(self) -> int:
        """Return the minutes of all months."""
        return sum(self.minutes)


@dataclass(frozen=True)
class Newcomers:
    """Those whose first shift was in one month, and how many came again; None while it is too early to say."""

    people: int
    soon: int | None
    later: int | None


@dataclass(frozen=True)
class Kept:
    """Of the places taken in one month, how many people came to and how many did not."""

    came: int
    missed: int


@dataclass(frozen=True)
class Figures:
    """The last twelve months, the oldest first. `months` are their first days."""

    months: Sequence[date]
    roles: Sequence[RoleHours]
    newcomers: Sequence[Newcomers]
    kept: Sequence[Kept]

    @property
    def minutes(self) -> list[int]:
        """Return the minutes worked in each month."""
        return [sum(role.minutes[n] for role in self.roles) for n in range(len(self.months))]


def read(session: Session, zone: tzinfo) -> Figures:
    """Return the figures until this month, in three queries."""
    months = last_months(now().astimezone(zone).date())
    edges = [midnight(first, zone) for first in (*months, next_month(months[-1]))]
    return Figures(months, _hours(session, edges), _newcomers(session, edges), _kept(session, edges))


def last_months(today: date) -> list[date]:
    """Return the first days of the last twelve months, this one included, the oldest first."""
    number = today.year * 12 + today.month - 1
    return [date(*_month(each)) for each in range(number - MONTHS + 1, number + 1)]


def next_month(first: date) -> date:
    """Return the first day of the month after one."""
    return date(*_month(first.year * 12 + first.month))


def _month(number: int) -> tuple[int, int, int]:
    return number // 12, number % 12 + 1, 1


def _which(moment: SQLColumnExpression[datetime], edges: Sequence[datetime]) -> ColumnElement[int]:
    """Return the number of the month that a moment between the first and the last edge is in, from 0."""
    return case(*((moment < edge, number) for number, edge in enumerate(edges[1:])))


def _within(moment: SQLColumnExpression[datetime], edges: Sequence[datetime]) -> ColumnElement[bool]:
    return (moment >= edges[0]) & (moment < edges[-1])


def _hours(session: Session, edges: Sequence[datetime]) -> list[RoleHours]:
    month = _which(Shift.starts_at, edges).label("month")
    rows = session.execute(
        select(Role.id, Role.name, Role.name_fr, month, func.sum(worked()))
        .select_from(Shift)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .join(Role, Role.id == Shift.role_id)
        .where(ATTENDED, _within(Shift.starts_at, edges))
        .group_by(Role.id, Role.name, Role.name_fr, month)
    )
    by_role: dict[tuple[int, str, str | None], list[int]] = defaultdict(lambda: [0] * (len(edges) - 1))
    for role_id, name, name_fr, number, minutes in rows:
        by_role[role_id, name, name_fr][number] = int(minutes)
    found = [RoleHours(name, name_fr, minutes) for (_id, name, name_fr), minutes in sorted(by_role.items())]
    found.sort(key=lambda role: -role.total)
    if len(found) <= MOST_ROLES + 1:
        return found
    rest = [sum(column) for column in zip(*(role.minutes for role in found[MOST_ROLES:]), strict=True)]
    return [*found[:MOST_ROLES], RoleHours(None, None, rest)]


def _newcomers(session: Session, edges: Sequence[datetime]) -> list[Newcomers]:
    attended = select(SignUp.person_id, Shift.starts_at).join(Shift, Shift.id == SignUp.shift_id).where(ATTENDED)
    firsts = attended.with_only_columns(SignUp.person_id, func.min(Shift.starts_at).label("first_at"))
    first = firsts.group_by(SignUp.person_id).subquery()
    all_of = attended.subquery()
    gap = MinutesBetween(first.c.first_at, all_of.c.starts_at)
    again = (
        select(first.c.person_id, first.c.first_at, func.min(case((gap >= ANOTHER_DAY, gap))).label("gap"))
        .join(all_of, all_of.c.person_id == first.c.person_id)
        .where(_within(first.c.first_at, edges))
        .group_by(first.c.person_id, first.c.first_at)
        .subquery()
    )
    month = _which(again.c.first_at, edges).label("month")
    rows = session.execute(
        select(
            month,
            func.count(),
            *(func.sum(case((again.c.gap <= days * DAY, 1), else_=0)) for days in (SOON, LATER)),
        ).group_by(month)
    )
    found = {number: (people, int(soon), int(later)) for number, people, soon, later in rows}
    return [_told(found.get(number, (0, 0, 0)), edge) for number, edge in enumerate(edges[1:])]


def _told(counts: tuple[int, int, int], month_ends: datetime) -> Newcomers:
    """Return what can be told of a month's newcomers: those of its last day must have had their days, too."""
    people, soon, later = counts
    passed = (now() - month_ends).days
    return Newcomers(people, soon if passed >= SOON else None, later if passed >= LATER else None)


def _kept(session: Session, edges: Sequence[datetime]) -> list[Kept]:
    month = _which(Shift.starts_at, edges).label("month")
    rows = session.execute(
        select(month, func.sum(case((ATTENDED, 1), else_=0)), func.sum(case((MISSED, 1), else_=0)))
        .select_from(Shift)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(ATTENDED | MISSED, _within(Shift.starts_at, edges))
        .group_by(month)
    )
    found = {number: Kept(int(came), int(not_come)) for number, came, not_come in rows}
    return [found.get(number, Kept(0, 0)) for number in range(len(edges) - 1)]
