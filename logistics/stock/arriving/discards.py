"""What is thrown out while sorting: it never was stock. A mistake is withdrawn, not deleted."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ..lookup import check_quantity, open_warehouse, product_with_sizes
from . import deliveries
from .models import Discard, DiscardReason


@command
def throw_out(
    session: Session,
    *,
    actor_id: int,
    warehouse_id: int,
    reason: str,
    quantity: int,
    product_id: int | None = None,
    delivery_id: int | None = None,
) -> int:
    """Write down pieces that cannot be given on, and return the line's id. Raises Invalid with the field to blame."""
    warehouse = open_warehouse(session, warehouse_id)
    if reason not in set(DiscardReason):
        raise Invalid(msg("Say why it is thrown out."), "thrown")
    check_quantity(quantity, "thrown")
    product = None if product_id is None else product_with_sizes(session, product_id)
    if product is not None and product.closed_at is not None:
        raise Invalid(msg("That product is not in use. Choose another."), "thrown")
    if delivery_id is not None:
        deliveries.keep(session, delivery_id, warehouse.id)
    discard = Discard(
        at=now(),
        actor_id=actor_id,
        warehouse_id=warehouse.id,
        delivery_id=delivery_id,
        product_id=product_id,
        reason=reason,
        quantity=quantity,
    )
    session.add(discard)
    session.flush()
    record(session, actor_id, "goods.discarded", "discard", discard.id, reason=reason, quantity=quantity)
    return discard.id


@command
def withdraw(session: Session, *, actor_id: int, discard_id: int) -> int:
    """Take back that something was thrown out, and return the line's id. Raises NotFound, and Conflict the second time."""
    found = Discard.id == (discard_id if 0 < discard_id < 2**31 else 0)
    changed = session.scalar(
        update(Discard).where(found, Discard.withdrawn_at.is_(None)).values(withdrawn_at=now()).returning(Discard.id)
    )
    if changed is None:
        if session.scalar(select(Discard.id).where(found)) is None:
            raise NotFound(msg("There is no such thing here any more."))
        raise Conflict(msg("This was undone already."))
    record(session, actor_id, "goods.discard_withdrawn", "discard", discard_id)
    return discard_id
