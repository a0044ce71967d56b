"""Reading convoys for their pages: which there are, who is in one, and how it stands on each of its shifts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from ...clock import now
from ...errors import NotFound
from ...people.models import Person
from ...people.qualification_models import HeldQualification, Qualification
from .. import own
from ..group_models import Convoy, ConvoyMember
from ..models import HOLDS_PLACES, TAKES_A_PLACE, Role, RoleQualification, Shift, SignUp, SignUpState
from ..qualifying import requirements, standing
from . import convoys, lapsing

MOST_SIGN_UPS = 3000


@dataclass
class OnShift:
    """How a convoy stands on one shift that is not over.

    `unnamed` places have no name yet and lapse at `lapses_at` (their leader was reminded at `reminded_at`); `waits_for` places it waits for, or is `offered`.
    `names` are those of its members there.
    """

    shift: Shift
    unnamed: int = 0
    waits_for: int = 0
    offered: bool = False
    reminded_at: datetime | None = None
    lapses_at: datetime | None = None
    names: list[str] = field(default_factory=list)

    @property
    def places(self) -> int:
        """Return how many places it has in all."""
        return self.unnamed + len(self.names)


@dataclass(frozen=True)
class Mine:
    """What a shift of a convoy is to one who may take a place there.

    They are on it, or can take it, or can't: because all have names, or `clash`, or `why` (see `standing`).
    """

    on_it: bool = False
    can: bool = False
    clash: Shift | None = None
    why: standing.Why | None = None


def listed(person_id: int | None) -> Select[Any]:
    """Return the query for convoys with their leader's name, members and seats: someone's, or all, the newest first."""
    members = (
        select(
            ConvoyMember.convoy_id,
            func.count().label("named"),
            func.sum(ConvoyMember.seats).label("seats"),
        )
        .group_by(ConvoyMember.convoy_id)
        .subquery()
    )
    query = (
        select(
            Convoy.id,
            Convoy.name,
            Convoy.size,
            Convoy.leader_id,
            Convoy.ended_at,
            Person.name.label("leader"),
            members.c.named,
            members.c.seats,
        )
        .join(Person, Person.id == Convoy.leader_id)
        .join(members, members.c.convoy_id == Convoy.id)
        .order_by(Convoy.ended_at.is_not(None), Convoy.id.desc())
    )
    if person_id is not None:
        mine = select(ConvoyMember.convoy_id).where(ConvoyMember.person_id == person_id)
        query = query.where(Convoy.id.in_(mine))
    return query


def get(session: Session, convoy_id: int) -> Convoy:
    """Return a convoy with its leader. Raises NotFound."""
    query = select(Convoy).where(Convoy.id == convoy_id).options(joinedload(Convoy.leader))
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(convoys.NO_SUCH)
    return found


def members(session: Session, convoy_id: int) -> Sequence[ConvoyMember]:
    """Return who is in a convoy, with their names, in the order in which they joined."""
    query = select(ConvoyMember).where(ConvoyMember.convoy_id == convoy_id).options(joinedload(ConvoyMember.person))
    return session.scalars(query.order_by(ConvoyMember.joined_at, ConvoyMember.person_id)).all()


def drivers(session: Session, convoy_id: int, day: date) -> set[int] | None:
    """Return the ids of those in a convoy who have on a day the licence that a role asks for, in its category.

    A licence is what is asked which it is of; None where no role asks for one. One query.
    """
    asked, held, need = Qualification, HeldQualification, RoleQualification
    mine = (held.qualification_id == asked.id) & (held.person_id == ConvoyMember.person_id)
    rows = session.execute(
        select(ConvoyMember.person_id, asked.id, asked.name, asked.name_fr, held.expires_on, held.detail)
        .add_columns(requirements.holds_in_sql().label("holds"), requirements.category_in_sql().label("category"))
        .select_from(ConvoyMember)
        .join(need, true())
        .join(asked, asked.id == need.qualification_id)
        .join(Role, Role.id == need.role_id)
        .outerjoin(held, mine)
        .where(
            ConvoyMember.convoy_id == convoy_id,
            asked.takes_detail.is_(True),
            asked.on_the_day.is_(False),
            asked.closed_at.is_(None),
            Role.closed_at.is_(None),
        )
    ).all()
    if not rows:
        return None
    return {row.person_id for row in rows if requirements.need_of(row, row.holds, row.expires_on).met_on(day)}


def on_shifts(session: Session, convoy: Convoy) -> list[OnShift]:
    """Return how a convoy stands on each of its shifts that are not over, the soonest first, in one query."""
    rows = session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .join(SignUp.person)
        .where(
            SignUp.convoy_id == convoy.id,
            SignUp.state.in_((*HOLDS_PLACES, SignUpState.WAITING)),
            Shift.ends_at > now(),
        )
        .order_by(Shift.starts_at, Shift.id, Person.name, SignUp.id)
        .limit(MOST_SIGN_UPS)
        .options(
            joinedload(SignUp.person),
            joinedload(SignUp.shift).joinedload(Shift.role),
            joinedload(SignUp.shift).joinedload(Shift.site),
        )
    )
    found: dict[int, OnShift] = {}
    for sign_up in rows:
        stands = found.setdefault(sign_up.shift_id, OnShift(sign_up.shift))
        if sign_up.state in (SignUpState.OFFERED, SignUpState.WAITING):
            stands.waits_for, stands.offered = sign_up.places, sign_up.state == SignUpState.OFFERED
            continue
        stands.unnamed += sign_up.unnamed
        stands.reminded_at = stands.reminded_at or sign_up.unnamed_reminded_at
        if sign_up.state in TAKES_A_PLACE:
            stands.names.append(sign_up.person.name)
    for stands in found.values():
        if stands.unnamed:
            stands.lapses_at = lapsing.lapses_at(stands.shift.starts_at, convoy.lapse_hours, stands.reminded_at)
    return list(found.values())


def for_one(session: Session, person_id: int, shifts: Sequence[OnShift]) -> dict[int, Mine]:
    """Return by shift id what a convoy's shifts are to one person, in three queries at most."""
    stands = requirements.read(session, person_id)
    mixed = [each.shift.id for each in shifts if standing.demands_mix(each.shift)]
    crews = requirements.crews_of(session, mixed, without=person_id)
    ahead = [each.shift for each in own.ahead(session, person_id).on]
    return {each.shift.id: _mine(each, ahead, stands, crews.get(each.shift.id, standing.NOBODY)) for each in shifts}


