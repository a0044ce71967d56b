"""Changing one shift that a pattern made, and all that follow.

Of each later shift of the same line only what is changed here changes, and only where it is still as the pattern, or
this shift, had it: what somebody set otherwise by hand on one day stays. Times go together, and so do the places
(at least, at most). The line changes too, so that days still to be planned are like these. What is over or was called
off stays as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import names
from ...audit import record
from ...clock import now
from ...commands import command
from ...distributions.models import Distribution, Site, SiteKind
from ...errors import Conflict, Invalid, NotFound, msg
from .. import moving
from ..models import Shift
from ..pattern_models import Pattern, PatternLine
from . import planning, wall
from . import terms as rules
from .terms import Terms

PLAIN = ("role_id", "notes", "cancel_hours", "experienced_minimum", "newcomers_maximum")
OF_A_LINE = ("role_id", "minimum", "maximum", "notes")


class TooFew(Invalid):
    """On `days` more people are on the shift than it would have places for."""

    def __init__(self, days: Sequence[date]) -> None:
        """Keep the days, which the page says in its own language."""
        said = ", ".join(day.isoformat() for day in days)
        super().__init__(msg("More people are on the shifts of %(days)s. Take some off first.", days=said), "maximum")
        self.days = days


@command
def edit_following(
    session: Session, /, *, actor_id: int, shift_id: int, version: int, zone: tzinfo, **values: Any
) -> dict[str, int]:
    """Give a shift the values of `Terms`, and all that follow what is new in them; return how many were changed.

    Crews of shifts that move are told. Raises what `planning.edit` raises; Conflict when no pattern made the shift;
    Invalid when it would be on another day; TooFew when one of them has more people than places.
    """
    terms = Terms(**values)
    line = _lock_line(session, shift_id)
    which = (Shift.pattern_line_id == line.id, Shift.cancelled_at.is_(None), Shift.ends_at > now())
    moving.lock_crew(session, select(Shift.id).where(*which))
    found = moving.lock_shifts(session, *which)
    shift = next((each for each in found if each.id == shift_id), None)
    if shift is None:
        raise Conflict(msg("This shift is over or was called off. Open one that is still to come."))
    planning.check_change(session, shift, version, terms)
    if wall.local(terms.starts_at, zone).date() != wall.local(shift.starts_at, zone).date():
        raise Invalid(
            msg("All that follow can't move to another day. Change its time only, or choose just this one."),
            "starts_at",
        )
    series = _Series(session, line, rules.terms_of(shift), terms, zone)
    later = [each for each in found if each.starts_at > shift.starts_at]
    changes = [(each, series.terms_for(each)) for each in later]
    changes = [(shift, terms), *((each, new) for each, new in changes if rules.differing(each, new))]
    _refuse_too_few(changes, zone)
    planning.change(session, changes, actor_id)
    fields = series.change_line()
    record(
        session,
        actor_id,
        "pattern.line_changed",
        "pattern",
        line.pattern_id,
        line=line.id,
        fields=fields,
        shifts=len(changes),
    )
    return {"changed": len(changes), "kept": len(later) - len(changes) + 1}


def following(session: Session, shift: Shift) -> int:
    """Return how many later shifts the same line of a pattern made, that are not over or called off."""
    if shift.pattern_line_id is None:
        return 0
    query = select(func.count(Shift.id)).where(
        Shift.pattern_line_id == shift.pattern_line_id,
        Shift.starts_at > shift.starts_at,
        Shift.cancelled_at.is_(None),
        Shift.ends_at > now(),
    )
    return session.scalar(query) or 0


class _Series:
    """What one change means for a line and for the later shifts that it made."""

    def __init__(self, session: Session, line: PatternLine, before: Terms, after: Terms, zone: tzinfo) -> None:
        self.line, self.before, self.after, self.zone = line, before, after, zone
        self.hours = wall.hours_of(after.starts_at, after.ends_at, zone)
        self.old_hours = {self._hours(before), (line.start_minute, line.minutes)}
        self.sites = _sites(session, line) if before.site_id != after.site_id else {}
        self.at_warehouse = session.get_one(Site, after.site_id).kind == SiteKind.WAREHOUSE

    def terms_for(self, shift: Shift) -> Terms:
        """Return what a later shift is to be like."""
        had = rules.terms_of(shift)
        new: dict[str, Any] = {
            name: getattr(self.after, name)
            for name in PLAIN
            if self._differs(name)
            and getattr(had, name) in (getattr(self.before, name), getattr(self.line, name, None))
        }
        places = (had.minimum, had.maximum)
        if self._places_differ and places in (
            (self.before.minimum, self.before.maximum),
            (self.line.minimum, self.line.maximum),
        ):
            new |= {"minimum": self.after.minimum, "maximum": self.after.maximum}
        if self._differs("site_id") and self._follows_to_site(shift):
            new["site_id"] = self.after.site_id
        if self._hours(self.before) != self.hours and self._hours(had) in self.old_hours:
            day = wall.local(had.starts_at, self.zone).date()
            new["starts_at"], new["ends_at"] = wall.span_on(day, *self.hours, self.zone)
        return replace(had, **new)

    def change_line(self) -> list[str]:
        """Make the line as the shift now is, in what was changed; return the names of what that was."""
        new: dict[str, Any] = {name: getattr(self.after, name) for name in OF_A_LINE if self._differs(name)}
        if self._differs("site_id"):
            new["site_id"] = self.after.site_id
        if self._hours(self.before) != self.hours:
            new["start_minute"], new["minutes"] = self.hours
        for name, value in new.items():
            setattr(self.line, name, value)
        return sorted(new)

    def _differs(self, name: str) -> bool:
        return bool(getattr(self.before, name) != getattr(self.after, name))

    @property
    def _places_differ(self) -> bool:
        return self._differs("minimum") or self._differs("maximum")

    def _hours(self, terms: Terms) -> tuple[int, int]:
        return wall.hours_of(terms.starts_at, terms.ends_at, self.zone)

    def _follows_to_site(self, shift: Shift) -> bool:
        if shift.distribution_id is None and not self.at_warehouse:
            return False
        usual = self.line.site_id or self.sites.get(shift.distribution_id or 0)
        return shift.site_id in (self.before.site_id, usual)


def _sites(session: Session, line: PatternLine) -> Mapping[int, int]:
    """Return the sites of the distributions that a line was laid over, by their ids."""
    query = select(Distribution.id, Distribution.site_id).join(Shift, Shift.distribution_id == Distribution.id)
    return {row[0]: row[1] for row in session.execute(query.where(Shift.pattern_line_id == line.id))}


def _lock_line(session: Session, shift_id: int) -> PatternLine:
    row = session.execute(select(Shift.id, Shift.pattern_line_id).where(Shift.id == shift_id)).one_or_none()
    if row is None:
        raise NotFound(planning.NO_SUCH)
    line = session.get(PatternLine, row.pattern_line_id) if row.pattern_line_id else None
    if line is None:
        raise Conflict(msg("No pattern made this shift, so none follow it. Choose just this one."))
    names.lock(session, Pattern, line.pattern_id)
    session.refresh(line)
    return line


def _refuse_too_few(changes: Sequence[tuple[Shift, Terms]], zone: tzinfo) -> None:
    too_few = [
        wall.local(shift.starts_at, zone).date()
        for shift, terms in changes
        if not rules.has_room(shift, terms.maximum) or terms.experienced_minimum > terms.maximum
    ]
    if too_few:
        raise TooFew(sorted(too_few))
