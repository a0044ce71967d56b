"""Signing up for a shift, and taking it back: where capacity and clashes are decided.

A person's row is locked first, so that their sign-ups cannot race each other. The place is taken by one conditional
UPDATE (`places.take`), last, of the shift as it was when clashes were looked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session, joinedload, raiseload

from ..audit import record
from ..clock import now
from ..commands import Again, command
from ..errors import Conflict, DomainError, Invalid, NotFound, msg, name_of
from ..names import kept
from ..people.access import PERMISSIONS, Permission
from ..people.models import Person, PersonAccessRole
from . import moving, places
from .group_models import Convoy
from .models import TAKES_A_PLACE, Role, Shift, SignUp, SignUpState
from .qualifying import eligibility
from .telling import mail

NO_SUCH = msg("There is no such shift.")
FULL = msg("This shift is full. Choose another: the list shows which have places.")
HOLDS_OTHERS = msg("You hold places here for others too. Say whether these go with yours.")
LONGEST_REASON = 300
_COUNTED_ON = (SignUpState.CONFIRMED, SignUpState.HELD)
_MAY_CHANGE = (SignUpState.HELD, SignUpState.WAITING)  # though its person is locked


@dataclass(frozen=True)
class OtherShift:
    """What a clash is named by. `name` and `name_fr` are the role's."""

    shift_id: int
    name: str
    name_fr: str | None
    starts_at: datetime
    ends_at: datetime
    cancel_hours: int


class Clash(Conflict):
    """The person is already on `other` at that time; the page says it with day and time in its own language."""

    def __init__(self, other: OtherShift) -> None:
        """Keep what the page needs to name the other shift."""
        super().__init__(msg("You are already on %(role)s at that time.", role=name_of(other)))
        self.other = other


@command
def sign_up(session: Session, *, actor_id: int, shift_id: int, tell: bool = True) -> int:
    """Put the actor on a shift and mail them (unless whoever asks does: `tell`); return the shift's id. Doing it again changes nothing.

    Who waits for the shift, or is offered a place, has it with this. Raises NotFound; Conflict when the shift is
    full, called off or has begun, or they wait for it with a convoy; NotYet when they may not take it; Clash when it
    overlaps one of theirs.
    """
    person = lock_person(session, actor_id)
    found = session.execute(_WITH_MINE, {"shift_id": shift_id, "person_id": actor_id}).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    shift, mine = found
    if mine is not None and mine.state in TAKES_A_PLACE:
        return shift_id
    if mine is not None and mine.state in _MAY_CHANGE:
        shift = _as_it_stands(session, mine)
    theirs = mine is not None and has_own(session, mine)
    offered = mine is not None and mine.state == SignUpState.OFFERED
    if mine is not None and offered:
        mine = hold_offer(session, shift, mine, taken=False)
    eligibility.refuse_role(session, person, shift)
    refuse_clash(session, actor_id, shift)
    put_on(session, person, shift, mine, held=0 if theirs else 1, tell=tell)
    record(session, actor_id, "shift.signed_up", "shift", shift_id, distribution_id=shift.distribution_id)
    if not offered and not theirs:
        _take_as_seen(session, shift)
    eligibility.refuse_mix(session, person, shift)
    return shift_id


@command
def cancel(session: Session, *, actor_id: int, shift_id: int, reason: str = "", keep_others: bool | None = None) -> int:
    """Take the actor off a shift; return its id. Again changes nothing.

    The places that they hold for others of a convoy stay held, or go too, as `keep_others` says: without it, who holds
    such places is refused. Within `cancel_hours` of the shift its coordinators are told at once, with the reason.
    Raises NotFound; Invalid without a reason when one is due; Conflict when they are not on it, or it has begun.
    """
    person = lock_person(session, actor_id)
    shift = lock_shift(session, shift_id)
    mine = sign_up_of(session, actor_id, shift_id)
    if mine is None:
        raise Conflict(msg("You are not on this shift."))
    if mine.state == SignUpState.CANCELLED or (mine.state == SignUpState.HELD and keep_others):
        return shift_id
    if shift.starts_at <= now():
        raise Conflict(msg("This shift has already begun. If you can't stay or come, tell its coordinator."))
    if mine.state == SignUpState.CONFIRMED and mine.places > 1 and keep_others is None:
        raise Conflict(HOLDS_OTHERS)
    leave(session, person, shift, mine, reason, keep_others=bool(keep_others))
    return shift_id


