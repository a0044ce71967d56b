"""Moving a box, or part of it, from one shelf to another."""

from sqlalchemy.orm import Session

from ..commands import command
from ..errors import Invalid, msg
from .allocating import serve
from .ledger import MovementReason, move
from .lookup import any_shelf, box_by_code, check_quantity, open_shelf, record_box


@command
def move_box(session: Session, *, actor_id: int | None, code: str, from_id: int, to_id: int, quantity: int) -> str:
    """Move all or part of a box from one shelf to another, also in another warehouse; return its code.

    What a warehouse has promised may move about in it but not leave it. Raises NotFound at `code`, Invalid with
    the field to blame, and Conflict when there is not so much there.
    """
    box = box_by_code(session, code)
    source, target = any_shelf(session, from_id, "from_id"), open_shelf(session, to_id, "to_id")
    check_quantity(quantity)
    if source.id == target.id:
        raise Invalid(msg("It is on that shelf already. Choose another."), "to_id")
    move(
        session,
        box_id=box.id,
        from_id=source.id,
        to_id=target.id,
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason.MOVED,
    )
    record_box(session, actor_id, "box.moved", box, quantity=quantity, from_shelf=source.name, shelf=target.name)
    if target.warehouse_id is not None and target.warehouse_id != source.warehouse_id:
        serve(session, target.warehouse_id, [box.size_id])
    return box.code
