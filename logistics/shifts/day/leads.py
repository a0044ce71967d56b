"""The lead of a shift: who it is, and what a lead may do besides staff."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, NotAllowed, msg
from ...people.access import Permission, permissions
from ...people.models import AccessRole, PersonAccessRole
from .. import signing
from ..models import TAKES_A_PLACE, Shift

LEAD_MAY = timedelta(hours=24)  # after the end, the lead may still put things right; staff always may
STAFF = frozenset({Permission.RUN_DISTRIBUTIONS, Permission.PLAN_SHIFTS})


@command
def choose_lead(session: Session, *, actor_id: int, shift_id: int, person_id: int | None) -> int:
    """Make someone of its crew the lead of a shift, or nobody; return the shift's id.

    Raises NotFound, and Conflict when the person is not on the shift or it was called off.
    """
    shift = signing.lock_shift(session, shift_id)
    if shift.cancelled_at is not None:
        raise Conflict(msg("This shift has been called off."))
    if person_id is not None:
        mine = signing.sign_up_of(session, person_id, shift_id)
        if mine is None or mine.state not in TAKES_A_PLACE:
            raise Conflict(msg("The lead has to be on the shift. Choose someone of its crew."))
    if shift.lead_id != person_id:
        shift.lead_id = person_id
        record(session, actor_id, "shift.lead_chosen", "shift", shift_id, person_id=person_id)
    return shift_id


def may_mark(session: Session, actor_id: int, shift: Shift) -> bool:
    """Return whether someone may write down who came to a shift: staff, and its lead until a day after it."""
    return leads(session, actor_id, shift) or is_staff(session, actor_id)


def leads(session: Session, person_id: int, shift: Shift) -> bool:
    """Return whether someone is the lead of a shift, is still on it, and it is not long over."""
    if shift.lead_id != person_id or now() > shift.ends_at + LEAD_MAY:
        return False
    mine = signing.sign_up_of(session, person_id, shift.id)
    return mine is not None and mine.state in TAKES_A_PLACE


def is_staff(session: Session, person_id: int) -> bool:
    """Return whether someone is of those who run the day."""
    found = session.scalars(select(PersonAccessRole.role).where(PersonAccessRole.person_id == person_id))
    return not STAFF.isdisjoint(permissions(frozenset(AccessRole(role) for role in found)))


def refuse_stranger(session: Session, actor_id: int, shift: Shift) -> None:
    """Raise NotAllowed for someone who may not write down who came to a shift."""
    if not may_mark(session, actor_id, shift):
        raise NotAllowed(msg("Who came is written down by the lead of the shift and by staff."))
