"""Convoys: a leader holds places for people to be named later, gives them back, and shares the link to join.

A convoy's places on a shift are its leader's sign-up (their own place, and those of people not named yet) and the
sign-ups of its members. What changes a convoy locks its leader first, so of two at once one waits; see `riding` for
those who join, `lapsing` for places that nobody took.
"""

import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, Message, NotAllowed, NotFound, msg, nmsg
from ...names import kept
from ...people.models import Person
from .. import places, signing, waiting
from ..group_models import Convoy, ConvoyMember
from ..models import LARGEST_PARTY, Shift, SignUp, SignUpState
from ..qualifying import eligibility
from ..telling import mail
from . import together

LONGEST_NAME = 80
MOST_LAPSE_HOURS = 336
MOST_SEATS = 60
NO_SUCH = msg("There is no such convoy.")
HOLDING = (SignUpState.CONFIRMED, SignUpState.HELD)  # a leader's sign-up that may hold places without a name
HAS_SOME = msg(
    "You have places on this shift already, so your convoy can’t wait for more there. Whoever is still without one can "
    "put themselves on its waiting list."
)
ENDED = msg("This convoy is over: its places that had no name were given back.")


@command
def make(session: Session, *, actor_id: int, name: str, size: int, lapse_hours: int, seats: int = 0) -> int:
    """Make a convoy of `size` people, led by the actor, and return its id. `seats` are those of the actor's own car.

    Raises Invalid with the field to blame.
    """
    signing.lock_person(session, actor_id)
    name = kept(name, LONGEST_NAME, "name")
    if not name:
        raise Invalid(msg("Give it a name, so that those who join know it."), "name")
    _refuse_outside(size, 1, LARGEST_PARTY, "size")
    _refuse_outside(lapse_hours, 1, MOST_LAPSE_HOURS, "lapse_hours")
    _refuse_outside(seats, 0, MOST_SEATS, "seats")
    convoy = Convoy(
        name=name,
        leader_id=actor_id,
        size=size,
        lapse_hours=lapse_hours,
        join_hash=secrets.token_hex(32),
        created_at=now(),
    )
    session.add(convoy)
    session.flush()
    session.add(ConvoyMember(convoy_id=convoy.id, person_id=actor_id, joined_at=now(), seats=seats))
    record(session, actor_id, "convoy.made", "convoy", convoy.id, size=size)
    return convoy.id


@command
def hold(
    session: Session, *, actor_id: int, convoy_id: int, shift_ids: Sequence[int], count: int, myself: bool = True
) -> list[int]:
    """Hold `count` places for a convoy on each of these shifts, its leader's and its members' own included.

    With `myself` its leader takes one of them; without, they need be neither free nor qualified, and all are for the
    others. Where they hold places already, whether they come stays as it is. A line in which they waited is left: return
    the ids of shifts where that was for more than they now have, since that turn is given up. All of it or nothing:
    raises Gone with each shift that has not enough, or that the leader may not take; Invalid for the number; Conflict
    once the convoy is over. Doing it again changes nothing.
    """
    convoy, people = lock(session, convoy_id, actor_id)
    refuse_ended(convoy)
    _refuse_others(convoy, actor_id)
    _refuse_count(convoy, count)
    shifts = together.lock(session, shift_ids)
    new: list[Shift] = []  # that its leader is on with this
    given_up: list[Shift] = []
    together.each(
        shift_ids,
        lambda number: _hold(session, convoy, people[actor_id], shifts.get(number), count, myself, new, given_up),
    )
    mail.confirmed_together(session, people[actor_id], new)
    record(session, actor_id, "convoy.held", "convoy", convoy_id, shifts=sorted(set(shift_ids)), places=count)
    for shift in given_up:
        record(session, actor_id, "shift.waiting_left", "shift", shift.id, distribution_id=shift.distribution_id)
    return [shift.id for shift in given_up]


@command
def give_back(session: Session, *, actor_id: int, convoy_id: int, shift_id: int, count: int) -> int:
    """Give back `count` places of a shift that have no name yet; return the convoy's id.

    Raises Conflict when there are fewer (some may have got a name meanwhile), Invalid for the number.
    """
    convoy, people = lock(session, convoy_id, actor_id)
    _refuse_others(convoy, actor_id)
    shift = signing.lock_shift(session, shift_id)
    mine = led(session, convoy, shift_id)
    unnamed = mine.unnamed if mine is not None and shift.starts_at > now() else 0
    if count < 1:
        raise Invalid(msg("Enter how many places to give back."), "count")
    if mine is None or count > unnamed:
        raise Conflict(
            nmsg("Only %(num)d place there has no name yet.", "Only %(num)d places there have no name yet.", unnamed)
            if unnamed
            else msg("No place there is without a name any more.")
        )
    release_unnamed(session, shift, mine, count)
    tell_late(session, people[actor_id], shift, count)
    record(session, actor_id, "convoy.gave_back", "convoy", convoy_id, shift_id=shift_id, places=count)
    return convoy_id


