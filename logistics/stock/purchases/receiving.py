"""Purchases in stock: writing down what was bought, and putting what came of it into boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ...audit import record
from ...clock import now
from ...commands import command
from ...db import lock_row
from ...errors import Conflict, Invalid, NotFound, msg
from ..lookup import check_quantity, checked_note, size_by_id
from ..models import Box, LocationKind, Movement, Size
from ..receiving import receive_into, receive_new_box
from ..tracing.walking import kept
from .models import Purchase, PurchaseLine

MOST_LINES = 30
MOST_BOXES = 50  # in one go
LONGEST_SUPPLIER = 100
MOST_UNITS = 1_000_000
WITHDRAWN = msg("This purchase was taken back.")


@dataclass(frozen=True)
class Bought:
    """One line of a purchase: `row` is where it stands in the form that named it."""

    row: int
    size_id: int
    packs: int
    pack_size: int
    price: int

    @property
    def amount(self) -> int:
        """Return what it costs, in pence or cents."""
        return self.packs * self.price


def check(session: Session, supplier: str, lines: Sequence[Bought]) -> None:
    """Step: refuse what can't be bought. Raises Invalid with the field to blame (`packs_<row>` and the like)."""
    if not supplier.strip():
        raise Invalid(msg("Fill this in."), "supplier")
    if len(supplier.strip()) > LONGEST_SUPPLIER:
        raise Invalid(msg("Use %(max)d characters or fewer.", max=LONGEST_SUPPLIER), "supplier")
    if not lines:
        raise Invalid(msg("Say of at least one product how many were bought."), "what_0")
    if len(lines) > MOST_LINES:
        raise Invalid(msg("One purchase has %(max)s lines at most. Record another.", max=MOST_LINES))
    for line in lines:
        check_quantity(line.packs, f"packs_{line.row}")
        check_quantity(line.pack_size, f"size_{line.row}")
        if line.packs * line.pack_size > MOST_UNITS:
            raise Invalid(msg("That is more than one line can have. Check the numbers."), f"packs_{line.row}")
        size_by_id(session, line.size_id)


def write(
    session: Session,
    *,
    actor_id: int | None,
    spend_id: int,
    supplier: str,
    currency: str,
    bought_on: date,
    carriage: int,
    note: str,
    lines: Sequence[Bought],
) -> int:
    """Step: write down what a spend bought, which was checked; return the purchase's id."""
    purchase = Purchase(
        spend_id=spend_id,
        supplier=supplier.strip(),
        currency=currency,
        bought_on=bought_on,
        carriage=carriage,
        note=checked_note(note),
    )
    session.add(purchase)
    session.flush()
    for line in lines:
        session.add(
            PurchaseLine(
                purchase_id=purchase.id,
                size_id=line.size_id,
                packs=line.packs,
                pack_size=line.pack_size,
                price=line.price,
            )
        )
    session.flush()
    record(
        session,
        actor_id,
        "purchase.recorded",
        "purchase",
        purchase.id,
        spend_id=spend_id,
        lines=len(lines),
        units=sum(line.packs * line.pack_size for line in lines),
    )
    return purchase.id


@command
def receive(
    session: Session,
    *,
    actor_id: int | None,
    purchase_id: int,
    line_id: int,
    seen: int,
    quantity: int,
    location_id: int,
    boxes: int = 1,
    code: str = "",
    best_before: date | None = None,
    undated: bool = False,
) -> list[str]:
    """Put what came of a line into new boxes of `quantity` units each, or into the box `code`; return the boxes' codes.

    `seen` is how many the page said are still to come. Raises NotFound, also at `code`; Invalid with the field to
    blame; Conflict when the purchase is closed, or others came meanwhile.
    """
    held(session, purchase_id)
    line = _line(session, purchase_id, line_id)
    left = line.quantity - received(session, [line.id]).get(line.id, 0)
    check_quantity(quantity)
    if not 1 <= boxes <= MOST_BOXES:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=1, most=MOST_BOXES), "boxes")
    if seen != left:
        raise Conflict(msg("Somebody received some of this meanwhile: %(left)s are to come.", left=left), "quantity")
    if quantity * boxes > left:
        raise Invalid(msg("Only %(left)s of these were bought and have not come yet.", left=left), "quantity")
    if code.strip():
        if boxes > 1:
            raise Invalid(msg("These go into one box. Say 1, or leave the code empty."), "boxes")
        codes = [
            receive_into.function(
                session,
                actor_id=actor_id,
                code=code,
                quantity=quantity,
                location_id=location_id,
                source=LocationKind.BOUGHT,
                best_before=best_before,
                purchase_line_id=line.id,
                only_size=line.size_id,
            )
        ]
    else:
        codes = [
            receive_new_box.function(
                session,
                actor_id=actor_id,
                size_id=line.size_id,
                quantity=quantity,
                location_id=location_id,
                source=LocationKind.BOUGHT,
                best_before=best_before,
                undated=undated,
                purchase_line_id=line.id,
            )
            for _ in range(boxes)
        ]
    record(
        session,
        actor_id,
        "purchase.received",
        "purchase",
        purchase_id,
        line_id=line.id,
        quantity=quantity * boxes,
        codes=codes,
    )
    return codes


