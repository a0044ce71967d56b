"""The slots of a drop-off point: planned in bulk, closed and opened again."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ... import names
from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from . import mails
from .models import Delivery, DeliveryState, DropOff, Slot

MOST_DAYS = 366
MOST_AT_ONCE = 1000
MOST_PLACES = 1000
OFFERED = 200  # times to choose from on one page
MINUTE = timedelta(minutes=1)
DAY = 24 * 60  # minutes

Span = tuple[datetime, datetime]


@command
def plan(
    session: Session,
    *,
    actor_id: int,
    drop_off_id: int,
    weekdays: Collection[int],
    opens: time,
    closes: time,
    minutes: int | None,
    capacity: int,
    first: date,
    last: date,
    zone: tzinfo,
) -> list[int]:
    """Make slots on these weekdays (0 is Monday), one after the other from `opens` to `closes`, each of `minutes`.

    Without `minutes` there is one a day. What would begin when another begins is there already and is left out, as is
    what is past. Returns how many were made and how many are there already. Raises Invalid with the field to blame.
    """
    point = names.lock(session, DropOff, drop_off_id)
    if point.closed_at is not None:
        raise Conflict(msg("This drop-off point is closed. Open it again first."))
    if not 1 <= capacity <= MOST_PLACES:
        raise Invalid(msg("Enter a number from 1 to %(most)s.", most=MOST_PLACES), "capacity")
    days = days_between(first, last, weekdays)
    wanted = [span for day in days for span in spans_on(day, opens, closes, minutes, zone) if span[1] > now()]
    if not wanted:
        raise Invalid(msg("Every one of these times is past."), "last")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(msg("That is more than %(most)s times at once. Choose fewer days.", most=MOST_AT_ONCE), "last")
    there = set(session.scalars(select(Slot.starts_at).where(Slot.drop_off_id == drop_off_id)))
    new = [span for span in wanted if span[0] not in there]
    session.add_all(
        Slot(drop_off_id=drop_off_id, starts_at=starts_at, ends_at=ends_at, capacity=capacity)
        for starts_at, ends_at in new
    )
    record(session, actor_id, "slots.planned", "drop_off", drop_off_id, made=len(new))
    return [len(new), len(wanted) - len(new)]


def days_between(first: date, last: date, weekdays: Collection[int]) -> list[date]:
    """Return the days of these weekdays from the first to the last. Raises Invalid at the field to blame."""
    if last < first:
        raise Invalid(msg("The last day is before the first."), "last")
    if last - first >= timedelta(days=MOST_DAYS):
        raise Invalid(msg("Plan at most a year at once."), "last")
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = [day for day in days if day.weekday() in weekdays]
    if not found:
        raise Invalid(msg("None of these weekdays is between the first day and the last."), "weekdays")
    return found


def spans_on(day: date, opens: time, closes: time, minutes: int | None, zone: tzinfo) -> list[Span]:
    """Return the slots of one day by the clock on the wall. What is left before `closes` is no slot of its own.

    Raises Invalid at the field to blame.
    """
    from_minute, until = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    if until <= from_minute:
        raise Invalid(msg("It must end after it begins, on the same day."), "closes")
    length = minutes or until - from_minute
    if not 1 <= length <= until - from_minute:
        raise Invalid(msg("One slot is longer than all of it."), "minutes")
    begins = range(from_minute, until - length + 1, length)
    spans = [(_moment(day, each, zone), _moment(day, each + length, zone)) for each in begins]
    return [(starts_at, ends_at) for starts_at, ends_at in spans if starts_at < ends_at]  # none in an hour skipped


@command
def close(session: Session, *, actor_id: int, slot_id: int) -> int:
    """Let nobody book a slot any more, ask those who did to choose another, and return how many were asked.

    Again, it changes nothing. Raises NotFound.
    """
    slot = _lock(session, slot_id)
    if slot.closed_at is not None:
        return 0
    slot.closed_at = now()
    session.flush()
    expected = session.scalars(
        select(Delivery)
        .where(Delivery.slot_id == slot_id, Delivery.state == DeliveryState.ANNOUNCED)
        .order_by(Delivery.id)
    ).all()
    for delivery in expected:
        mails.slot_closed(session, delivery)
    record(session, actor_id, "slot.closed", "slot", slot_id, told=len(expected))
    return len(expected)


@command
def reopen(session: Session, *, actor_id: int, slot_id: int) -> int:
    """Offer a closed slot again, and return its id. Again, it changes nothing. Raises NotFound."""
    slot = _lock(session, slot_id)
    if slot.closed_at is not None:
        slot.closed_at = None
        record(session, actor_id, "slot.reopened", "slot", slot_id)
    return slot_id


def get(session: Session, slot_id: int) -> Slot:
    """Return a slot. Raises NotFound."""
    slot = session.get(Slot, slot_id)
    if slot is None:
        raise NotFound(msg("There is no such time."))
    return slot


def offered(session: Session, drop_off_id: int) -> Sequence[Slot]:
    """Return the next slots of a drop-off point that have a place left, by time."""
    return session.scalars(
        select(Slot)
        .where(
            Slot.drop_off_id == drop_off_id,
            Slot.ends_at > now(),
            Slot.closed_at.is_(None),
            Slot.booked < Slot.capacity,
        )
        .order_by(Slot.starts_at, Slot.id)
        .limit(OFFERED)
    ).all()


def of_point(drop_off_id: int, *, past: bool) -> Select[Any]:
    """Return the query for the slots of a drop-off point: those to come by time, or those past, the last first."""
    query = select(Slot).where(Slot.drop_off_id == drop_off_id)
    if past:
        return query.where(Slot.ends_at <= now()).order_by(Slot.starts_at.desc(), Slot.id.desc())
    return query.where(Slot.ends_at > now()).order_by(Slot.starts_at, Slot.id)


def _moment(day: date, minute: int, zone: tzinfo) -> datetime:
    local = datetime.combine(day, time()) + minute * MINUTE
    return local.replace(tzinfo=zone).astimezone(now().tzinfo)


def _lock(session: Session, slot_id: int) -> Slot:
    query = select(Slot).where(Slot.id == (slot_id if 0 < slot_id < 2**31 else 0))
    slot = session.scalars(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one_or_none()
    if slot is None:
        raise NotFound(msg("There is no such time."))
    return slot
