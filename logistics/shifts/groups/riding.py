"""Those who come with a convoy: joining by its link, taking the places held for them, and leaving."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, msg
from ...people.models import Person
from .. import places, signing
from ..group_models import Convoy, ConvoyMember
from ..models import LARGEST_PARTY, TAKES_A_PLACE, Shift, SignUpState
from ..qualifying import eligibility
from ..telling import mail
from . import convoys, together

STOPPED = msg("This link works no more. Ask the convoy’s leader for the new one.")


@command
def join(session: Session, *, actor_id: int, convoy_id: int, link: str, seats: int = 0) -> int:
    """Take the actor into a convoy whose link they opened, and onto those of its shifts that they can take.

    `link` is what `convoys.link_of` says. Return the convoy's id; doing it again changes nothing
    but the seats. Raises NotFound for a link that stopped; Conflict when the convoy is over or everyone has a name.
    """
    convoy, people = convoys.lock(session, convoy_id, actor_id)
    if convoys.link_of(convoy) != link:
        raise NotFound(STOPPED)
    convoys.refuse_ended(convoy)
    _refuse_seats(seats)
    member = session.get(ConvoyMember, (convoy_id, actor_id), populate_existing=True)
    if member is None:
        if count(session, convoy_id) >= convoy.size:
            raise Conflict(msg("Everyone of this convoy has a name already. Ask its leader."))
        member = ConvoyMember(convoy_id=convoy_id, person_id=actor_id, joined_at=now())
        session.add(member)
        record(session, actor_id, "convoy.joined", "convoy", convoy_id)
    member.seats = seats
    session.flush()
    _take_places(session, convoy, people[actor_id])
    return convoy_id


@command
def take_places(session: Session, *, actor_id: int, convoy_id: int, shift_id: int | None = None) -> int:
    """Put a member on those shifts of their convoy, or on one, that they are not on and can take; return its id."""
    convoy, people = convoys.lock(session, convoy_id, actor_id)
    convoys.refuse_ended(convoy)
    get_member(session, convoy_id, actor_id)
    _take_places(session, convoy, people[actor_id], shift_id)
    return convoy_id


@command
def set_seats(session: Session, *, actor_id: int, convoy_id: int, seats: int) -> int:
    """Keep how many seats the actor's car has, their own included (0: no car); return the convoy's id."""
    convoys.lock(session, convoy_id, actor_id)
    _refuse_seats(seats)
    get_member(session, convoy_id, actor_id).seats = seats
    record(session, actor_id, "convoy.seats_changed", "convoy", convoy_id)
    return convoy_id


@command
def leave(
    session: Session, *, actor_id: int, convoy_id: int, person_id: int, reason: str = "", shift_id: int | None = None
) -> int:
    """Take someone out of a convoy, or off one of its shifts: themselves, or by its leader. Return its id.

    Their places are the leader's to name again; one so near that coordinators must hear goes to whoever waits for it,
    and needs a reason (see `signing.cancel`). Raises NotFound; NotAllowed; Invalid; Conflict for the leader.
    """
    convoy, people = convoys.lock(session, convoy_id, actor_id, person_id)
    if actor_id not in (person_id, convoy.leader_id):
        raise NotAllowed(msg("Only the convoy’s leader can do that."))
    if person_id == convoy.leader_id:
        raise Conflict(msg("You lead this convoy. End it instead, or give its places back."))
    member = get_member(session, convoy_id, person_id)
    theirs = convoys.coming(session, convoy) if shift_id is None else [shift_id]
    for shift in together.lock(session, theirs).values():
        _give_to_leader(session, convoy, people[person_id], shift, reason)
    if shift_id is None:
        session.delete(member)
        record(session, actor_id, "convoy.left", "convoy", convoy_id, person_id=person_id)
    return convoy_id


def get_member(session: Session, convoy_id: int, person_id: int) -> ConvoyMember:
    """Return someone's membership as it now stands. Raises NotFound, as for a convoy that is not there."""
    found = session.get(ConvoyMember, (convoy_id, person_id), populate_existing=True)
    if found is None:
        raise NotFound(convoys.NO_SUCH)
    return found


def count(session: Session, convoy_id: int) -> int:
    """Return how many people of a convoy have a name."""
    query = select(func.count()).select_from(ConvoyMember).where(ConvoyMember.convoy_id == convoy_id)
    return session.scalar(query) or 0


def _take_places(session: Session, convoy: Convoy, person: Person, only: int | None = None) -> None:
    """Give a locked person a place on each coming shift of a convoy (or on one) that has one without a name for them.

    Where they can't, they stay off it: the convoy's page says why.
    """
    if person.id == convoy.leader_id:
        return
    new: list[Shift] = []
    theirs = [number for number in convoys.coming(session, convoy) if only in (None, number)]
    for shift in together.lock(session, theirs).values():
        leaders = convoys.led(session, convoy, shift.id)
        mine = signing.sign_up_of(session, person.id, shift.id)
        if leaders is None or not leaders.unnamed or shift.starts_at <= now():
            continue
        if mine is not None and mine.state in TAKES_A_PLACE:
            continue
        try:
            eligibility.refuse(session, person, shift)
            signing.refuse_clash(session, person.id, shift)
        except DomainError:
            continue
        convoys.take_unnamed(leaders, 1)
        if mine is not None and mine.state == SignUpState.OFFERED:
            places.take_off(session, shift, mine)  # what the waiting list kept for them is another's now
        mine = signing.put_on(session, person, shift, mine, tell=False)
        mine.convoy_id = convoy.id
        new.append(shift)
        session.flush()
        record(session, person.id, "shift.signed_up", "shift", shift.id, distribution_id=shift.distribution_id)
    mail.confirmed_together(session, person, new)


def _give_to_leader(session: Session, convoy: Convoy, person: Person, shift: Shift, reason: str) -> None:
    mine = signing.sign_up_of(session, person.id, shift.id)
    if mine is None or mine.state != SignUpState.CONFIRMED or mine.convoy_id != convoy.id or shift.starts_at <= now():
        return
    leaders = convoys.led(session, convoy, shift.id)
    if leaders is None or leaders.places >= LARGEST_PARTY or convoy.ended_at is not None or signing.is_late(shift):
        signing.cancel.function(session, actor_id=person.id, shift_id=shift.id, reason=reason)
        return
    mine.state, mine.changed_at, mine.convoy_id = SignUpState.CANCELLED, now(), None
    places.step_down(shift, person.id)
    leaders.places += 1
    leaders.changed_at, leaders.unnamed_reminded_at = now(), None
    session.flush()
    mail.left(session, person, shift, mine.changed_at)
    record(
        session,
        person.id,
        "shift.sign_up_cancelled",
        "shift",
        shift.id,
        distribution_id=shift.distribution_id,
        late=False,
    )


def _refuse_seats(seats: int) -> None:
    if not 0 <= seats <= convoys.MOST_SEATS:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=0, most=convoys.MOST_SEATS), "seats")
