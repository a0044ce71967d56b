"""The ledger: the one place where goods move, and where levels and availability follow.

Goods are conserved: a movement takes from one location what it adds to another. Whoever moves several sizes in
one transaction first locks all their availability rows with one call, so that locks are always taken in one order.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVarTuple

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..db import insert_into
from ..errors import Conflict, Invalid, Message, NotFound, msg
from .models import Availability, Box, Level, Location, LocationKind, Movement

MOST = 1_000_000  # units in one act
MOST_ON_HAND = 2_000_000_000  # units of one size in one warehouse: what the database's integer can count
_DATED = ("best_before", "expired")

Columns = TypeVarTuple("Columns")
Key = tuple[int, int]  # warehouse id, size id: the key of an Availability row


class MovementReason(StrEnum):
    """Why goods moved. Those of a correction are also in `counting.CorrectionReason`."""

    DONATED = "donated"
    BOUGHT = "bought"
    IMPORTED = "imported"
    MOVED = "moved"
    PACKED = "packed"
    PUT_BACK = "put_back"
    HANDED_OUT = "handed_out"
    CAME_BACK = "came_back"
    MISCOUNTED = "miscounted"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    LOST = "lost"
    STOLEN = "stolen"
    FOUND = "found"
    SAMPLE = "sample"
    RETURNED = "returned"  # to whoever gave it
    RECYCLED = "recycled"
    OTHER = "other"
    TAKEN_OUT = "taken_out"  # given away at the warehouse, without a distribution
    SPLIT = "split"
    MERGED = "merged"
    ASSEMBLED = "assembled"  # parts into kits
    TAKEN_APART = "taken_apart"  # kits into parts
    SENT = "sent"  # to another warehouse
    ARRIVED = "arrived"  # from another warehouse
    TAKEN_BACK = "taken_back"  # was sent, and never left
    UNDONE = "undone"


@dataclass(frozen=True)
class Origin:
    """What brought goods: a delivery, a line of a purchase, or nothing that is known."""

    delivery_id: int | None = None
    purchase_line_id: int | None = None


NO_ORIGIN = Origin()


@dataclass(frozen=True)
class Stock:
    """What a warehouse holds of one size, and how much of it is promised, or past its date."""

    on_hand: int
    allocated: int
    expired: int

    @property
    def available(self) -> int:
        """Return what can be promised still."""
        return self.on_hand - self.expired - self.allocated


def for_update(statement: Select[*Columns]) -> Select[*Columns]:
    """Hold the rows read until the transaction ends (on SQLite the writer is alone anyway).

    FOR NO KEY UPDATE: rows that merely refer to them may still be written.
    """
    return statement.with_for_update(key_share=True)


def lock_availability(session: Session, warehouse_id: int, size_ids: Collection[int]) -> dict[int, Stock]:
    """Lock these sizes' availability rows in one warehouse, making those that lack; return them as they now stand."""
    locked = lock_all(session, ((warehouse_id, size_id) for size_id in size_ids))
    return {size_id: stock for (_, size_id), stock in locked.items()}


def lock_all(session: Session, keys: Iterable[Key]) -> dict[Key, Stock]:
    """Lock availability rows by warehouse and size id, the order that every transaction keeps.

    Rows that lack are made before the first is locked: made in between, they would be locked out of order.
    """
    wanted = [
        (warehouse_id, [size_id for _, size_id in group])
        for warehouse_id, group in groupby(sorted(set(keys)), key=itemgetter(0))
    ]
    for warehouse_id, size_ids in wanted:
        _make_missing(session, warehouse_id, size_ids)
    return {key: stock for warehouse_id, size_ids in wanted for key, stock in _lock(session, warehouse_id, size_ids)}


def _make_missing(session: Session, warehouse_id: int, size_ids: list[int]) -> None:
    here = (Availability.warehouse_id == warehouse_id, Availability.size_id.in_(size_ids))
    missing = sorted(set(size_ids) - set(session.scalars(select(Availability.size_id).where(*here))))
    if missing:
        session.execute(
            insert_into(session)(Availability).on_conflict_do_nothing(),
            [
                {"warehouse_id": warehouse_id, "size_id": size, "on_hand": 0, "allocated": 0, "expired": 0}
                for size in missing
            ],
        )


