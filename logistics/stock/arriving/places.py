"""The places of a slot: taken and given back by conditional update, so that no slot is ever overbooked."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ...clock import now
from ...errors import Conflict, Invalid, Message, msg
from .models import DropOff, Slot


def bookable(session: Session, drop_off_id: int, slot_id: int) -> Slot:
    """Return a slot of an open drop-off point that one may ask for. Raises Invalid or Conflict at `slot_id`."""
    slot = session.get(Slot, slot_id) if 0 < slot_id < 2**31 else None
    if slot is None or slot.drop_off_id != drop_off_id:
        raise Invalid(msg("Choose a time."), "slot_id")
    if session.get_one(DropOff, drop_off_id).closed_at is not None:
        raise Conflict(msg("Nothing can be brought to this drop-off point any more."))
    if slot.ends_at <= now():
        raise Conflict(msg("That time is past. Choose another."), "slot_id")
    return slot


def take(session: Session, slot_id: int) -> bool:
    """Step: take one place of an open slot, and say whether there was one."""
    taken = session.execute(
        update(Slot)
        .where(Slot.id == slot_id, Slot.booked < Slot.capacity, Slot.closed_at.is_(None))
        .values(booked=Slot.booked + 1)
        .returning(Slot.id)
    )
    return taken.first() is not None


def give_back(session: Session, slot_id: int) -> None:
    """Step: give one place of a slot back. The caller holds the delivery that had it."""
    session.execute(update(Slot).where(Slot.id == slot_id, Slot.booked > 0).values(booked=Slot.booked - 1))


def change(session: Session, old_id: int | None, new_id: int) -> None:
    """Step: exchange a place for one in another slot, both in the order of their ids. Raises Conflict."""
    for slot_id in sorted({each for each in (old_id, new_id) if each is not None}):
        if slot_id == old_id:
            give_back(session, slot_id)
        elif not take(session, slot_id):
            raise Conflict(refusal(session, slot_id), "slot_id")


def refusal(session: Session, slot_id: int) -> Message:
    """Return why `take` took nothing."""
    if session.scalar(select(Slot.closed_at).where(Slot.id == slot_id)) is not None:
        return msg("Nothing can be brought at that time any more. Choose another.")
    return msg("That time is full by now. Choose another.")
