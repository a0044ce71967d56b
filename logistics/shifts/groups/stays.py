"""A volunteer's stay: its days, what they would like to do, and booking its shifts in one action.

What would make a sensible stay is decided in `proposing`; here it is booked, whatever was ticked.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ...people.models import Person
from .. import signing, waiting
from ..day_models import RoleWish, Stay
from ..models import TAKES_A_PLACE, Role, Shift, SignUp, SignUpState
from ..telling import mail
from . import together

LONGEST = 180  # days
FARTHEST = 730  # days from today
MOST_WISHES = 50


@command
def begin(
    session: Session, *, actor_id: int, arrives_on: date, leaves_on: date, role_ids: Sequence[int], today: date
) -> int:
    """Keep when the actor is here and which roles they would like, and return the stay's id.

    Raises Invalid with the field to blame, and Conflict when they are here already on some of these days.
    """
    signing.lock_person(session, actor_id)
    refuse_days(session, actor_id, arrives_on, leaves_on, today)
    stay = Stay(person_id=actor_id, arrives_on=arrives_on, leaves_on=leaves_on, created_at=now())
    session.add(stay)
    _wish(session, actor_id, role_ids)
    session.flush()
    record(session, actor_id, "stay.began", "stay", stay.id)
    return stay.id


@command
def wish(session: Session, *, actor_id: int, role_ids: Sequence[int]) -> None:
    """Keep which roles the actor would like; none means any."""
    signing.lock_person(session, actor_id)
    _wish(session, actor_id, role_ids)
    record(session, actor_id, "person.wishes_changed", "person", actor_id)


@command
def book(session: Session, *, actor_id: int, shift_ids: Sequence[int]) -> int:
    """Put the actor on all of these shifts, and return how many they are. Raises Gone when that can't be."""
    person = signing.lock_person(session, actor_id)
    return _take(session, person, together.lock(session, shift_ids), shift_ids)


@command
def change(
    session: Session,
    *,
    actor_id: int,
    stay_id: int,
    arrives_on: date,
    leaves_on: date,
    give_up: Sequence[int],
    take: Sequence[int],
    reason: str,
    today: date,
) -> int:
    """Give a stay other days, give up some shifts and take others: all of it or nothing. Return the stay's id.

    Raises NotFound; Invalid with the field to blame, also for a reason that is due (see `signing.cancel`); Conflict
    for days of another stay; Gone for shifts that can't be had.
    """
    person = signing.lock_person(session, actor_id)
    stay = get(session, actor_id, stay_id)
    refuse_days(session, actor_id, arrives_on, leaves_on, today, but=stay_id)
    stay.arrives_on, stay.leaves_on = arrives_on, leaves_on
    locked = together.lock(session, give_up, take)
    _leave(session, actor_id, give_up, reason)
    _take(session, person, locked, take)
    record(session, actor_id, "stay.changed", "stay", stay_id, given_up=len(give_up), taken=len(take))
    return stay_id


@command
def call_off(session: Session, *, actor_id: int, stay_id: int, give_up: Sequence[int], reason: str) -> None:
    """Forget a stay and give up these shifts of it. Raises as `change` does. Doing it again changes nothing."""
    signing.lock_person(session, actor_id)
    stay = session.get(Stay, stay_id, populate_existing=True)
    if stay is None:
        return
    get(session, actor_id, stay_id)
    together.lock(session, give_up)
    _leave(session, actor_id, give_up, reason)
    session.delete(stay)
    record(session, actor_id, "stay.called_off", "stay", stay_id, given_up=len(give_up))


def get(session: Session, person_id: int, stay_id: int) -> Stay:
    """Return someone's stay as it now stands. Raises NotFound, also for one of somebody else."""
    stay = session.scalars(
        select(Stay).where(Stay.id == stay_id, Stay.person_id == person_id).execution_options(populate_existing=True)
    ).one_or_none()
    if stay is None:
        raise NotFound(msg("There is no such stay."))
    return stay


def ahead(session: Session, person_id: int, today: date) -> Sequence[Stay]:
    """Return someone's stays that are not over, the soonest first."""
    query = select(Stay).where(Stay.person_id == person_id, Stay.leaves_on >= today)
    return session.scalars(query.order_by(Stay.arrives_on, Stay.id).limit(20)).all()


def wishes(session: Session, person_id: int) -> frozenset[int]:
    """Return the ids of the roles that someone would like to do; none means any."""
    return frozenset(session.scalars(select(RoleWish.role_id).where(RoleWish.person_id == person_id)))


def _take(session: Session, person: Person, locked: Mapping[int, Shift], shift_ids: Collection[int]) -> int:
    """Put a locked person on all of these shifts, and tell them in one mail; return how many they are."""
    on_it = set(
        session.scalars(
            select(SignUp.shift_id).where(
                SignUp.person_id == person.id, SignUp.shift_id.in_(shift_ids), SignUp.state.in_(TAKES_A_PLACE)
            )
        )
    )
    # The whole of signing up, in this transaction: `function` is the command without one of its own.
    together.each(
        shift_ids,
        lambda number: signing.sign_up.function(session, actor_id=person.id, shift_id=number, tell=False),
    )
    mail.confirmed_together(session, person, [locked[number] for number in set(shift_ids) - on_it])
    return len(set(shift_ids))


def _leave(session: Session, person_id: int, shift_ids: Collection[int], reason: str) -> None:
    """Take a locked person off these shifts, and out of the lines in which they wait or are offered a place."""
    for shift_id in sorted(set(shift_ids)):
        mine = signing.sign_up_of(session, person_id, shift_id)
        if mine is not None and mine.state in (SignUpState.WAITING, SignUpState.OFFERED):
            waiting.leave.function(session, actor_id=person_id, shift_id=shift_id)
            continue
        signing.cancel.function(session, actor_id=person_id, shift_id=shift_id, reason=reason, keep_others=True)


def _wish(session: Session, person_id: int, role_ids: Collection[int]) -> None:
    wanted = set(session.scalars(select(Role.id).where(Role.id.in_(list(role_ids)[:MOST_WISHES]))))
    session.execute(delete(RoleWish).where(RoleWish.person_id == person_id))
    session.add_all(RoleWish(person_id=person_id, role_id=number) for number in sorted(wanted))


def refuse_days(
    session: Session, person_id: int, arrives_on: date, leaves_on: date, today: date, but: int | None = None
) -> None:
    """Raise when these cannot be the days of a stay, or are those of another (than `but`) of this locked person."""
    if leaves_on < arrives_on:
        raise Invalid(msg("You would leave before you arrive. Check both days."), "leaves_on")
    if leaves_on < today:
        raise Invalid(msg("That is in the past. Choose days that are still to come."), "leaves_on")
    if arrives_on > today + timedelta(days=FARTHEST):
        raise Invalid(msg("That is more than two years away. Choose a day nearer to today."), "arrives_on")
    if (leaves_on - arrives_on).days >= LONGEST:
        raise Invalid(
            msg("A stay is at most %(days)s days. For longer, enter another after it.", days=LONGEST), "leaves_on"
        )
    other = session.scalars(
        select(Stay)
        .where(
            Stay.person_id == person_id,
            Stay.id != (but or 0),
            Stay.arrives_on <= leaves_on,
            Stay.leaves_on >= arrives_on,
        )
        .limit(1)
    ).first()
    if other is not None:
        raise Conflict(msg("Another stay of yours has some of these days. Change that one instead."), "arrives_on")