def _lock(session: Session, warehouse_id: int, size_ids: list[int]) -> Iterable[tuple[Key, Stock]]:
    rows = session.execute(
        for_update(
            select(Availability.size_id, Availability.on_hand, Availability.allocated, Availability.expired)
            .where(Availability.warehouse_id == warehouse_id, Availability.size_id.in_(size_ids))
            .order_by(Availability.size_id)
        )
    )
    return [((warehouse_id, size_id), Stock(*numbers)) for size_id, *numbers in rows]


def move(
    session: Session,
    *,
    box_id: int,
    from_id: int,
    to_id: int,
    quantity: int,
    actor_id: int | None,
    reason: MovementReason,
    note: str = "",
    distribution_id: int | None = None,
    group_id: int | None = None,
    promised: int = 0,
    origin: Origin = NO_ORIGIN,
    reverses_id: int | None = None,
    transfer_line_id: int | None = None,
) -> Movement:
    """Move units of a box from one location to another, and write it down.

    `origin` names the delivery or purchase that brought them, `reverses_id` the movement that this one undoes, `transfer_line_id`
    the line of a transfer that they go or come with.

    Taking from a warehouse leaves what it has promised, except for `promised` units, whose promise is used up:
    the caller takes that promise off its packing line. Raises Conflict when there are not enough, NotFound when
    there is no such box or place.
    """
    if quantity < 1:
        raise ValueError("a movement moves something")
    box, source, target = (
        found(session, Box, box_id),
        found(session, Location, from_id),
        found(session, Location, to_id),
    )
    lock_all(session, [(place.warehouse_id, box.size_id) for place in (source, target) if place.warehouse_id])
    keep_box(session, box)
    expired = quantity if box.expired else 0
    take_from_level(session, box_id, source, quantity)
    if source.warehouse_id != target.warehouse_id:
        if source.warehouse_id is not None:
            take_from_warehouse(session, source, box, quantity, promised, expired)
        if target.warehouse_id is not None:
            add_to_warehouse(session, target.warehouse_id, box.size_id, quantity, expired)
    add_to_level(session, box_id, target, quantity)
    movement = Movement(
        group_id=group_id,
        box_id=box_id,
        from_id=from_id,
        to_id=to_id,
        quantity=quantity,
        at=now(),
        actor_id=actor_id,
        reason=reason,
        note=note,
        distribution_id=distribution_id,
        reverses_id=reverses_id,
        delivery_id=origin.delivery_id,
        purchase_line_id=origin.purchase_line_id,
        transfer_line_id=transfer_line_id,
    )
    session.add(movement)
    session.flush()
    return movement


def reverse(session: Session, movement: Movement, actor_id: int | None, group_id: int | None) -> Movement:
    """Move back what a movement moved, and say which it undoes. Raises as `move` does."""
    return move(
        session,
        box_id=movement.box_id,
        from_id=movement.to_id,
        to_id=movement.from_id,
        quantity=movement.quantity,
        actor_id=actor_id,
        reason=MovementReason.UNDONE,
        group_id=group_id,
        reverses_id=movement.id,
        transfer_line_id=movement.transfer_line_id,
    )


def found(session: Session, model: type[Any], key: int) -> Any:
    """Return a row by its id. Raises NotFound, also for a number that no id can be."""
    row = session.get(model, key) if 0 <= key < 2**31 else None
    if row is None:
        raise NotFound(msg("There is no such thing here any more."))
    return row


def keep_box(session: Session, box: Box) -> None:
    """Read a box's date and mark as they now stand, and keep them so until the transaction ends.

    The caller holds the availability's lock: whoever marks a box takes that first, too.
    """
    session.refresh(box, _DATED, with_for_update={"read": True})


def hold_box(session: Session, box: Box) -> None:
    """Lock a box to change its date or mark, and read them as they now stand. The rest as for `keep_box`."""
    session.refresh(box, _DATED, with_for_update={"key_share": True})


def take_from_level(session: Session, box_id: int, place: Location, quantity: int) -> None:
    """Take units of a box off a location; only the outside world may go below zero. Raises Conflict."""
    if place.outside:
        add_to_level(session, box_id, place, -quantity)
    elif not lower_level(session, box_id, place.id, quantity):
        there = level_at(session, box_id, place.id)
        if place.kind == LocationKind.VAN:
            raise Conflict(msg("Only %(there)s of this box are on the van.", there=there), "quantity")
        if place.kind == LocationKind.TRANSIT:
            raise Conflict(msg("Only %(there)s of this box are on the way.", there=there), "quantity")
        raise Conflict(msg("Only %(there)s are on shelf %(shelf)s.", there=there, shelf=place.name), "quantity")


