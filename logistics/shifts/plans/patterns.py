"""Patterns: a day's shifts under one name, made and changed here, laid over days in `laying`.

A change of a pattern is for what it will be laid over; shifts that it made stay as they are (see `series`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from ... import names
from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ..pattern_models import Pattern, PatternLine
from . import terms as rules
from .wall import DAY

MOST_LINES = 60
LONGEST_NOTES = 5000
NO_SUCH_LINE = msg("There is no such line in this pattern.")


@dataclass(frozen=True)
class Line:
    """What is set of a line: who does what, where (none: where the distribution is), when, and with how many."""

    role_id: int
    site_id: int | None
    start_minute: int
    minutes: int
    minimum: int
    maximum: int
    notes: str = ""

    @property
    def place(self) -> tuple[int, int | None, int]:
        """Return what no two lines of a pattern share: role, site and start."""
        return self.role_id, self.site_id, self.start_minute


def both(one: Line, other: Line) -> Line:
    """Return a line with the places of two that are alike, as long as the longer of them."""
    return replace(
        one,
        minutes=max(one.minutes, other.minutes),
        minimum=min(one.minimum + other.minimum, rules.MOST_PLACES),
        maximum=min(one.maximum + other.maximum, rules.MOST_PLACES),
        notes=one.notes or other.notes,
    )


@command
def create(session: Session, *, actor_id: int, name: str, name_fr: str) -> int:
    """Make a pattern without lines and return its id. Raises Invalid with the field to blame."""
    return make(session, actor_id, name, name_fr, []).id


def make(session: Session, actor_id: int, name: str, name_fr: str, lines: Sequence[Line]) -> Pattern:
    """Make a pattern of these lines, which make sense already. Raises Invalid with the field to blame."""
    if len(lines) > MOST_LINES:
        raise Invalid(msg("A pattern has %(max)s lines at most.", max=MOST_LINES))
    made = Pattern(created_at=now())
    names.rename(session, made, name, name_fr)
    made.lines = [PatternLine(**asdict(line)) for line in lines]
    session.add(made)
    session.flush()
    record(session, actor_id, "pattern.created", "pattern", made.id, lines=len(lines))
    return made


@command
def rename(session: Session, *, actor_id: int, pattern_id: int, name: str, name_fr: str) -> int:
    """Change what a pattern is called and return its id. Raises NotFound, and Invalid with the field to blame."""
    pattern = names.lock(session, Pattern, pattern_id)
    names.rename(session, pattern, name, name_fr)
    record(session, actor_id, "pattern.changed", "pattern", pattern_id, fields=["name", "name_fr"])
    return pattern_id


@command
def close(session: Session, *, actor_id: int, pattern_id: int) -> int:
    """Offer a pattern no more, and return its id; the shifts it made stay. Raises NotFound."""
    return names.close(session, names.lock(session, Pattern, pattern_id), actor_id)


@command
def reopen(session: Session, *, actor_id: int, pattern_id: int) -> int:
    """Offer a closed pattern again, and return its id. Raises NotFound."""
    return names.reopen(session, names.lock(session, Pattern, pattern_id), actor_id)


@command
def add_line(session: Session, *, actor_id: int, pattern_id: int, line: Line) -> int:
    """Add a line to a pattern and return its id.

    Raises NotFound, and Invalid with the field to blame.
    """
    names.lock(session, Pattern, pattern_id)
    _check(session, pattern_id, line)
    if _count(session, pattern_id) >= MOST_LINES:
        raise Invalid(msg("A pattern has %(max)s lines at most.", max=MOST_LINES))
    rules.open_role(session, line.role_id)
    if line.site_id is not None:
        rules.open_site(session, line.site_id)
    made = PatternLine(pattern_id=pattern_id, **asdict(line))
    session.add(made)
    session.flush()
    record(session, actor_id, "pattern.line_added", "pattern", pattern_id, line=made.id)
    return made.id


@command
def change_line(session: Session, *, actor_id: int, pattern_id: int, line_id: int, line: Line) -> int:
    """Change a line, for days still to be planned, and return its id.

    Raises NotFound, and Invalid with the field to blame.
    """
    found = _lock_line(session, pattern_id, line_id)
    _check(session, pattern_id, line, but=line_id)
    if line.role_id != found.role_id:
        rules.open_role(session, line.role_id)
    if line.site_id is not None and line.site_id != found.site_id:
        rules.open_site(session, line.site_id)
    fields = sorted(name for name, value in asdict(line).items() if getattr(found, name) != value)
    for name in fields:
        setattr(found, name, getattr(line, name))
    record(session, actor_id, "pattern.line_changed", "pattern", pattern_id, line=line_id, fields=fields)
    return line_id


@command
def remove_line(session: Session, *, actor_id: int, pattern_id: int, line_id: int) -> int:
    """Take a line out of a pattern and return the pattern's id; the shifts it made stay.

    Raises NotFound, also when it was taken out before.
    """
    _lock_line(session, pattern_id, line_id).removed_at = now()
    record(session, actor_id, "pattern.line_removed", "pattern", pattern_id, line=line_id)
    return pattern_id


def get(session: Session, pattern_id: int) -> Pattern:
    """Return a pattern. Raises NotFound."""
    return names.get(session, Pattern, pattern_id)


def lines_of(session: Session, pattern_id: int) -> Sequence[PatternLine]:
    """Return the lines of a pattern with role and site, in the order they start."""
    return session.scalars(
        select(PatternLine)
        .where(PatternLine.pattern_id == pattern_id, PatternLine.removed_at.is_(None))
        .order_by(PatternLine.start_minute, PatternLine.id)
        .options(joinedload(PatternLine.role), joinedload(PatternLine.site))
        .execution_options(populate_existing=True)
    ).all()


def get_line(session: Session, pattern_id: int, line_id: int) -> PatternLine:
    """Return a line of a pattern. Raises NotFound."""
    found: PatternLine | None = session.scalars(_line(pattern_id, line_id)).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH_LINE)
    return found


def search(words: str = "") -> Select[Any]:
    """Return the query for every pattern so named, the open first, each by name: pattern, lines, places at most."""
    counted = (
        select(PatternLine.pattern_id, func.count().label("lines"), func.sum(PatternLine.maximum).label("places"))
        .where(PatternLine.removed_at.is_(None))
        .group_by(PatternLine.pattern_id)
        .subquery()
    )
    return (
        names.search(Pattern, words)
        .outerjoin(counted, counted.c.pattern_id == Pattern.id)
        .add_columns(
            func.coalesce(counted.c.lines, 0).label("lines"), func.coalesce(counted.c.places, 0).label("places")
        )
    )


def open_patterns(session: Session) -> Sequence[Pattern]:
    """Return the patterns in use, by name."""
    return names.open_ones(session, Pattern)


def lock_open(session: Session, pattern_id: int) -> Pattern:
    """Lock a pattern that is going to be laid. It comes before people in the order of locks.

    Raises NotFound, and Conflict when it is no longer used.
    """
    found = names.lock(session, Pattern, pattern_id)
    if found.closed_at is not None:
        raise Conflict(msg("This pattern is no longer used. Use it again first."))
    return found


def _lock_line(session: Session, pattern_id: int, line_id: int) -> PatternLine:
    names.lock(session, Pattern, pattern_id)
    return get_line(session, pattern_id, line_id)


def _line(pattern_id: int, line_id: int) -> Select[Any]:
    return (
        select(PatternLine)
        .where(PatternLine.id == line_id, PatternLine.pattern_id == pattern_id, PatternLine.removed_at.is_(None))
        .execution_options(populate_existing=True)
    )


def _count(session: Session, pattern_id: int) -> int:
    query = select(func.count()).where(PatternLine.pattern_id == pattern_id, PatternLine.removed_at.is_(None))
    return session.scalar(query) or 0


def _check(session: Session, pattern_id: int, line: Line, but: int = 0) -> None:
    if not 0 <= line.start_minute < DAY:
        raise Invalid(msg("Enter a time, such as 09:30."), "starts")
    if not 1 <= line.minutes <= DAY:
        raise Invalid(msg("A shift lasts 24 hours at most."), "ends")
    rules.check_places(line.minimum, line.maximum)
    names.kept(line.notes, LONGEST_NOTES, "notes")
    same_site = PatternLine.site_id.is_(None) if line.site_id is None else PatternLine.site_id == line.site_id
    twin = select(PatternLine.id).where(
        PatternLine.pattern_id == pattern_id,
        PatternLine.removed_at.is_(None),
        PatternLine.id != but,
        PatternLine.role_id == line.role_id,
        PatternLine.start_minute == line.start_minute,
        same_site,
    )
    if session.scalar(twin.limit(1)) is not None:
        raise Invalid(
            msg("The pattern has this role there at that time already. Raise the number of people of that line."),
            "role_id",
        )
