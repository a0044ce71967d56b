"""Stock in figures: what came in and went out by week, how long it lasts, and which sizes were taken."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from ...clock import midnight, now
from ...distributions.models import Distribution
from ..arriving import tally
from ..arriving.models import Discard
from ..ledger import MovementReason
from ..models import Availability, PackingLine, Product, Size, Unit
from . import flows
from .models import Way

WEEKS = 26
RECENT = 28  # days, whose rate says how long stock lasts
YEAR = 365  # days

ARRIVALS = {MovementReason.DONATED, MovementReason.BOUGHT}
# What was given away: for distributions, less what came back from them, and at the warehouse.
_GIVEN = {MovementReason.PACKED, MovementReason.TAKEN_OUT, MovementReason.PUT_BACK, MovementReason.CAME_BACK}
# Which of the two a reason tells of, whichever way goods went: the other way takes it back.
_COMING = ARRIVALS | {MovementReason.CAME_BACK, MovementReason.ARRIVED, MovementReason.FOUND}
_GOING = {
    MovementReason.PACKED,
    MovementReason.PUT_BACK,
    MovementReason.TAKEN_OUT,
    MovementReason.SENT,
    MovementReason.TAKEN_BACK,
    MovementReason.DAMAGED,
    MovementReason.EXPIRED,
    MovementReason.LOST,
    MovementReason.STOLEN,
    MovementReason.SAMPLE,
    MovementReason.RETURNED,
    MovementReason.RECYCLED,
}
# What was imported was here before, on another list; what is split, put together or made into kits stays here.
_NO_FLOW = {
    MovementReason.IMPORTED,
    MovementReason.SPLIT,
    MovementReason.MERGED,
    MovementReason.ASSEMBLED,
    MovementReason.TAKEN_APART,
}
_BETWEEN = {MovementReason.MOVED, MovementReason.SENT, MovementReason.ARRIVED, MovementReason.TAKEN_BACK}


@dataclass(frozen=True)
class Weeks:
    """What came in and what went out, week by week, the oldest first. `firsts` are their Mondays.

    What was undone counts as taken back in the week of the undoing, so a week may be below 0.
    """

    firsts: Sequence[date]
    came_in: Sequence[int]
    went_out: Sequence[int]
    given_recently: int
    donated: int

    @property
    def empty(self) -> bool:
        """Return whether nothing came or went in all these weeks."""
        return not any(self.came_in) and not any(self.went_out)

    def days_left(self, available: int) -> int | None:
        """Return for how many days so many units last at the rate of the last four weeks; None when none were given."""
        return available * RECENT // self.given_recently if self.given_recently > 0 else None


def sizes_of(product_id: int) -> Select[int]:
    """Return the query of the sizes of one product."""
    return select(Size.id).where(Size.product_id == product_id)


def pieces(category: str = "") -> Select[int]:
    """Return the query of all sizes that are counted in pieces, of a category or of all."""
    query = select(Size.id).join(Product, Product.id == Size.product_id).where(Product.unit == Unit.PIECE)
    return query.where(Product.category == category) if category else query


def weeks(session: Session, zone: tzinfo, sizes: Select[int], warehouse_id: int = 0) -> Weeks:
    """Return what flowed in the last weeks, this one included. Three queries."""
    today = now().astimezone(zone).date()
    flown = flows.since(session, _first_monday(today), zone, sizes, warehouse_id)
    return _by_week(flown, today, together=not warehouse_id)


def _first_monday(today: date) -> date:
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def _by_week(flown: Iterable[flows.Flown], today: date, *, together: bool = True) -> Weeks:
    """Add up flows by week; `together` leaves out what only went from one warehouse to another."""
    firsts = [_first_monday(today) + timedelta(weeks=number) for number in range(WEEKS)]
    came, went, given, donated = [0] * WEEKS, [0] * WEEKS, 0, 0
    for flow in flown:
        if flow.reason in _NO_FLOW or flow.day < firsts[0] or (together and flow.reason in _BETWEEN):
            continue
        week, into = (flow.day - firsts[0]).days // 7, flow.quantity if flow.way == Way.IN else -flow.quantity
        if flow.reason in _COMING or (into > 0 and flow.reason not in _GOING):
            came[week] += into
        else:
            went[week] -= into
        if flow.reason == MovementReason.DONATED:
            donated += into
        if flow.reason in _GIVEN and flow.day > today - timedelta(days=RECENT):
            given -= into
    return Weeks(firsts, came, went, given, donated)


@dataclass(frozen=True)
class SizeShare:
    """Of all that came in, and of all that was taken at distributions in a year, the part of one size in per cent."""

    size: Size
    came: int
    taken: int
    came_percent: int
    taken_percent: int


def of_product(session: Session, zone: tzinfo, product: Product) -> tuple[Weeks, list[SizeShare]]:
    """Return a product's weeks, and its sizes (loaded) with what came in and what people took in a year. Four queries."""
    today = now().astimezone(zone).date()
    first = today - timedelta(days=YEAR)
    flown = list(flows.since(session, first, zone, sizes_of(product.id), by_size=True))
    came: Counter[int] = Counter()
    for flow in flown:
        if flow.reason in ARRIVALS:
            came[flow.size_id] += flow.quantity if flow.way == Way.IN else -flow.quantity
    taken: dict[int, int] = dict(session.execute(_taken(product.id, first, zone)).all())
    came = +came  # without sizes of which more was undone than came in this year
    all_came, all_taken = sum(came.values()) or 1, sum(taken.values()) or 1
    curve = [
        SizeShare(
            size,
            came[size.id],
            taken.get(size.id, 0),
            round(came[size.id] * 100 / all_came),
            round(taken.get(size.id, 0) * 100 / all_taken),
        )
        for size in product.sizes
    ]
    return _by_week(flown, today), curve