def leave(
    session: Session, person: Person, shift: Shift, mine: SignUp, reason: str = "", *, keep_others: bool = False
) -> None:
    """Step: take a locked person off a locked shift that is still to come, as they asked, and tell whom it concerns.

    Raises Invalid without a reason when one is due: it is for who would have come themselves.
    """
    coming, late = mine.state == SignUpState.CONFIRMED, mine.state in _COUNTED_ON and is_late(shift)
    reason = kept(reason, LONGEST_REASON, "reason")
    if coming and late and not reason:
        raise Invalid(msg("Say in a few words why, so that the coordinator can see what to do."), "reason")
    party = 0
    if coming and mine.places > 1 and keep_others:
        places.leave_held(session, shift, mine)
    else:
        party = mine.places if mine.convoy_id is not None and (mine.places > 1 or not coming) else 0
        places.take_off(session, shift, mine, reason)
    mail.left(session, person, shift, mine.changed_at)
    if late:
        mail.left_late(session, planners(session), person, shift, reason, party)
    record(
        session,
        person.id,
        "shift.sign_up_cancelled",
        "shift",
        shift.id,
        distribution_id=shift.distribution_id,
        late=late,
    )


@command
def add_person(session: Session, *, actor_id: int, shift_id: int, person_id: int, over: bool = False) -> int:
    """Put someone else on a shift that is not over, and mail them; return its id. Doing it again changes nothing.

    `over` lets them in although the shift is full, which is recorded. Raises NotFound; Conflict when it is full
    (without `over`), called off or over; NotYet or Clash as when they sign up themselves.
    """
    person = lock_person(session, person_id)
    shift = lock_shift(session, shift_id)
    mine = sign_up_of(session, person_id, shift_id)
    if mine is not None and mine.state in TAKES_A_PLACE:
        return shift_id
    if shift.cancelled_at is not None or shift.ends_at <= now():
        raise why_not(shift)
    theirs = mine is not None and has_own(session, mine)
    beyond = shift.filled >= shift.maximum and not theirs
    if not theirs and (mine is None or mine.state != SignUpState.OFFERED):
        if beyond and not over:
            raise Conflict(FULL)
        places.take_beyond(session, shift)
    eligibility.refuse(session, person, shift)
    refuse_clash(session, person_id, shift)
    put_on(session, person, shift, mine, added_by=actor_id, held=0 if theirs else 1)
    action = "shift.person_added_beyond" if beyond and over else "shift.person_added"
    record(session, actor_id, action, "shift", shift_id, distribution_id=shift.distribution_id, person_id=person_id)
    return shift_id


@command
def remove_person(session: Session, *, actor_id: int, shift_id: int, person_id: int, reason: str = "") -> int:
    """Take someone off a shift that is not over, and tell them why; return its id. Doing it again changes nothing."""
    person = lock_person(session, person_id)
    shift = lock_shift(session, shift_id)
    mine = sign_up_of(session, person_id, shift_id)
    if mine is None or mine.state == SignUpState.CANCELLED:
        return shift_id
    if shift.ends_at <= now():
        raise Conflict(msg("This shift is over: its record stays as it was."))
    reason = kept(reason, LONGEST_REASON, "reason")
    places.take_off(session, shift, mine, reason)
    mail.removed(session, person, shift, mine.changed_at, reason)
    record(
        session,
        actor_id,
        "shift.person_removed",
        "shift",
        shift_id,
        distribution_id=shift.distribution_id,
        person_id=person_id,
    )
    return shift_id


