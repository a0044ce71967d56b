"""What shifts hold about a person: what they signed up for and worked, their stays, convoys, letters.

When they leave, hours worked stay, as those of nobody; what was to come is given back to those who wait.
"""

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..distributions.models import Site
from ..errors import Conflict, msg, name_of
from ..holding import Holding, Section, Whose
from ..paging import Query
from ..people.models import Person
from ..people.personal import GONE
from . import moving, places, signing
from .day import presence
from .day_models import CalledOut, HoursLetter, Presence, RoleWish, Stay
from .group_models import Convoy, ConvoyMember
from .models import Role, Shift, SignUp, SignUpState
from .telling import mail
from .worked.minutes import worked

AHEAD = (SignUpState.CONFIRMED, SignUpState.OFFERED, SignUpState.HELD, SignUpState.WAITING)


def _sign_ups(whose: Whose) -> Query:
    columns = (
        Role.name,
        Site.name,
        Shift.starts_at,
        Shift.ends_at,
        SignUp.state,
        SignUp.places,
        SignUp.created_at,
        SignUp.changed_at,
        SignUp.waiting_since,
        SignUp.cancel_reason,
        SignUp.arrived_at,
        SignUp.left_at,
        worked(),
        SignUp.minutes,
        SignUp.reminded_at,
        SignUp.thanked_at,
    )
    query = select(*columns).join(Shift, Shift.id == SignUp.shift_id).join(Role, Role.id == Shift.role_id)
    return query.join(Site, Site.id == Shift.site_id).where(SignUp.person_id == whose.id).order_by(SignUp.id)


SIGN_UPS = Section(
    "shifts",
    msg("Your shifts"),
    {
        "role": msg("Role"),
        "site": msg("Where"),
        "starts_at": msg("Starts"),
        "ends_at": msg("Ends"),
        "state": msg("State"),
        "places": msg("Places"),
        "created_at": msg("Signed up"),
        "changed_at": msg("Changed"),
        "waiting_since": msg("Waited since"),
        "cancel_reason": msg("Why you could not come"),
        "arrived_at": msg("Arrived"),
        "left_at": msg("Left"),
        "minutes": msg("Minutes, if you came"),
        "corrected_minutes": msg("Minutes as corrected"),
        "reminded_at": msg("Reminded"),
        "thanked_at": msg("Thanked"),
    },
    _sign_ups,
    frozenset({"sign_up.person_id"}),
)
LED = Section(
    "shifts_you_lead",
    msg("Shifts you lead"),
    {"role": msg("Role"), "starts_at": msg("Starts"), "ends_at": msg("Ends")},
    lambda whose: (
        select(Role.name, Shift.starts_at, Shift.ends_at)
        .join(Role, Role.id == Shift.role_id)
        .where(Shift.lead_id == whose.id)
        .order_by(Shift.id)
    ),
    frozenset({"shift.lead_id"}),
)
STAYS = Section(
    "stays",
    msg("Your stays"),
    {"arrives_on": msg("Arrives"), "leaves_on": msg("Leaves"), "created_at": msg("Said")},
    lambda whose: (
        select(Stay.arrives_on, Stay.leaves_on, Stay.created_at).where(Stay.person_id == whose.id).order_by(Stay.id)
    ),
    frozenset({"stay.person_id"}),
)
WISHES = Section(
    "role_wishes",
    msg("Roles you would like"),
    {"role": msg("Role")},
    lambda whose: (
        select(Role.name)
        .join(RoleWish, RoleWish.role_id == Role.id)
        .where(RoleWish.person_id == whose.id)
        .order_by(Role.id)
    ),
    frozenset({"role_wish.person_id"}),
)
PRESENCES = Section(
    "days_present",
    msg("Days on which you were here"),
    {"site": msg("Where"), "day": msg("Day"), "arrived_at": msg("Arrived"), "left_at": msg("Left")},
    lambda whose: (
        select(Site.name, Presence.day, Presence.arrived_at, Presence.left_at)
        .join(Site, Site.id == Presence.site_id)
        .where(Presence.person_id == whose.id)
        .order_by(Presence.id)
    ),
    frozenset({"presence.person_id"}),
)
CALL_OUTS = Section(
    "call_outs",
    msg("Shifts you were asked to fill in on"),
    {"role": msg("Role"), "starts_at": msg("Starts"), "at": msg("Asked")},
    lambda whose: (
        select(Role.name, Shift.starts_at, CalledOut.at)
        .join(Shift, Shift.id == CalledOut.shift_id)
        .join(Role, Role.id == Shift.role_id)
        .where(CalledOut.person_id == whose.id)
        .order_by(CalledOut.at, CalledOut.shift_id)
    ),
    frozenset({"called_out.person_id"}),
)
CONVOYS = Section(
    "convoys_you_lead",
    msg("Convoys you lead"),
    {"name": msg("Name"), "size": msg("People"), "created_at": msg("Made"), "ended_at": msg("Ended")},
    lambda whose: (
        select(Convoy.name, Convoy.size, Convoy.created_at, Convoy.ended_at)
        .where(Convoy.leader_id == whose.id)
        .order_by(Convoy.id)
    ),
    frozenset({"convoy.leader_id"}),
)
MEMBERSHIPS = Section(
    "convoys",
    msg("Convoys you joined"),
    {"name": msg("Name"), "joined_at": msg("Joined"), "seats": msg("Seats in your car")},
    lambda whose: (
        select(Convoy.name, ConvoyMember.joined_at, ConvoyMember.seats)
        .join(Convoy, Convoy.id == ConvoyMember.convoy_id)
        .where(ConvoyMember.person_id == whose.id)
        .order_by(ConvoyMember.convoy_id)
    ),
    frozenset({"convoy_member.person_id"}),
)
LETTERS = Section(
    "letters",
    msg("Letters on your hours"),
    {
        "code": msg("Code"),
        "name": msg("Name"),
        "first_day": msg("First day"),
        "last_day": msg("Last day"),
        "shifts": msg("Shifts"),
        "minutes": msg("Minutes"),
        "issued_at": msg("Made"),
    },
    lambda whose: (
        select(
            HoursLetter.code,
            HoursLetter.name,
            HoursLetter.first_day,
            HoursLetter.last_day,
            HoursLetter.shifts,
            HoursLetter.minutes,
            HoursLetter.issued_at,
        )
        .where(HoursLetter.person_id == whose.id)
        .order_by(HoursLetter.id)
    ),
    frozenset({"hours_letter.person_id"}),
)


