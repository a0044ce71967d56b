"""What must hold of stock-takes, recomputed from the ground."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from ..models import Location, Movement
from .models import Scope, StockCount, StockTake, StockTakeState

_FOUND = StockCount.counted - StockCount.expected


def _moved(session: Session) -> Iterator[str]:
    there = case(
        (Movement.to_id == StockCount.location_id, Movement.quantity),
        (Movement.from_id == StockCount.location_id, -Movement.quantity),
        else_=0,
    )
    for count, take, found, moved in session.execute(
        select(StockCount.id, StockCount.stock_take_id, _FOUND, there)
        .join(Movement, Movement.id == StockCount.movement_id)
        .where(or_(there != _FOUND, Movement.box_id != StockCount.box_id))
        .order_by(StockCount.id)
    ):
        yield f"Count {count} of stock-take {take} differs by {found}, but its movement is not that: {moved}."


def _once(session: Session) -> Iterator[str]:
    for movement, counts in session.execute(
        select(StockCount.movement_id, func.count())
        .where(StockCount.movement_id.is_not(None))
        .group_by(StockCount.movement_id)
        .having(func.count() > 1)
        .order_by(StockCount.movement_id)
    ):
        yield f"Movement {movement} is said to be the difference of {counts} counts."


def _unposted(session: Session) -> Iterator[str]:
    for count, take, state in session.execute(
        select(StockCount.id, StockTake.id, StockTake.state)
        .join(StockTake, StockTake.id == StockCount.stock_take_id)
        .where(StockTake.state != StockTakeState.POSTED, StockCount.movement_id.is_not(None))
        .order_by(StockCount.id)
    ):
        yield f"Count {count} has a movement, but stock-take {take} is {state}."


def _reasons(session: Session) -> Iterator[str]:
    wrong = StockCount.movement_id.is_(None) != StockCount.reason.is_(None)
    for count in session.scalars(select(StockCount.id).where(wrong).order_by(StockCount.id)):
        yield f"Count {count} has a reason and no movement, or the other way round."


def _inside(session: Session) -> Iterator[str]:
    outside = or_(
        Location.warehouse_id.is_(None),
        Location.warehouse_id != StockTake.warehouse_id,
        and_(StockTake.scope == Scope.SHELF, StockTake.location_id != StockCount.location_id),
    )
    for count, take in session.execute(
        select(StockCount.id, StockTake.id)
        .join(StockTake, StockTake.id == StockCount.stock_take_id)
        .join(Location, Location.id == StockCount.location_id)
        .where(outside)
        .order_by(StockCount.id)
    ):
        yield f"Count {count} is of a place that stock-take {take} does not count."


CHECKS = (_moved, _once, _unposted, _reasons, _inside)
