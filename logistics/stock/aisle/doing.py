"""Doing what was done in the aisle: each act once, whole or not at all, and never another one than was meant."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import LONGEST_KEY, Token, command
from ...errors import Conflict, msg
from ..allocating import serve
from ..codes import LONGEST_CODE
from ..counting import CorrectionReason, checked_reason, write, write_off
from ..ledger import lock_all, lock_availability
from ..lookup import any_shelf, box_by_code, check_quantity, checked_note, open_shelf, record_box
from ..models import Box, Location, LocationKind, Movement
from ..moving import move_box
from ..receiving import put_into
from ..taking import take_out
from .models import AisleAct, Kind
from .reading import Act
from .standing import counted_since, stood

GIVEN = "given"  # why goods were taken out: given away at the warehouse. Other reasons write them off


def once(session: Session, *, actor_id: int, token: Token, act: Act) -> None:
    """Do an act unless it is done already, however long ago that was. See `do` for what it raises."""
    done = exists().where(AisleAct.person_id == actor_id, AisleAct.key == token.key)
    if not session.scalar(select(done)):
        do.once(token)(actor_id=actor_id, key=token.key, act=act)


@command
def do(session: Session, *, actor_id: int, key: str, act: Act) -> int:
    """Write down what somebody did in the aisle, now; return the act's id, 0 for one that was discarded.

    Raises what the command for such an act raises (NotFound, Invalid, Conflict with the field to blame): then nothing
    is written, and the act waits on the phone for a decision.
    """
    if act.discarded:
        return _discard(session, actor_id, act)
    made_at = min(act.made_at, now())
    box, shelf = box_by_code(session, act.code), any_shelf(session, act.shelf_id, "shelf_id")
    if act.kind == Kind.COUNT:
        movement_id = _count(session, box, shelf, actor_id, act, made_at)
    else:
        movement_id = _move(session, box, actor_id, key, act, made_at)
    return _keep(session, actor_id, key, act.kind, box, shelf.id, made_at, movement_id)


def _keep(
    session: Session,
    actor_id: int,
    key: str,
    kind: Kind,
    box: Box,
    shelf_id: int,
    made_at: datetime,
    movement_id: int | None,
) -> int:
    done = AisleAct(
        person_id=actor_id,
        key=key,
        kind=kind,
        box_id=box.id,
        location_id=shelf_id,
        made_at=made_at,
        recorded_at=now(),
        movement_id=movement_id,
    )
    session.add(done)
    session.flush()
    return done.id


def _discard(session: Session, actor_id: int, act: Act) -> int:
    """Write down what shall not be done after all; the box may be one that there never was."""
    record(
        session,
        actor_id,
        "box.act_discarded",
        "box",
        act.code[:LONGEST_CODE],
        act=str(act.kind),
        quantity=act.counted if act.kind == Kind.COUNT else act.quantity,
        made_at=act.made_at.isoformat(),
        why=act.discarded,
    )
    return 0


# What moves goods


def _move(session: Session, box: Box, actor_id: int, key: str, act: Act, made_at: datetime) -> int:
    """Do what moves goods. A shelf where they were counted after that, before this was known, keeps its count.

    The count had this in it already, so what differs by it is written the other way, at the count's moment. More comes
    before the act and fewer after it, so that nothing is short in between.
    """
    changes = _changes(session, act)
    # Nothing is counted meanwhile.
    lock_all(session, [(place.warehouse_id, box.size_id) for place, _ in changes if place.warehouse_id])
    again = [
        (place, -change, counted_at)
        for place, change in changes
        if (counted_at := counted_since(session, box.id, place.id, made_at))
    ]
    for place, more, counted_at in again:
        if more > 0:
            _count_again(session, box, place, more, actor_id, key, counted_at)
    _DO[act.kind](session, actor_id, act)
    movement_id = _last_movement(session, box, act.shelf_id)
    for place, more, counted_at in again:
        if more < 0:
            _count_again(session, box, place, more, actor_id, key, counted_at)
    if act.kind == Kind.PUT or again:
        for warehouse_id in sorted({place.warehouse_id for place, _ in changes if place.warehouse_id}):
            serve(session, warehouse_id, [box.size_id])
    return movement_id


def _changes(session: Session, act: Act) -> list[tuple[Location, int]]:
    """Return the shelves of an act that moves goods, and by how much each changes; keep those from being closed."""
    check_quantity(act.quantity)
    if act.kind == Kind.PUT:
        return [(open_shelf(session, act.shelf_id, "location_id"), act.quantity)]
    taken = (any_shelf(session, act.shelf_id, "shelf_id"), -act.quantity)
    return [taken, (open_shelf(session, act.to_id, "to_id"), act.quantity)] if act.kind == Kind.MOVE else [taken]


def _count_again(
    session: Session, box: Box, shelf: Location, more: int, actor_id: int, key: str, counted_at: datetime
) -> None:
    movement = write(session, box, shelf, more, actor_id=actor_id, why=CorrectionReason.MISCOUNTED, note="")
    own_key = f"{key[: LONGEST_KEY - 12]}@{shelf.id}"
    _keep(session, actor_id, own_key, Kind.COUNT, box, shelf.id, counted_at, movement.id)


def _last_movement(session: Session, box: Box, shelf_id: int) -> int:
    """Return the movement that was just written: whoever moves this box on or off this shelf holds the same lock."""
    here = or_(Movement.from_id == shelf_id, Movement.to_id == shelf_id)
    return session.scalars(select(func.max(Movement.id)).where(Movement.box_id == box.id, here)).one()


def _take(session: Session, actor_id: int, act: Act) -> None:
    if act.reason == GIVEN:
        take_out.function(
            session,
            actor_id=actor_id,
            code=act.code,
            location_id=act.shelf_id,
            quantity=act.quantity,
            note=act.note,
        )
    else:
        write_off.function(
            session,
            actor_id=actor_id,
            code=act.code,
            location_id=act.shelf_id,
            quantity=act.quantity,
            reason=act.reason,
            note=act.note,
        )


def _put(session: Session, actor_id: int, act: Act) -> None:
    put_into(
        session,
        actor_id=actor_id,
        code=act.code,
        quantity=act.quantity,
        location_id=act.shelf_id,
        source=act.source or LocationKind.DONATED,
        best_before=act.best_before,
        note=act.note,
    )


def _move_on(session: Session, actor_id: int, act: Act) -> None:
    move_box.function(
        session,
        actor_id=actor_id,
        code=act.code,
        from_id=act.shelf_id,
        to_id=act.to_id,
        quantity=act.quantity,
    )


_DO: dict[Kind, Callable[[Session, int, Act], None]] = {Kind.TAKE: _take, Kind.PUT: _put, Kind.MOVE: _move_on}


# What is counted


def _count(session: Session, box: Box, shelf: Location, actor_id: int, act: Act, made_at: datetime) -> int | None:
    """Compare a count with the ledger of the moment it was made, and write what differs from now on.

    Only where the phone showed what the ledger says of that moment did the person see the difference that is written.
    """
    check_quantity(act.counted, "counted", least=0)
    assert shelf.warehouse_id is not None
    # Whoever moves goods of this size here waits for this lock: nothing is added to that moment meanwhile.
    lock_availability(session, shelf.warehouse_id, [box.size_id])
    then = stood(session, box.id, shelf.id, made_at)
    if then.overtaken:
        raise Conflict(msg("Somebody counted it after you did. Count again if in doubt."), "overtaken")
    more = act.counted - then.quantity
    if more and act.expected != then.quantity:
        raise Conflict(
            msg(
                "Your phone showed %(expected)s, but the ledger has %(then)s for that moment.",
                expected=act.expected,
                then=then.quantity,
            ),
            "expected",
        )
    movement = _correct(session, box, shelf, more, actor_id, act) if more else None
    record_box(
        session,
        actor_id,
        "box.corrected" if more else "box.counted",
        box,
        quantity=act.counted,
        before=then.quantity,
        reason=act.reason,
        shelf=shelf.name,
        made_at=made_at.isoformat(),
    )
    return movement


def _correct(session: Session, box: Box, shelf: Location, more: int, actor_id: int, act: Act) -> int:
    note = checked_note(act.note)
    why = checked_reason(act.reason, more, note)
    movement = write(session, box, shelf, more, actor_id=actor_id, why=why, note=note)
    if more > 0:
        assert shelf.warehouse_id is not None
        serve(session, shelf.warehouse_id, [box.size_id])
    return movement.id
