"""A shelf that was counted and put right, and another that is half counted."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from ..clock import as_if
from ..db import db
from ..stock.counting import CorrectionReason
from ..stock.counts import counted, posting, reviewing, takes
from ..stock.models import Box, Level, Location
from .setting import Setting

OFF = (0, 0, -2, 0, 1)  # how far the ledger is off, box by box


def add_stock_takes(setting: Setting, today: datetime) -> int:
    """Count two shelves, and post the first; return how many stock-takes there are."""
    actor_id = setting.accounts["warehouse"]
    shelf_ids = _fullest(setting.main_warehouse)
    with as_if(today - timedelta(days=1) + timedelta(hours=11)):
        for number, shelf_id in enumerate(shelf_ids):
            take = takes.start(actor_id=actor_id, scope="shelf", location_id=shelf_id)
            _count(actor_id, take, shelf_id, len(OFF) if number == 0 else 2)
            if number == 0:
                _post(actor_id, take)
    return len(shelf_ids)


def _fullest(warehouse_id: int) -> list[int]:
    """Return the two shelves with the most boxes."""
    query = (
        select(Level.location_id)
        .join(Location, Location.id == Level.location_id)
        .where(Location.warehouse_id == warehouse_id, Level.quantity > 3)
        .group_by(Level.location_id)
        .order_by(func.count().desc(), Level.location_id)
        .limit(2)
    )
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def _count(actor_id: int, take: int, shelf_id: int, boxes: int) -> None:
    there = db.session.execute(
        select(Box.code, Level.quantity)
        .join(Level, Level.box_id == Box.id)
        .where(Level.location_id == shelf_id, Level.quantity > 3)
        .order_by(Box.code)
        .limit(boxes)
    ).all()
    db.session.rollback()
    for (code, quantity), off in zip(there, OFF, strict=False):
        counted.count_box(
            actor_id=actor_id, stock_take_id=take, code=code, location_id=shelf_id, counted=quantity + off
        )


def _post(actor_id: int, take: int) -> None:
    rows = reviewing.read(db.session, take)
    seen, keys = reviewing.fingerprint(rows), [row.key for row in reviewing.differences(rows)]
    db.session.rollback()
    chosen = {key: {"reason": str(CorrectionReason.MISCOUNTED)} for key in keys}
    posting.post(actor_id=actor_id, stock_take_id=take, seen=seen, chosen=chosen)
