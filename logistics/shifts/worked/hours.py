"""Hours worked: one's own, those of a shift, and those of everyone; and their correction by staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...audit import record
from ...commands import command
from ...distributions.models import Site
from ...errors import Conflict, Invalid, NotFound, msg
from ...paging import Query
from ...people.models import Person
from ..models import TAKES_A_PLACE, Role, Shift, SignUp, SignUpState
from ..signing import NO_SUCH
from .minutes import MOST, worked

Period = tuple[datetime, datetime]  # its first moment, and the first after it
ATTENDED = SignUp.state == SignUpState.ATTENDED


@dataclass(frozen=True)
class Total:
    """So many shifts, so many minutes."""

    shifts: int
    minutes: int


@dataclass(frozen=True)
class RoleTotal(Total):
    """What was worked in one role, whose names `name` and `name_fr` are."""

    name: str
    name_fr: str | None


def worked_shifts(person_id: int | None = None, period: Period | None = None) -> Query:
    """Return the query for shifts that were worked, the latest first: by one person or by all, ever or in a period.

    Each row has the shift's id, times, role and site (as names), who, the minutes, and whether staff corrected them.
    """
    query = (
        select(
            Shift.id.label("shift_id"),
            Shift.starts_at,
            Shift.ends_at,
            Role.name,
            Role.name_fr,
            Site.name.label("site"),
            Site.name_fr.label("site_fr"),
            SignUp.person_id,
            Person.name.label("person"),
            Person.deleted_at.is_not(None).label("gone"),
            worked().label("minutes"),
            SignUp.minutes.is_not(None).label("corrected"),
        )
        .join(SignUp, SignUp.shift_id == Shift.id)
        .join(Person, Person.id == SignUp.person_id)
        .join(Role, Role.id == Shift.role_id)
        .join(Site, Site.id == Shift.site_id)
        .where(ATTENDED)
        .order_by(Shift.starts_at.desc(), Shift.id.desc(), SignUp.id)
    )
    return _within(query, person_id, period)


def total(session: Session, person_id: int | None = None, period: Period | None = None) -> Total:
    """Return how many shifts were worked and for how long: by one person or by all, ever or in a period."""
    query = select(func.count(), func.coalesce(func.sum(worked()), 0)).select_from(Shift)
    query = query.join(SignUp, SignUp.shift_id == Shift.id).where(ATTENDED)
    shifts, minutes = session.execute(_within(query, person_id, period)).one()
    return Total(shifts, int(minutes))


def by_role(session: Session, person_id: int) -> Sequence[RoleTotal]:
    """Return what someone worked in each role, the most first."""
    minutes = func.sum(worked())
    rows = session.execute(
        select(func.count(), minutes, Role.name, Role.name_fr)
        .select_from(Shift)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .join(Role, Role.id == Shift.role_id)
        .where(ATTENDED, SignUp.person_id == person_id)
        .group_by(Role.id, Role.name, Role.name_fr)
        .order_by(minutes.desc(), Role.id)
    )
    return [RoleTotal(shifts, int(counted), name, name_fr) for shifts, counted, name, name_fr in rows]


@dataclass(frozen=True)
class CrewHours:
    """The hours of one person on a shift; `minutes` only counts when they attended. `corrected_by` is a name."""

    person_id: int
    name: str
    state: str
    minutes: int
    corrected: bool
    corrected_by: str | None
    arrived_at: datetime | None
    left_at: datetime | None
    gone: bool  # their account is deleted

    @property
    def attended(self) -> bool:
        """Return whether they were there."""
        return self.state == SignUpState.ATTENDED


def of_shift(session: Session, shift_id: int) -> Sequence[CrewHours]:
    """Return the hours of everyone on a shift, by name."""
    corrector = select(Person.name).where(Person.id == SignUp.minutes_by).correlate(SignUp).scalar_subquery()
    rows = session.execute(
        select(
            SignUp.person_id,
            Person.name,
            SignUp.state,
            worked(),
            SignUp.minutes.is_not(None),
            corrector,
            SignUp.arrived_at,
            SignUp.left_at,
            Person.deleted_at.is_not(None),
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .join(Person, Person.id == SignUp.person_id)
        .where(SignUp.shift_id == shift_id, SignUp.state.in_(TAKES_A_PLACE))
        .order_by(Person.name, SignUp.id)
    )
    return [CrewHours(*row) for row in rows]


@command
def correct(session: Session, *, actor_id: int, shift_id: int, minutes: Mapping[str, int | None]) -> int:
    """Correct the hours of people on a shift, and return its id.

    `minutes` are by person id (as text, as keys are in JSON); None takes a correction back, so that attendance counts
    again. Raises NotFound; Invalid for minutes below 0 or beyond two days; Conflict for someone who was not there.
    """
    shift = session.get(Shift, shift_id)
    if shift is None:
        raise NotFound(NO_SUCH)
    for person_id, corrected in sorted(minutes.items()):
        mine = _lock(session, shift_id, int(person_id))
        if corrected is not None and not 0 <= corrected <= MOST:
            raise Invalid(msg("Nobody works more than %(hours)s hours on one shift.", hours=MOST // 60))
        if mine.minutes == corrected:
            continue
        was, mine.minutes = mine.minutes, corrected
        mine.minutes_by = None if corrected is None else actor_id
        record(
            session,
            actor_id,
            "shift.hours_corrected",
            "shift",
            shift_id,
            distribution_id=shift.distribution_id,
            person_id=mine.person_id,
            minutes=corrected,
            was=was,
        )
    return shift_id


def _lock(session: Session, shift_id: int, person_id: int) -> SignUp:
    mine = session.scalars(
        select(SignUp)
        .where(SignUp.shift_id == shift_id, SignUp.person_id == person_id, SignUp.state.in_(TAKES_A_PLACE))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if mine is None:
        raise NotFound(msg("They are not on this shift."))
    if mine.state != SignUpState.ATTENDED:
        raise Conflict(msg("Only someone who was there has hours. Say first that they came."))
    return mine


def _within(query: Query, person_id: int | None, period: Period | None) -> Query:
    if person_id is not None:
        query = query.where(SignUp.person_id == person_id)
    if period is not None:
        query = query.where(Shift.starts_at >= period[0], Shift.starts_at < period[1])
    return query
