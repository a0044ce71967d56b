"""Transfers from the main warehouse to the annex: one that arrived, one on the way, and one that is being prepared."""

from datetime import datetime, timedelta

from sqlalchemy import select

from ..clock import as_if
from ..db import db
from ..stock.models import Availability, Box, Level, Location
from ..stock.transfers import arriving, preparing, sending
from .setting import Setting

MOST_EACH = 4  # boxes of a transfer
LOOKED_AT = 2000  # boxes, among which enough are of different sizes


def add_transfers(setting: Setting, today: datetime) -> int:
    """Write three transfers, and return how many; none when too little is free for them."""
    actor_id, annex = setting.accounts["warehouse"], setting.shelves["Annex"]
    codes = _free(setting.main_warehouse)
    each = len(codes) // 3
    if not each:
        return 0
    with as_if(today - timedelta(days=6) + timedelta(hours=10)):
        closed = _prepare(setting, codes[:each], "The annex has more room")
        sending.send(actor_id=actor_id, transfer_id=closed)
        numbers = _lines(closed)
        said = {str(numbers[0][0]): {"arrived": numbers[0][1] - 1}}
        arriving.receive(actor_id=actor_id, transfer_id=closed, shelf_id=annex[0], arrived=said, everything=True)
        arriving.explain(
            actor_id=actor_id,
            transfer_id=closed,
            line_id=numbers[0][0],
            seen=1,
            quantity=1,
            reason="damaged",
            note="Torn on the way",
        )
    with as_if(today - timedelta(days=1) + timedelta(hours=16)):
        on_the_way = _prepare(setting, codes[each : 2 * each], "With Tuesday's van")
        sending.send(actor_id=actor_id, transfer_id=on_the_way)
        first = str(_lines(on_the_way)[0][0])
        arriving.receive(
            actor_id=actor_id,
            transfer_id=on_the_way,
            shelf_id=annex[1],
            arrived={first: {"arrived": _lines(on_the_way)[0][1]}},
        )
        _prepare(setting, codes[2 * each :], "")
    return 3


def _prepare(setting: Setting, codes: list[str], note: str) -> int:
    return preparing.prepare(
        actor_id=setting.accounts["warehouse"],
        from_id=setting.main_warehouse,
        to_id=setting.sites["Annex"],
        note=note,
        codes=codes,
    )


def _free(warehouse_id: int) -> list[str]:
    """Return boxes of sizes of which far more is there than anybody is promised, each of another size."""
    free = Availability.on_hand - Availability.expired - Availability.allocated
    found = db.session.execute(
        select(Box.code, Box.size_id)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .join(Availability, Availability.size_id == Box.size_id)
        .where(
            Location.warehouse_id == warehouse_id,
            Availability.warehouse_id == warehouse_id,
            Box.expired.is_(False),
            Level.quantity > 3,
            free > 3 * Level.quantity,
        )
        .order_by(Box.id)
        .limit(LOOKED_AT)
    ).all()
    db.session.rollback()
    by_size = {size_id: code for code, size_id in found}
    return list(by_size.values())[: 3 * MOST_EACH]


def _lines(transfer_id: int) -> list[tuple[int, int]]:
    lines = [(line.id, line.quantity) for line in preparing.lines_of(db.session, transfer_id)]
    db.session.rollback()
    return lines
