"""Shifts that a pattern or another distribution's plan would make: which are there already, and making the others.

What is shown before and what is made are found by the same functions; the second time under locks.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from ...clock import now
from ...distributions.models import Site, SiteKind
from ...errors import Conflict, msg
from ..models import Role, Shift
from ..rules import USUAL
from . import wall
from .terms import FURTHEST

MOST_SHIFTS = 500  # made in one go


class Skip(StrEnum):
    """Why a shift is not made."""

    THERE = "there"
    CALLED_OFF = "called_off"  # by someone who did not want it that day
    PAST = "past"
    FAR = "far"
    ROLE_CLOSED = "role_closed"
    SITE_CLOSED = "site_closed"
    NO_SITE = "no_site"
    NEEDS_DISTRIBUTION = "needs_distribution"


@dataclass(frozen=True)
class Draft:
    """A shift that may be made on `day` (by the clock on the wall). `skip` says why not; `site` is none without one."""

    day: date
    role: Role
    site: Site | None
    starts_at: datetime
    ends_at: datetime
    minimum: int
    maximum: int
    notes: str = ""
    distribution_id: int | None = None
    pattern_line_id: int | None = None
    cancel_hours: int = USUAL.cancel_hours
    experienced_minimum: int = 0
    newcomers_maximum: int | None = None
    skip: Skip | None = None

    @property
    def place(self) -> tuple[int, int | None, datetime]:
        """Return what two shifts of one plan do not share unless meant so: role, site and start."""
        return self.role.id, self.site.id if self.site else None, self.starts_at

    @property
    def row(self) -> dict[str, Any]:
        """Return the columns of the shift that it becomes."""
        copied = (
            "starts_at ends_at minimum maximum notes distribution_id pattern_line_id cancel_hours "
            "experienced_minimum newcomers_maximum"
        )
        assert self.site is not None
        values = {name: getattr(self, name) for name in copied.split()}
        return {**values, "role_id": self.role.id, "site_id": self.site.id, "created_at": now()}


@dataclass(frozen=True)
class Made:
    """How a plan was carried out, or would be."""

    made: int
    skipped: int


def judge(session: Session, drafts: Sequence[Draft], distribution_id: int | None, zone: tzinfo) -> list[Draft]:
    """Return these drafts, each with why it is not to be made, if it is not; in one query."""
    drafts = [replace(draft, skip=draft.skip or _no_good(draft)) for draft in drafts]
    wanted = [draft for draft in drafts if draft.skip is None]
    if not wanted:
        return drafts
    there = _Existing(session, wanted, distribution_id, zone)
    # First those that stem from the same line, so that what is like them counts for another.
    by_line = [draft if draft.skip else replace(draft, skip=there.of_line(draft)) for draft in drafts]
    return [draft if draft.skip else replace(draft, skip=there.alike(draft)) for draft in by_line]


def make(session: Session, drafts: Iterable[Draft]) -> Made:
    """Make the shifts that are not skipped, in one statement. Raises Conflict when they are too many for one go."""
    drafts = list(drafts)
    rows = [draft.row for draft in drafts if draft.skip is None]
    if len(rows) > MOST_SHIFTS:
        raise Conflict(
            msg("That would be %(num)s shifts: %(most)s at once is the most.", num=len(rows), most=MOST_SHIFTS)
        )
    if rows:
        session.execute(insert(Shift), rows)
    return Made(len(rows), len(drafts) - len(rows))


def lock_sites(session: Session, site_ids: Iterable[int]) -> None:
    """Lock sites, by id, so that of two who plan the same for one at once the second finds it made."""
    query = select(Site.id).where(Site.id.in_(set(site_ids))).order_by(Site.id)
    session.execute(query.with_for_update(key_share=True)).all()


def _no_good(draft: Draft) -> Skip | None:
    if draft.role.closed_at is not None:
        return Skip.ROLE_CLOSED
    if draft.site is None:
        return Skip.NO_SITE
    if draft.site.closed_at is not None:
        return Skip.SITE_CLOSED
    if draft.distribution_id is None and draft.site.kind != SiteKind.WAREHOUSE:
        return Skip.NEEDS_DISTRIBUTION
    if draft.starts_at <= now():
        return Skip.PAST
    return Skip.FAR if draft.starts_at > now() + FURTHEST else None


class _Existing:
    """The shifts that are there already where drafts are going to be."""

    def __init__(self, session: Session, drafts: Sequence[Draft], distribution_id: int | None, zone: tzinfo) -> None:
        self.used: set[int] = set()
        self.lines: dict[Any, list[Any]] = defaultdict(list)
        self.places: dict[Any, list[Any]] = defaultdict(list)
        columns = (Shift.id, Shift.role_id, Shift.site_id, Shift.starts_at, Shift.pattern_line_id, Shift.cancelled_at)
        for row in session.execute(select(*columns).where(*_where(drafts, distribution_id, zone)).order_by(Shift.id)):
            # A line is laid once over a distribution, whose shifts may move to another day, and else once a day.
            day = None if distribution_id else wall.local(row.starts_at, zone).date()
            if row.pattern_line_id is not None:
                self.lines[row.pattern_line_id, day].append(row)
            if row.cancelled_at is None:
                self.places[row.role_id, row.site_id, row.starts_at].append(row)

    def of_line(self, draft: Draft) -> Skip | None:
        """Return why not, when the draft's line has made its shift there already."""
        day = None if draft.distribution_id else draft.day
        found = self.lines.get((draft.pattern_line_id, day)) if draft.pattern_line_id else None
        if not found:
            return None
        self.used.update(row.id for row in found)
        return Skip.CALLED_OFF if all(row.cancelled_at for row in found) else Skip.THERE

    def alike(self, draft: Draft) -> Skip | None:
        """Return why not, when there is a shift just like it, each for one draft."""
        for row in self.places.get(draft.place, ()):
            if row.id not in self.used:
                self.used.add(row.id)
                return Skip.THERE
        return None


def _where(drafts: Sequence[Draft], distribution_id: int | None, zone: tzinfo) -> list[ColumnElement[bool]]:
    if distribution_id is not None:
        return [Shift.distribution_id == distribution_id]
    first, last = min(draft.day for draft in drafts), max(draft.day for draft in drafts)
    since, until = wall.span_on(first, 0, 1, zone)[0], wall.span_on(last, wall.DAY, 1, zone)[0]
    roles = {draft.role.id for draft in drafts}
    return [
        Shift.distribution_id.is_(None),
        Shift.starts_at >= since,
        Shift.starts_at < until,
        # A line's shifts may have got another role by hand.
        Shift.role_id.in_(roles) | Shift.pattern_line_id.in_({draft.pattern_line_id for draft in drafts} - {None}),
    ]
