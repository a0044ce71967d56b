"""Reading shifts for pages: the flat list that everyone opens, and one shift."""

from collections.abc import Collection, Mapping, Sequence
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
    case,
    func,
    literal_column,
    null,
    or_,
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
from .models import HOLDS_PLACES, TAKES_A_PLACE, Role, Shift, SignUp, SignUpState
from .signing import NO_SUCH
from .wanted import ME, Wanted, conditions

PAGE_SIZES = (PAGE_SIZE, 100, 200)  # that an address may ask for
MOST_AHEAD = 200  # of one's own shifts to come, as many as a page shows
AHEAD = (*HOLDS_PLACES, SignUpState.WAITING)  # what concerns someone of the days to come

# The list's statement is of tables, not of entities, which would be read through one more layer.
_shift, _sign_up, _role, _site = (thing.__table__.c for thing in (Shift, SignUp, Role, Site))


class Name(NamedTuple):
    """The names of a role or a site."""

    id: int
    name: str
    name_fr: str | None
    closed: bool


class Mine(NamedTuple):
    """One of the reader's own shifts that are not over: how they stand on it, and until when an offer holds.

    `places` is how many they have there, wait for or hold for a convoy.
    """

    shift_id: int
    role_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    state: str
    lapses_at: datetime | None
    places: int

    @property
    def on_it(self) -> bool:
        """Return whether the reader has a place, and so can't be elsewhere at that time."""
        return self.state in TAKES_A_PLACE


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
    that are not over, those they wait for among them, the soonest first.
    """

    page: Page[Any]
    roles: dict[int, Name]
    sites: dict[int, Name]
    mine: list[Mine]


_NOTHING: dict[str, ColumnElement[Any]] = {
    "id": null().cast(Integer),
    "role_id": null().cast(Integer),
    "site_id": null().cast(Integer),
    "starts_at": null().cast(Moment),
    "ends_at": null().cast(Moment),
    "minimum": null().cast(Integer),
    "maximum": null().cast(Integer),
    "filled": null().cast(Integer),
    "cancel_hours": null().cast(Integer),
    "experienced_minimum": null().cast(Integer),
    "newcomers_maximum": null().cast(Integer),
    "waiting": null().cast(Integer),
    "name": null().cast(String),
    "name_fr": null().cast(String),
    "closed": null().cast(Boolean),
    "key": null().cast(String),
    "state": null().cast(String),
    "lapses_at": null().cast(Moment),
    "places": null().cast(Integer),
}


def _tell(kind: Kind, known: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """Return the part of the list's statement that tells one kind of row; what it does not know is NULL."""
    columns = (known.get(name, nothing).label(name) for name, nothing in _NOTHING.items())
    return select(literal_column(str(kind.value), Integer).label("kind"), *columns)


def _waiting(of: Any) -> ColumnElement[int]:
    """Return how many wait for a shift; NULL for one that is not full, for which nobody does."""
    waiting = (
        select(func.count())
        .select_from(SignUp.__table__)
        .where(_sign_up.shift_id == of.id, _sign_up.state == literal_column(f"'{SignUpState.WAITING}'"))
        .scalar_subquery()
    )
    return case((of.filled >= of.maximum, waiting))


