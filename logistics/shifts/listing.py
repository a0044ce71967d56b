"""Reading shifts for pages: the flat list, one shift, and one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    bindparam,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from ..clock import now
from ..db import Moment
from ..distributions.models import Distribution, Site
from ..errors import NotFound
from ..paging import PAGE_SIZE, Page, count, last_page
from ..people.models import Person
from .models import TAKES_A_PLACE, Role, Shift, SignUp
from .signing import NO_SUCH, OtherShift

MOST_AHEAD = 200  # of one's own shifts to come, as many as a page shows

# The list's statement is of tables, not of entities, which would be read through one more layer.
_shift, _sign_up, _role, _site = (thing.__table__.c for thing in (Shift, SignUp, Role, Site))


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
    which = [_shift.cancelled_at.is_(None), _shift.starts_at > bindparam("since")]
    if day:
        which[1:] = [_shift.starts_at >= bindparam("since"), _shift.starts_at < bindparam("until")]
    if role:
        which.append(_shift.role_id == bindparam("role_id"))
    if site:
        which.append(_shift.site_id == bindparam("site_id"))
    return which


class Kind(IntEnum):
    """What a row of the list's one statement tells."""

    SHIFT = 0
    ROLE = 1
    SITE = 2
    MINE = 3
    TOTAL = 4


@dataclass(frozen=True)
class ShiftList:
    """A page of shifts as rows of plain columns, and what goes with it.

    `roles` and `sites` are all there are, by id, in the order of their names; `mine` are the reader's own shifts
    that are not over, the soonest first.
    """

    page: Page[Any]
    roles: dict[int, Name]
    sites: dict[int, Name]
    mine: list[OtherShift]


_NOTHING: dict[str, ColumnElement[Any]] = {
    "id": null().cast(Integer),
    "role_id": null().cast(Integer),
    "site_id": null().cast(Integer),
    "starts_at": null().cast(Moment),
    "ends_at": null().cast(Moment),
    "minimum": null().cast(Integer),
    "maximum": null().cast(Integer),
    "filled": null().cast(Integer),
    "name": null().cast(String),
    "name_fr": null().cast(String),
    "closed": null().cast(Boolean),
    "key": null().cast(String),
}


def _tell(kind: Kind, known: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """Return the part of the list's statement that tells one kind of row; what it does not know is NULL."""
    columns = (known.get(name, nothing).label(name) for name, nothing in _NOTHING.items())
    return select(literal_column(str(kind.value), Integer).label("kind"), *columns)


# Everyone opens this list, so all of a page comes in one statement: to ask five times costs more than the answers.
# Statements are made once and given values, for making one costs more than the database takes to run it.
@cache
def _statement(role: bool, site: bool, day: bool) -> CompoundSelect[Any]:
    which = _conditions(role, site, day)
    place = [_shift.id, _shift.role_id, _shift.site_id, _shift.starts_at, _shift.ends_at]
    page = (
        select(*place, _shift.minimum, _shift.maximum, _shift.filled)
        .where(*which)
        .order_by(_shift.starts_at, _shift.id)
        .limit(literal_column(str(PAGE_SIZE)))
        .offset(bindparam("skipped", type_=Integer))
        .subquery()
    )
    mine = (
        select(*place)
        .join(SignUp.__table__, _sign_up.shift_id == _shift.id)
        .where(
            _sign_up.person_id == bindparam("person_id", type_=Integer),
            _sign_up.state.in_([literal_column(f"'{state}'") for state in TAKES_A_PLACE]),
            _shift.ends_at > bindparam("at"),
        )
        .order_by(_shift.starts_at, _shift.id)
        .limit(literal_column(str(MOST_AHEAD)))
        .subquery()
    )
    names = [
        _tell(kind, {**dict(of.items()), "closed": of.closed_at.is_not(None), "key": of.name_key})
        for kind, of in ((Kind.ROLE, _role), (Kind.SITE, _site))
    ]
    total = count(select(_shift.id).where(*which)).scalar_subquery()
    return union_all(
        _tell(Kind.SHIFT, dict(page.c.items())),
        *names,
        _tell(Kind.MINE, dict(mine.c.items())),
        _tell(Kind.TOTAL, {"id": total}),
    ).order_by("kind", "starts_at", "key", "id")


def read(session: Session, wanted: Wanted, number: int, person_id: int | None) -> ShiftList:
    """Return one page of shifts, the soonest first, as `person_id` (none when signed out) needs it, in one query.

    A number past the end gives the last page, for one query more.
    """
    number = max(1, number)
    skipped = (number - 1) * PAGE_SIZE
    values = {**wanted.values, "person_id": person_id or 0, "at": now(), "skipped": skipped}
    found: dict[int, list[Any]] = {kind: [] for kind in Kind}
    for row in session.execute(_statement(*wanted.shape), values).all():
        found[row[0]].append(row)
    total: int = found[Kind.TOTAL][0].id
    if not found[Kind.SHIFT] and number > 1:
        return read(session, wanted, last_page(total), person_id)
    roles = {row.id: Name(row.id, row.name, row.name_fr, row.closed) for row in found[Kind.ROLE]}
    sites = {row.id: Name(row.id, row.name, row.name_fr, row.closed) for row in found[Kind.SITE]}
    mine = [
        OtherShift(row.id, roles[row.role_id].name, roles[row.role_id].name_fr, row.starts_at, row.ends_at)
        for row in found[Kind.MINE]
    ]
    return ShiftList(Page(found[Kind.SHIFT], number, total), roles, sites, mine)


def every(wanted: Wanted) -> Select[Any]:
    """Return the query for all of these shifts with role and site, the soonest first."""
    query = select(Shift).where(*_conditions(*wanted.shape)).order_by(Shift.starts_at, Shift.id)
    return query.options(joinedload(Shift.role), joinedload(Shift.site)).params(**wanted.values)


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
