"""What is given on the shift's own day, such as today's briefing: who of the crew has it, and giving it to many at once.

A distribution's shifts are briefed together, so its whole crew is on one list; a shift of no distribution stands alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...db import insert_into
from ...errors import Conflict, Invalid, NotAllowed, NotFound, msg
from ...people.models import Person
from ...people.qualification_models import HeldQualification, Qualification
from ...people.qualifications import last_day, lasts
from ..day import leads
from ..models import TAKES_A_PLACE, RoleQualification, Shift, SignUp


@dataclass(frozen=True)
class Someone:
    """One of the crew whose role needs it."""

    person_id: int
    name: str
    arrived: bool
    has_it: bool


@dataclass(frozen=True)
class Asked:
    """One qualification that is given on the day, and those of the crew who need it."""

    qualification: Qualification
    people: list[Someone] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Return how many do not have it yet."""
        return sum(not each.has_it for each in self.people)


def refuse(session: Session, shift: Shift, actor_id: int, runs: bool) -> None:
    """Raise NotAllowed for anyone but the shift's lead and those who may run distributions (`runs`)."""
    if not runs and not leads.leads(session, actor_id, shift):
        raise NotAllowed(msg("This is for the lead of this shift and for those who run the day."))


def asked(session: Session, shift: Shift, today: date) -> Sequence[Asked]:
    """Return what the crew of a shift, or of its whole distribution, needs on the day, in one statement."""
    rows = session.execute(
        select(Qualification, Person.id, Person.name, SignUp.arrived_at, HeldQualification)
        .join(RoleQualification, RoleQualification.qualification_id == Qualification.id)
        .join(Shift, Shift.role_id == RoleQualification.role_id)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .join(Person, Person.id == SignUp.person_id)
        .outerjoin(
            HeldQualification,
            (HeldQualification.qualification_id == Qualification.id) & (HeldQualification.person_id == Person.id),
        )
        .where(
            _together(shift),
            Qualification.on_the_day.is_(True),
            Qualification.closed_at.is_(None),
            SignUp.state.in_(TAKES_A_PLACE),
        )
        .order_by(Qualification.name_key, Person.name, Person.id)
    )
    found: dict[int, Asked] = {}
    for qualification, person_id, name, arrived_at, held in rows:
        has_it = held is not None and held.confirmed_at is not None and lasts(held.expires_on, today)
        people = found.setdefault(qualification.id, Asked(qualification)).people
        if all(each.person_id != person_id for each in people):
            people.append(Someone(person_id, name, arrived_at is not None, has_it))
    return list(found.values())


@command
def give(
    session: Session,
    *,
    actor_id: int,
    runs: bool,
    shift_id: int,
    qualification_id: int,
    person_ids: tuple[int, ...],
    today: date,
) -> int:
    """Write down that these of the crew were given it today; return how many are new. Again changes nothing.

    Raises NotFound; NotAllowed as `refuse`; Invalid for nobody, or somebody who is not of the crew; Conflict on
    another day than the shift's.
    """
    shift = session.get(Shift, shift_id)
    if shift is None:
        raise NotFound(msg("There is no such shift."))
    refuse(session, shift, actor_id, runs)
    offered = {each.qualification.id: each for each in asked(session, shift, today)}.get(qualification_id)
    if offered is None:
        raise NotFound(msg("Nobody on this shift needs that on the day."))
    if not person_ids or not set(person_ids) <= {each.person_id for each in offered.people}:
        raise Invalid(msg("Tick those who were there."), "person_ids")
    if abs((shift.starts_at.date() - today).days) > 1:  # a day either way: its night may be another day in UTC
        raise Conflict(msg("This is given on the day of the shift."))
    done = {each.person_id for each in offered.people if each.has_it}
    new = sorted(set(person_ids) - done)
    list(
        session.scalars(select(Person.id).where(Person.id.in_(new)).order_by(Person.id).with_for_update(key_share=True))
    )
    for person_id in new:
        _hold(session, person_id, offered.qualification, actor_id, today)
        record(session, actor_id, "qualification.confirmed", "person", person_id, qualification_id=qualification_id)
    return len(new)


def _hold(session: Session, person_id: int, qualification: Qualification, actor_id: int, today: date) -> None:
    values = {"confirmed_at": now(), "confirmed_by": actor_id, "expires_on": last_day(qualification, today)}
    new = insert_into(session)(HeldQualification).values(
        person_id=person_id, qualification_id=qualification.id, detail="", declared_at=now(), **values
    )
    session.execute(new.on_conflict_do_update(index_elements=["person_id", "qualification_id"], set_=values))


def _together(shift: Shift) -> ColumnElement[bool]:
    if shift.distribution_id is None:
        return Shift.id == shift.id
    return (Shift.distribution_id == shift.distribution_id) & Shift.cancelled_at.is_(None)
