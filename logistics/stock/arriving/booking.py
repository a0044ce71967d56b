"""Booking a delivery, without an account: whoever has the link in the mail can change its time or call it off."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from ...audit import record
from ...commands import command
from ...errors import Conflict, Invalid, Message, msg, name_of
from ...names import kept
from ...people.accounts import clean_email
from ..models import Product
from . import deliveries, lines, mails, places
from .models import Delivery, DeliveryState, DropOff

LONGEST_PHONE = 40


class Unwanted(Conflict):
    """Something announced of which nobody should send any more, and whoever announces it was not told so yet."""

    def __init__(self, products: Sequence[Product]) -> None:
        """Keep the ids, by which the next try says that it was told."""
        super().__init__(_warning(products))
        self.product_ids = [product.id for product in products]


@command
def announce(
    session: Session,
    *,
    actor_id: int | None,
    drop_off_id: int,
    slot_id: int,
    bringer: str,
    name: str,
    email: str,
    phone: str,
    note: str,
    language: str,
    given: Sequence[lines.Given],
    warned: Collection[int] = (),
) -> str:
    """Book a place in a slot for what somebody will bring, mail them a link, and return the delivery's reference.

    `warned` are the products of which they were told that nobody should send any more. Raises Invalid with the field
    to blame, Conflict for a slot that is past, closed or full, and Unwanted.
    """
    slot = places.bookable(session, drop_off_id, slot_id)
    if not given:
        raise Invalid(msg("Say what you bring."), "what_0")
    delivery = deliveries.begin(session, session.get_one(DropOff, drop_off_id).warehouse_id, bringer, name, note)
    if not delivery.name:
        raise Invalid(msg("Fill this in."), "name")
    delivery.email, delivery.phone = clean_email(email), kept(phone, LONGEST_PHONE, "phone")
    delivery.drop_off_id, delivery.slot_id = drop_off_id, slot.id
    delivery.language = language
    session.add(delivery)
    session.flush()
    lines.add(session, delivery, given)
    unwanted = lines.stopped(session, given)
    if {product.id for product in unwanted} - set(warned):
        raise Unwanted(unwanted)
    mails.booked(session, delivery)
    record(session, actor_id, "delivery.announced", "delivery", delivery.id, slot_id=slot.id)
    if not places.take(session, slot.id):  # last, since whoever takes one holds up all others of this slot
        raise Conflict(places.refusal(session, slot.id), "slot_id")
    return delivery.reference


@command
def change_time(session: Session, *, reference: str, slot_id: int) -> str:
    """Bring a delivery at another time, and return its reference. The same time again changes nothing.

    Raises NotFound, and Conflict once it came or was called off, or when the slot is past, closed or full.
    """
    delivery = _still_expected(session, reference)
    if delivery.slot_id == slot_id:
        return reference
    assert delivery.drop_off_id is not None
    slot = places.bookable(session, delivery.drop_off_id, slot_id)
    places.change(session, delivery.slot_id, slot.id)
    delivery.slot_id = slot.id
    session.flush()
    mails.booked(session, delivery, changed=True)
    record(session, None, "delivery.moved", "delivery", delivery.id, slot_id=slot.id)
    return reference


@command
def cancel(session: Session, *, reference: str) -> str:
    """Say that a delivery will not come, and return its reference. Again, it changes nothing.

    Raises NotFound, and Conflict once it came.
    """
    delivery = deliveries.locked(session, Delivery.reference == reference[:41])
    if deliveries.cancel(session, delivery):
        record(session, None, "delivery.cancelled", "delivery", delivery.id)
    return reference


def _still_expected(session: Session, reference: str) -> Delivery:
    delivery = deliveries.locked(session, Delivery.reference == reference[:41])
    if delivery.state != DeliveryState.ANNOUNCED:
        raise Conflict(msg("This delivery is not expected any more, so its time cannot change."))
    return delivery


def _warning(products: Sequence[Product]) -> Message:
    return msg(
        "There is enough of %(products)s just now: please don't send any. If it is on its way, you can book all the "
        "same.",
        products=tuple(name_of(product) for product in products),
    )
