"""The crew of distributions: how full it is, who it is, and what happens to it when the plan breaks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from ..clock import now
from ..distributions.models import Site
from ..people.models import Person
from . import moving
from .models import TAKES_A_PLACE, Role, Shift, SignUp
from .qualifying import requirements

PLACE_KNOWN = timedelta(days=1)  # after a shift its crew need not know any more exactly where it was


@dataclass(frozen=True)
class CrewLine:
    """One shift of a distribution. `name` and `name_fr` are its role's, so a template writes `{{ line | named }}`."""

    shift_id: int
    name: str
    name_fr: str | None
    site_id: int
    starts_at: datetime
    ends_at: datetime
    filled: int
    minimum: int
    maximum: int
    lacking: int = 0  # people with experience, for its mix

    @property
    def short(self) -> int:
        """Return how many people are missing to its minimum."""
        return max(0, self.minimum - self.filled)


@dataclass(frozen=True)
class CrewView:
    """The shifts of one distribution that have not been called off, in the order they start."""

    lines: Sequence[CrewLine]

    @property
    def filled(self) -> int:
        """Return how many places are taken."""
        return sum(line.filled for line in self.lines)

    @property
    def minimum(self) -> int:
        """Return how many people it takes at least."""
        return sum(line.minimum for line in self.lines)

    @property
    def maximum(self) -> int:
        """Return how many places there are."""
        return sum(line.maximum for line in self.lines)

    @property
    def short(self) -> int:
        """Return how many people are missing: one too many here does not make up for one too few there."""
        return sum(line.short for line in self.lines)

    @property
    def lacking(self) -> int:
        """Return how many people with experience are missing to the mix of its shifts."""
        return sum(line.lacking for line in self.lines)


def crew_of(session: Session, distribution_ids: Sequence[int]) -> dict[int, CrewView]:
    """Return the crew of each of these distributions; one without shifts has an empty crew.

    One query, and another if a shift asks for people with experience.
    """
    found: dict[int, list[CrewLine]] = {number: [] for number in distribution_ids}
    rows = session.execute(
        select(
            Shift.distribution_id,
            Shift.id,
            Role.name,
            Role.name_fr,
            Shift.site_id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.filled,
            Shift.minimum,
            Shift.maximum,
            Shift.experienced_minimum,
        )
        .join(Shift.role)
        .where(Shift.distribution_id.in_(distribution_ids), Shift.cancelled_at.is_(None))
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    lacking = requirements.lacking(session, rows)
    for row in rows:
        line = {name: getattr(row, name) for name in ("name", "name_fr", "site_id", "starts_at", "ends_at")}
        places = {name: getattr(row, name) for name in ("filled", "minimum", "maximum")}
        found[row.distribution_id or 0].append(CrewLine(row.id, **line, **places, lacking=lacking.get(row.id, 0)))
    return {number: CrewView(lines) for number, lines in found.items()}


@dataclass(frozen=True)
class Fullness:
    """How full the crew of one distribution is: the sums of what `CrewView` says shift by shift."""

    filled: int
    maximum: int
    short: int
    lacking: int = 0


NO_SHIFTS = Fullness(0, 0, 0)


def fullness_of(session: Session, distributions: Sequence[int] | Select[int]) -> dict[int, Fullness]:
    """Return how full the crews of these distributions are (their ids, or a query for them), in one query.

    One without shifts is left out.
    """
    missing = Shift.minimum - Shift.filled
    _newcomers, experienced = requirements.crew_in_sql(Shift.id)
    lacking = Shift.experienced_minimum - experienced
    rows = session.execute(
        select(
            Shift.distribution_id,
            func.sum(Shift.filled),
            func.sum(Shift.maximum),
            func.sum(case((missing > 0, missing), else_=0)),
            # who has experience is asked only where a shift asks for any
            func.sum(case((Shift.experienced_minimum == 0, 0), (lacking > 0, lacking), else_=0)),
        )
        .where(Shift.distribution_id.in_(distributions), Shift.cancelled_at.is_(None))
        .group_by(Shift.distribution_id),
        {"person_id": 0},  # nobody is left out of the crew
    )
    return {number: Fullness(*map(int, counts)) for number, *counts in rows}


def names(session: Session, distribution_id: int) -> dict[int, list[str]]:
    """Return the names of a distribution's crew by shift id, for staff. A shift with nobody is left out."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(SignUp.shift_id, Person.name)
        .join(SignUp.shift)
        .join(SignUp.person)
        .where(Shift.distribution_id == distribution_id, SignUp.state.in_(TAKES_A_PLACE))
        .order_by(Person.name, SignUp.id)
    )
    for shift_id, name in rows:
        found[shift_id].append(name)
    return dict(found)


def lock_crew(session: Session, distribution_id: int) -> None:
    """Lock the people on a distribution's shifts, in id order.

    Call it before locking the distribution when the shifts are going to move: people come first in the order of locks.
    """
    moving.lock_crew(session, select(Shift.id).where(Shift.distribution_id == distribution_id))


def cancel_shifts(session: Session, distribution_id: int, actor_id: int | None) -> int:
    """Call off the shifts of a (locked) distribution and tell their crew. Return how many.

    A shift that is over was worked, and stays as it was.
    """
    shifts = _lock_open(session, distribution_id)
    moving.call_off(session, shifts, actor_id)
    return len(shifts)


def move_shifts(
    session: Session, distribution_id: int, actor_id: int | None, by: timedelta, from_site_id: int, to_site_id: int
) -> int:
    """Move the shifts of a distribution by a time, and those at its old site to its new one; tell the crew.

    A shift elsewhere (packing at the warehouse) keeps its site; one that is over stays as it was. Who would then be
    on two shifts at once is taken off the one that moved, and told so. Return how many moved. Call `lock_crew`
    before the distribution is locked.
    """
    lock_crew(session, distribution_id)
    shifts = _lock_open(session, distribution_id)
    if not by:
        shifts = [shift for shift in shifts if shift.site_id == from_site_id != to_site_id]
    new_site = session.get_one(Site, to_site_id)
    to = [
        (shift.starts_at + by, shift.ends_at + by, new_site if shift.site_id == from_site_id else shift.site)
        for shift in shifts
    ]
    moving.move(session, shifts, to, actor_id)
    return len(shifts)


def _lock_open(session: Session, distribution_id: int) -> Sequence[Shift]:
    return moving.lock_shifts(
        session, Shift.distribution_id == distribution_id, Shift.cancelled_at.is_(None), Shift.ends_at > now()
    )
