"""Taking goods out of a box to give them away at the warehouse, without a distribution."""

from sqlalchemy.orm import Session

from ..commands import command
from ..errors import Conflict, msg
from .freshness import is_past
from .ledger import MovementReason, move
from .lookup import any_shelf, box_by_code, check_quantity, checked_note, record_box
from .models import OUTSIDE_IDS, LocationKind


@command
def take_out(
    session: Session,
    *,
    actor_id: int | None,
    code: str,
    location_id: int,
    quantity: int,
    note: str = "",
) -> str:
    """Hand out some of a box at the warehouse; return the box's code.

    What is promised to distributions stays, and so does what is past its date. Raises NotFound at `code`, Invalid with
    the field to blame, and Conflict when there is not so much there.
    """
    box, shelf = box_by_code(session, code), any_shelf(session, location_id, "location_id")
    check_quantity(quantity)
    if is_past(box.best_before):
        raise Conflict(msg("Box %(code)s is past its best-before. Write it off.", code=box.code), "code")
    move(
        session,
        box_id=box.id,
        from_id=shelf.id,
        to_id=OUTSIDE_IDS[LocationKind.HANDED_OUT],
        quantity=quantity,
        actor_id=actor_id,
        reason=MovementReason.TAKEN_OUT,
        note=checked_note(note),
    )
    record_box(session, actor_id, "box.taken_out", box, quantity=quantity, shelf=shelf.name)
    return box.code
