"""Reading shifts for pages: the flat list that everyone opens, and one shift."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
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
from .qualifying import requirements
from .qualifying.standing import EXPERIENCED_AFTER, Crew, Standing
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


_NAMED = (Kind.ROLE, Kind.SITE)


@dataclass(frozen=True, eq=False)
class Names:
    """All roles and sites there are, by id, in the order of their names."""

    roles: dict[int, Name]
    sites: dict[int, Name]


class Listed(NamedTuple):
    """A shift of the list. `waiting` is how many wait for it: none unless it is full.

    `newcomers` and `experienced` are there only if its mix is asked for and the reader could upset it.
    """

    id: int
    role_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    minimum: int
    maximum: int
    filled: int
    waiting: int | None
    cancel_hours: int
    experienced_minimum: int
    newcomers_maximum: int | None
    newcomers: int | None
    experienced: int | None


@dataclass(frozen=True)
class ShiftList:
    """A page of shifts, and what goes with it.

    `mine` are the reader's own shifts that are not over, those they wait for among them, the soonest first.
    `standing` is how the reader stands towards the roles, where that was asked for.
    """

    page: Page[Listed]
    names: Names
    mine: list[Mine]
    standing: Standing | None = None

    @property
    def roles(self) -> dict[int, Name]:
        """Return all roles."""
        return self.names.roles

    @property
    def sites(self) -> dict[int, Name]:
        """Return all sites."""
        return self.names.sites

    @property
    def crews(self) -> dict[int, Crew]:
        """Return the crews of the page's shifts whose mix the reader could upset."""
        return {
            row.id: Crew(row.newcomers, row.experienced or 0) for row in self.page.rows if row.newcomers is not None
        }


# The columns of the list's statement, those of `Listed` first; what a kind of row does not know of them is NULL.
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "id": null().cast(Integer),
    "role_id": null().cast(Integer),
    "site_id": null().cast(Integer),
    "starts_at": null().cast(Moment),
    "ends_at": null().cast(Moment),
    "minimum": null().cast(Integer),
    "maximum": null().cast(Integer),
    "filled": null().cast(Integer),
    "number": null().cast(Integer),
    "cancel_hours": null().cast(Integer),
    "experienced_minimum": null().cast(Integer),
    "newcomers_maximum": null().cast(Integer),
    "newcomers": null().cast(Integer),
    "experienced": null().cast(Integer),
    "lapses_at": null().cast(Moment),
    **requirements.NOTHING,
}


_NULL: ColumnElement[Any] = literal_column("NULL")


def _first(kind: Kind, known: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """Return the first part of the list's statement, which says what the columns are called and of what type."""
    columns = (known.get(name, nothing).label(name) for name, nothing in _COLUMNS.items())
    return select(literal_column(str(kind.value), Integer).label("kind"), *columns)


def _tell(kind: IntEnum, known: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """Return another part, which tells one kind of row."""
    return select(literal_column(str(kind.value)), *(known.get(name, _NULL) for name in _COLUMNS))


def _waiting(of: Any) -> ColumnElement[int]:
    """Return how many wait for a shift; NULL for one that is not full, for which nobody does."""
    waiting = (
        select(func.count())
        .select_from(SignUp.__table__)
        .where(_sign_up.shift_id == of.id, _sign_up.state == literal_column(f"'{SignUpState.WAITING}'"))
        .scalar_subquery()
    )
    return case((of.filled >= of.maximum, waiting))


def _mix(of: Any) -> dict[str, ColumnElement[int]]:
    """Return how many newcomers and experienced people a shift has; NULL where the reader could not upset its mix."""
    demands = or_(of.experienced_minimum > 0, of.newcomers_maximum.is_not(None))
    asked = and_(demands, requirements.worked() < literal_column(str(EXPERIENCED_AFTER), Integer))
    newcomers, experienced = requirements.crew_in_sql(of.id)
    return {"newcomers": case((asked, newcomers)), "experienced": case((asked, experienced))}


# Everyone opens this list, so all of a page comes in one statement: to ask five times costs more than the answers.
# Statements are made once and given values, for making one costs more than the database takes to run it.
@cache
def _statement(size: int, shape: tuple[bool, ...], stands: bool) -> CompoundSelect[Any]:
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
        select(
            *place,
            _sign_up.state.label("name"),
            _sign_up.offer_lapses_at.label("lapses_at"),
            _sign_up.places.label("number"),
        )
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
        _tell(
            kind,
            {
                "id": of.id,
                "name": of.name,
                "name_fr": of.name_fr,
                "key": of.name_key,
                "flag": of.closed_at.is_not(None),
            },
        )
        for kind, of in ((Kind.ROLE, _role), (Kind.SITE, _site))
    ]
    total = count(select(_shift.id).where(*which)).scalar_subquery()
    return union_all(
        _first(Kind.SHIFT, {**dict(page.c.items()), "number": _waiting(page.c), **(_mix(page.c) if stands else {})}),
        *names,
        _tell(Kind.MINE, dict(mine.c.items())),
        _tell(Kind.TOTAL, {"id": total}),
        *(requirements.parts(_tell) if stands else ()),
    ).order_by("kind", "starts_at", "key", "id")


def read(session: Session, wanted: Wanted, number: int, size: int = PAGE_SIZE, *, stands: bool = False) -> ShiftList:
    """Return one page of shifts, the soonest first, as `wanted.person_id` (0: nobody) needs it, in one query.

    `size` is one of PAGE_SIZES. With `stands` it tells how that person stands towards the roles. A number past the
    end gives the last page, for one query more.
    """
    number = max(1, number)
    values = {**wanted.values, "person_id": wanted.person_id, "at": now(), "skipped": (number - 1) * size}
    found: dict[int, list[Any]] = {kind: [] for kind in Kind}
    about_reader: list[Any] = []
    # Of the connection, not of the session: these are plain rows, and the list is opened most of all.
    for row in session.connection().execute(_statement(size, wanted.shape, stands), values).all():
        found.get(row[0], about_reader).append(row)
    total: int = found[Kind.TOTAL][0].id
    if not found[Kind.SHIFT] and number > 1:
        return read(session, wanted, last_page(total, size), size, stands=stands)
    mine = [
        Mine(row.id, row.role_id, row.site_id, row.starts_at, row.ends_at, row.name, row.lapses_at, row.number)
        for row in found[Kind.MINE]
    ]
    names = _names(*(tuple((row.id, row.name, row.name_fr, row.flag) for row in found[kind]) for kind in _NAMED))
    standing = requirements.standing_of(wanted.person_id, about_reader) if stands else None
    shifts = [Listed._make(row[1 : 1 + len(Listed._fields)]) for row in found[Kind.SHIFT]]
    return ShiftList(Page(shifts, number, total, size), names, mine, standing)


@lru_cache(maxsize=16)  # they hardly change
def _names(roles: tuple[tuple[Any, ...], ...], sites: tuple[tuple[Any, ...], ...]) -> Names:
    return Names(*({each[0]: Name(*each) for each in these} for these in (roles, sites)))


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