def lock_person(session: Session, person_id: int) -> Person:
    """Lock a person's row: whatever puts them on a shift, or moves a shift they are on, waits its turn here.

    Raises NotFound for someone who has no account (any more).
    """
    person = session.scalars(_LOCKED_PERSON, {"person_id": person_id}).one_or_none()
    if person is None:
        raise NotFound(msg("There is no such account."))
    return person


def lock_shift(session: Session, shift_id: int) -> Shift:
    """Lock a shift and return it as it now stands, with role and site. Raises NotFound."""
    found = moving.lock_shifts(session, Shift.id == shift_id)
    if not found:
        raise NotFound(NO_SUCH)
    return found[0]


def _as_it_stands(session: Session, mine: SignUp) -> Shift:
    """Lock the shift of a sign-up that others may change meanwhile, and read it again; return the shift.

    Places that are held may get names, or lapse; who waits may be offered what someone gives back. Raises Conflict
    for a party that waits: its leader would be on the shift alone, and the others without their turn.
    """
    shift = lock_shift(session, mine.shift_id)
    session.refresh(mine)
    if mine.state == SignUpState.WAITING and mine.places > 1:
        raise Conflict(
            msg(
                "You wait here with your convoy, for %(num)s places together. If you would rather go alone, stop waiting "
                "first: the others lose their turn with that.",
                num=mine.places,
            )
        )
    return shift


def hold_offer(session: Session, shift: Shift, mine: SignUp, taken: bool) -> SignUp:
    """Return an offer that is still good, with its shift locked; a place `taken` besides it goes back.

    An offer past its time is good until the place has gone to someone else. Raises Conflict when it has, or when the
    shift has begun.
    """
    shift = lock_shift(session, shift.id)
    if taken:
        places.release(session, shift, 1)
    session.refresh(mine)
    if mine.state != SignUpState.OFFERED or shift.cancelled_at is not None or shift.starts_at <= now():
        raise why_not(shift)
    return mine


def _take_as_seen(session: Session, shift: Shift) -> None:
    """Take a place on a shift that was read but not locked, when all else has been looked at and written.

    Until they commit, whoever takes a place holds up all who want one too, so it comes last. The place is taken only
    of the shift as it was read, which its version tells: at another time it might clash. Raises as `sign_up` does.
    """
    session.flush()
    seen = shift.version
    taken = places.take(session, shift.id, seen=seen)
    session.expire(shift, ["filled"])
    if taken:
        return
    session.refresh(shift, ["filled", "maximum", "starts_at", "ends_at", "cancelled_at", "version"])
    if shift.version == seen or shift.cancelled_at is not None:
        raise why_not(shift)
    raise Again


def put_on(
    session: Session,
    person: Person,
    shift: Shift,
    mine: SignUp | None,
    *,
    added_by: int | None = None,
    held: int = 1,
    tell: bool = True,
) -> SignUp:
    """Make someone's places on a shift theirs (they are taken already), and mail them. Return their sign-up.

    `mine` is what they had there before, if anything; `held` is how many places the sign-up is for, beside those that
    it holds already. Without `tell` the caller mails them, of several shifts at once (`mail.confirmed_together`).
    """
    if mine is None:
        mine = SignUp(shift_id=shift.id, person_id=person.id, created_at=now())
        session.add(mine)
    if mine.state != SignUpState.OFFERED:
        mine.places = held + (mine.places if mine.state == SignUpState.HELD else 0)
    if mine.state != SignUpState.HELD:
        mine.unnamed_reminded_at = None
    mine.state, mine.changed_at, mine.added_by = SignUpState.CONFIRMED, now(), added_by
    mine.waiting_since = mine.offer_lapses_at = mine.cancel_reason = mine.reminded_at = None
    mine.arrived_at = mine.left_at = mine.minutes = mine.minutes_by = None
    if tell:
        mail.confirmed(session, person, shift, mine.changed_at)
    return mine


