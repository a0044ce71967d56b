"""A drop-off point with its slots, and short names for what people bring there."""

from datetime import datetime, timedelta

from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.stock.arriving import booking, deliveries, drop_offs
from logistics.stock.arriving.models import Delivery, DeliveryLine, Slot

from .kit import Depot

BY = "/drop-off/town-hall"


def point(at: Depot, **answers: object) -> int:
    """Make a drop-off point and return its id."""
    given = {
        "name": "Town hall",
        "name_fr": "Mairie",
        "slug": "",
        "warehouse_id": at.warehouse_id,
        "address": "1 High Street, Dover",
        "map_url": "https://www.openstreetmap.org/#map=18/51.1/1.3",
        "hours": "Tuesdays, 10 to 16",
        "hours_fr": None,
        "takes": "Clean clothes\nTents",
        "takes_fr": None,
    }
    return drop_offs.create(actor_id=at.actor_id, answers={**given, **answers})


def slot(point_id: int, capacity: int = 3, starts_at: datetime | None = None, hours: float = 2) -> int:
    """Make a slot, in two days unless told, and return its id."""
    starts_at = starts_at or now().replace(microsecond=0) + timedelta(days=2)
    with transaction() as session:
        made = Slot(
            drop_off_id=point_id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), capacity=capacity
        )
        session.add(made)
        session.flush()
        made_id = made.id
    return made_id


def line(what: str = "Blankets", amount: int = 6, measure: str = "bag", product_id: int | None = None, row: int = 0):
    return {"what": what, "product_id": product_id, "amount": amount, "measure": measure, "row": row}


def announce(point_id: int, slot_id: int, **more: object) -> str:
    """Announce a delivery and return its reference."""
    given = {
        "actor_id": None,
        "drop_off_id": point_id,
        "slot_id": slot_id,
        "bringer": "donor",
        "name": "Daniel",
        "email": "daniel@example.org",
        "phone": "",
        "note": "",
        "language": "en",
        "given": [line()],
    }
    return booking.announce(**{**given, **more})


def came(at: Depot, *given: dict[str, object]) -> int:
    """Write down a delivery that came unannounced and return its id."""
    return deliveries.enter(
        actor_id=at.actor_id,
        warehouse_id=at.warehouse_id,
        bringer="donor",
        name="",
        note="",
        given=given or [line()],
    )


def found(reference: str) -> Delivery:
    """A delivery as it now stands."""
    db.session.rollback()
    return db.session.scalars(select(Delivery).where(Delivery.reference == reference)).one()


def lines_of(delivery_id: int) -> list[tuple[str, int, str, int | None]]:
    """What a delivery's lines say, in their order."""
    db.session.rollback()
    query = select(DeliveryLine).where(DeliveryLine.delivery_id == delivery_id).order_by(DeliveryLine.id)
    return [(each.what, each.amount, each.measure, each.came) for each in db.session.scalars(query)]


def booked(slot_id: int) -> int:
    """How many places of a slot are taken."""
    db.session.rollback()
    return db.session.scalars(select(Slot.booked).where(Slot.id == slot_id)).one()
