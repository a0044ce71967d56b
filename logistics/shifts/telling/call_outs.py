"""Calling out: asking a few people who are free, qualified and willing to fill in on a shift that is short.

Never the whole list: three for each place that is missing, and whoever wishes for the role and is here first. Nobody
is asked twice for one shift. The mail leads to the shift's page, where the first to sign up have the places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import IntEnum
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...db import insert_into
from ...errors import Conflict, msg
from ...people.models import Person
from .. import signing
from ..day_models import CalledOut, RoleWish, Stay
from ..models import TAKES_A_PLACE, Shift, SignUp, SignUpState
from ..plans import wall
from ..qualifying import requirements, standing, standings
from . import mail

ASKED_PER_PLACE = 3
MOST_ASKED = 50
MOST_WEIGHED = 1000  # of those who are willing and free, the likeliest; who is qualified is found among them
NEAR = 2  # days before they arrive or after they leave that someone might still come
LATELY = timedelta(days=14)


class Here(IntEnum):
    """How near someone's stay is to the day of a shift, the nearest first."""

    THAT_DAY = 0
    NEAR_IT = 1
    UNKNOWN = 2  # no stay to come: they may live near


@dataclass(frozen=True)
class Candidate:
    """Someone who would be asked."""

    person_id: int
    name: str
    wishes: bool  # for the shift's role
    here: Here


@dataclass(frozen=True)
class Asked:
    """How many people were asked for a shift so far, and how many of them are on it."""

    asked: int
    came: int


def missing(shift: Shift) -> int:
    """Return how many people a shift lacks to its minimum."""
    return max(0, shift.minimum - shift.filled)


def why_closed(shift: Shift) -> Any:
    """Return why nobody can be called out for a shift, or None."""
    if shift.cancelled_at is not None:
        return msg("This shift has been called off.")
    if shift.starts_at <= now():
        return msg("This shift has already begun.")
    if not missing(shift):
        return msg("This shift is not short of people.")
    return None


def asked_so_far(session: Session, shift_id: int) -> Asked:
    """Return who was asked for a shift so far, as figures."""
    row = session.execute(
        select(func.count(CalledOut.person_id), func.count(SignUp.id))
        .outerjoin(
            SignUp,
            and_(
                SignUp.shift_id == CalledOut.shift_id,
                SignUp.person_id == CalledOut.person_id,
                SignUp.state.in_(TAKES_A_PLACE),
            ),
        )
        .where(CalledOut.shift_id == shift_id)
    ).one()
    return Asked(*row)


def candidates(session: Session, shift: Shift, zone: tzinfo) -> list[Candidate]:
    """Return who would be asked next for a shift, the likeliest first, in a fixed number of queries."""
    most = min(MOST_ASKED, ASKED_PER_PLACE * missing(shift))
    if not most:
        return []
    day = wall.local(shift.starts_at, zone).date()
    willing = [
        Candidate(row.id, row.name, bool(row.wishes), Here(row.here)) for row in session.execute(_free(shift, day))
    ]
    able = _able(session, shift, [each.person_id for each in willing])
    return [each for each in willing if each.person_id in able][:most]


@command
def send(session: Session, *, actor_id: int, shift_id: int, seen: int, zone: tzinfo) -> int:
    """Ask the next few people to fill in on a shift, and return how many were asked.

    `seen` is how many the page said were asked before. Raises NotFound; Conflict when the shift is not short (any
    more), has begun or was called off, when someone else has just asked others, or nobody is left to ask.
    """
    shift = signing.lock_shift(session, shift_id)
    refusal = why_closed(shift)
    if refusal is not None:
        raise Conflict(refusal)
    if asked_so_far(session, shift_id).asked != seen:
        raise Conflict(msg("Someone has just asked others for this shift. Give them a moment, then look again."))
    ids = [each.person_id for each in candidates(session, shift, zone)]
    if not ids:
        raise Conflict(msg("There is nobody left to ask for this shift."))
    rows = [{"shift_id": shift_id, "person_id": person_id, "at": now()} for person_id in ids]
    session.execute(insert_into(session)(CalledOut).values(rows).on_conflict_do_nothing())
    people = session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id)).all()
    for person in people:
        mail.called_out(session, person, shift)
    record(
        session,
        actor_id,
        "shift.called_out",
        "shift",
        shift_id,
        distribution_id=shift.distribution_id,
        asked=len(people),
        missing=missing(shift),
    )
    return len(people)


def _free(shift: Shift, day: date) -> Select[Any]:
    """Return the query for those who are willing, free, here or near, and not asked yet, the likeliest first."""
    wishes = exists().where(RoleWish.person_id == Person.id, RoleWish.role_id == shift.role_id)
    here = exists().where(Stay.person_id == Person.id, Stay.arrives_on <= day, Stay.leaves_on >= day)
    near = exists().where(
        Stay.person_id == Person.id,
        Stay.arrives_on <= day + timedelta(days=NEAR),
        Stay.leaves_on >= day - timedelta(days=NEAR),
    )
    to_come = exists().where(Stay.person_id == Person.id, Stay.leaves_on >= now().date())
    lately = (
        select(func.count()).where(CalledOut.person_id == Person.id, CalledOut.at > now() - LATELY).scalar_subquery()
    )
    rank = case((here, literal(0)), (near, literal(1)), else_=literal(2))
    busy = (
        exists()
        .where(SignUp.person_id == Person.id, SignUp.shift_id == Shift.id)
        .where(
            or_(
                SignUp.shift_id == shift.id,  # on it, in its line, or off it again: they know of it
                and_(
                    SignUp.state.in_((SignUpState.CONFIRMED, SignUpState.OFFERED)),
                    Shift.starts_at < shift.ends_at,
                    Shift.ends_at > shift.starts_at,
                ),
            )
        )
    )
    return (
        select(Person.id, Person.name, wishes.label("wishes"), rank.label("here"))
        .where(
            Person.wants_call_outs.is_(True),
            Person.disabled_at.is_(None),
            Person.deleted_at.is_(None),
            Person.email_confirmed_at.is_not(None),
            or_(near, ~to_come),
            ~exists().where(CalledOut.shift_id == shift.id, CalledOut.person_id == Person.id),
            ~busy,
        )
        .order_by(wishes.desc(), rank, lately, Person.id)
        .limit(MOST_WEIGHED)
    )


def _able(session: Session, shift: Shift, person_ids: Sequence[int]) -> set[int]:
    """Return which of these people may take a shift as things stand."""
    crews = requirements.crews_of(session, [shift.id] if standing.demands_mix(shift) else [])
    crew = crews.get(shift.id, standing.NOBODY)
    found = standings.of_many(session, person_ids, [shift.role_id])
    return {number for number, each in found.items() if standing.why_not(each, shift, crew) is None}
