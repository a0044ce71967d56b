"""Reading what is someone's own: the shifts they are on, wait for or are offered, and when they are here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Integer, Select, and_, bindparam, func, literal_column, null, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from ..clock import now
from ..errors import NotFound
from ..people.models import Person
from .day_models import RoleWish, Stay
from .listing import AHEAD, MOST_AHEAD
from .models import HOLDS_PLACES, TAKES_A_PLACE, Role, Shift, SignUp, SignUpState
from .signing import NO_SUCH, OtherShift


class Own(NamedTuple):
    """A shift (role and site loaded), one's sign-up for it, and one's place in its line, from 1; 0 out of line."""

    shift: Shift
    sign_up: SignUp
    in_line: int


@dataclass(frozen=True)
class Ahead:
    """One's own shifts that are not over, the soonest first: what one is offered, is on, waits for, holds for others."""

    offered: list[Own] = field(default_factory=list)
    on: list[Own] = field(default_factory=list)
    waiting: list[Own] = field(default_factory=list)
    held: list[Own] = field(default_factory=list)

    def __iter__(self) -> Iterator[Own]:
        """Go through all of them, those one is on first."""
        yield from (*self.on, *self.offered, *self.waiting, *self.held)


@dataclass(frozen=True)
class Fitting:
    """What someone's list is cut to: their days here (none known: any day), and the ids of roles they wished for."""

    first_day: date | None = None
    last_day: date | None = None
    role_ids: Sequence[int] = ()


_PERSON_ID: Any = bindparam("person_id", type_=Integer)
_stay = (
    select(Stay.arrives_on, Stay.leaves_on)
    .where(Stay.person_id == _PERSON_ID, Stay.leaves_on >= bindparam("today"))
    .order_by(Stay.arrives_on, Stay.id)
    .limit(literal_column("1"))
    .subquery()
)
_FITTING = union_all(
    select(_stay.c.arrives_on.label("first"), _stay.c.leaves_on.label("last"), null().cast(Integer).label("role_id")),
    select(null().cast(Date), null().cast(Date), RoleWish.role_id).where(RoleWish.person_id == _PERSON_ID),
)


def fitting(session: Session, person_id: int, today: date) -> Fitting:
    """Return what fits someone: their stay of today, or else the next one, and their wishes. One query."""
    rows = session.execute(_FITTING, {"person_id": person_id, "today": today}).all()
    days = [(row.first, row.last) for row in rows if row.role_id is None]
    first, last = days[0] if days else (None, None)
    return Fitting(first, last, sorted(row.role_id for row in rows if row.role_id is not None))


def ahead(session: Session, person_id: int) -> Ahead:
    """Return one's own shifts that are not over, in one query."""
    found = Ahead()
    piles = {
        SignUpState.OFFERED: found.offered,
        SignUpState.WAITING: found.waiting,
        SignUpState.HELD: found.held,
    }
    for row in session.execute(_ahead(), {"person_id": person_id, "at": now()}):
        own = Own(*row)
        if own.sign_up.state in TAKES_A_PLACE or own.shift.starts_at > now():  # nobody waits for what has begun
            piles.get(SignUpState(own.sign_up.state), found.on).append(own)
    return found


def past(person_id: int) -> Select[Any]:
    """Return the query for a person's own shifts that are over, the latest first."""
    return (
        select(Shift)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(SignUp.person_id == person_id, SignUp.state.in_(TAKES_A_PLACE), Shift.ends_at <= now())
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
        .options(joinedload(Shift.role), joinedload(Shift.site))
    )


class Here(NamedTuple):
    """How someone stands on one shift: their sign-up's state, until when an offer holds, their place in line.

    `places` is how many it holds or waits for.
    """

    state: str
    lapses_at: datetime | None
    in_line: int
    places: int


class Around(NamedTuple):
    """A shift (role and site loaded) and what a person should know before they take it.

    `mine` is how they stand on it, and `other` what they are on at its time. `full` says that it is still to come, but
    has no place for them: none is free, and none of those taken is theirs.
    """

    shift: Shift
    full: bool = False
    mine: Here | None = None
    other: OtherShift | None = None


def around(session: Session, person_id: int, shift_id: int) -> Around:
    """Return a shift and how things stand around it for a person, in one query without a lock. Raises NotFound."""
    rows = session.execute(_AROUND, {"person_id": person_id, "shift_id": shift_id}).all()
    if not rows:
        raise NotFound(NO_SUCH)
    shift, mine, other = rows[0][0], None, None
    for _shift, number, name, name_fr, starts_at, ends_at, cancel_hours, *standing in rows:
        if number == shift_id:
            mine = Here(*standing)
        elif number is not None:
            other = other or OtherShift(number, name, name_fr, starts_at, ends_at, cancel_hours)
    theirs = mine is not None and mine.state in HOLDS_PLACES  # their own may be one of a convoy's that they hold
    full = shift.filled >= shift.maximum and shift.starts_at > now() and shift.cancelled_at is None
    return Around(shift, full and not theirs, mine, other)


def lead_of(session: Session, shift: Shift) -> str | None:
    """Return the name of the person who leads a shift, if someone does."""
    return None if shift.lead_id is None else session.scalar(select(Person.name).where(Person.id == shift.lead_id))


@cache
def _ahead() -> Select[Any]:
    return (
        select(Shift, SignUp, _in_line(SignUp))
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(SignUp.person_id == _PERSON_ID, SignUp.state.in_(AHEAD), Shift.ends_at > bindparam("at"))
        .options(joinedload(Shift.role), joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.id)
        .limit(literal_column(str(MOST_AHEAD)))
    )


def _in_line(one: Any) -> Any:
    """Return one's place in a shift's line: how many have waited as long or longer; 0 for who does not wait.

    `one` is a sign-up, or its table's columns.
    """
    other = SignUp.__table__.alias().c
    before = or_(
        other.waiting_since < one.waiting_since,
        and_(other.waiting_since == one.waiting_since, other.id <= one.id),
    )
    return (
        select(func.count())
        .where(
            other.shift_id == one.shift_id,
            other.state == SignUpState.WAITING,
            one.state == SignUpState.WAITING,
            before,
        )
        .scalar_subquery()
    )


def _make_around() -> Select[Any]:
    shift, role, signed = (each.__table__.alias() for each in (Shift, Role, SignUp))
    theirs = (
        select(shift.c.id, role.c.name, role.c.name_fr, shift.c.starts_at, shift.c.ends_at, shift.c.cancel_hours)
        .add_columns(signed.c.state, signed.c.offer_lapses_at, _in_line(signed.c).label("in_line"), signed.c.places)
        .select_from(signed.join(shift, shift.c.id == signed.c.shift_id).join(role, role.c.id == shift.c.role_id))
        .where(signed.c.person_id == _PERSON_ID)
        .subquery()
        .c
    )
    clashing = and_(
        theirs.state == SignUpState.CONFIRMED, theirs.starts_at < Shift.ends_at, theirs.ends_at > Shift.starts_at
    )
    return (
        select(Shift, *theirs)
        .outerjoin(theirs.id.table, or_(theirs.id == Shift.id, clashing))
        .where(Shift.id == bindparam("shift_id"))
        .options(joinedload(Shift.role), joinedload(Shift.site))
        .order_by(theirs.starts_at, theirs.id)
    )


_AROUND = _make_around()  # once: it is asked for with every shift's page, and to make it costs more than to run it