@command
def give_all_back(session: Session, *, actor_id: int, convoy_id: int) -> int:
    """Give back every place that has no name, and stop waiting, on every shift to come; return the convoy's id."""
    convoy, people = lock(session, convoy_id, actor_id)
    _refuse_others(convoy, actor_id)
    given = _release_all(session, convoy, people[actor_id])
    record(session, actor_id, "convoy.gave_all_back", "convoy", convoy_id, places=given)
    return convoy_id


@command
def wait(session: Session, *, actor_id: int, convoy_id: int, shift_id: int, count: int) -> int:
    """Put a convoy on a shift's waiting list as a party, for as many as it lacks to `count` places; return its id.

    Raises as `hold` and `waiting.join` do.
    """
    convoy, _people = lock(session, convoy_id, actor_id)
    refuse_ended(convoy)
    _refuse_others(convoy, actor_id)
    _refuse_count(convoy, count)
    mine = signing.sign_up_of(session, actor_id, shift_id)
    if mine is not None and mine.state in HOLDING:
        raise Conflict(HAS_SOME)
    party = max(1, count - places.of_convoy(session, convoy_id, shift_id, but=actor_id))
    waiting.join.function(session, actor_id=actor_id, shift_id=shift_id, party=party, convoy_id=convoy_id)
    return convoy_id


@command
def end(session: Session, *, actor_id: int, convoy_id: int) -> int:
    """Give back every place that has no name, and take nobody in any more; return the convoy's id.

    Those who have a place of their own keep it, its leader too. Doing it again changes nothing.
    """
    convoy, people = lock(session, convoy_id, actor_id)
    _refuse_others(convoy, actor_id)
    if convoy.ended_at is not None:
        return convoy_id
    convoy.ended_at = now()
    _release_all(session, convoy, people[actor_id])
    record(session, actor_id, "convoy.ended", "convoy", convoy_id)
    return convoy_id


@command
def new_link(session: Session, *, actor_id: int, convoy_id: int) -> int:
    """Make another link to join, after which the old one works no more; return the convoy's id."""
    convoy, _people = lock(session, convoy_id, actor_id)
    refuse_ended(convoy)
    _refuse_others(convoy, actor_id)
    convoy.join_hash = secrets.token_hex(32)
    record(session, actor_id, "convoy.link_changed", "convoy", convoy_id)
    return convoy_id


def link_of(convoy: Convoy) -> str:
    """Return what a link to join must carry. The page signs it, so that it is worth nothing to who reads the table."""
    return convoy.join_hash[:16]


def lock(session: Session, convoy_id: int, *person_ids: int) -> tuple[Convoy, dict[int, Person]]:
    """Lock a convoy's leader and these people, in id order, and return the convoy as it now stands, and them by id.

    Who changes a convoy holds its leader, and nobody else ever leads it: so its row needs no lock. Raises NotFound.
    """
    leader_id = session.scalar(select(Convoy.leader_id).where(Convoy.id == convoy_id))
    if leader_id is None:
        raise NotFound(NO_SUCH)
    people = {number: signing.lock_person(session, number) for number in sorted({leader_id, *person_ids})}
    return session.get_one(Convoy, convoy_id, populate_existing=True), people


def led(session: Session, convoy: Convoy, shift_id: int) -> SignUp | None:
    """Return the leader's sign-up by which a convoy holds places on a locked shift, if it does."""
    found = signing.sign_up_of(session, convoy.leader_id, shift_id)
    return found if found and found.state in HOLDING and found.convoy_id == convoy.id else None


def release_unnamed(session: Session, shift: Shift, mine: SignUp, count: int) -> None:
    """Give back some of the places that a leader's sign-up for a locked shift holds for people without a name."""
    take_unnamed(mine, count)
    places.release(session, shift, count)


def take_unnamed(mine: SignUp, count: int) -> None:
    """Take places without a name from a leader's sign-up, which ends with the last where they don't come themselves."""
    mine.changed_at = now()
    if count == mine.places:
        mine.state, mine.places, mine.convoy_id = SignUpState.CANCELLED, 1, None
    else:
        mine.places -= count


def tell_late(session: Session, leader: Person, shift: Shift, count: int, *, lapsed: bool = False) -> None:
    """Tell coordinators at once of places given back when the shift is so near that they must see to it.

    `lapsed` says that nobody gave them back: they had no name in time.
    """
    if signing.is_late(shift):
        mail.left_late(session, signing.planners(session), leader, shift, party=count, lapsed=lapsed)