def refuse(session: Session, whose: Whose) -> None:
    """Step: raise `Conflict` during a shift of theirs, and while they lead a convoy that is still to come.

    A shift of theirs goes on, whatever its plan says, until someone has written down that they left it: a head count
    must not lose the name of who is still out.
    """
    at = now()
    still_there = SignUp.arrived_at.is_not(None) & (SignUp.arrived_at > at - presence.STAYS)
    under_way = session.execute(
        select(Role, Shift.ends_at)
        .join(Shift, Shift.role_id == Role.id)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(
            SignUp.person_id == whose.id,
            or_(SignUp.state == SignUpState.CONFIRMED, SignUp.state == SignUpState.ATTENDED),
            SignUp.left_at.is_(None),
            or_(and_(Shift.starts_at <= at, Shift.ends_at > at), still_there),
            Shift.cancelled_at.is_(None),
        )
        .order_by(Shift.ends_at.desc(), Shift.id)
        .limit(1)
    ).first()
    if under_way is not None:
        role = name_of(under_way.Role)
        if under_way.ends_at > at:
            raise Conflict(msg("You are on a shift now: %(role)s. Delete the account after it.", role=role))
        raise Conflict(
            msg(
                "Nobody has written down yet that you left your shift: %(role)s. Sign out of it, or tell its lead that you "
                "are back; then delete the account.",
                role=role,
            )
        )
    leads = session.scalar(
        select(Convoy.name)
        .join(SignUp, SignUp.convoy_id == Convoy.id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(Convoy.leader_id == whose.id, Convoy.ended_at.is_(None), Shift.ends_at > at, SignUp.state.in_(AHEAD))
        .limit(1)
    )
    if leads is not None:
        raise Conflict(
            msg("You lead a convoy that is still to come: %(name)s. End it first, so that its people know.", name=leads)
        )


def forget(session: Session, whose: Whose) -> None:
    """Step: give back what is ahead, and delete all but the bare record of who was there, whose name is gone."""
    _give_back(session, whose)
    for table in (Stay, RoleWish, CalledOut):
        session.execute(delete(table).where(table.person_id == whose.id))
    _leave_convoys(session, whose)
    bare = update(SignUp).where(SignUp.person_id == whose.id).values(cancel_reason=None)
    free = update(HoursLetter).where(HoursLetter.person_id == whose.id).values(person_id=None, name=None)
    gone = update(Presence).where(Presence.person_id == whose.id, Presence.left_at.is_(None)).values(left_at=now())
    leaderless = update(Shift).where(Shift.lead_id == whose.id, Shift.ends_at > now()).values(lead_id=None)
    for change in (bare, free, gone, leaderless):
        session.execute(change.execution_options(synchronize_session=False))


def _leave_convoys(session: Session, whose: Whose) -> None:
    """End the convoys they lead, whose names may be theirs, and take them out of others'. A convoy keeps its leader."""
    led = select(Convoy.id).where(Convoy.leader_id == whose.id)
    mine = ConvoyMember.person_id == whose.id
    over = func.coalesce(Convoy.ended_at, now())
    for change in (
        delete(ConvoyMember).where(mine, ConvoyMember.convoy_id.not_in(led)),
        update(ConvoyMember).where(mine).values(seats=0),
        update(Convoy).where(Convoy.leader_id == whose.id).values(ended_at=over, name=GONE),
    ):
        session.execute(change.execution_options(synchronize_session=False))


def _give_back(session: Session, whose: Whose) -> None:
    """Take them off shifts still to come, as if they had cancelled: late ones are told to coordinators at once."""
    person = session.get_one(Person, whose.id)
    ahead = select(SignUp.shift_id).where(SignUp.person_id == whose.id, SignUp.state.in_(AHEAD))
    for shift in moving.lock_shifts(session, Shift.id.in_(ahead), Shift.starts_at > now()):
        mine = signing.sign_up_of(session, whose.id, shift.id)
        if mine is None or mine.state not in AHEAD:
            continue
        late = mine.state == SignUpState.CONFIRMED and signing.is_late(shift)
        places.take_off(session, shift, mine)
        if late:
            mail.left_late(session, signing.planners(session), person, shift, "")
        record(
            session,
            whose.id,
            "shift.sign_up_cancelled",
            "shift",
            shift.id,
            distribution_id=shift.distribution_id,
            late=late,
        )


HOLDING = Holding(
    sections=(SIGN_UPS, LED, STAYS, WISHES, PRESENCES, CALL_OUTS, CONVOYS, MEMBERSHIPS, LETTERS),
    signs=frozenset({"sign_up.added_by", "sign_up.minutes_by"}),
    refuse=refuse,
    forget=forget,
)
