"""Sorting: what came is put into boxes, piece by piece, by somebody who does it all morning."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...commands import command
from ...errors import Conflict, Invalid, msg
from ..freshness import checked_date, is_past
from ..lookup import any_shelf, box_by_code, open_warehouse, size_by_id
from ..models import Box, Level, Location, LocationKind
from ..packs import counted
from ..receiving import receive_into, receive_new_box
from . import deliveries


@command
def put(
    session: Session,
    *,
    actor_id: int,
    warehouse_id: int,
    size_id: int,
    quantity: int | None,
    packs: int | None = None,
    pack_size: int | None = None,
    code: str = "",
    new: bool = False,
    location_id: int = 0,
    best_before: date | None = None,
    undated: bool = False,
    delivery_id: int | None = None,
) -> dict[str, Any]:
    """Put sorted goods into a box of a warehouse, and return its code, how many these were, and whether it is new.

    The box is the one of this code, where it stands; a new one on the shelf `location_id` if it is to be `new` (then
    the code is its own) or no code is given. Goods that have a best-before need it, or somebody who says that there is
    none on them. Raises Invalid, NotFound or Conflict with the field to blame.
    """
    warehouse = open_warehouse(session, warehouse_id)
    size = size_by_id(session, size_id)
    if size.product.closed_at is not None:
        raise Invalid(msg("That product is not in use. Choose another."), "size_id")
    count = counted(quantity, packs, pack_size)
    if delivery_id is not None:
        deliveries.keep(session, delivery_id, warehouse.id)
    if size.product.has_best_before:
        best_before = checked_date(best_before, undated)
    given: dict[str, Any] = {
        "actor_id": actor_id,
        "quantity": count,
        "best_before": best_before if size.product.has_best_before else None,
        "delivery_id": delivery_id,
    }
    new = new or not code
    if new:
        _refuse_elsewhere(any_shelf(session, location_id, "location_id"), warehouse.id)
        code = receive_new_box.function(
            session, **given, size_id=size_id, code=code, location_id=location_id, undated=undated
        )
    else:
        box = box_by_code(session, code)
        _refuse_unlike(box, size_id, best_before)
        code = receive_into.function(
            session, **given, code=box.code, location_id=_stands_on(session, box, warehouse.id)
        )
    return {"code": code, "count": count, "new": new}


def _refuse_elsewhere(shelf: Location, warehouse_id: int) -> None:
    if shelf.warehouse_id != warehouse_id:
        raise Invalid(msg("That shelf is in another warehouse. Choose one of this."), "location_id")


def _refuse_unlike(box: Box, size_id: int, best_before: date | None) -> None:
    """Refuse a box of something else, and to make what is good as old as what is in a box past its date."""
    if box.size_id != size_id:
        raise Invalid(msg("Box %(code)s holds something else or another size.", code=box.code), "code")
    if box.expired and not is_past(best_before):
        raise Conflict(msg("Box %(code)s is past its date. Put these into another.", code=box.code), "code")


def _stands_on(session: Session, box: Box, warehouse_id: int) -> int:
    """Return the shelf of a warehouse where most of a box is; an empty one's last. Raises Conflict at `code`."""
    shelf_id: int | None = session.scalar(
        select(Level.location_id)
        .join(Location, Location.id == Level.location_id)
        .where(Level.box_id == box.id, Location.kind == LocationKind.SHELF, Location.warehouse_id == warehouse_id)
        .order_by(Level.quantity.desc(), Location.id.desc())
        .limit(1)
    )
    if shelf_id is None:
        raise Conflict(msg("Box %(code)s is not in this warehouse. Choose another.", code=box.code), "code")
    return shelf_id
