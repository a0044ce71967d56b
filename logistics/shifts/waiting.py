"""The waiting list of a shift: joining it, leaving it, and what becomes of the places it is offered.

Offers are made by `places.settle`, whenever a place is freed. They lapse by the worker, and go to the next in line.
"""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..db import db
from ..errors import Conflict, Invalid, msg, nmsg
from . import moving, places, signing, turns
from .models import LARGEST_PARTY, TAKES_A_PLACE, Shift, SignUp, SignUpState
from .qualifying import eligibility
from .telling import mail


@command
def join(session: Session, *, actor_id: int, shift_id: int, party: int = 1, convoy_id: int | None = None) -> int:
    """Put the actor at the end of a full shift's line, for `party` places; return the shift's id.

    A party of more than one is a convoy's. Doing it again keeps one's turn. Raises NotFound; Conflict when they are
    on it, it is called off or has begun, or it has room; NotYet when they may not take it; Invalid for the party.
    """
    if not 1 <= party <= LARGEST_PARTY:
        raise Invalid(msg("Enter a number from 1 to %(max)s.", max=LARGEST_PARTY), "party")
    person = signing.lock_person(session, actor_id)
    shift = signing.lock_shift(session, shift_id)
    mine = signing.sign_up_of(session, actor_id, shift_id)
    if mine is not None and mine.state in (SignUpState.WAITING, SignUpState.OFFERED):
        return shift_id
    if mine is not None and mine.state in TAKES_A_PLACE:
        raise Conflict(msg("You are on this shift already."))
    if mine is not None and mine.state == SignUpState.HELD:
        raise Conflict(msg("You hold places there for your convoy already."))
    if shift.cancelled_at is not None or shift.starts_at <= now():
        raise signing.why_not(shift)
    if places.offer_until(shift.starts_at) is None:
        raise Conflict(msg("This shift is too near for its waiting list. Ask its coordinator, or come and see."))
    free = shift.maximum - shift.filled
    if free >= party:
        raise Conflict(nmsg("There is %(num)d place free: take it.", "There are %(num)d places free: take one.", free))
    if party > shift.maximum:
        raise Invalid(msg("This shift has no more than %(max)s places.", max=shift.maximum), "party")
    eligibility.refuse(session, person, shift)
    if mine is None:
        mine = SignUp(shift_id=shift_id, person_id=actor_id, created_at=now())
        session.add(mine)
    mine.state, mine.places, mine.convoy_id = SignUpState.WAITING, party, convoy_id
    mine.waiting_since = mine.changed_at = now()
    mine.cancel_reason = None
    record(session, actor_id, "shift.waiting_joined", "shift", shift_id, distribution_id=shift.distribution_id)
    return shift_id


@command
def leave(session: Session, *, actor_id: int, shift_id: int) -> int:
    """Take the actor out of a shift's line, or say no to what it offers them; return its id. Again changes nothing.

    Raises NotFound; Conflict when the place is theirs by now, which a page opened before does not know.
    """
    signing.lock_person(session, actor_id)
    shift = signing.lock_shift(session, shift_id)
    mine = signing.sign_up_of(session, actor_id, shift_id)
    if mine is not None and mine.state in TAKES_A_PLACE:
        raise Conflict(msg("The place is yours already: you are on this shift. If you can’t come, say so here."))
    if mine is None or mine.state not in (SignUpState.WAITING, SignUpState.OFFERED):
        return shift_id
    action = "shift.offer_declined" if mine.state == SignUpState.OFFERED else "shift.waiting_left"
    places.take_off(session, shift, mine)
    record(session, actor_id, action, "shift", shift_id, distribution_id=shift.distribution_id)
    return shift_id


