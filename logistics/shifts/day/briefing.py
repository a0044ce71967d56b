"""The briefing board: who is here and free, who is expected, and which tasks are to be filled, at one warehouse today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ...clock import now
from ...distributions.models import Site, SiteKind
from ..models import Shift
from ..plans.terms import LONGEST
from . import presence, running
from .attendance import OPENS, Standing
from .running import Task

MOST_TASKS = 4  # offered to each person with one tap: more would have to be read; the shifts' pages take anyone


@dataclass(frozen=True)
class Free:
    """Someone who is here and on no shift just now, and the shifts they can be put on with one tap."""

    person_id: int
    name: str
    next: Task | None  # of theirs, later today
    tasks: Sequence[Task]


@dataclass(frozen=True)
class Briefing:
    """The board."""

    free: Sequence[Free]
    tasks: Sequence[Task]
    here: int
    expected: int  # who are not here yet

    @property
    def to_fill(self) -> int:
        """Return how many people are missing to the minimum of their shifts."""
        return sum(task.short for task in self.tasks)


def read(session: Session, site_id: int, until: datetime) -> Briefing:
    """Return the board of a warehouse until the end of today (`until`), in three queries.

    Crews of meeting points are briefed at the warehouse too, so theirs are on it; other warehouses' are not.
    """
    at = now()
    tasks = running.read(
        session,
        Shift.starts_at > at - LONGEST,  # what the index knows
        Shift.ends_at > at,
        Shift.starts_at < until,
        or_(Shift.site_id == site_id, Site.kind == SiteKind.MEETING_POINT),
    )
    here = dict(presence.here(session, site_id))
    busy: set[int] = set()
    for task in tasks:
        for each in task.standing(Standing.HERE):
            here[each.person_id] = each.name
        if task.starts_at <= at + OPENS:
            busy |= {each.person_id for each in task.standing(Standing.HERE, Standing.EXPECTED)}
    idle = sorted((name.casefold(), number, name) for number, name in here.items() if number not in busy)
    expected = {each.person_id for task in tasks for each in task.standing(Standing.EXPECTED)} - here.keys()
    return Briefing([_free(number, name, tasks) for _key, number, name in idle], tasks, len(here), len(expected))


def busiest(session: Session, since: datetime, until: datetime) -> Sequence[int]:
    """Return the ids of the sites with shifts that begin within these moments, the one with the most first."""
    return session.scalars(
        select(Shift.site_id)
        .where(Shift.starts_at >= since, Shift.starts_at < until, Shift.cancelled_at.is_(None))
        .group_by(Shift.site_id)
        .order_by(func.count().desc(), Shift.site_id)
    ).all()


def _free(person_id: int, name: str, tasks: Sequence[Task]) -> Free:
    own = [task for task in tasks if any(each.person_id == person_id for each in task.people)]
    can = [task for task in tasks if task.free and not any(_meet(task, other) for other in own)]
    can.sort(key=lambda task: task.short == 0)  # what is short of people first, each in the order they start
    coming = [task for task in own if task.starts_at > now()]
    return Free(person_id, name, coming[0] if coming else None, can[:MOST_TASKS])


def _meet(task: Task, other: Task) -> bool:
    return task.id == other.id or (task.starts_at < other.ends_at and other.starts_at < task.ends_at)
