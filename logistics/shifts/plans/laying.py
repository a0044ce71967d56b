"""Laying patterns over days and distributions, copying the plan of a crew, and keeping a day as a pattern.

Each is one transaction. Doing it again makes nothing twice: what is there already is skipped (see `drafts`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ...audit import record, record_on
from ...clock import midnight, now
from ...commands import command
from ...distributions import service as distributions
from ...distributions.models import Distribution
from ...errors import Invalid, msg
from .. import rules
from ..models import Shift
from ..pattern_models import PatternLine
from . import drafts, patterns, planning, wall
from .drafts import Draft
from .terms import FURTHEST

MOST_DAYS = 366


def days_between(first: date, last: date, weekdays: Iterable[int], today: date) -> list[date]:
    """Return the days from `first` to `last`, both included, that are one of `weekdays` (0 is Monday; none: all).

    Raises Invalid, at the field to blame, when that is backwards, past, longer than a year, or no day at all.
    """
    if first < today:
        raise Invalid(msg("That day has passed. Choose another day."), "first_day")
    if last < first:
        raise Invalid(msg("The last day can't come before the first."), "last_day")
    if (last - first).days >= MOST_DAYS:
        raise Invalid(msg("That is more than a year. Choose an earlier last day."), "last_day")
    if last > today + FURTHEST:
        raise Invalid(msg("That is more than two years away. Check the year."), "last_day")
    chosen = set(weekdays) or set(range(7))
    found = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = [day for day in found if day.weekday() in chosen]
    if not found:
        raise Invalid(msg("None of these days of the week is between the two dates."), "weekdays")
    return found


def plan_days(session: Session, pattern_id: int, days: Sequence[date], zone: tzinfo) -> list[Draft]:
    """Return what a pattern would make on these days at its own sites, in three queries."""
    lines, usual = patterns.lines_of(session, pattern_id), rules.read(session)
    found = [_draft(line, day, zone, usual) for day in days for line in lines]
    return drafts.judge(session, found, None, zone)


def plan_distribution(session: Session, pattern_id: int, distribution: Distribution, zone: tzinfo) -> list[Draft]:
    """Return what a pattern would make for a distribution (its site loaded), on its day, in three queries."""
    day = wall.local(distribution.starts_at, zone).date()
    lines, usual = patterns.lines_of(session, pattern_id), rules.read(session)
    found = [_draft(line, day, zone, usual, distribution) for line in lines]
    return drafts.judge(session, found, distribution.id, zone)


def plan_copy(session: Session, source: Distribution, target: Distribution, zone: tzinfo) -> list[Draft]:
    """Return what the crew plan of one distribution would make for another (sites loaded), in two queries.

    Each shift is as long before or after the start as it was, by the clock on the wall; those at the one's site are at
    the other's.
    """
    by = wall.local(target.starts_at, zone) - wall.local(source.starts_at, zone)
    found = [_moved(shift, by, source, target, zone) for shift in _shifts(session, Shift.distribution_id == source.id)]
    return drafts.judge(session, found, target.id, zone)


@command
def lay_over_days(
    session: Session, *, actor_id: int, pattern_id: int, days: Sequence[date], zone: tzinfo
) -> dict[str, int]:
    """Make a pattern's shifts on these days, but for those that are there, and return how many were made and skipped.

    Raises NotFound; Conflict when the pattern is no longer used, or that is too many shifts for one go; Invalid when
    there is no day, or too many.
    """
    days = sorted(set(days))
    _check_days(days, wall.local(now(), zone).date())
    patterns.lock_open(session, pattern_id)
    drafts.lock_sites(session, {line.site_id for line in patterns.lines_of(session, pattern_id) if line.site_id})
    done = drafts.make(session, plan_days(session, pattern_id, days, zone))
    record(
        session,
        actor_id,
        "pattern.laid",
        "pattern",
        pattern_id,
        first_day=days[0].isoformat(),
        last_day=days[-1].isoformat(),
        days=len(days),
        made=done.made,
        skipped=done.skipped,
    )
    return {"made": done.made, "skipped": done.skipped}


@command
def lay_over_distribution(
    session: Session, *, actor_id: int, pattern_id: int, distribution_id: int, zone: tzinfo
) -> dict[str, int]:
    """Make a pattern's shifts for a distribution, but for those that it has, and return how many made and skipped.

    Raises NotFound, and Conflict when the pattern is no longer used, or the distribution is over or was cancelled.
    """
    patterns.lock_open(session, pattern_id)
    target = _lock_target(session, distribution_id)
    done = drafts.make(session, plan_distribution(session, pattern_id, target, zone))
    values = {"pattern": pattern_id, "made": done.made, "skipped": done.skipped}
    record_on(session, actor_id, "distribution.pattern_laid", distribution_id, **values)
    return {"made": done.made, "skipped": done.skipped}


@command
def copy_crew_plan(
    session: Session, *, actor_id: int, source_id: int, distribution_id: int, zone: tzinfo
) -> dict[str, int]:
    """Give a distribution the shifts of another, but for those that it has, and return how many made and skipped.

    Raises NotFound, Invalid when the two are one, and Conflict when the target is over or was cancelled.
    """
    if source_id == distribution_id:
        raise Invalid(msg("Choose another distribution to copy from."), "source")
    target = _lock_target(session, distribution_id)
    done = drafts.make(session, plan_copy(session, distributions.get(session, source_id), target, zone))
    values = {"source": source_id, "made": done.made, "skipped": done.skipped}
    record_on(session, actor_id, "distribution.crew_copied", distribution_id, **values)
    return {"made": done.made, "skipped": done.skipped}


@command
def keep_day(
    session: Session, *, actor_id: int, name: str, name_fr: str, day: date, site_id: int | None, zone: tzinfo
) -> int:
    """Make a pattern of the shifts of a warehouse day (at one site, or at all), and return its id.

    Raises Invalid at the field to blame, also when there is no shift on that day.
    """
    since, until = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    which = [Shift.distribution_id.is_(None), Shift.starts_at >= since, Shift.starts_at < until]
    if site_id is not None:
        which.append(Shift.site_id == site_id)
    found = _lines(_shifts(session, *which), None, zone)
    if not found:
        raise Invalid(msg("There are no shifts on that day to make a pattern of."))
    return patterns.make(session, actor_id, name, name_fr, found).id


@command
def keep_distribution(
    session: Session, *, actor_id: int, name: str, name_fr: str, distribution_id: int, zone: tzinfo
) -> int:
    """Make a pattern of a distribution's shifts on its day, to be laid over others, and return its id.

    Raises NotFound, and Invalid at the field to blame, also when it has no shift on its day.
    """
    distribution = distributions.get(session, distribution_id)
    day = wall.local(distribution.starts_at, zone).date()
    shifts = [
        shift
        for shift in _shifts(session, Shift.distribution_id == distribution_id)
        if wall.local(shift.starts_at, zone).date() == day
    ]
    found = _lines(shifts, distribution.site_id, zone)
    if not found:
        raise Invalid(msg("There are no shifts on that day to make a pattern of."))
    return patterns.make(session, actor_id, name, name_fr, found).id


def _check_days(days: Sequence[date], today: date) -> None:
    if not days:
        raise Invalid(msg("Choose at least one day."))
    if len(days) > MOST_DAYS:
        raise Invalid(msg("That is more than a year. Choose an earlier last day."))
    if days[0] < today:
        raise Invalid(msg("That day has passed. Choose another day."))
    if days[-1] > today + FURTHEST:
        raise Invalid(msg("That is more than two years away. Check the year."))


def _draft(
    line: PatternLine, day: date, zone: tzinfo, usual: rules.Stand, distribution: Distribution | None = None
) -> Draft:
    starts_at, ends_at = wall.span_on(day, line.start_minute, line.minutes, zone)
    return Draft(
        day=day,
        role=line.role,
        site=line.site or (distribution.site if distribution else None),
        starts_at=starts_at,
        ends_at=ends_at,
        minimum=line.minimum,
        maximum=line.maximum,
        notes=line.notes,
        distribution_id=distribution.id if distribution else None,
        pattern_line_id=line.id,
        cancel_hours=usual.cancel_hours,
    )


def _moved(shift: Shift, by: timedelta, source: Distribution, target: Distribution, zone: tzinfo) -> Draft:
    begins = wall.local(shift.starts_at, zone) + by
    starts_at, ends_at = wall.span(begins, wall.hours_of(shift.starts_at, shift.ends_at, zone)[1], zone)
    return Draft(
        day=begins.date(),
        role=shift.role,
        site=target.site if shift.site_id == source.site_id else shift.site,
        starts_at=starts_at,
        ends_at=ends_at,
        minimum=shift.minimum,
        maximum=shift.maximum,
        notes=shift.notes,
        distribution_id=target.id,
        cancel_hours=shift.cancel_hours,
        experienced_minimum=shift.experienced_minimum,
        newcomers_maximum=shift.newcomers_maximum,
    )


def _shifts(session: Session, *which: Any) -> Sequence[Shift]:
    return session.scalars(
        select(Shift)
        .where(Shift.cancelled_at.is_(None), *which)
        .order_by(Shift.starts_at, Shift.id)
        .options(joinedload(Shift.role), joinedload(Shift.site))
        .limit(drafts.MOST_SHIFTS + 1)
    ).all()


def _lines(shifts: Iterable[Shift], usual_site_id: int | None, zone: tzinfo) -> list[patterns.Line]:
    """Return lines that make these shifts; two alike become one with the places of both."""
    found: dict[Any, patterns.Line] = {}
    for shift in shifts:
        start_minute, minutes = wall.hours_of(shift.starts_at, shift.ends_at, zone)
        site_id = None if shift.site_id == usual_site_id else shift.site_id
        line = patterns.Line(shift.role_id, site_id, start_minute, minutes, shift.minimum, shift.maximum, shift.notes)
        found[line.place] = patterns.both(found[line.place], line) if line.place in found else line
    return list(found.values())


def _lock_target(session: Session, distribution_id: int) -> Distribution:
    planning.lock_distribution(session, distribution_id)
    return distributions.get(session, distribution_id)