def coming(session: Session, convoy: Convoy) -> Sequence[int]:
    """Return the ids of shifts still to come that someone is on, or waits for, as one of a convoy."""
    query = select(SignUp.shift_id).join(SignUp.shift).where(SignUp.convoy_id == convoy.id, Shift.starts_at > now())
    return session.scalars(query.distinct().limit(together.MOST_AT_ONCE)).all()


def refuse_ended(convoy: Convoy) -> None:
    """Raise Conflict for a convoy that is over."""
    if convoy.ended_at is not None:
        raise Conflict(ENDED)


def _release_all(session: Session, convoy: Convoy, leader: Person) -> int:
    """Give back what has no name on every shift to come, and stop waiting for more; return how many were given."""
    given = 0
    for shift in together.lock(session, coming(session, convoy)).values():
        mine = signing.sign_up_of(session, convoy.leader_id, shift.id)
        if mine is None or mine.convoy_id != convoy.id:
            continue
        if mine.state in HOLDING and mine.unnamed:
            count = mine.unnamed
            release_unnamed(session, shift, mine, count)
            tell_late(session, leader, shift, count)
            given += count
        elif mine.state in (SignUpState.WAITING, SignUpState.OFFERED):
            places.take_off(session, shift, mine)
    return given


def _hold(
    session: Session,
    convoy: Convoy,
    leader: Person,
    shift: Shift | None,
    count: int,
    myself: bool,
    new: list[Shift],
    given_up: list[Shift],
) -> None:
    """Bring what a convoy has on a locked shift up to `count` places. Raises what `Gone` lists.

    The shift goes into `new` when its leader is on it with this, and into `given_up` when they waited for more.
    """
    if shift is None:
        raise NotFound(signing.NO_SUCH)
    mine = signing.sign_up_of(session, leader.id, shift.id)
    if mine is not None and mine.state == SignUpState.OFFERED:
        raise Conflict(msg("This shift offers you places already. Answer that first."))
    on_it = mine if mine is not None and mine.state in HOLDING else None
    if on_it is not None and on_it.convoy_id not in (None, convoy.id):
        raise Conflict(msg("You hold places there for another convoy."))
    more = count - places.of_convoy(session, convoy.id, shift.id, but=leader.id) - (on_it.places if on_it else 0)
    if more <= 0 and on_it is not None:
        on_it.convoy_id = convoy.id
    if more <= 0 and (on_it is not None or not myself):
        return
    more = max(more, 1)  # where only members are so far, its leader comes too
    if shift.cancelled_at is not None or shift.starts_at <= now():
        raise signing.why_not(shift)
    if shift.filled + more > shift.maximum:
        raise together.TooFew(_too_few(max(0, shift.maximum - shift.filled), more))
    if mine is not None and mine.state == SignUpState.WAITING and _gives_up(mine, more, myself):
        given_up.append(shift)
    shift.filled += more
    session.flush()
    if on_it is None and not myself:
        on_it = _hold_for_others(session, leader, shift, mine, more)
    elif on_it is None:
        eligibility.refuse(session, leader, shift)
        signing.refuse_clash(session, leader.id, shift)
        on_it = signing.put_on(session, leader, shift, mine, held=more, tell=False)
        new.append(shift)
    else:
        on_it.places, on_it.changed_at = on_it.places + more, now()
    on_it.convoy_id, on_it.unnamed_reminded_at = convoy.id, None
    session.flush()


def _gives_up(waits: SignUp, more: int, myself: bool) -> bool:
    """Return whether holding so many gives up what a leader waits for: more places, or their own if all are others'."""
    return more < waits.places or (waits.convoy_id is None and not myself)


def _hold_for_others(session: Session, leader: Person, shift: Shift, mine: SignUp | None, count: int) -> SignUp:
    """Return the sign-up by which a leader who does not come holds places for those who do (they are taken already)."""
    if mine is None:
        mine = SignUp(shift_id=shift.id, person_id=leader.id, created_at=now())
        session.add(mine)
    mine.state, mine.places, mine.changed_at = SignUpState.HELD, count, now()
    mine.waiting_since = mine.offer_lapses_at = mine.cancel_reason = None
    return mine


def _too_few(free: int, wanted: int) -> Message:
    if not free:
        return msg("This shift is full.")
    return nmsg(
        "%(num)d place is free, and you need %(wanted)s.",
        "%(num)d places are free, and you need %(wanted)s.",
        free,
        wanted=wanted,
    )


def _refuse_others(convoy: Convoy, actor_id: int) -> None:
    if convoy.leader_id != actor_id:
        raise NotAllowed(msg("Only the convoy’s leader can do that."))


def _refuse_count(convoy: Convoy, count: int) -> None:
    if not 1 <= count <= convoy.size:
        raise Invalid(msg("This convoy is of %(size)s: enter a number from 1 to that.", size=convoy.size), "count")


def _refuse_outside(number: int, least: int, most: int, field: str) -> None:
    if not least <= number <= most:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=least, most=most), field)
