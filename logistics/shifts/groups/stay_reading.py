"""Reading what a stay's page shows: what is booked, what could be taken, and what is proposed of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from ...clock import midnight, now
from ...distributions.models import Site, SiteKind
from .. import rules
from ..models import HAS_A_PLACE, Role, Shift, SignUp, SignUpState
from ..qualifying import requirements, standing
from . import stays
from .proposing import WORKED_IN_A_ROW, Work, propose

DAYS_SHOWN = 28  # of a long stay; the others come as these pass
MOST_READ = 1000  # shifts to choose from
MOST_OTHERS = 60


@dataclass(frozen=True)
class Line:
    """A shift with what a page says of it. `row` has its columns, and its role's and its site's names.

    `state` is that of the person's sign-up, where they have one.
    """

    work: Work
    row: Any
    state: str = ""

    @property
    def offered(self) -> bool:
        """Return whether its place is only kept for the person until they answer."""
        return self.state == SignUpState.OFFERED

    @property
    def waits(self) -> bool:
        """Return whether the person waits for it."""
        return self.state == SignUpState.WAITING


@dataclass(frozen=True)
class Plan:
    """The days of a stay that a page shows, and for them what is booked, proposed, and could be taken besides."""

    first: date
    last: date
    booked: Mapping[date, Sequence[Line]]
    proposed: Mapping[date, Sequence[Line]]
    others: Mapping[date, Sequence[Line]]
    first_step: standing.Why | None  # what keeps them from every shift

    @property
    def days(self) -> list[date]:
        """Return the days shown."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def count(self) -> int:
        """Return how many shifts are proposed."""
        return sum(len(lines) for lines in self.proposed.values())

    @property
    def offers(self) -> int:
        """Return how many of what is booked are offers that wait for an answer."""
        return sum(line.offered for lines in self.booked.values() for line in lines)


def plan(
    session: Session,
    person_id: int,
    first: date,
    last: date,
    zone: ZoneInfo,
    *,
    kept: Collection[int] = (),
    without: Collection[int] = (),
) -> Plan:
    """Return the plan of a person's days from `first` to `last`, in a fixed number of queries.

    `kept` are shifts that the person has ticked: as far as they can be had they are proposed in any case. `without`
    are booked ones that they are about to give up.
    """
    last = min(last, first + timedelta(days=DAYS_SHOWN - 1))
    mine = [line for line in booked(session, person_id, first, last, zone) if line.work.shift_id not in without]
    reader = requirements.read(session, person_id)
    can = _can_take(session, reader, first, last, zone, but={line.work.shift_id for line in mine} | set(without))
    ticked = [line for number, line in can.items() if number in kept]
    wished, hard = stays.wishes(session, person_id), rules.read(session).hard_in_a_row
    open_to_me = [line.work for line in can.values() if not wished or line.row.role_id in wished]
    taken = [line.work for line in (*mine, *ticked)]
    chosen = {work.shift_id for work in propose(open_to_me, taken, first, last, hard)}
    proposed = [line for number, line in can.items() if number in chosen or number in kept]
    others = [line for number, line in can.items() if number not in chosen and number not in kept and _free(line, mine)]
    inside = [line for line in mine if first <= line.work.day <= last]
    first_step = standing.first_step(reader, now())
    return Plan(first, last, by_day(inside), by_day(proposed), by_day(others[:MOST_OTHERS]), first_step)


def booked(
    session: Session,
    person_id: int,
    first: date,
    last: date,
    zone: ZoneInfo,
    states: Collection[SignUpState] = HAS_A_PLACE,
) -> list[Line]:
    """Return what a person has on these days and, since it tires them too, in the days around, the soonest first."""
    around = timedelta(days=WORKED_IN_A_ROW + 1)
    query = (
        _between(first - around, last + around, zone)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(SignUp.person_id == person_id, SignUp.state.in_(states))
        .add_columns(SignUp.state)
    )
    return [_line(row, zone, row.state) for row in session.execute(query)]


def by_day(lines: Sequence[Line]) -> dict[date, list[Line]]:
    """Return lines by the day on which their shift begins."""
    found: dict[date, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.work.day].append(line)
    return dict(found)


def _can_take(
    session: Session, reader: standing.Standing, first: date, last: date, zone: ZoneInfo, but: Collection[int]
) -> dict[int, Line]:
    """Return by id the shifts with a place that someone may take."""
    rows = session.execute(
        _between(first, last, zone).where(Shift.filled < Shift.maximum, Shift.starts_at > now()).limit(MOST_READ)
    ).all()
    mixed = [row.id for row in rows if standing.demands_mix(row)]
    crews = requirements.crews_of(session, mixed, without=reader.person_id)
    return {
        row.id: _line(row, zone)
        for row in rows
        if row.id not in but and standing.why_not(reader, row, crews.get(row.id, standing.NOBODY)) is None
    }


def _between(first: date, last: date, zone: ZoneInfo) -> Select[Any]:
    return rows_of_shifts(
        Shift.starts_at >= midnight(first, zone), Shift.starts_at < midnight(last + timedelta(days=1), zone)
    )


COLUMNS: tuple[Any, ...] = (
    Shift.id,
    Shift.role_id,
    Shift.starts_at,
    Shift.ends_at,
    Shift.minimum,
    Shift.maximum,
    Shift.filled,
    Shift.experienced_minimum,
    Shift.newcomers_maximum,
    Shift.cancel_hours,
    Role.name.label("role"),
    Role.name_fr.label("role_fr"),
    Role.hard,
    Site.name.label("site"),
    Site.name_fr.label("site_fr"),
    Site.kind,
)


def rows_of_shifts(*which: ColumnElement[bool]) -> Select[Any]:
    """Return the query for shifts that have not been called off as plain rows, the soonest first."""
    query = select(*COLUMNS).join(Role, Role.id == Shift.role_id).join(Site, Site.id == Shift.site_id)
    return query.where(Shift.cancelled_at.is_(None), *which).order_by(Shift.starts_at, Shift.id)


def _line(row: Row[Any], zone: ZoneInfo, state: str = "") -> Line:
    warehouse, short = row.kind == SiteKind.WAREHOUSE, max(0, row.minimum - row.filled)
    return Line(Work(row.id, row.starts_at, row.ends_at, warehouse, row.hard, short, zone), row, state)


def _free(line: Line, mine: Sequence[Line]) -> bool:
    """Return whether nothing of one's own is at the time of a shift."""
    return not any(
        other.work.starts_at < line.work.ends_at and line.work.starts_at < other.work.ends_at for other in mine
    )
