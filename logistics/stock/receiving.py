"""Goods arrive: into a new box, into one that exists, or thousands of boxes at once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Invalid, msg
from .allocating import serve
from .codes import add_box, canonical, claim, release
from .freshness import checked_date, is_past
from .ledger import (
    MOST_ON_HAND,
    NO_ORIGIN,
    Key,
    MovementReason,
    Origin,
    add_to_level,
    hold_box,
    lock_all,
    lock_availability,
    move,
    raise_on_hand,
)
from .lookup import box_by_code, check_quantity, checked_note, open_shelf, size_by_id
from .models import OUTSIDE_IDS, Box, Level, Location, LocationKind, Movement, Size

T = TypeVar("T")
BATCH = 2000
SOURCES = (LocationKind.DONATED, LocationKind.BOUGHT)


@command
def receive_new_box(
    session: Session,
    *,
    actor_id: int | None,
    size_id: int,
    quantity: int,
    location_id: int,
    source: str = LocationKind.DONATED,
    best_before: date | None = None,
    undated: bool = False,
    note: str = "",
    code: str = "",
    delivery_id: int | None = None,
    purchase_line_id: int | None = None,
) -> str:
    """Put goods that arrived into a new box on a shelf; return its code, the next free number when none is given.

    A quantity of 0 makes an empty box. Goods that have a best-before need it, or somebody who says that there is none
    on them (`undated`). `delivery_id` or `purchase_line_id` names what they came with: the caller keeps that as it is meanwhile.
    Raises Invalid with the field to blame, and Conflict when the code is taken.
    """
    size, shelf = size_by_id(session, size_id), open_shelf(session, location_id, "location_id")
    came_from = _source(source)
    check_quantity(quantity, least=0)
    note = checked_note(note)
    if quantity and size.product.has_best_before:
        best_before = checked_date(best_before, undated)
    lock_availability(session, _warehouse_of(shelf), [size_id])
    box_id, code = add_box(
        session,
        code,
        size_id=size_id,
        best_before=best_before,
        source=came_from,
        note=note,
    )
    if quantity:
        _arrive(session, box_id, shelf, quantity, came_from, actor_id, "", Origin(delivery_id, purchase_line_id))
    else:
        add_to_level(session, box_id, shelf, 0)
    _record(session, actor_id, code, quantity, size, shelf)
    serve(session, _warehouse_of(shelf), [size_id])
    return code


@command
def receive_into(
    session: Session,
    *,
    actor_id: int | None,
    code: str,
    quantity: int,
    location_id: int,
    source: str = LocationKind.DONATED,
    best_before: date | None = None,
    note: str = "",
    delivery_id: int | None = None,
    purchase_line_id: int | None = None,
    only_size: int = 0,
) -> str:
    """Put more goods that arrived into a box, at a shelf where some of it is or shall be; return its code.

    With an earlier `best_before` than the box's, that becomes the box's. `delivery_id` is as for a new box, and
    `only_size` the size that it must be of (0: any). Raises NotFound at `code`, and Invalid with the field to blame.
    """
    box, shelf = put_into(
        session,
        actor_id=actor_id,
        code=code,
        quantity=quantity,
        location_id=location_id,
        source=source,
        best_before=best_before,
        note=note,
        origin=Origin(delivery_id, purchase_line_id),
        only_size=only_size,
    )
    serve(session, _warehouse_of(shelf), [box.size_id])
    return box.code


def put_into(
    session: Session,
    *,
    actor_id: int | None,
    code: str,
    quantity: int,
    location_id: int,
    source: str,
    best_before: date | None,
    note: str,
    origin: Origin = NO_ORIGIN,
    only_size: int = 0,
) -> tuple[Box, Location]:
    """Step: as `receive_into`, but the caller serves whoever is short; return the box and the shelf."""
    box, shelf = box_by_code(session, code), open_shelf(session, location_id, "location_id")
    if only_size not in (0, box.size_id):
        raise Invalid(msg("Box %(code)s holds something else or another size.", code=box.code), "code")
    check_quantity(quantity)
    lock_availability(session, _warehouse_of(shelf), [box.size_id])
    if best_before is not None:
        _take_earlier(session, box, best_before)
    _arrive(session, box.id, shelf, quantity, _source(source), actor_id, checked_note(note), origin)
    _record(session, actor_id, box.code, quantity, box.size, shelf)
    return box, shelf


@dataclass(frozen=True)
class ReceivedRow:
    """A new box among many. `import_row` is the row of the file it came from, to know it again.

    `elsewhere` is how many more of it are on other shelves, by their ids.
    """

    code: str
    size_id: int
    location_id: int
    quantity: int
    note: str = ""
    best_before: date | None = None
    source: str = LocationKind.DONATED
    import_row: dict[str, Any] | None = None
    elsewhere: tuple[tuple[int, int], ...] = ()

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Return how many of it are on which shelf."""
        return (self.location_id, self.quantity), *self.elsewhere