def _taken(product_id: int, first: date, zone: tzinfo) -> Select[*tuple[Any, ...]]:
    return (
        select(PackingLine.size_id, func.sum(PackingLine.handed_out))
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(
            PackingLine.size_id.in_(sizes_of(product_id)),
            PackingLine.handed_out > 0,
            Distribution.starts_at >= midnight(first, zone),
        )
        .group_by(PackingLine.size_id)
    )


@dataclass(frozen=True)
class Discarded:
    """Pieces thrown out while sorting in the same weeks: by reason, by week, and in per cent of all that was sorted."""

    by_reason: Sequence[tuple[str, int]]
    by_week: Sequence[int]
    percent: int | None

    @property
    def total(self) -> int:
        """Return all that was thrown out."""
        return sum(quantity for _reason, quantity in self.by_reason)


def discarded(session: Session, zone: tzinfo, weeks: Weeks, warehouse_id: int = 0, category: str = "") -> Discarded:
    """Return what was thrown out in these weeks, beside what was donated and kept; of a category, what was told to be of it.

    What is weighed is no piece, and in no sum of pieces.
    """
    edges = [midnight(first, zone) for first in weeks.firsts]
    week = case(*((Discard.at < edge, number) for number, edge in enumerate(edges[1:])), else_=WEEKS - 1)
    thrown = (
        select(Discard.reason, week.label("week"), Discard.quantity)
        .outerjoin(Product, Product.id == Discard.product_id)
        .where(Discard.at >= edges[0], Discard.withdrawn_at.is_(None), tally.of_pieces())
    )
    if warehouse_id:
        thrown = thrown.where(Discard.warehouse_id == warehouse_id)
    if category:
        thrown = thrown.where(Product.category == category)
    each = thrown.subquery()
    by_week, by_reason = [0] * WEEKS, Counter[str]()
    for reason, number, quantity in session.execute(
        select(each.c.reason, each.c.week, func.sum(each.c.quantity)).group_by(each.c.reason, each.c.week)
    ):
        by_week[number] += int(quantity)
        by_reason[reason] += int(quantity)
    rows = sorted(by_reason.items(), key=lambda row: (-row[1], row[0]))
    return Discarded(rows, by_week, tally.percent(sum(by_week), max(weeks.donated, 0)))


def on_hand(session: Session, sizes: Select[int], warehouse_id: int = 0) -> int:
    """Return how many units of these sizes are on hand."""
    query = select(func.coalesce(func.sum(Availability.on_hand), 0)).where(Availability.size_id.in_(sizes))
    return session.scalar(query.where(Availability.warehouse_id == warehouse_id) if warehouse_id else query) or 0


def turnover(went_out: Iterable[int], there: int) -> float | None:
    """Return how often in a year what is there goes out, at the rate of the weeks; None when nothing is there."""
    return round(sum(went_out) * 52 / WEEKS / there, 1) if there else None
