"""What was counted, beside the ledger at that moment: box by box, as a review and a posting see it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from ...people.models import Person
from ..counting import CorrectionReason
from ..models import Box, Level, Location, LocationKind, Movement, Size
from .models import StockCount


@dataclass(frozen=True)
class Tally:
    """One person's number, and how it differs from what the ledger said then."""

    count: StockCount
    counter: str

    @property
    def more(self) -> int:
        """Return how many more were counted than the ledger had then; fewer are below 0."""
        return self.count.counted - self.count.expected


@dataclass(frozen=True)
class Row:
    """Everybody's numbers of one box on one shelf, the latest first."""

    box: Box
    shelf: Location
    tallies: Sequence[Tally]

    @property
    def key(self) -> str:
        """Return what tells it from the others of a stock-take, as part of a field's name."""
        return f"{self.box.id}-{self.shelf.id}"

    @property
    def agreed(self) -> bool:
        """Return whether all found the same. Goods may have moved between two counts, so differences are compared."""
        return len({tally.more for tally in self.tallies}) == 1

    @property
    def settled(self) -> bool:
        """Return whether all found what the ledger says."""
        return not any(tally.more for tally in self.tallies)

    @property
    def unexpected(self) -> bool:
        """Return whether the ledger knew nothing of this box here."""
        return any(tally.count.counted for tally in self.tallies) and not any(
            tally.count.expected for tally in self.tallies
        )


def read(session: Session, stock_take_id: int) -> list[Row]:
    """Return what was counted, by shelf and code."""
    found = session.execute(
        select(StockCount, Person.name)
        .join(Person, Person.id == StockCount.counter_id)
        .join(Box, Box.id == StockCount.box_id)
        .join(Location, Location.id == StockCount.location_id)
        .where(StockCount.stock_take_id == stock_take_id)
        .options(
            joinedload(StockCount.box).joinedload(Box.size).joinedload(Size.product), joinedload(StockCount.location)
        )
        .order_by(Location.name_key, Box.code, StockCount.counted_at.desc(), StockCount.id.desc())
    ).all()
    return [
        Row(tallies[0].count.box, tallies[0].count.location, tallies)
        for _, group in groupby(found, lambda each: (each[0].location_id, each[0].box_id))
        if (tallies := [Tally(count, name) for count, name in group])
    ]


def differences(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that somebody has to decide on."""
    return [row for row in rows if not row.settled]


def fingerprint(rows: Sequence[Row]) -> str:
    """Return what tells whether anything was counted since a page was shown."""
    counts = sorted(
        (tally.count.id, tally.count.counted, tally.count.expected, tally.count.counted_at.isoformat())
        for row in rows
        for tally in row.tallies
    )
    return hashlib.sha256(repr(counts).encode()).hexdigest()[:20]


def elsewhere(session: Session, rows: Sequence[Row]) -> dict[str, list[tuple[str, int]]]:
    """Return by row's key on which other shelves the ledger has boxes of which more were found: moved unseen, perhaps."""
    more = [row for row in rows if any(tally.more > 0 for tally in row.tallies)]
    levels = session.execute(
        select(Level.box_id, Level.location_id, Location.name, Level.quantity)
        .join(Location, Location.id == Level.location_id)
        .where(
            Level.box_id.in_([row.box.id for row in more]),
            Level.quantity > 0,
            Location.kind == LocationKind.SHELF,
        )
        .order_by(Location.name_key, Location.id)
    ).all()
    found: dict[str, list[tuple[str, int]]] = {}
    for row in more:
        places = [(at.name, at.quantity) for at in levels if at.box_id == row.box.id and at.location_id != row.shelf.id]
        if places:
            found[row.key] = places
    return found


def corrected(session: Session, stock_take_id: int) -> dict[str, int]:
    """Return by row's key what was corrected after the first of its counts: to post that again would be once too many."""
    signed = case((Movement.to_id == StockCount.location_id, Movement.quantity), else_=-Movement.quantity)
    here = (Movement.from_id == StockCount.location_id) | (Movement.to_id == StockCount.location_id)
    rows = session.execute(
        select(StockCount.box_id, StockCount.location_id, StockCount.counter_id, func.sum(signed))
        .join(Movement, and_(Movement.box_id == StockCount.box_id, here, Movement.at >= StockCount.counted_at))
        .where(StockCount.stock_take_id == stock_take_id, Movement.reason.in_([*CorrectionReason]))
        .group_by(StockCount.box_id, StockCount.location_id, StockCount.counter_id)
    )
    return {f"{box_id}-{location_id}": int(more) for box_id, location_id, _, more in rows}
