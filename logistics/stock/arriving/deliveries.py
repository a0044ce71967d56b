"""Deliveries as the warehouse deals with them: they come, are sorted, or are called off.

What came stands as lines of its delivery until it is sorted into boxes; none of it is stock before.
"""

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ...audit import record
from ...clock import now
from ...commands import command
from ...distributions.models import Site, SiteKind
from ...errors import Conflict, Invalid, Message, NotFound, msg
from ...names import kept
from ..lookup import LONGEST_NOTE
from ..models import Movement
from . import lines, mails, places
from .models import BringerKind, Delivery, DeliveryLine, DeliveryState, Discard

LONGEST_NAME = 100
NO_SUCH = msg("There is no such delivery.")


@command
def enter(
    session: Session,
    *,
    actor_id: int,
    warehouse_id: int,
    bringer: str,
    name: str,
    note: str,
    given: Sequence[lines.Given],
) -> int:
    """Write down a delivery that came unannounced, and return its id. Raises Invalid with the field to blame."""
    site = session.get(Site, warehouse_id) if 0 < warehouse_id < 2**31 else None
    if site is None or site.kind != SiteKind.WAREHOUSE or site.closed_at is not None:
        raise Invalid(msg("Choose a warehouse."), "warehouse_id")
    delivery = begin(session, site.id, bringer, name, note)
    delivery.state, delivery.arrived_at, delivery.created_by = DeliveryState.ARRIVED, now(), actor_id
    session.add(delivery)
    session.flush()
    _need_lines(given)
    lines.add(session, delivery, given, came=True)
    record(session, actor_id, "delivery.entered", "delivery", delivery.id)
    return delivery.id


def begin(session: Session, warehouse_id: int, bringer: str, name: str, note: str) -> Delivery:
    """Return a new delivery without lines, not yet added. Raises Invalid with the field to blame."""
    if bringer not in set(BringerKind):
        raise Invalid(msg("Choose who brings it."), "bringer")
    return Delivery(
        reference=secrets.token_urlsafe(16),
        warehouse_id=warehouse_id,
        bringer=bringer,
        name=kept(name, LONGEST_NAME, "name"),
        note=kept(note, LONGEST_NOTE, "note"),
        created_at=now(),
    )


@command
def mark_arrived(
    session: Session,
    *,
    actor_id: int,
    delivery_id: int,
    came: Mapping[str, int],
    more: Sequence[lines.Given] = (),
) -> int:
    """Write down that a delivery is here, and return its id.

    `came` says how much of each line there is, by the line's id (as text); a line left out came as announced. `more`
    is what nobody had announced. Raises Invalid at the field, and Conflict when it is not expected any more.
    """
    delivery = lock(session, delivery_id)
    if delivery.state != DeliveryState.ANNOUNCED:
        raise Conflict(_not_expected(delivery))
    for line in _lines_of(session, delivery_id):
        count = came.get(str(line.id), line.amount)
        if not 0 <= count <= lines.MOST:
            raise Invalid(msg("Enter a number from 0 to %(most)s.", most=lines.MOST), f"came_{line.id}")
        line.came = count
    lines.add(session, delivery, more, came=True)
    delivery.state, delivery.arrived_at = DeliveryState.ARRIVED, now()
    record(session, actor_id, "delivery.arrived", "delivery", delivery_id)
    return delivery_id


@command
def take_back_arrival(session: Session, *, actor_id: int, delivery_id: int) -> int:
    """Undo `mark_arrived`: the delivery is expected again, and its lines are as they were announced; return its id.

    Raises Conflict when nobody had announced it, and once some of it is in boxes or was thrown out.
    """
    delivery = lock(session, delivery_id)
    if delivery.state == DeliveryState.ANNOUNCED:
        return delivery_id
    if delivery.state != DeliveryState.ARRIVED or delivery.slot_id is None:
        raise Conflict(msg("Only a delivery that was announced, and is not sorted yet, can be expected again."))
    for table in (Movement, Discard):
        if session.scalar(select(table.id).where(table.delivery_id == delivery_id).limit(1)) is not None:
            raise Conflict(msg("Some of it is sorted already."))
    for line in _lines_of(session, delivery_id):
        line.came = None
    delivery.state, delivery.arrived_at = DeliveryState.ANNOUNCED, None
    record(session, actor_id, "delivery.expected_again", "delivery", delivery_id)
    return delivery_id


@command
def mark_sorted(session: Session, *, actor_id: int, delivery_id: int) -> int:
    """Write down that nothing of a delivery waits to be sorted any more, and return its id.

    Raises Conflict for one that is not here. Again, it changes nothing.
    """
    sorted_out(session, delivery_id, actor_id)
    return delivery_id


def sorted_out(session: Session, delivery_id: int, actor_id: int | None) -> None:
    """Step: the same, for the sorting table that saw the last of a delivery."""
    delivery = lock(session, delivery_id)
    if delivery.state == DeliveryState.SORTED:
        return
    if delivery.state != DeliveryState.ARRIVED:
        raise Conflict(msg("This delivery is not here."))
    delivery.state, delivery.sorted_at = DeliveryState.SORTED, now()
    record(session, actor_id, "delivery.sorted", "delivery", delivery_id)


