"""Writing what a stock-take found into the ledger: each difference as a movement from now on, all of them or none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, msg
from ..allocating import serve
from ..counting import CorrectionReason, checked_reason, write
from ..ledger import lock_availability
from ..lookup import LONGEST_NOTE, hold
from ..models import Level, Location
from .models import StockTakeState
from .reviewing import Row, Tally, fingerprint, read
from .takes import held_open

LEAVE = "leave"  # what is chosen instead of a reason: the ledger stays as it is


@dataclass(frozen=True)
class Difference:
    """What is to be written of a row, and why."""

    row: Row
    tally: Tally
    why: CorrectionReason
    note: str

    @property
    def more(self) -> int:
        """Return how many more there are; fewer are below 0."""
        return self.tally.more


@command
def post(
    session: Session,
    *,
    actor_id: int | None,
    stock_take_id: int,
    seen: str,
    chosen: Mapping[str, Mapping[str, Any]],
) -> int:
    """End a stock-take: write each difference as a movement of (counted less what the ledger said then).

    `seen` is the fingerprint of what the page showed. `chosen` says by row's key which `count` holds (needed where
    people disagree), for what `reason` (or LEAVE), and a `note`. Others may have moved goods since: a difference is
    added to what is there now. Raises Conflict when something was counted since, or fewer are there now than are to be
    taken off; Invalid with the field to blame. Then nothing is written.
    """
    take = held_open(session, stock_take_id)
    rows = read(session, take.id)
    if not rows:
        raise Invalid(msg("Nothing has been counted yet."))
    if fingerprint(rows) != seen:
        raise Conflict(msg("Somebody counted since you opened this page. Look at it again."))
    wanted = [made for row in rows if not row.settled and (made := _decided(row, chosen.get(row.key) or {}))]
    _hold(session, [each.row.shelf for each in wanted if each.more > 0])
    lock_availability(session, take.warehouse_id, {each.row.box.size_id for each in wanted})
    _refuse_gone(session, wanted)
    # What is more first: what stood on another shelf than was thought takes nobody's promise.
    for each in sorted(wanted, key=lambda each: (each.more < 0, each.row.box.id, each.row.shelf.id)):
        movement = write(
            session, each.row.box, each.row.shelf, each.more, actor_id=actor_id, why=each.why, note=each.note
        )
        count = each.tally.count
        count.movement_id, count.reason, count.note = movement.id, str(each.why), each.note
    serve(session, take.warehouse_id, sorted({each.row.box.size_id for each in wanted if each.more > 0}))
    take.state, take.ended_at, take.ended_by = StockTakeState.POSTED, now(), actor_id
    record(session, actor_id, "stock_take.posted", "stock_take", take.id, counted=len(rows), differences=len(wanted))
    return take.id


def _decided(row: Row, choice: Mapping[str, Any]) -> Difference | None:
    """Return what is to be written of a row; None when the ledger stays as it is."""
    reason, note = str(choice.get("reason") or ""), str(choice.get("note") or "").strip()
    if reason == LEAVE:
        return None
    tally = row.tallies[0]
    if not row.agreed:
        held = [each for each in row.tallies if each.count.id == choice.get("count")]
        if not held:
            raise Invalid(msg("Choose which count holds."), f"holds_{row.key}")
        tally = held[0]
    if not tally.more:
        return None
    if len(note) > LONGEST_NOTE:
        raise Invalid(msg("Use %(max)s characters or fewer.", max=LONGEST_NOTE), f"note_{row.key}")
    fields = {"field": f"reason_{row.key}", "note_field": f"note_{row.key}"}
    return Difference(row, tally, checked_reason(reason, tally.more, note, **fields), note)


def _hold(session: Session, shelves: Iterable[Location]) -> None:
    """Keep the shelves that goods are written onto open."""
    for shelf in sorted(set(shelves), key=lambda shelf: shelf.id):
        hold(session, shelf)
        if shelf.closed_at is not None:
            raise Conflict(
                msg("Shelf %(shelf)s was closed since. Open it again, or leave its boxes.", shelf=shelf.name)
            )


def _refuse_gone(session: Session, wanted: Sequence[Difference]) -> None:
    """Refuse to take off a shelf more than is there by now, naming every box of which that is so."""
    fewer = [each for each in wanted if each.more < 0]
    query = select(Level.box_id, Level.location_id, Level.quantity)
    levels = session.execute(query.where(Level.box_id.in_([each.row.box.id for each in fewer])))
    there = {(box_id, location_id): quantity for box_id, location_id, quantity in levels}
    gone = [each for each in fewer if there.get((each.row.box.id, each.row.shelf.id), 0) < -each.more]
    if gone:
        named = ", ".join(f"{each.row.box.code} ({each.row.shelf.name})" for each in gone)
        raise Conflict(
            msg("By now fewer are there than would be taken off: %(boxes)s. Count these again.", boxes=named),
            f"reason_{gone[0].row.key}",
        )
