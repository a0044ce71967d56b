"""Whom to call for the people on a shift: for its lead and coordinators, around the shift only, every look kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, NotAllowed, NotFound, msg
from ...people.models import Person
from ...people.qualification_models import EmergencyContact
from ..models import TAKES_A_PLACE, Shift, SignUp
from . import leads

BEFORE = AFTER = timedelta(hours=12)


@dataclass(frozen=True)
class Member:
    """Someone on a shift, and whether they said whom to call."""

    person_id: int
    name: str
    phone: str | None
    has_contact: bool


def refuse(session: Session, shift: Shift, actor_id: int, coordinates: bool) -> None:
    """Raise NotAllowed for anyone but the shift's lead and coordinators, and Conflict except around the shift."""
    if not coordinates and not leads.leads(session, actor_id, shift):
        raise NotAllowed(msg("Emergency contacts are for the lead of this shift and for coordinators."))
    if not shift.starts_at - BEFORE <= now() <= shift.ends_at + AFTER:
        raise Conflict(msg("Emergency contacts can be seen from 12 hours before a shift to 12 hours after it."))


def crew(session: Session, shift_id: int) -> Sequence[Member]:
    """Return who is on a shift, and whether they said whom to call, but not whom."""
    rows = session.execute(
        select(Person.id, Person.name, Person.phone, EmergencyContact.person_id.is_not(None))
        .join(SignUp, SignUp.person_id == Person.id)
        .outerjoin(EmergencyContact, EmergencyContact.person_id == Person.id)
        .where(SignUp.shift_id == shift_id, SignUp.state.in_(TAKES_A_PLACE))
        .order_by(Person.name, Person.id)
    )
    return [Member(*row) for row in rows]


@command
def look(session: Session, *, actor_id: int, coordinates: bool, shift_id: int, person_id: int) -> dict[str, str]:
    """Return whom to call for someone on a shift (name, phone, relation), and write down who looked.

    `coordinates` says whether the actor is a coordinator. Raises NotFound; NotAllowed and Conflict as `refuse`.
    """
    shift = session.get(Shift, shift_id)
    if shift is None:
        raise NotFound(msg("There is no such shift."))
    refuse(session, shift, actor_id, coordinates)
    contact = session.scalars(
        select(EmergencyContact)
        .join(SignUp, SignUp.person_id == EmergencyContact.person_id)
        .where(SignUp.shift_id == shift_id, SignUp.state.in_(TAKES_A_PLACE), EmergencyContact.person_id == person_id)
    ).one_or_none()
    if contact is None:
        raise NotFound(msg("Nobody to call is known for this person on this shift."))
    record(session, actor_id, "emergency_contact.looked_at", "person", person_id, shift_id=shift_id)
    return {"name": contact.name, "phone": contact.phone, "relation": contact.relation}
