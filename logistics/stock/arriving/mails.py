"""What whoever brings a delivery is told by mail, in their language."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...outbox.service import enqueue
from ..models import Product
from .models import Delivery, DeliveryLine, DropOff, Slot


def booked(session: Session, delivery: Delivery, *, changed: bool = False) -> None:
    """Step: confirm a time, or another one, with the link by which it can be changed."""
    _send(session, "delivery_booked", delivery, changed=changed, lines=_lines(session, delivery.id))


def called_off(session: Session, delivery: Delivery) -> None:
    """Step: say that the charity has taken a delivery off its list."""
    _send(session, "delivery_called_off", delivery)


def slot_closed(session: Session, delivery: Delivery) -> None:
    """Step: ask whoever booked a slot that is closed now to choose another time."""
    _send(session, "delivery_slot_closed", delivery)


def about(delivery_id: int) -> str:
    """Return what a message about a delivery is about, by which it is found again."""
    return f"delivery:{delivery_id}"


def _send(session: Session, kind: str, delivery: Delivery, **more: Any) -> None:
    if not delivery.email or delivery.slot_id is None:
        return  # forgotten, or never announced
    point, slot = session.get_one(DropOff, delivery.drop_off_id), session.get_one(Slot, delivery.slot_id)
    enqueue(
        session,
        kind,
        delivery.email,
        delivery.language,
        about=about(delivery.id),
        good_until=slot.ends_at,
        name=delivery.name,
        place=point.name,
        place_fr=point.name_fr,
        address=point.address,
        map_url=point.map_url,
        starts_at=slot.starts_at.isoformat(),
        ends_at=slot.ends_at.isoformat(),
        path=f"/delivery/{delivery.reference}",
        **more,
    )


def _lines(session: Session, delivery_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(DeliveryLine.what, DeliveryLine.amount, DeliveryLine.measure, Product.name, Product.name_fr)
        .outerjoin(Product, Product.id == DeliveryLine.product_id)
        .where(DeliveryLine.delivery_id == delivery_id)
        .order_by(DeliveryLine.id)
    )
    return [
        {"name": row.name or row.what, "name_fr": row.name_fr, "amount": row.amount, "measure": row.measure}
        for row in rows
    ]