def held(session: Session, convoy: Convoy, shift_ids: Sequence[int]) -> tuple[dict[int, int], set[int]]:
    """Return how many places a convoy holds on each of these shifts, and on which its leader has some of another."""
    counts: dict[int, int] = defaultdict(int)
    elsewhere: set[int] = set()
    theirs = (SignUp.person_id == convoy.leader_id) & SignUp.convoy_id.is_not(None)
    for shift_id, places, convoy_id in session.execute(
        select(SignUp.shift_id, SignUp.places, SignUp.convoy_id).where(
            or_(SignUp.convoy_id == convoy.id, theirs),
            SignUp.shift_id.in_(shift_ids),
            SignUp.state.in_((*TAKES_A_PLACE, SignUpState.HELD)),
        )
    ):
        if convoy_id == convoy.id:
            counts[shift_id] += places
        else:
            elsewhere.add(shift_id)
    return dict(counts), elsewhere


def _mine(stands: OnShift, ahead: Sequence[Shift], standing_of: standing.Standing, crew: standing.Crew) -> Mine:
    shift = stands.shift
    if any(other.id == shift.id for other in ahead):
        return Mine(on_it=True)
    if not stands.unnamed or shift.starts_at <= now():
        return Mine()
    clash = next((one for one in ahead if one.starts_at < shift.ends_at and shift.starts_at < one.ends_at), None)
    # A place of the convoy's is counted as filled already, so theirs is not one more.
    why = standing.why_not_role(standing_of, shift.role_id, shift.ends_at)
    if why is None and standing.demands_mix(shift):
        why = standing.why_not_mix(standing_of, shift, crew, shift.maximum - shift.filled)
    return Mine(can=clash is None and why is None, clash=clash, why=why)
