"""Signing up for a shift, and taking it back: where capacity and clashes are decided.

A person's row is locked first, so that their sign-ups cannot race each other; then the place is taken by one
conditional UPDATE, which locks the shift's row and so holds its time still while clashes are looked for.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Conflict, DomainError, NotFound, msg, name_of
from ..people.models import Person
from . import mail, moving
from .models import TAKES_A_PLACE, Role, Shift, SignUp, SignUpState

NO_SUCH = msg("There is no such shift.")


@dataclass(frozen=True)
class OtherShift:
    """What a clash is named by. `name` and `name_fr` are the role's."""

    shift_id: int
    name: str
    name_fr: str | None
    starts_at: datetime
    ends_at: datetime


class Clash(Conflict):
    """The person is already on `other` at that time; the page says it with day and time in its own language."""

    def __init__(self, other: OtherShift) -> None:
        """Keep what the page needs to name the other shift."""
        super().__init__(msg("You are already on %(role)s at that time.", role=name_of(other)))
        self.other = other


@command
def sign_up(session: Session, *, actor_id: int, shift_id: int) -> int:
    """Put the actor on a shift and mail them; return the shift's id. Doing it again changes nothing.

    Raises NotFound; Conflict when the shift is full, called off or has begun; Clash when it overlaps one of theirs.
    """
    person = lock_person(session, actor_id)
    mine = _sign_up_of(session, actor_id, shift_id)
    if mine is not None and mine.state in TAKES_A_PLACE:
        return shift_id
    if not take_place(session, shift_id):
        raise _why_not(session, shift_id)
    shift = session.scalars(
        select(Shift).where(Shift.id == shift_id).options(joinedload(Shift.role), joinedload(Shift.site))
    ).one()
    refuse_clash(session, actor_id, shift)
    if mine is None:
        mine = SignUp(shift_id=shift_id, person_id=actor_id, created_at=now())
        session.add(mine)
    mine.state, mine.changed_at = SignUpState.CONFIRMED, now()
    mail.confirmed(session, person, shift)
    record(session, actor_id, "shift.signed_up", "shift", shift_id, distribution_id=shift.distribution_id)
    return shift_id


@command
def cancel(session: Session, *, actor_id: int, shift_id: int) -> int:
    """Take the actor off a shift and return its id. Doing it again changes nothing.

    Raises NotFound; Conflict when they are not on it, or it has begun.
    """
    lock_person(session, actor_id)
    found = moving.lock_shifts(session, Shift.id == shift_id)
    if not found:
        raise NotFound(NO_SUCH)
    shift, mine = found[0], _sign_up_of(session, actor_id, shift_id)
    if mine is None:
        raise Conflict(msg("You are not on this shift."))
    if mine.state == SignUpState.CANCELLED:
        return shift_id
    if shift.starts_at <= now():
        raise Conflict(msg("This shift has already begun. If you can't stay or come, tell its coordinator."))
    mine.state, mine.changed_at = SignUpState.CANCELLED, now()
    shift.filled -= 1
    record(session, actor_id, "shift.sign_up_cancelled", "shift", shift_id, distribution_id=shift.distribution_id)
    return shift_id


def lock_person(session: Session, person_id: int) -> Person:
    """Lock a person's row: whatever puts them on a shift, or moves a shift they are on, waits its turn here."""
    return session.scalars(select(Person).where(Person.id == person_id).with_for_update(key_share=True)).one()


def take_place(session: Session, shift_id: int) -> bool:
    """Take one place if there is one on a shift that is still to come; say whether there was."""
    taken = session.execute(
        update(Shift)
        .where(
            Shift.id == shift_id,
            Shift.filled < Shift.maximum,
            Shift.cancelled_at.is_(None),
            Shift.starts_at > now(),
        )
        .values(filled=Shift.filled + 1)
        .returning(Shift.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def refuse_clash(session: Session, person_id: int, shift: Shift) -> None:
    """Raise Clash when the person is on another shift at the time of this one. Both are held by the caller's locks."""
    row = session.execute(
        select(Shift.id, Role.name, Role.name_fr, Shift.starts_at, Shift.ends_at)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .join(Shift.role)
        .where(
            SignUp.person_id == person_id,
            SignUp.state == SignUpState.CONFIRMED,
            Shift.id != shift.id,
            Shift.starts_at < shift.ends_at,
            Shift.ends_at > shift.starts_at,
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    ).first()
    if row is not None:
        raise Clash(OtherShift(*row))


def _sign_up_of(session: Session, person_id: int, shift_id: int) -> SignUp | None:
    return session.scalars(
        select(SignUp)
        .where(SignUp.shift_id == shift_id, SignUp.person_id == person_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _why_not(session: Session, shift_id: int) -> DomainError:
    shift = session.get(Shift, shift_id, populate_existing=True)
    if shift is None:
        return NotFound(NO_SUCH)
    if shift.cancelled_at is not None:
        return Conflict(msg("This shift has been called off."))
    if shift.starts_at <= now():
        return Conflict(msg("This shift has already begun. Choose one that is still to come."))
    return Conflict(msg("This shift is full. Choose another: the list shows which have places."))
