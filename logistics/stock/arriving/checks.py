"""What must hold of slots and deliveries, recomputed from the ground."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from .models import Delivery, DeliveryLine, DeliveryState, Slot

HERE = (DeliveryState.ARRIVED, DeliveryState.SORTED)


def _booked(session: Session) -> Iterator[str]:
    expected = (
        select(func.count(Delivery.id))
        .where(Delivery.slot_id == Slot.id, Delivery.state != DeliveryState.CANCELLED)
        .scalar_subquery()
    )
    rows = session.execute(select(Slot.id, Slot.booked, expected).where(Slot.booked != expected).order_by(Slot.id))
    for slot, booked, found in rows:
        yield f"Slot {slot}: {booked} places are said to be booked, but {found} deliveries have one."


def _overbooked(session: Session) -> Iterator[str]:
    bad = or_(Slot.booked < 0, Slot.booked > Slot.capacity)
    for slot, booked, capacity in session.execute(
        select(Slot.id, Slot.booked, Slot.capacity).where(bad).order_by(Slot.id)
    ):
        yield f"Slot {slot}: {booked} of {capacity} places are booked."


def _at_one_point(session: Session) -> Iterator[str]:
    other = or_(Delivery.drop_off_id.is_(None), Delivery.drop_off_id != Slot.drop_off_id)
    query = select(Delivery.id).join(Slot, Slot.id == Delivery.slot_id).where(other).order_by(Delivery.id)
    for delivery in session.scalars(query):
        yield f"Delivery {delivery} is booked into a slot of another drop-off point."


def _counted_when_here(session: Session) -> Iterator[str]:
    here = Delivery.state.in_(HERE)
    query = (
        select(DeliveryLine.id, Delivery.id, Delivery.state)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(here == DeliveryLine.came.is_(None))
        .order_by(DeliveryLine.id)
    )
    for line, delivery, state in session.execute(query):
        yield f"Line {line} of delivery {delivery}: it is {state}, and what came of it says otherwise."


def _states(session: Session) -> Iterator[str]:
    wrong = or_(
        Delivery.state.in_(HERE) == Delivery.arrived_at.is_(None),
        (Delivery.state == DeliveryState.SORTED) == Delivery.sorted_at.is_(None),
        (Delivery.state == DeliveryState.CANCELLED) == Delivery.cancelled_at.is_(None),
    )
    for delivery, state in session.execute(select(Delivery.id, Delivery.state).where(wrong).order_by(Delivery.id)):
        yield f"Delivery {delivery} is {state}, and its days say otherwise."


def _forgotten(session: Session) -> Iterator[str]:
    kept = or_(*(column != "" for column in (Delivery.name, Delivery.email, Delivery.phone, Delivery.note)))
    query = select(Delivery.id).where(Delivery.forgotten_at.is_not(None), kept).order_by(Delivery.id)
    for delivery in session.scalars(query):
        yield f"Delivery {delivery} is forgotten, and still says who brought it."


CHECKS = (_booked, _overbooked, _at_one_point, _counted_when_here, _states, _forgotten)
