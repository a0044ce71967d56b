"""Stock-takes: starting one, finding it again, giving it up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ..lookup import box_by_code, checked_note, open_shelf, open_warehouse, product_with_sizes
from ..models import Box, Location, Size
from .models import Scope, StockTake, StockTakeState


@command
def start(
    session: Session,
    *,
    actor_id: int | None,
    scope: str,
    warehouse_id: int = 0,
    location_id: int = 0,
    product_id: int = 0,
    code: str = "",
    blind: bool = False,
    note: str = "",
) -> int:
    """Begin to count a shelf, or a product or a box in a warehouse; return the stock-take's id.

    Raises Invalid with the field to blame, and NotFound at `code`.
    """
    if scope not in set(Scope):
        raise Invalid(msg("Choose what to count: a shelf, a product or a box."))
    take = StockTake(scope=scope, blind=blind, note=checked_note(note), started_at=now(), started_by=actor_id)
    if scope == Scope.SHELF:
        shelf = open_shelf(session, location_id, "location_id")
        take.location_id, take.warehouse_id = shelf.id, shelf.warehouse_id or 0
    else:
        take.warehouse_id = open_warehouse(session, warehouse_id).id
    if scope == Scope.PRODUCT:
        take.product_id = product_with_sizes(session, product_id).id
    if scope == Scope.BOX:
        take.box_id = box_by_code(session, code).id
    session.add(take)
    session.flush()
    record(
        session,
        actor_id,
        "stock_take.started",
        "stock_take",
        take.id,
        scope=scope,
        warehouse_id=take.warehouse_id,
        location_id=take.location_id,
        product_id=take.product_id,
        box_id=take.box_id,
        blind=blind,
    )
    return take.id


@command
def abandon(session: Session, *, actor_id: int | None, stock_take_id: int) -> int:
    """Give a stock-take up: what was counted is kept, and changes nothing. Raises Conflict when it has ended."""
    take = held_open(session, stock_take_id)
    take.state, take.ended_at, take.ended_by = StockTakeState.ABANDONED, now(), actor_id
    record(session, actor_id, "stock_take.abandoned", "stock_take", take.id)
    return take.id


def held_open(session: Session, stock_take_id: int, *, shared: bool = False) -> StockTake:
    """Return a stock-take that is open, and keep it so until the transaction ends.

    Who counts shares it with others who count; who ends it waits for them. Raises NotFound, and Conflict when it has
    ended.
    """
    query = select(StockTake).where(StockTake.id == stock_take_id)
    take = None
    if 0 < stock_take_id < 2**31:
        take = session.scalars(query.with_for_update(read=shared, key_share=not shared)).one_or_none()
    if take is None:
        raise NotFound(msg("There is no such stock-take."))
    if take.state == StockTakeState.POSTED:
        raise Conflict(msg("This stock-take has ended: its differences are in the ledger."))
    if take.state == StockTakeState.ABANDONED:
        raise Conflict(msg("This stock-take was given up. Start another."))
    return take


def get(session: Session, stock_take_id: int) -> StockTake:
    """Return a stock-take with what it counts. Raises NotFound."""
    take: StockTake | None = None
    if 0 < stock_take_id < 2**31:
        take = session.scalars(with_things(select(StockTake).where(StockTake.id == stock_take_id))).one_or_none()
    if take is None:
        raise NotFound(msg("There is no such stock-take."))
    return take


def with_things(query: Select[Any]) -> Select[Any]:
    """Load with stock-takes what they count and where."""
    return query.options(
        joinedload(StockTake.warehouse),
        joinedload(StockTake.location),
        joinedload(StockTake.product),
        joinedload(StockTake.box).joinedload(Box.size).joinedload(Size.product),
    )


def open_of(
    session: Session, *, location_id: int | None = None, product_id: int | None = None, box_id: int | None = None
) -> Sequence[StockTake]:
    """Return the open stock-takes of one shelf, product or box, the newest first."""
    same = (StockTake.location_id == location_id, StockTake.product_id == product_id, StockTake.box_id == box_id)
    query = select(StockTake).where(StockTake.state == StockTakeState.OPEN, *same).order_by(StockTake.id.desc())
    return session.scalars(with_things(query)).all()


def shelves_of(session: Session, warehouse_id: int) -> Sequence[Location]:
    """Return the open shelves of a warehouse by name."""
    here = (Location.warehouse_id == warehouse_id, Location.closed_at.is_(None))
    return session.scalars(select(Location).where(*here).order_by(Location.name_key)).all()
