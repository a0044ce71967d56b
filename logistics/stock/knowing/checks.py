"""What must hold of flows, recomputed from movements."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from ...clock import midnight
from .flows import DAY, movements
from .models import Flow, FlowDay, Way


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of flows."""
    for check in CHECKS:
        yield from check(session)


def _days(session: Session) -> Iterator[str]:
    first, last, number = session.execute(select(func.min(FlowDay.day), func.max(FlowDay.day), func.count())).one()
    if number and (last - first).days + 1 != number:
        yield f"Flows are written for {number} days from {first} to {last}: some are missing."


def _sums(session: Session) -> Iterator[str]:
    first, last = session.execute(select(func.min(FlowDay.day), func.max(FlowDay.day))).one()
    zone = session.scalar(select(func.min(FlowDay.zone)))
    if zone is None:
        if session.scalar(select(func.count()).select_from(Flow)):
            yield "There are flows, but no day of which they are all."
        return
    clock = ZoneInfo(zone)
    for way in Way:
        moved = movements(way, midnight(first, clock), midnight(last + DAY, clock)).subquery()
        ground = select(moved.c.warehouse_id, moved.c.size_id, moved.c.quantity, (moved.c.quantity * 0).label("kept"))
        kept = select(Flow.warehouse_id, Flow.size_id, (Flow.quantity * 0), Flow.quantity).where(Flow.way == way.value)
        both = union_all(ground, kept).subquery()
        truly, said = func.sum(both.c.quantity), func.sum(both.c.kept)
        for site, size, is_, was in session.execute(
            select(both.c.warehouse_id, both.c.size_id, truly, said)
            .group_by(both.c.warehouse_id, both.c.size_id)
            .having(truly != said)
            .order_by(both.c.warehouse_id, both.c.size_id)
        ):
            yield f"Warehouse {site}, size {size}: {is_} went {way.value} by its movements, but its flows say {was}."


CHECKS = (_days, _sums)
