"""Splitting a box in two, and putting two boxes of the same into one.

Both are one group of movements through *converted*, where they net to zero. What leaves one box is put into the
other first, so that what the warehouse has promised is never in doubt meanwhile.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..commands import command
from ..errors import Conflict, Invalid, msg
from .allocating import serve
from .codes import add_box
from .kits import boxes
from .ledger import MovementReason, hold_box, keep_box, lock_all, move
from .lookup import any_shelf, box_by_code, check_quantity, checked_note, open_shelf, record_box
from .models import OUTSIDE_IDS, Box, Level, Location, LocationKind

CONVERTED = OUTSIDE_IDS[LocationKind.CONVERTED]


@command
def split_box(
    session: Session,
    *,
    actor_id: int | None,
    code: str,
    from_id: int,
    to_id: int,
    quantity: int,
    new_code: str = "",
    note: str = "",
) -> str:
    """Put some of a box into a new box of its own on a shelf; return the new box's code, the next free one if none.

    Raises NotFound at `code`, Invalid with the field to blame, and Conflict when there is not so much there or the
    new code is taken.
    """
    box, source = box_by_code(session, code), any_shelf(session, from_id, "from_id")
    target = open_shelf(session, to_id, "to_id")
    check_quantity(quantity)
    _lock(session, box.size_id, source, target)
    keep_box(session, box)
    part_id, part_code = add_box(
        session,
        new_code,
        size_id=box.size_id,
        best_before=box.best_before,
        expired=box.expired,
        source=box.source,
        note=checked_note(note),
    )
    boxes.copy_recipe(session, box.id, part_id)
    _convert(session, box.id, source, part_id, target, quantity, actor_id, MovementReason.SPLIT)
    record_box(
        session,
        actor_id,
        "box.split",
        box,
        quantity=quantity,
        from_shelf=source.name,
        shelf=target.name,
        into=part_code,
    )
    _serve(session, box.size_id, source, target)
    return part_code


@command
def merge_boxes(session: Session, *, actor_id: int | None, code: str, from_id: int, into: str, quantity: int) -> str:
    """Put some or all of one box into another of the same size, where that one stands; return the other's code.

    The other's best-before becomes the earlier of the two. Raises NotFound at `code` or `into`, Invalid with the field
    to blame, and Conflict when there is not so much there.
    """
    box, source = box_by_code(session, code), any_shelf(session, from_id, "from_id")
    other = box_by_code(session, into, "into")
    check_quantity(quantity)
    _refuse_unlike(box, other)
    target = open_shelf(session, _stands_on(session, other, source), "into")
    _lock(session, box.size_id, source, target)
    _keep_and_hold(session, box, other)
    boxes.refuse_other_recipe(session, box.id, other.id)
    if box.expired != other.expired:
        raise Conflict(msg("One of the two boxes is past its best-before. Keep them apart."), "into")
    _convert(session, box.id, source, other.id, target, quantity, actor_id, MovementReason.MERGED)
    if box.best_before and (other.best_before is None or box.best_before < other.best_before):
        session.execute(update(Box).where(Box.id == other.id).values(best_before=box.best_before))
    record_box(
        session,
        actor_id,
        "box.merged",
        box,
        quantity=quantity,
        from_shelf=source.name,
        shelf=target.name,
        into=other.code,
    )
    _serve(session, box.size_id, source, target)
    return other.code


def _stands_on(session: Session, box: Box, near: Location) -> int:
    """Return the shelf where most of a box is, in the warehouse of `near` if some is there; an empty one's last."""
    shelf_id: int | None = session.scalar(
        select(Level.location_id)
        .join(Location, Location.id == Level.location_id)
        .where(Level.box_id == box.id, Location.kind == LocationKind.SHELF)
        .order_by(
            Level.quantity == 0, Location.warehouse_id != near.warehouse_id, Level.quantity.desc(), Location.id.desc()
        )
        .limit(1)
    )
    if shelf_id is None:
        raise Conflict(msg("Box %(code)s is on no shelf. Choose another.", code=box.code), "into")
    return shelf_id


def _refuse_unlike(box: Box, other: Box) -> None:
    """Refuse to put together what is not the same."""
    if other.id == box.id:
        raise Invalid(msg("That is this same box. Choose another."), "into")
    if other.size_id != box.size_id:
        raise Invalid(msg("Box %(code)s holds something else or another size.", code=other.code), "into")


def _lock(session: Session, size_id: int, source: Location, target: Location) -> None:
    lock_all(session, [(place.warehouse_id, size_id) for place in (source, target) if place.warehouse_id])


def _keep_and_hold(session: Session, box: Box, other: Box) -> None:
    """Lock two boxes by id, for in another warehouse somebody may put the second into the first."""
    for each, lock in sorted([(box, keep_box), (other, hold_box)], key=lambda pair: pair[0].id):
        lock(session, each)


def _convert(
    session: Session,
    box_id: int,
    source: Location,
    other_id: int,
    target: Location,
    quantity: int,
    actor_id: int | None,
    reason: MovementReason,
) -> None:
    """Take units out of one box and put them into the other, through converted, as one group."""
    first = move(
        session,
        box_id=other_id,
        from_id=CONVERTED,
        to_id=target.id,
        quantity=quantity,
        actor_id=actor_id,
        reason=reason,
    )
    move(
        session,
        box_id=box_id,
        from_id=source.id,
        to_id=CONVERTED,
        quantity=quantity,
        actor_id=actor_id,
        reason=reason,
        group_id=first.id,
    )


def _serve(session: Session, size_id: int, source: Location, target: Location) -> None:
    if target.warehouse_id is not None and target.warehouse_id != source.warehouse_id:
        serve(session, target.warehouse_id, [size_id])
