"""Flows: what came into and left each warehouse, by day, size and reason.

Days that are over are written down once by the worker, from movements, and never change: nothing dates a movement
back. So a page about months reads some rows a day, not every movement. Days not written yet are read from movements.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, Select, case, delete, func, insert, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from ...clock import midnight, now
from ...commands import command
from ...db import db, insert_into
from ..models import Box, Location, Movement
from .models import Flow, FlowDay, Way


class Flown(NamedTuple):
    """So many units that came in or went out on one day for one reason; of which size, where that was asked."""

    day: date
    way: str
    reason: str
    quantity: int
    size_id: int


MARGIN = timedelta(hours=1)  # after midnight, for transactions that began before it
DAYS_AT_ONCE = 31  # in one transaction
DAY = timedelta(days=1)


def write_due(zone: str) -> int:
    """Write down days that are over by the clock on the wall in `zone`; return how many. For the worker."""
    clock = ZoneInfo(zone)
    first, moved = _first_unwritten(db.session, clock), _of_another_zone(db.session, zone)
    db.session.rollback()
    return write_days(zone=zone) if moved or (first is not None and first < _over(clock)) else 0


def _of_another_zone(session: Session, zone: str) -> bool:
    return session.scalar(select(FlowDay.day).where(FlowDay.zone != zone).limit(1)) is not None


def _over(zone: tzinfo) -> date:
    """Return the first day that may not be over yet."""
    return (now() - MARGIN).astimezone(zone).date()


@command
def write_days(session: Session, *, zone: str) -> int:
    """Write down the next days that are over; return how many. Those of another time zone are forgotten first."""
    if _of_another_zone(session, zone):
        session.execute(delete(Flow))
        session.execute(delete(FlowDay))
    clock = ZoneInfo(zone)
    day, over = _first_unwritten(session, clock), _over(clock)
    written = 0
    while day is not None and day < over and written < DAYS_AT_ONCE:
        # Another worker at the same day waits here, and then finds it written.
        made = insert_into(session)(FlowDay).values(day=day, zone=zone).on_conflict_do_nothing()
        if session.scalar(made.returning(FlowDay.day)) is None:
            return written
        _write(session, day, clock)
        day, written = day + DAY, written + 1
    return written


def forget_since(session: Session, moment: datetime) -> None:
    """Step: let days be written again from the one of a moment on, to which something was dated back."""
    since = (moment - DAY).date()  # whatever the zone, not later
    session.execute(delete(Flow).where(Flow.day >= since))
    session.execute(delete(FlowDay).where(FlowDay.day >= since))


def _first_unwritten(session: Session, zone: tzinfo) -> date | None:
    last = written_until(session)
    if last is not None:
        return last + DAY
    first = session.scalar(select(func.min(Movement.at)))
    return first.astimezone(zone).date() if first else None


def written_until(session: Session) -> date | None:
    """Return the last day that is written down; all before it are, too."""
    return session.scalar(select(func.max(FlowDay.day)))


def _write(session: Session, day: date, zone: tzinfo) -> None:
    for way in Way:
        moved = movements(way, midnight(day, zone), midnight(day + DAY, zone)).subquery()
        columns = (moved.c.warehouse_id, moved.c.size_id, literal(day), literal(way.value), moved.c.reason)
        rows = select(*columns, func.sum(moved.c.quantity)).group_by(
            moved.c.warehouse_id, moved.c.size_id, moved.c.reason
        )
        names = ["warehouse_id", "size_id", "day", "way", "reason", "quantity"]
        session.execute(insert(Flow).from_select(names, rows))


def movements(way: Way, since: datetime, until: datetime | None = None) -> Select[*tuple[Any, ...]]:
    """Return the query of movements into or out of warehouses, one row each; within a warehouse nothing flows.

    What undoes a movement has that one's reason: goods that leave because they were "donated" had come by mistake.
    """
    source, target, undone = aliased(Location), aliased(Location), aliased(Movement)
    here, there = (target, source) if way is Way.IN else (source, target)
    query = (
        select(
            here.warehouse_id.label("warehouse_id"),
            Box.size_id.label("size_id"),
            Movement.at.label("at"),
            literal(way.value).label("way"),
            func.coalesce(undone.reason, Movement.reason).label("reason"),
            Movement.quantity.label("quantity"),
        )
        .select_from(Movement)
        .outerjoin(undone, undone.id == Movement.reverses_id)
        .join(Box, Box.id == Movement.box_id)
        .join(source, source.id == Movement.from_id)
        .join(target, target.id == Movement.to_id)
        .where(
            Movement.at >= since,
            here.warehouse_id.is_not(None),
            there.warehouse_id.is_(None) | (there.warehouse_id != here.warehouse_id),
        )
    )
    return query if until is None else query.where(Movement.at < until)


def net_after(session: Session, day: date, zone: tzinfo) -> CompoundSelect[Any]:
    """Return the query of what was added (or, below 0, taken) after a day: warehouse_id, size_id, net."""
    last = written_until(session)
    fresh = midnight((day if last is None else max(day, last)) + DAY, zone)
    signed = case((Flow.way == Way.IN.value, Flow.quantity), else_=-Flow.quantity)
    parts: list[Select[*tuple[Any, ...]]] = [
        select(Flow.warehouse_id, Flow.size_id, signed.label("net")).where(Flow.day > day)
    ]
    for way, sign in ((Way.IN, 1), (Way.OUT, -1)):
        moved = movements(way, fresh).subquery()
        parts.append(select(moved.c.warehouse_id, moved.c.size_id, (sign * moved.c.quantity).label("net")))
    return union_all(*parts)


def since(
    session: Session, first: date, zone: tzinfo, sizes: Select[Any], warehouse_id: int = 0, *, by_size: bool = False
) -> Iterator[Flown]:
    """Yield what flowed from a day on, by day, way and reason (and size, if told), in no order. Three queries.

    `sizes` is a query of the ids of the sizes that are meant, `warehouse_id` a warehouse (0: all together; what went
    from one to the other then is among what came in and what went out).
    """
    last = written_until(session)
    size_id = Flow.size_id if by_size else literal(0)
    written = select(Flow.day, Flow.way, Flow.reason, func.sum(Flow.quantity), size_id).where(
        Flow.day >= first, Flow.size_id.in_(sizes)
    )
    if warehouse_id:
        written = written.where(Flow.warehouse_id == warehouse_id)
    written = written.group_by(Flow.day, Flow.way, Flow.reason, *([Flow.size_id] if by_size else []))
    for row in session.execute(written):
        yield Flown(*row)
    fresh = midnight(first if last is None else max(first, last + DAY), zone)
    moved = union_all(*(movements(way, fresh).where(Box.size_id.in_(sizes)) for way in Way)).subquery()
    query = select(moved.c.at, moved.c.way, moved.c.reason, moved.c.quantity, moved.c.size_id)
    if warehouse_id:
        query = query.where(moved.c.warehouse_id == warehouse_id)
    for at, *rest in session.execute(query):
        yield Flown(at.astimezone(zone).date(), *rest)