@command
def accept(session: Session, *, actor_id: int, shift_id: int, instead: bool = False, reason: str = "") -> int:
    """Take what a shift offers the actor; return its id. Doing it again changes nothing.

    With `instead`, their shifts at the same time are given back for it, as `signing.cancel` does: one that is near
    takes a `reason`. Raises NotFound; Conflict when the offer has gone to someone else; NotYet; Clash without
    `instead`; Invalid without a reason when one is due.
    """
    person = signing.lock_person(session, actor_id)
    others = _clashing(session, actor_id, shift_id) if instead else []
    locked = {shift.id: shift for shift in moving.lock_shifts(session, Shift.id.in_([shift_id, *others]))}
    shift = locked.get(shift_id) or signing.lock_shift(session, shift_id)
    mine = signing.sign_up_of(session, actor_id, shift_id)
    if mine is not None and mine.state in TAKES_A_PLACE:
        return shift_id
    if mine is None or mine.state != SignUpState.OFFERED:
        raise Conflict(msg("This offer has lapsed, and the place went to the next in line."))
    if shift.cancelled_at is not None or shift.starts_at <= now():
        raise signing.why_not(shift)
    for number in others:
        other = signing.sign_up_of(session, actor_id, number)
        if other is not None and other.state == SignUpState.CONFIRMED and locked[number].starts_at > now():
            # A convoy's others still come.
            signing.leave(session, person, locked[number], other, reason, keep_others=True)
    eligibility.refuse(session, person, shift)
    signing.refuse_clash(session, actor_id, shift)
    signing.put_on(session, person, shift, mine)
    record(session, actor_id, "shift.offer_accepted", "shift", shift_id, distribution_id=shift.distribution_id)
    return shift_id


def lapse_due(limit: int) -> int:
    """Take back offers whose time is over and offer them to the next in line; return how many (for the worker)."""
    due = db.session.scalar(select(SignUp.id).where(_due()).limit(1))
    db.session.rollback()
    return len(_lapse(limit=limit)) if due is not None else 0


def offer_due(limit: int) -> int:
    """Offer what is free to those in line who may have it only now; return how many were asked (for the worker).

    Someone has got a qualification since they were passed over, or a role asks for less.
    """
    found = turns.able(db.session, Shift.starts_at >= now() + places.NEAR)
    db.session.rollback()
    shift_ids = sorted({turn.shift_id for turn in found})[:limit]
    return _offer(shift_ids=shift_ids) if shift_ids else 0


@command
def _offer(session: Session, *, shift_ids: list[int]) -> int:
    return sum(places.settle(session, shift) for shift in moving.lock_shifts(session, Shift.id.in_(shift_ids)))


def _due() -> ColumnElement[bool]:
    return (SignUp.state == SignUpState.OFFERED) & (SignUp.offer_lapses_at <= now())


@command
def _lapse(session: Session, *, limit: int) -> list[int]:
    shift_ids = session.scalars(
        select(SignUp.shift_id).where(_due()).order_by(SignUp.offer_lapses_at).limit(limit)
    ).all()
    lapsed = []
    for shift in moving.lock_shifts(session, Shift.id.in_(shift_ids)):
        found = session.scalars(
            select(SignUp)
            .where(SignUp.shift_id == shift.id, _due())
            .order_by(SignUp.id)
            .options(signing.WITH_PERSON)
            .execution_options(populate_existing=True)
        ).all()
        for theirs in found:
            places.take_off(session, shift, theirs)
            mail.offer_lapsed(session, theirs.person, shift)
            record(session, None, "shift.offer_lapsed", "shift", shift.id, distribution_id=shift.distribution_id)
            lapsed.append(theirs.id)
    return lapsed


def _clashing(session: Session, person_id: int, shift_id: int) -> list[int]:
    """Return the ids of someone's other shifts at the time of one, not locked yet."""
    this = select(Shift.starts_at, Shift.ends_at).where(Shift.id == shift_id).subquery()
    query = (
        select(Shift.id)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(
            SignUp.person_id == person_id,
            SignUp.state == SignUpState.CONFIRMED,
            Shift.id != shift_id,
            Shift.starts_at < this.c.ends_at,
            Shift.ends_at > this.c.starts_at,
        )
    )
    return list(session.scalars(query))
