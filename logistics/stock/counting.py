"""Correcting what the ledger says is on a shelf to what somebody counted there."""

from enum import StrEnum

from sqlalchemy.orm import Session

from ..audit import record
from ..commands import command
from ..errors import Conflict, Invalid, msg
from .allocating import serve
from .breaking import Why, take_promises
from .ledger import MovementReason, keep_box, level_at, lock_availability, move
from .lookup import any_shelf, box_by_code, check_quantity, checked_note, record_box
from .models import OUTSIDE_IDS, Box, Location, LocationKind, Movement


class CorrectionReason(StrEnum):
    """Why a count differs from the ledger. The words are also in `ledger.MovementReason`."""

    MISCOUNTED = "miscounted"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    LOST = "lost"
    STOLEN = "stolen"
    FOUND = "found"
    SAMPLE = "sample"
    RETURNED = "returned"
    RECYCLED = "recycled"
    OTHER = "other"


ONLY_FEWER = set(CorrectionReason) - {CorrectionReason.MISCOUNTED, CorrectionReason.FOUND, CorrectionReason.OTHER}
LOSSES = tuple(why for why in CorrectionReason if why in ONLY_FEWER or why is CorrectionReason.OTHER)


@command
def correct(
    session: Session,
    *,
    actor_id: int | None,
    code: str,
    location_id: int,
    seen: int,
    counted: int,
    reason: str,
    note: str = "",
) -> str:
    """Set how many units of a box are on a shelf to what was counted; return the box's code.

    `seen` is the number that the page showed: when it is another by now, Conflict. What is gone is written off, and
    is always accepted: a promise that can't be kept any more is taken from the latest distribution and its
    coordinator is told. What is more came with the donation or purchase. Raises NotFound at `code`, and Invalid
    with the field to blame.
    """
    box, shelf = box_by_code(session, code), any_shelf(session, location_id, "location_id")
    check_quantity(counted, "counted", least=0)
    note = checked_note(note)
    why = checked_reason(reason, counted - seen, note)
    assert shelf.warehouse_id is not None
    lock_availability(session, shelf.warehouse_id, [box.size_id])
    there = level_at(session, box.id, shelf.id)
    if there != seen:
        raise Conflict(
            msg("The page showed %(seen)s here, but there are %(there)s by now. Count again.", seen=seen, there=there),
            "counted",
        )
    if counted != there:
        write(session, box, shelf, counted - there, actor_id=actor_id, why=why, note=note)
    if counted > there:
        serve(session, shelf.warehouse_id, [box.size_id])
    record(
        session,
        actor_id,
        "box.corrected" if counted != there else "box.counted",
        "box",
        box.code,
        code=box.code,
        quantity=counted,
        before=there,
        reason=str(why),
        product=box.size.product.name,
        size=box.size.label,
        shelf=shelf.name,
    )
    return box.code


@command
def write_off(
    session: Session,
    *,
    actor_id: int | None,
    code: str,
    location_id: int,
    quantity: int,
    reason: str,
    note: str = "",
) -> str:
    """Write some units of a box on a shelf off, whatever else is there; return the box's code.

    Promises that can't be kept any more are taken back, as in `correct`. Raises NotFound at `code`, Invalid with the
    field to blame, and Conflict when there are not so many there.
    """
    box, shelf = box_by_code(session, code), any_shelf(session, location_id, "location_id")
    check_quantity(quantity)
    if reason not in LOSSES:
        raise Invalid(msg("Choose why they are written off."), "reason")
    note = checked_note(note)
    why = checked_reason(reason, -quantity, note)
    assert shelf.warehouse_id is not None
    lock_availability(session, shelf.warehouse_id, [box.size_id])
    there = level_at(session, box.id, shelf.id)
    if quantity > there:
        raise Conflict(msg("Only %(there)s are on shelf %(shelf)s.", there=there, shelf=shelf.name), "quantity")
    write(session, box, shelf, -quantity, actor_id=actor_id, why=why, note=note)
    record_box(session, actor_id, "box.written_off", box, quantity=quantity, reason=str(why), shelf=shelf.name)
    return box.code


def reasons_for(more: int) -> list[CorrectionReason]:
    """Return what can explain that there are more, or fewer (below 0), than the ledger says."""
    if more > 0:
        return [why for why in CorrectionReason if why not in ONLY_FEWER]
    return [why for why in CorrectionReason if why is not CorrectionReason.FOUND]


def checked_reason(
    reason: str, more: int, note: str, *, field: str = "reason", note_field: str = "note"
) -> CorrectionReason:
    """Return the reason. Raises Invalid when it can't explain the difference, or needs a note and has none."""
    if reason not in set(CorrectionReason):
        raise Invalid(msg("Choose why the number is another."), field)
    why = CorrectionReason(reason)
    if more > 0 and why in ONLY_FEWER:
        raise Invalid(msg("You counted more than before. Choose found, miscounted or other."), field)
    if more < 0 and why is CorrectionReason.FOUND:
        raise Invalid(msg("You counted fewer than before. Choose another reason."), field)
    if why is CorrectionReason.OTHER and not note:
        raise Invalid(msg("Say in the note what happened."), note_field)
    return why


def write(
    session: Session,
    box: Box,
    shelf: Location,
    more: int,
    *,
    actor_id: int | None,
    why: CorrectionReason,
    note: str,
) -> Movement:
    """Step: write down that there are more (or fewer, below 0) of a box on a shelf than the ledger says.

    What is gone is written off, and promises that can't be kept any more are taken back; what is more came from where
    the box came, and the caller serves whoever is short. The caller holds the availability's lock.
    """
    source = LocationKind(box.source)
    if more < 0:
        source = LocationKind.WRITTEN_OFF
        keep_box(session, box)
        if not box.expired:  # what is past its date was promised to nobody
            assert shelf.warehouse_id is not None
            stock = lock_availability(session, shelf.warehouse_id, [box.size_id])[box.size_id]
            take_promises(session, shelf.warehouse_id, box.size, -more - stock.available, Why.COUNTED, box.code)
    outside = OUTSIDE_IDS[source]
    return move(
        session,
        box_id=box.id,
        from_id=shelf.id if more < 0 else outside,
        to_id=outside if more < 0 else shelf.id,
        quantity=abs(more),
        actor_id=actor_id,
        reason=MovementReason(why),
        note=note,
    )