@command
def close(session: Session, *, actor_id: int | None, purchase_id: int) -> int:
    """Say that what has not come of a purchase will not; return its id. Raises NotFound, Conflict when it is closed."""
    purchase = held(session, purchase_id)
    purchase.closed_at, purchase.closed_by = now(), actor_id
    record(session, actor_id, "purchase.closed", "purchase", purchase_id)
    return purchase_id


@command
def reopen(session: Session, *, actor_id: int | None, purchase_id: int) -> int:
    """Wait for the rest of a purchase again; return its id. Raises NotFound, Conflict when it is open."""
    purchase = _locked(session, purchase_id)
    if purchase.closed_at is None:
        raise Conflict(msg("This purchase is open already."))
    if purchase.withdrawn_at is not None:
        raise Conflict(WITHDRAWN)
    purchase.closed_at = purchase.closed_by = None
    record(session, actor_id, "purchase.reopened", "purchase", purchase_id)
    return purchase_id


def withdraw(session: Session, *, actor_id: int | None, purchase_id: int) -> int:
    """Step: take back a purchase of which nothing has come; return the id of its spend, for the caller to take back.

    Raises NotFound, and Conflict when something has come, or it was taken back before.
    """
    purchase = _locked(session, purchase_id)
    if purchase.withdrawn_at is not None:
        raise Conflict(WITHDRAWN)
    line_ids = session.scalars(select(PurchaseLine.id).where(PurchaseLine.purchase_id == purchase.id)).all()
    if received(session, line_ids):
        raise Conflict(msg("Some of it is in boxes. Undo that on their pages first."))
    purchase.withdrawn_at = now()
    if purchase.closed_at is None:
        purchase.closed_at, purchase.closed_by = purchase.withdrawn_at, actor_id
    record(session, actor_id, "purchase.withdrawn", "purchase", purchase_id)
    return purchase.spend_id


def held(session: Session, purchase_id: int) -> Purchase:
    """Step: lock a purchase that waits for goods. Raises NotFound, and Conflict when it is closed."""
    purchase = _locked(session, purchase_id)
    if purchase.withdrawn_at is not None:
        raise Conflict(WITHDRAWN)
    if purchase.closed_at is not None:
        raise Conflict(msg("This purchase is closed: nothing more is expected of it."))
    return purchase


def _locked(session: Session, purchase_id: int) -> Purchase:
    purchase = lock_row(session, Purchase, purchase_id)
    if purchase is None:
        raise NotFound(msg("There is no such purchase."))
    return purchase


def _line(session: Session, purchase_id: int, line_id: int) -> PurchaseLine:
    line = session.get(PurchaseLine, line_id) if 0 < line_id < 2**31 else None
    if line is None or line.purchase_id != purchase_id:
        raise NotFound(msg("There is no such purchase."))
    return line


def received(session: Session, line_ids: Sequence[int]) -> Mapping[int, int]:
    """Return how many units of lines have come, by line: what was undone did not."""
    rows = session.execute(
        select(Movement.purchase_line_id, func.sum(Movement.quantity))
        .where(Movement.purchase_line_id.in_(line_ids), kept(Movement))
        .group_by(Movement.purchase_line_id)
    )
    return {line_id: int(quantity) for line_id, quantity in rows if line_id is not None}


def get(session: Session, purchase_id: int) -> Purchase:
    """Return a purchase with its lines and their products. Raises NotFound."""
    purchase: Purchase | None = None
    if 0 < purchase_id < 2**31:
        lines = selectinload(Purchase.lines).joinedload(PurchaseLine.size).joinedload(Size.product)
        purchase = session.scalars(select(Purchase).where(Purchase.id == purchase_id).options(lines)).one_or_none()
    if purchase is None:
        raise NotFound(msg("There is no such purchase."))
    return purchase


def came_with(session: Session, box_id: int) -> Sequence[Any]:
    """Return the purchases that a box's contents came with: rows of id, supplier, bought_on, quantity."""
    quantity = func.sum(Movement.quantity).label("quantity")
    return session.execute(
        select(Purchase.id, Purchase.supplier, Purchase.bought_on, quantity)
        .join(PurchaseLine, PurchaseLine.purchase_id == Purchase.id)
        .join(Movement, Movement.purchase_line_id == PurchaseLine.id)
        .where(Movement.box_id == box_id, kept(Movement))
        .group_by(Purchase.id)
        .order_by(Purchase.id.desc())
        .limit(10)
    ).all()


def boxes_of(session: Session, line_ids: Sequence[int]) -> Mapping[int, list[tuple[str, int]]]:
    """Return, by line, the boxes that its goods were put into, with how many."""
    found: dict[int, list[tuple[str, int]]] = {}
    for line_id, code, quantity in session.execute(
        select(Movement.purchase_line_id, Box.code, func.sum(Movement.quantity))
        .join(Box, Box.id == Movement.box_id)
        .where(Movement.purchase_line_id.in_(line_ids), kept(Movement))
        .group_by(Movement.purchase_line_id, Box.id)
        .order_by(Box.id)
    ):
        found.setdefault(line_id or 0, []).append((code, int(quantity)))
    return found