def has_own(session: Session, mine: SignUp) -> bool:
    """Return whether a leader's own place is among those they hold on a locked shift without coming themselves.

    It is once their convoy has as many there as it is of: to take another would make it more people than they are.
    """
    if mine.state != SignUpState.HELD:
        return False
    size = session.scalar(select(Convoy.size).where(Convoy.id == mine.convoy_id)) or 0
    return places.of_convoy(session, mine.convoy_id or 0, mine.shift_id) >= size


def is_late(shift: Shift | OtherShift) -> bool:
    """Return whether leaving a shift now is so near to it that its coordinators must hear at once."""
    return shift.starts_at - now() < timedelta(hours=shift.cancel_hours)


def planners(session: Session) -> Sequence[Person]:
    """Return all who plan shifts, for what they must hear at once."""
    roles = [role for role, allowed in PERMISSIONS.items() if Permission.PLAN_SHIFTS in allowed]
    plan = select(PersonAccessRole.person_id).where(PersonAccessRole.role.in_(roles))
    return session.scalars(
        select(Person).where(Person.id.in_(plan), Person.disabled_at.is_(None)).order_by(Person.id)
    ).all()


def refuse_clash(session: Session, person_id: int, shift: Shift) -> None:
    """Raise Clash when the person is on another shift at the time of this one. Both are held by the caller's locks."""
    session.flush()  # what follows goes past the session, which would do so itself
    times = {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
    row = session.connection().execute(_CLASHING, {"person_id": person_id, "shift_id": shift.id, **times}).first()
    if row is not None:
        raise Clash(OtherShift(*row))


def sign_up_of(session: Session, person_id: int, shift_id: int) -> SignUp | None:
    """Return someone's sign-up for a shift as it now stands, whatever its state."""
    return session.scalars(
        select(SignUp)
        .where(SignUp.shift_id == shift_id, SignUp.person_id == person_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def why_not(shift: Shift) -> DomainError:
    """Return the refusal of a shift on which there is no place."""
    if shift.cancelled_at is not None:
        return Conflict(msg("This shift has been called off."))
    if shift.ends_at <= now():
        return Conflict(msg("This shift is over: its record stays as it was."))
    if shift.starts_at <= now():
        return Conflict(msg("This shift has already begun. Choose one that is still to come."))
    return Conflict(FULL)


WITH_PERSON = joinedload(SignUp.person)

# Statements of signing up are made once: to make one costs more than to run it, and whoever takes a place is waited for.
_WITH_MINE = (
    select(Shift, SignUp)
    .outerjoin(SignUp, (SignUp.shift_id == Shift.id) & (SignUp.person_id == bindparam("person_id")))
    .where(Shift.id == bindparam("shift_id"))
    .options(joinedload(Shift.role), joinedload(Shift.site))
    .execution_options(populate_existing=True)
)
_LOCKED_PERSON = (
    select(Person)
    .where(Person.id == bindparam("person_id"), Person.disabled_at.is_(None), Person.deleted_at.is_(None))
    .with_for_update(key_share=True)
    .options(raiseload(Person.access_roles))
    .execution_options(populate_existing=True)
)
_CLASHING = (
    select(Shift.id, Role.name, Role.name_fr, Shift.starts_at, Shift.ends_at, Shift.cancel_hours)
    .join(SignUp, SignUp.shift_id == Shift.id)
    .join(Shift.role)
    .where(
        SignUp.person_id == bindparam("person_id"),
        SignUp.state == SignUpState.CONFIRMED,
        Shift.id != bindparam("shift_id"),
        Shift.starts_at < bindparam("ends_at"),
        Shift.ends_at > bindparam("starts_at"),
    )
    .order_by(Shift.starts_at, Shift.id)
    .limit(literal_column("1"))
)
