"""Reading shifts for pages: the flat list, one shift, and one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from ..clock import now
from ..distributions.models import Distribution, Site
from ..errors import NotFound
from ..paging import PAGE_SIZE, Page
from ..people.models import Person
from .models import TAKES_A_PLACE, Role, Shift, SignUp
from .signing import NO_SUCH, OtherShift

MOST_AHEAD = 200  # of one's own shifts to come, as many as a page shows


class Name(NamedTuple):
    """The names of a role or a site."""

    id: int
    name: str
    name_fr: str | None
    closed: bool


@dataclass(frozen=True)
class Wanted:
    """Which shifts a list shows: those still to come, or those of `day` (its first and its last moment) if given."""

    role_id: int | None = None
    site_id: int | None = None
    day: tuple[datetime, datetime] | None = None

    @property
    def shape(self) -> tuple[bool, bool, bool]:
        """Return what is asked for, without the values: one statement serves all of one shape."""
        return self.role_id is not None, self.site_id is not None, self.day is not None

    @property
    def values(self) -> dict[str, Any]:
        """Return the values that the statement of this shape takes."""
        found: dict[str, Any] = {"since": self.day[0] if self.day else now()}
        if self.day:
            found["until"] = self.day[1]
        if self.role_id is not None:
            found["role_id"] = self.role_id
        if self.site_id is not None:
            found["site_id"] = self.site_id
        return found


def _conditions(role: bool, site: bool, day: bool) -> list[ColumnElement[bool]]:
    which = [Shift.cancelled_at.is_(None), Shift.starts_at > bindparam("since")]
    if day:
        which[1:] = [Shift.starts_at >= bindparam("since"), Shift.starts_at < bindparam("until")]
    if role:
        which.append(Shift.role_id == bindparam("role_id"))
    if site:
        which.append(Shift.site_id == bindparam("site_id"))
    return which


# Statements are made once and given values: the list is what everyone opens, and making them anew costs more than
# the database takes to answer.
@cache
def _page_statement(role: bool, site: bool, day: bool) -> Select[Any]:
    which = _conditions(role, site, day)
    total = select(func.count(Shift.id)).where(*which).scalar_subquery()
    columns = (Shift.id, Shift.role_id, Shift.site_id, Shift.starts_at, Shift.ends_at)
    places = (Shift.minimum, Shift.maximum, Shift.filled)
    query = select(*columns, *places, total).where(*which).order_by(Shift.starts_at, Shift.id)
    return query.limit(PAGE_SIZE).offset(bindparam("skipped"))


@cache
def _count_statement(role: bool, site: bool, day: bool) -> Select[Any]:
    return select(func.count(Shift.id)).where(*_conditions(role, site, day))


_NAMES = union_all(
    select(literal(0).label("kind"), Role.id, Role.name, Role.name_fr, Role.closed_at, Role.name_key),
    select(literal(1), Site.id, Site.name, Site.name_fr, Site.closed_at, Site.name_key),
).order_by("kind", "name_key")

_MINE_AHEAD = (
    select(Shift.id, Role.name, Role.name_fr, Shift.starts_at, Shift.ends_at)
    .join(SignUp, SignUp.shift_id == Shift.id)
    .join(Role, Role.id == Shift.role_id)
    .where(
        SignUp.person_id == bindparam("person_id"),
        SignUp.state.in_(TAKES_A_PLACE),
        Shift.ends_at > bindparam("since"),
    )
    .order_by(Shift.starts_at, Shift.id)
    .limit(MOST_AHEAD)
)


def page_of(session: Session, wanted: Wanted, number: int) -> Page[Any]:
    """Return one page of shifts, the soonest first, as rows of plain columns.

    Like `paging.paginate`, but rows and total come in one query.
    """
    number = max(1, number)
    values = wanted.values
    rows = session.execute(_page_statement(*wanted.shape), {**values, "skipped": (number - 1) * PAGE_SIZE}).all()
    if not rows and number > 1:  # past the end: show the last page
        count = session.scalar(_count_statement(*wanted.shape), values) or 0
        return page_of(session, wanted, -(-count // PAGE_SIZE) or 1)
    return Page(rows, number, rows[0][-1] if rows else 0)


def every(wanted: Wanted) -> Select[Any]:
    """Return the query for all of these shifts, the soonest first."""
    query = select(Shift).where(*_conditions(*wanted.shape)).order_by(Shift.starts_at, Shift.id)
    return query.params(**wanted.values)


def names(session: Session) -> tuple[dict[int, Name], dict[int, Name]]:
    """Return every role's and every site's names by id, each in the order of their names, in one query."""
    found: tuple[dict[int, Name], dict[int, Name]] = {}, {}
    for kind, number, name, name_fr, closed_at, _key in session.execute(_NAMES):
        found[kind][number] = Name(number, name, name_fr, closed_at is not None)
    return found


def mine_ahead(session: Session, person_id: int) -> Sequence[OtherShift]:
    """Return a person's own shifts that are not over, the soonest first."""
    rows = session.execute(_MINE_AHEAD, {"person_id": person_id, "since": now()})
    return [OtherShift(*row) for row in rows]


