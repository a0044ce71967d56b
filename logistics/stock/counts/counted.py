"""One number of a stock-take: what somebody counted of a box on a shelf, beside what the ledger said just then."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Invalid, NotFound, msg
from ..ledger import level_at, lock_availability
from ..lookup import any_shelf, box_by_code, check_quantity
from ..models import Box, Location
from .models import Scope, StockCount, StockTake
from .takes import held_open


@command
def count_box(session: Session, *, actor_id: int, stock_take_id: int, code: str, location_id: int, counted: int) -> str:
    """Write down how many of a box somebody counted on a shelf, and what the ledger says now; return the box's code.

    Who counts again replaces their own number. Any box may be found there, also one that the ledger has elsewhere or
    holds for empty. Raises NotFound at `code`, Invalid with the field to blame, and Conflict when the stock-take has
    ended.
    """
    take = held_open(session, stock_take_id, shared=True)
    box, shelf = box_by_code(session, code), any_shelf(session, location_id, "location_id")
    check_quantity(counted, "counted", least=0)
    _refuse_outside(take, box, shelf)
    # Whoever moves goods of this size here waits for this lock: the level is that of this moment.
    lock_availability(session, take.warehouse_id, [box.size_id])
    expected, count = level_at(session, box.id, shelf.id), _own(session, take.id, actor_id, box.id, shelf.id)
    if count is None:
        count = StockCount(stock_take_id=take.id, counter_id=actor_id, box_id=box.id, location_id=shelf.id)
        session.add(count)
    count.counted, count.expected, count.counted_at = counted, expected, now()
    record(
        session,
        actor_id,
        "stock_take.counted",
        "stock_take",
        take.id,
        code=box.code,
        shelf=shelf.name,
        quantity=counted,
        before=expected,
    )
    return box.code


@command
def take_back(session: Session, *, actor_id: int, stock_take_id: int, box_id: int, location_id: int) -> str:
    """Strike one's own number of a box out; return the box's code. Raises NotFound, and Conflict when it has ended."""
    take = held_open(session, stock_take_id, shared=True)
    count = None
    if max(box_id, location_id) < 2**31:
        count = _own(session, take.id, actor_id, box_id, location_id)
    if count is None:
        raise NotFound(msg("You have not counted this box here."))
    code = session.get_one(Box, box_id).code
    session.delete(count)
    record(session, actor_id, "stock_take.count_taken_back", "stock_take", take.id, code=code)
    return code


def _own(session: Session, take_id: int, person_id: int, box_id: int, location_id: int) -> StockCount | None:
    return session.scalars(
        select(StockCount).where(
            StockCount.stock_take_id == take_id,
            StockCount.counter_id == person_id,
            StockCount.box_id == box_id,
            StockCount.location_id == location_id,
        )
    ).one_or_none()


def _refuse_outside(take: StockTake, box: Box, shelf: Location) -> None:
    """Refuse what this stock-take does not count."""
    if shelf.warehouse_id != take.warehouse_id or (take.scope == Scope.SHELF and shelf.id != take.location_id):
        raise Invalid(msg("This stock-take does not count shelf %(shelf)s.", shelf=shelf.name), "location_id")
    if take.scope == Scope.PRODUCT and box.size.product_id != take.product_id:
        raise Invalid(msg("Box %(code)s holds another product than is counted here.", code=box.code), "code")
    if take.scope == Scope.BOX and box.id != take.box_id:
        raise Invalid(msg("This stock-take counts another box than %(code)s.", code=box.code), "code")
