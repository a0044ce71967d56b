"""Shifts with who is on them, as those who run the day need them: for the board, head counts and the rota."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ...distributions.models import Distribution, Site, SiteKind
from ...errors import Name
from ...people.models import Person
from ..models import TAKES_A_PLACE, Role, Shift, SignUp
from .attendance import Standing, standing

MOST = 300  # shifts of a day


@dataclass(frozen=True)
class OnIt:
    """Someone on a shift. `places` is more than one while they hold places for others, who are not named yet."""

    person_id: int
    name: str
    standing: Standing
    arrived_at: datetime | None
    left_at: datetime | None
    places: int


@dataclass(frozen=True)
class Task:
    """A shift with its people, by name."""

    id: int
    role_id: int
    role: Name
    site: Name
    away: bool  # at a meeting point, not at a warehouse
    distribution_id: int | None
    title: str | None  # the distribution's
    starts_at: datetime
    ends_at: datetime
    minimum: int
    maximum: int
    filled: int
    experienced_minimum: int
    newcomers_maximum: int | None
    lead_id: int | None
    people: list[OnIt] = field(default_factory=list)

    @property
    def free(self) -> int:
        """Return how many places nobody holds."""
        return max(0, self.maximum - self.filled)

    @property
    def short(self) -> int:
        """Return how many people are missing to its minimum."""
        return max(0, self.minimum - self.filled)

    @property
    def unnamed(self) -> int:
        """Return how many places are held for people who are not named yet."""
        return sum(each.places - 1 for each in self.people)

    def standing(self, *which: Standing) -> list[OnIt]:
        """Return those who stand so."""
        return [each for each in self.people if each.standing in which]


def read(session: Session, *which: ColumnElement[bool]) -> list[Task]:
    """Return the shifts for which these conditions (on Shift and Site) hold and that are not called off, in two queries.

    They come in the order they start, the first MOST of them.
    """
    rows = session.execute(
        select(Shift, Role, Site, Distribution.title)
        .join(Role, Role.id == Shift.role_id)
        .join(Site, Site.id == Shift.site_id)
        .outerjoin(Distribution, Distribution.id == Shift.distribution_id)
        .where(Shift.cancelled_at.is_(None), *which)
        .order_by(Shift.starts_at, Shift.id)
        .limit(MOST)
    ).all()
    people = _people(session, [shift.id for shift, *_rest in rows])
    return [_task(shift, role, site, title, people[shift.id]) for shift, role, site, title in rows]


def of_van(session: Session, distribution_id: int) -> list[Task]:
    """Return the shifts of a distribution that leave with the van: those away from the warehouse, or else all."""
    found = read(session, Shift.distribution_id == distribution_id)
    return [task for task in found if task.away] or found


def _people(session: Session, shift_ids: Sequence[int]) -> dict[int, list[OnIt]]:
    found: dict[int, list[OnIt]] = defaultdict(list)
    rows = session.execute(
        select(
            SignUp.shift_id,
            Person.id,
            Person.name,
            SignUp.state,
            SignUp.arrived_at,
            SignUp.left_at,
            SignUp.places,
        )
        .join(Person, Person.id == SignUp.person_id)
        .where(SignUp.shift_id.in_(shift_ids), SignUp.state.in_(TAKES_A_PLACE))
        .order_by(Person.name, Person.id)
    )
    for shift_id, person_id, name, state, arrived_at, left_at, places in rows:
        stands = standing(state, arrived_at, left_at)
        found[shift_id].append(OnIt(person_id, name, stands, arrived_at, left_at, places))
    return found


def _task(shift: Shift, role: Any, site: Any, title: str | None, people: list[OnIt]) -> Task:
    return Task(
        id=shift.id,
        role_id=shift.role_id,
        role=Name(role.name, role.name_fr),
        site=Name(site.name, site.name_fr),
        away=site.kind == SiteKind.MEETING_POINT,
        distribution_id=shift.distribution_id,
        title=title,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        minimum=shift.minimum,
        maximum=shift.maximum,
        filled=shift.filled,
        experienced_minimum=shift.experienced_minimum,
        newcomers_maximum=shift.newcomers_maximum,
        lead_id=shift.lead_id,
        people=people,
    )