def own(session: Session, person_id: int) -> Sequence[Shift]:
    """Return a person's own shifts that are not over, with role and site, the soonest first."""
    query = _own(person_id).where(Shift.ends_at > now()).order_by(Shift.starts_at, Shift.id)
    return session.scalars(query.limit(MOST_AHEAD)).all()


def own_past(person_id: int) -> Select[Any]:
    """Return the query for a person's own shifts that are over, the latest first."""
    return _own(person_id).where(Shift.ends_at <= now()).order_by(Shift.starts_at.desc(), Shift.id.desc())


def _own(person_id: int) -> Select[Any]:
    return (
        select(Shift)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(SignUp.person_id == person_id, SignUp.state.in_(TAKES_A_PLACE))
        .options(joinedload(Shift.role), joinedload(Shift.site))
    )


def get(session: Session, shift_id: int) -> Shift:
    """Return a shift with its role and site. Raises NotFound."""
    shift = session.scalars(
        select(Shift).where(Shift.id == shift_id).options(joinedload(Shift.role), joinedload(Shift.site))
    ).one_or_none()
    if shift is None:
        raise NotFound(NO_SUCH)
    return shift


def distribution_of(session: Session, shift: Shift) -> Distribution | None:
    """Return the distribution that a shift belongs to, if to one."""
    return None if shift.distribution_id is None else session.get(Distribution, shift.distribution_id)


def is_on(session: Session, person_id: int, shift_id: int) -> bool:
    """Return whether a person has a place on a shift."""
    state = session.scalar(select(SignUp.state).where(SignUp.shift_id == shift_id, SignUp.person_id == person_id))
    return state in TAKES_A_PLACE


def crew_names(session: Session, shift_id: int) -> Sequence[str]:
    """Return the names of those on a shift, for staff."""
    return session.scalars(
        select(Person.name)
        .join(SignUp, SignUp.person_id == Person.id)
        .where(SignUp.shift_id == shift_id, SignUp.state.in_(TAKES_A_PLACE))
        .order_by(Person.name, Person.id)
    ).all()


def beside(session: Session, *, distribution_id: int | None, like: Shift | None) -> Sequence[Shift]:
    """Return the shifts that a new one is going to stand beside: of its distribution, or as the one it is like."""
    query = select(Shift).where(Shift.cancelled_at.is_(None)).options(joinedload(Shift.role), joinedload(Shift.site))
    if distribution_id is not None:
        query = query.where(Shift.distribution_id == distribution_id)
    elif like is not None:
        query = query.where(
            Shift.distribution_id.is_(None), Shift.site_id == like.site_id, Shift.starts_at == like.starts_at
        )
    else:
        return []
    return session.scalars(query.order_by(Shift.starts_at, Shift.id).limit(100)).all()


def overlapping(mine: Sequence[OtherShift], shift_id: int, starts_at: datetime, ends_at: datetime) -> OtherShift | None:
    """Return which of one's own shifts a shift overlaps, other than itself."""
    for other in mine:
        if other.starts_at < ends_at and starts_at < other.ends_at and other.shift_id != shift_id:
            return other
    return None
