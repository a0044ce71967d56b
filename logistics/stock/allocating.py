"""Promises: what a warehouse has available goes to the earliest distribution that is short of it.

A line's `allocated` and the availability's change together, in `promise`, under the availability's lock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import Session

from ..distributions.listing import ahead
from ..distributions.models import BEFORE_OUT, Distribution
from .ledger import lock_availability
from .models import Availability, PackingLine, PackingList


@dataclass(frozen=True)
class Promise:
    """Units promised to a packing line (negative: taken back)."""

    line_id: int
    size_id: int
    quantity: int


def serve(
    session: Session,
    warehouse_id: int,
    size_ids: Collection[int],
    *,
    asking: int | None = None,
    leaving: int | None = None,
) -> None:
    """Give what is available of these sizes to the earliest distributions still ahead that are short of them.

    `asking` is a distribution whose list is being saved: it is given too when its day has passed, for somebody writes
    it down late. `leaving` is one that gives up its promises and shall not get them back. Afterwards nothing is
    available of a size that anybody ahead is short of.
    """
    available = {
        size_id: stock.available
        for size_id, stock in lock_availability(session, warehouse_id, size_ids).items()
        if stock.available > 0
    }
    if not available:
        return
    given = []
    for line in session.execute(_short_lines(warehouse_id, available, asking, leaving)):
        quantity = min(line.short, available[line.size_id])
        if quantity:
            available[line.size_id] -= quantity
            given.append(Promise(line.id, line.size_id, quantity))
    promise(session, warehouse_id, given)


def _short_lines(
    warehouse_id: int, size_ids: Collection[int], asking: int | None, leaving: int | None
) -> Select[int, int, int]:
    short = PackingLine.planned - PackingLine.packed - PackingLine.allocated
    return (
        select(PackingLine.id, PackingLine.size_id, short.label("short"))
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(
            PackingList.warehouse_id == warehouse_id,
            PackingLine.size_id.in_(size_ids),
            Distribution.state.in_(BEFORE_OUT),
            or_(ahead(), Distribution.id == (asking or 0)),
            Distribution.id != (leaving or 0),
            short > 0,
        )
        .order_by(Distribution.starts_at, Distribution.id)
    )


def promise(session: Session, warehouse_id: int, promises: Sequence[Promise]) -> None:
    """Change what lines and their availability rows have allocated. The caller holds the availability locks."""
    if not promises:
        return
    session.flush()
    connection = session.connection()
    connection.execute(
        update(PackingLine)
        .where(PackingLine.id == bindparam("line"))
        .values(allocated=PackingLine.allocated + bindparam("more")),
        [{"line": each.line_id, "more": each.quantity} for each in promises],
    )
    connection.execute(
        update(Availability)
        .where(Availability.warehouse_id == warehouse_id, Availability.size_id == bindparam("size"))
        .values(allocated=Availability.allocated + bindparam("more")),
        [{"size": each.size_id, "more": each.quantity} for each in promises],
    )
