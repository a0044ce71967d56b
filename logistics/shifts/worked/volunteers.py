"""Volunteers as coordinators see them: who came last when, for how long, and who did not come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from ...errors import NotFound, msg
from ...paging import Query
from ...people.models import Person
from ..models import Shift, SignUp, SignUpState
from .hours import ATTENDED
from .minutes import worked

MISSED = SignUp.state == SignUpState.NO_SHOW
MOST_MISSED = 20  # shown on someone's page


class Order(StrEnum):
    """What a list of volunteers is ordered by."""

    NAME = "name"
    LAST = "last"
    HOURS = "hours"
    MISSED = "missed"


@dataclass(frozen=True)
class Record:
    """What someone has worked: the start of their last shift, how many, the minutes, and how many they missed."""

    last_at: datetime | None
    shifts: int
    minutes: int
    missed: int


def listing(words: str = "", order: Order = Order.NAME) -> Query:
    """Return the query for volunteers and what they worked: id, name, email, `last_at`, `shifts`, `minutes`, `missed`.

    Everyone who has an account; `words` are searched for in name and email.
    """
    done = _worked_by_person().subquery()
    columns = {name: func.coalesce(done.c[name], 0).label(name) for name in ("shifts", "minutes", "missed")}
    query = select(Person.id, Person.name, Person.email, done.c.last_at, *columns.values())
    query = query.outerjoin(done, done.c.person_id == Person.id).where(Person.deleted_at.is_(None))
    if words:
        query = query.where(
            or_(Person.name.icontains(words, autoescape=True), Person.email.icontains(words, autoescape=True))
        )
    first = {
        Order.NAME: [],
        Order.LAST: [done.c.last_at.desc().nulls_last()],
        Order.HOURS: [columns["minutes"].desc()],
        Order.MISSED: [columns["missed"].desc()],
    }[order]
    return query.order_by(*first, Person.name, Person.id)


def get(session: Session, person_id: int) -> Person:
    """Return one volunteer. Raises NotFound, also for an account that was deleted."""
    person = session.get(Person, person_id)
    if person is None or person.deleted_at is not None:
        raise NotFound(msg("There is no such volunteer."))
    return person


def record_of(session: Session, person_id: int) -> Record:
    """Return what someone has worked and missed."""
    row = session.execute(_worked_by_person().where(SignUp.person_id == person_id)).one_or_none()
    return Record(row.last_at, row.shifts, int(row.minutes), row.missed) if row else Record(None, 0, 0, 0)


def missed(session: Session, person_id: int) -> Sequence[Shift]:
    """Return the shifts that someone did not come to, the latest first, at most MOST_MISSED."""
    return session.scalars(
        select(Shift)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(SignUp.person_id == person_id, MISSED)
        .options(joinedload(Shift.role), joinedload(Shift.site))
        .order_by(Shift.starts_at.desc(), Shift.id.desc())
        .limit(MOST_MISSED)
    ).all()


def _worked_by_person() -> Query:
    return (
        select(
            SignUp.person_id,
            func.max(case((ATTENDED, Shift.starts_at))).label("last_at"),
            func.sum(case((ATTENDED, 1), else_=0)).label("shifts"),
            func.sum(case((ATTENDED, worked()), else_=0)).label("minutes"),
            func.sum(case((MISSED, 1), else_=0)).label("missed"),
        )
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(ATTENDED | MISSED)
        .group_by(SignUp.person_id)
    )