def receive_rows(
    session: Session, rows: Sequence[ReceivedRow], *, actor_id: int | None, at: datetime | None = None
) -> int:
    """Make many new boxes at once (a step; the caller has checked the rows); return how many.

    Their codes must be free, or the transaction ends in a Conflict. `at` dates them otherwise than now.
    Raises Invalid when a warehouse would hold more than can be counted.
    """
    at = at or now()
    warehouse_of = _warehouses(session, {place for row in rows for place, _quantity in row.places})
    arrived: Counter[Key] = Counter()
    expired: Counter[Key] = Counter()
    for row in rows:
        for place, quantity in row.places:
            key = warehouse_of[place], row.size_id
            arrived[key] += quantity
            expired[key] += quantity if is_past(row.best_before) else 0
    stocks = lock_all(session, arrived)
    if any(stocks[key].on_hand + quantity > MOST_ON_HAND for key, quantity in arrived.items()):
        raise Invalid(msg("That is more than one warehouse can hold. Check the numbers."))
    # By code, so that two imports at once wait for each other in one order.
    received = list(_add_boxes(session, sorted(rows, key=lambda row: row.code), at))
    if len(received) > BATCH:
        learn_sizes(session)
    for batch in batched(received):
        _add_contents(session, batch, actor_id, at)
    raise_on_hand(session, arrived, expired)
    for warehouse_id in {warehouse_id for warehouse_id, _ in sorted(arrived)}:
        serve(session, warehouse_id, [size_id for site_id, size_id in arrived if site_id == warehouse_id])
    return len(rows)


def learn_sizes(session: Session) -> None:
    """Let PostgreSQL see how many boxes there are by now.

    It plans a foreign key's check once for each connection, for the size the table had then: a check planned when
    there were twelve boxes reads through all of 45,000 for each row, and an import takes minutes.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE box"))


def _add_boxes(session: Session, rows: Sequence[ReceivedRow], at: datetime) -> Iterator[tuple[int, ReceivedRow]]:
    """Make the boxes, still without anything in them; yield each one's id with its row."""
    for batch in batched(rows):
        codes = [canonical(row.code) for row in batch]
        claim(session, codes)
        ids = session.scalars(
            insert(Box).returning(Box.id, sort_by_parameter_order=True),
            [
                {
                    "code": code,
                    "size_id": row.size_id,
                    "best_before": row.best_before,
                    "expired": is_past(row.best_before),
                    "source": row.source,
                    "note": row.note,
                    "import_row": row.import_row,
                    "created_at": at,
                }
                for code, row in zip(codes, batch, strict=True)
            ],
        ).all()
        release(session, codes)
        yield from zip(ids, batch, strict=True)


def _add_contents(
    session: Session, received: Sequence[tuple[int, ReceivedRow]], actor_id: int | None, at: datetime
) -> None:
    """Write the levels and movements of new boxes."""
    levels = [
        {"box_id": box_id, "location_id": place, "outside": outside, "quantity": quantity}
        for box_id, row in received
        for place, outside, quantity in (
            *((place, False, quantity) for place, quantity in row.places),
            (OUTSIDE_IDS[LocationKind(row.source)], True, -sum(quantity for _place, quantity in row.places)),
        )
        if quantity or not outside
    ]
    session.execute(insert(Level), levels)
    movements = [
        {
            "box_id": box_id,
            "from_id": OUTSIDE_IDS[LocationKind(row.source)],
            "to_id": place,
            "quantity": quantity,
            "at": at,
            "actor_id": actor_id,
            "reason": MovementReason.IMPORTED if row.import_row is not None else MovementReason(row.source),
        }
        for box_id, row in received
        for place, quantity in row.places
        if quantity
    ]
    if movements:
        session.execute(insert(Movement), movements)


def batched(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield rows by the BATCH, as many as one statement takes."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _warehouses(session: Session, shelf_ids: set[int]) -> dict[int, int]:
    """Return the warehouse of each shelf."""
    found = session.execute(
        select(Location.id, Location.warehouse_id).where(
            Location.id.in_(shelf_ids), Location.kind == LocationKind.SHELF
        )
    )
    return {shelf_id: warehouse_id for shelf_id, warehouse_id in found if warehouse_id is not None}


def _source(source: str) -> LocationKind:
    if source not in SOURCES:
        raise Invalid(msg("Say whether it was donated or bought."), "source")
    return LocationKind(source)


def _warehouse_of(shelf: Location) -> int:
    assert shelf.warehouse_id is not None
    return shelf.warehouse_id


def _arrive(
    session: Session,
    box_id: int,
    shelf: Location,
    quantity: int,
    source: LocationKind,
    actor_id: int | None,
    note: str,
    origin: Origin = NO_ORIGIN,
) -> None:
    move(
        session,
        box_id=box_id,
        from_id=OUTSIDE_IDS[source],
        to_id=shelf.id,
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason(source),
        note=note,
        origin=origin,
    )


def _take_earlier(session: Session, box: Box, best_before: date) -> None:
    """Let a box be as old as the oldest in it; what is past its date may not make the rest so."""
    hold_box(session, box)
    if is_past(best_before) and not box.expired:
        raise Invalid(msg("That date has passed. Put these into a box of their own, to be written off."), "best_before")
    if box.best_before is None or best_before < box.best_before:
        box.best_before = best_before


def _record(session: Session, actor_id: int | None, code: str, quantity: int, size: Size, shelf: Location) -> None:
    record(
        session,
        actor_id,
        "box.received",
        "box",
        code,
        code=code,
        quantity=quantity,
        product=size.product.name,
        size=size.label,
        shelf=shelf.name,
    )
