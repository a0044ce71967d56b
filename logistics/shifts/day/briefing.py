"""The briefing board: who is here and free, who is expected, and which tasks are to be filled, at one warehouse today."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ...clock import now
from ...distributions.models import Site, SiteKind
from ..models import Shift, SignUp, SignUpState
from ..plans.terms import LONGEST
from ..qualifying import requirements
from ..qualifying.standing import NOBODY, Work, demands_mix, why_not, why_not_role
from ..qualifying.standings import of_many
from . import presence, running
from .attendance import OPENS, Standing
from .running import Task

LOOKED_AHEAD = timedelta(days=1) + LONGEST  # what begins later cannot clash with what begins today
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
    lacking: Mapping[int, int]  # by the ids of tasks: people with experience, for their mix

    @property
    def to_fill(self) -> int:
        """Return how many people are missing to the minimum of their shifts."""
        return sum(task.short for task in self.tasks)


def read(session: Session, site_id: int, until: datetime) -> Briefing:
    """Return the board of a warehouse until the end of today (`until`), in a fixed number of queries.

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
    idle = sorted(
        ((number, name) for number, name in here.items() if number not in busy),
        key=lambda each: (each[1].casefold(), each[0]),
    )
    expected = {each.person_id for task in tasks for each in task.standing(Standing.EXPECTED)} - here.keys()
    return Briefing(
        _free(session, idle, tasks, at), tasks, len(here), len(expected), requirements.lacking(session, tasks)
    )


def busiest(session: Session, since: datetime, until: datetime) -> Sequence[int]:
    """Return the ids of the sites with shifts that begin within these moments, the one with the most first."""
    return session.scalars(
        select(Shift.site_id)
        .where(Shift.starts_at >= since, Shift.starts_at < until, Shift.cancelled_at.is_(None))
        .group_by(Shift.site_id)
        .order_by(func.count().desc(), Shift.site_id)
    ).all()


def _free(session: Session, idle: Sequence[tuple[int, str]], tasks: Sequence[Task], at: datetime) -> list[Free]:
    """Return what each of these people could be put on with one tap: what signing them up would not refuse."""
    ids = [number for number, _name in idle]
    standings = of_many(session, ids, sorted({task.role_id for task in tasks}))
    crews = requirements.crews_of(session, [task.id for task in tasks if demands_mix(cast(Work, task))])
    taken = _taken(session, ids, at)

    def can(person_id: int, task: Task) -> bool:
        theirs = taken[person_id]
        offered = any(each.offered and each.shift_id == task.id for each in theirs)
        return (
            (task.free > 0 or offered)
            and person_id not in {each.person_id for each in task.people}
            and not any(each.clashes(task) for each in theirs)
            and (
                why_not_role(standings[person_id], task.role_id, task.ends_at)  # the mix counts who is offered a place
                if offered
                else why_not(standings[person_id], cast(Work, task), crews.get(task.id, NOBODY))
            )
            is None
        )

    shortest = sorted(tasks, key=lambda task: task.short == 0)  # short of people first, each in the order they start
    found = []
    for number, name in idle:
        own = (task for task in tasks if task.starts_at > at and any(each.person_id == number for each in task.people))
        fits = islice((task for task in shortest if can(number, task)), MOST_TASKS)
        found.append(Free(number, name, next(own, None), list(fits)))
    return found


@dataclass(frozen=True)
class _Taken:
    """A shift that someone is on, or is offered a place on, wherever it is."""

    shift_id: int
    offered: bool
    starts_at: datetime
    ends_at: datetime

    def clashes(self, task: Task) -> bool:
        """Return whether they cannot do both; what is only offered hinders nobody."""
        if self.offered or self.shift_id == task.id:
            return False
        return task.starts_at < self.ends_at and self.starts_at < task.ends_at


def _taken(session: Session, person_ids: Sequence[int], at: datetime) -> dict[int, list[_Taken]]:
    """Return what these people are on, or are offered, and that is not over."""
    found: dict[int, list[_Taken]] = defaultdict(list)
    rows = session.execute(
        select(SignUp.person_id, Shift.id, SignUp.state == SignUpState.OFFERED, Shift.starts_at, Shift.ends_at)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(
            SignUp.person_id.in_(person_ids),
            SignUp.state.in_((SignUpState.CONFIRMED, SignUpState.OFFERED)),
            Shift.ends_at > at,
            Shift.starts_at < at + LOOKED_AHEAD,
        )
    )
    for person_id, shift_id, offered, starts_at, ends_at in rows:
        found[person_id].append(_Taken(shift_id, offered, starts_at, ends_at))
    return found