# Everyone opens this list, so all of a page comes in one statement: to ask five times costs more than the answers.
# Statements are made once and given values, for making one costs more than the database takes to run it.
@cache
def _statement(size: int, shape: tuple[bool, ...]) -> CompoundSelect[Any]:
    which = conditions(*shape)
    place = [_shift.id, _shift.role_id, _shift.site_id, _shift.starts_at, _shift.ends_at]
    terms = [_shift.cancel_hours, _shift.experienced_minimum, _shift.newcomers_maximum]
    page = (
        select(*place, _shift.minimum, _shift.maximum, _shift.filled, *terms)
        .where(*which)
        .order_by(_shift.starts_at, _shift.id)
        .limit(literal_column(str(size)))
        .offset(bindparam("skipped", type_=Integer))
        .subquery()
    )
    mine = (
        select(*place, _sign_up.state, _sign_up.offer_lapses_at.label("lapses_at"), _sign_up.places)
        .join(SignUp.__table__, _sign_up.shift_id == _shift.id)
        .where(
            _sign_up.person_id == ME,
            _sign_up.state.in_([literal_column(f"'{state}'") for state in AHEAD]),
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
        _tell(Kind.SHIFT, {**dict(page.c.items()), "waiting": _waiting(page.c)}),
        *names,
        _tell(Kind.MINE, dict(mine.c.items())),
        _tell(Kind.TOTAL, {"id": total}),
    ).order_by("kind", "starts_at", "key", "id")


def read(session: Session, wanted: Wanted, number: int, size: int = PAGE_SIZE) -> ShiftList:
    """Return one page of shifts, the soonest first, as `wanted.person_id` (0: nobody) needs it, in one query.

    `size` is one of PAGE_SIZES. A number past the end gives the last page, for one query more.
    """
    number = max(1, number)
    values = {**wanted.values, "person_id": wanted.person_id, "at": now(), "skipped": (number - 1) * size}
    found: dict[int, list[Any]] = {kind: [] for kind in Kind}
    for row in session.execute(_statement(size, wanted.shape), values).all():
        found[row[0]].append(row)
    total: int = found[Kind.TOTAL][0].id
    if not found[Kind.SHIFT] and number > 1:
        return read(session, wanted, last_page(total, size), size)
    roles = {row.id: Name(row.id, row.name, row.name_fr, row.closed) for row in found[Kind.ROLE]}
    sites = {row.id: Name(row.id, row.name, row.name_fr, row.closed) for row in found[Kind.SITE]}
    mine = [
        Mine(row.id, row.role_id, row.site_id, row.starts_at, row.ends_at, row.state, row.lapses_at, row.places)
        for row in found[Kind.MINE]
    ]
    return ShiftList(Page(found[Kind.SHIFT], number, total, size), roles, sites, mine)


MOST_DOUBTFUL = 1000


def doubtful(session: Session, wanted: Wanted, role_ids: Collection[int], mixed: bool) -> Sequence[Any]:
    """Return those of these shifts of which it must be asked one by one whether they are someone's, in one query.

    They are of roles for which it depends on the day, or demand a mix of their crew (if `mixed`).
    """
    which: list[ColumnElement[bool]] = [_shift.role_id.in_(role_ids)]
    if mixed:
        which += [_shift.experienced_minimum > 0, _shift.newcomers_maximum.is_not(None)]
    columns = _shift.id, _shift.role_id, _shift.ends_at, _shift.maximum, _shift.filled
    query = select(*columns, _shift.experienced_minimum, _shift.newcomers_maximum)
    query = query.where(*conditions(*wanted.shape), or_(*which)).order_by(_shift.starts_at, _shift.id)
    return session.execute(query.limit(MOST_DOUBTFUL), wanted.values).all()


def every(wanted: Wanted) -> Select[Any]:
    """Return the query for all of these shifts with role and site, the soonest first."""
    query = select(Shift).where(*conditions(*wanted.shape)).order_by(Shift.starts_at, Shift.id)
    return query.options(joinedload(Shift.role), joinedload(Shift.site)).params(**wanted.values)


def overlapping(mine: Sequence[Mine], shift_id: int, starts_at: datetime, ends_at: datetime) -> Mine | None:
    """Return which of one's own shifts a shift overlaps, other than itself."""
    for other in mine:
        if other.starts_at < ends_at and starts_at < other.ends_at and other.shift_id != shift_id and other.on_it:
            return other
    return None


_ONE = select(Shift).where(Shift.id == bindparam("shift_id")).options(joinedload(Shift.role), joinedload(Shift.site))


def get(session: Session, shift_id: int) -> Shift:
    """Return a shift with its role and site. Raises NotFound."""
    shift = session.scalars(_ONE, {"shift_id": shift_id}).one_or_none()
    if shift is None:
        raise NotFound(NO_SUCH)
    return shift


def distribution_of(session: Session, shift: Shift) -> Distribution | None:
    """Return the distribution that a shift belongs to, if to one."""
    return None if shift.distribution_id is None else session.get(Distribution, shift.distribution_id)


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
