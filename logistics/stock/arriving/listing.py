"""Finding deliveries: what is expected (today's first), what waits to be sorted, or all, the newest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from ...clock import now
from ..models import Product
from .deliveries import WITH_ALL
from .models import Delivery, DeliveryLine, DeliveryState, Slot

MOST_WORDS = 6


class Show(StrEnum):
    """Which deliveries a list shows."""

    EXPECTED = "expected"
    WAITING = "waiting"
    ALL = "all"


@dataclass(frozen=True)
class Wanted:
    """What deliveries are looked for. Ids are 0 where any will do."""

    show: Show = Show.EXPECTED
    words: str = ""
    warehouse_id: int = 0
    slot_id: int = 0


def find(wanted: Wanted, midnight: datetime) -> Select[Any]:
    """Return the query for deliveries with all that a row shows. `midnight` is when today began.

    Of those expected today's come first, by time; then the days to come, and last those that should have come.
    """
    query = select(Delivery).outerjoin(Slot, Slot.id == Delivery.slot_id).options(*WITH_ALL)
    query = query.where(*_conditions(wanted))
    if wanted.show == Show.EXPECTED:
        return query.where(Delivery.state == DeliveryState.ANNOUNCED).order_by(
            _turn(midnight), Slot.starts_at, Delivery.id
        )
    if wanted.show == Show.WAITING:
        return query.where(Delivery.state == DeliveryState.ARRIVED).order_by(Delivery.arrived_at, Delivery.id)
    return query.order_by(Delivery.id.desc())


def counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """Return how many deliveries are expected and wait to be sorted, with the same words and warehouse."""
    states = (DeliveryState.ANNOUNCED, DeliveryState.ARRIVED)
    rows = session.execute(
        select(Delivery.state, func.count(Delivery.id))
        .where(Delivery.state.in_(states), *_conditions(wanted))
        .group_by(Delivery.state)
    )
    found = dict(rows.all())
    return {
        Show.EXPECTED: found.get(DeliveryState.ANNOUNCED, 0),
        Show.WAITING: found.get(DeliveryState.ARRIVED, 0),
    }


def is_late(delivery: Delivery) -> bool:
    """Return whether a delivery should have come by now."""
    return delivery.state == DeliveryState.ANNOUNCED and delivery.slot is not None and delivery.slot.ends_at <= now()


def needs_time(delivery: Delivery) -> bool:
    """Return whether a delivery is booked into a slot that was closed since."""
    return (
        delivery.state == DeliveryState.ANNOUNCED
        and delivery.slot is not None
        and delivery.slot.closed_at is not None
        and not is_late(delivery)
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_says(word) for word in wanted.words.split()[:MOST_WORDS]]
    if wanted.warehouse_id:
        conditions.append(Delivery.warehouse_id == wanted.warehouse_id)
    if wanted.slot_id:
        conditions.append(Delivery.slot_id == wanted.slot_id)
    return conditions


def _says(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in who brings a delivery, or in what it is."""
    of_it = (
        select(DeliveryLine.id)
        .outerjoin(Product, Product.id == DeliveryLine.product_id)
        .where(
            DeliveryLine.delivery_id == Delivery.id,
            or_(
                DeliveryLine.what.icontains(word, autoescape=True),
                Product.name.icontains(word, autoescape=True),
                Product.name_fr.icontains(word, autoescape=True),
            ),
        )
    )
    return or_(Delivery.name.icontains(word, autoescape=True), of_it.exists())


def _turn(midnight: datetime) -> ColumnElement[int]:
    tomorrow = midnight + timedelta(days=1)
    return case(
        (Slot.starts_at.between(midnight, tomorrow - timedelta(microseconds=1)), 0),
        (Slot.starts_at >= tomorrow, 1),
        else_=2,
    )