@command
def sort_again(session: Session, *, actor_id: int, delivery_id: int) -> int:
    """Undo `mark_sorted`: some of it waits to be sorted after all; return its id. Again, it changes nothing."""
    delivery = lock(session, delivery_id)
    if delivery.state == DeliveryState.ARRIVED:
        return delivery_id
    if delivery.state != DeliveryState.SORTED:
        raise Conflict(msg("This delivery is not here."))
    delivery.state, delivery.sorted_at = DeliveryState.ARRIVED, None
    record(session, actor_id, "delivery.unsorted", "delivery", delivery_id)
    return delivery_id


@command
def call_off(session: Session, *, actor_id: int, delivery_id: int) -> int:
    """Write down that an announced delivery will not come, tell whoever announced it, and return its id.

    Its place in its slot is free again. Raises Conflict once it is here. Again, it changes nothing.
    """
    delivery = lock(session, delivery_id)
    if cancel(session, delivery):
        mails.called_off(session, delivery)
        record(session, actor_id, "delivery.cancelled", "delivery", delivery_id)
    return delivery_id


def cancel(session: Session, delivery: Delivery) -> bool:
    """Step: cancel a locked delivery and free its place; return whether anything changed. Raises Conflict."""
    if delivery.state == DeliveryState.CANCELLED:
        return False
    if delivery.state != DeliveryState.ANNOUNCED:
        raise Conflict(msg("This delivery has come already."))
    delivery.state, delivery.cancelled_at = DeliveryState.CANCELLED, now()
    if delivery.slot_id is not None:
        places.give_back(session, delivery.slot_id)
    return True


def lock(session: Session, delivery_id: int) -> Delivery:
    """Lock a delivery's row and return it as it now stands. Raises NotFound."""
    return locked(session, Delivery.id == (delivery_id if 0 < delivery_id < 2**31 else 0))


def locked(session: Session, which: ColumnElement[bool]) -> Delivery:
    """Lock the one delivery of which a condition holds. Raises NotFound."""
    query = select(Delivery).where(which).with_for_update(key_share=True)
    delivery = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if delivery is None:
        raise NotFound(NO_SUCH)
    return delivery


def keep(session: Session, delivery_id: int, warehouse_id: int) -> None:
    """Step: keep a delivery as it is, here and unsorted, until the transaction ends; others may sort it meanwhile.

    Raises Conflict when it is not in this warehouse, or not to be sorted any more.
    """
    query = select(Delivery).where(Delivery.id == (delivery_id if 0 < delivery_id < 2**31 else 0))
    query = query.with_for_update(read=True).execution_options(populate_existing=True)
    delivery = session.scalars(query).one_or_none()
    if delivery is None or delivery.warehouse_id != warehouse_id:
        raise Conflict(msg("That delivery is not in this warehouse. Choose another, or none."))
    if delivery.state != DeliveryState.ARRIVED:
        raise Conflict(msg("That delivery does not wait to be sorted any more. Choose another, or none."))


WITH_ALL = (
    selectinload(Delivery.lines).joinedload(DeliveryLine.product),
    joinedload(Delivery.slot),
    joinedload(Delivery.drop_off),
    joinedload(Delivery.warehouse),
)


def get(session: Session, delivery_id: int) -> Delivery:
    """Return a delivery with all that its page shows. Raises NotFound."""
    delivery = session.scalars(select(Delivery).where(Delivery.id == delivery_id).options(*WITH_ALL)).one_or_none()
    if delivery is None:
        raise NotFound(NO_SUCH)
    return delivery


def by_reference(session: Session, reference: str) -> Delivery:
    """Return the delivery of a private link, with all that its page shows. Raises NotFound."""
    found = session.scalar(select(Delivery.id).where(Delivery.reference == reference)) if len(reference) <= 40 else None
    if found is None:
        raise NotFound(NO_SUCH)
    return get(session, found)


def open_ones(session: Session, warehouse_id: int) -> Sequence[Delivery]:
    """Return the deliveries that are in a warehouse and wait to be sorted, with their lines, the oldest first."""
    query = select(Delivery).where(Delivery.state == DeliveryState.ARRIVED, Delivery.warehouse_id == warehouse_id)
    return session.scalars(query.options(*WITH_ALL).order_by(Delivery.arrived_at, Delivery.id)).all()


def where_most_waits(session: Session) -> int:
    """Return the warehouse where most deliveries wait to be sorted; 0 when none does."""
    query = select(Delivery.warehouse_id).where(Delivery.state == DeliveryState.ARRIVED).group_by(Delivery.warehouse_id)
    return session.scalar(query.order_by(func.count().desc(), Delivery.warehouse_id).limit(1)) or 0


def waiting(session: Session, warehouse_id: int = 0) -> dict[str, int]:
    """Return how much waits to be sorted, by measure, in one warehouse or (0) in all."""
    query = (
        select(DeliveryLine.measure, func.sum(DeliveryLine.came))
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(Delivery.state == DeliveryState.ARRIVED, DeliveryLine.came > 0)
        .group_by(DeliveryLine.measure)
    )
    query = query.where(Delivery.warehouse_id == warehouse_id) if warehouse_id else query
    return {measure: int(count or 0) for measure, count in session.execute(query)}


def _lines_of(session: Session, delivery_id: int) -> Sequence[DeliveryLine]:
    query = select(DeliveryLine).where(DeliveryLine.delivery_id == delivery_id).order_by(DeliveryLine.id)
    return session.scalars(query).all()


def _need_lines(given: Sequence[lines.Given]) -> None:
    if not given:
        raise Invalid(msg("Say what it is."), "what_0")


def _not_expected(delivery: Delivery) -> Message:
    if delivery.state == DeliveryState.CANCELLED:
        return msg("This delivery was called off.")
    return msg("This delivery has come already.")