def lower_level(session: Session, box_id: int, location_id: int, quantity: int) -> bool:
    """Lower a level inside, unless it would go below zero; say whether it did."""
    lowered = session.execute(
        update(Level)
        .where(Level.box_id == box_id, Level.location_id == location_id, Level.quantity >= quantity)
        .values(quantity=Level.quantity - quantity)
        .returning(Level.box_id)
    )
    return lowered.first() is not None


def add_to_level(session: Session, box_id: int, place: Location, quantity: int) -> None:
    """Add units of a box to a location (a negative number for a place outside that they come from)."""
    statement = insert_into(session)(Level).values(
        box_id=box_id, location_id=place.id, outside=place.outside, quantity=quantity
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["box_id", "location_id"], set_={"quantity": Level.quantity + statement.excluded.quantity}
        )
    )


def level_at(session: Session, box_id: int, location_id: int) -> int:
    """Return how many units of a box are at a location."""
    return session.scalar(select(Level.quantity).where(Level.box_id == box_id, Level.location_id == location_id)) or 0


def take_from_warehouse(
    session: Session, shelf: Location, box: Box, quantity: int, promised: int, expired: int
) -> None:
    """Take units out of what a warehouse has on hand, using up `promised` promises. Raises Conflict.

    `expired` of the units are past their date: these were promised to nobody.
    """
    assert shelf.warehouse_id is not None
    if lower_on_hand(session, shelf.warehouse_id, box.size_id, quantity, promised, expired):
        return
    stock = lock_availability(session, shelf.warehouse_id, [box.size_id])[box.size_id]
    raise Conflict(_promised_away(stock, promised), "quantity")


def _promised_away(stock: Stock, promised: int) -> Message:
    """Say why no more can leave, in numbers that add up."""
    numbers = {
        "free": stock.available + promised,
        "on_hand": stock.on_hand,
        "promised": stock.allocated - promised,
    }
    if stock.expired:
        return msg(
            "Only %(free)s can leave: of the %(on_hand)s in this warehouse, %(promised)s are promised to distributions "
            "and %(expired)s are past their date.",
            **numbers,
            expired=stock.expired,
        )
    return msg(
        "Only %(free)s can leave: of the %(on_hand)s in this warehouse, %(promised)s are promised to distributions.",
        **numbers,
    )


def lower_on_hand(
    session: Session, warehouse_id: int, size_id: int, quantity: int, promised: int, expired: int
) -> bool:
    """Lower what is on hand, promised and past its date, unless it would break a promise; say whether it did."""
    lowered = session.execute(
        update(Availability)
        .where(
            Availability.warehouse_id == warehouse_id,
            Availability.size_id == size_id,
            Availability.on_hand - quantity >= Availability.allocated - promised + Availability.expired - expired,
            Availability.allocated >= promised,
            Availability.expired >= expired,
        )
        .values(
            on_hand=Availability.on_hand - quantity,
            allocated=Availability.allocated - promised,
            expired=Availability.expired - expired,
        )
        .returning(Availability.size_id)
    )
    return lowered.first() is not None


def raise_on_hand(session: Session, arrived: Mapping[Key, int], expired: Mapping[Key, int]) -> None:
    """Add units to many availability rows at once. The caller holds their locks and knows that they fit.

    `expired` says how many of the units that arrived are past their date.
    """
    if not arrived:
        return
    session.flush()
    session.connection().execute(
        update(Availability)
        .where(Availability.warehouse_id == bindparam("site"), Availability.size_id == bindparam("size"))
        .values(
            on_hand=Availability.on_hand + bindparam("more"), expired=Availability.expired + bindparam("more_expired")
        ),
        [
            {"site": key[0], "size": key[1], "more": quantity, "more_expired": expired.get(key, 0)}
            for key, quantity in sorted(arrived.items())
        ],
    )


def add_to_warehouse(session: Session, warehouse_id: int, size_id: int, quantity: int, expired: int) -> None:
    """Add units to what a warehouse has on hand, so many of them past their date.

    Raises Invalid beyond what can be counted.
    """
    added = session.execute(
        update(Availability)
        .where(
            Availability.warehouse_id == warehouse_id,
            Availability.size_id == size_id,
            Availability.on_hand <= MOST_ON_HAND - quantity,
        )
        .values(on_hand=Availability.on_hand + quantity, expired=Availability.expired + expired)
        .returning(Availability.size_id)
    )
    if added.first() is None:
        raise Invalid(msg("That is more than one warehouse can hold. Check the number."), "quantity")
