"""Which shifts would make a sensible stay: a pure function of plain rows.

Mornings in the warehouse, afternoons out; a rest day in seven; no hard day after a hard day; nothing that clashes;
what is shortest of people first. What the person has booked already counts as if it had been chosen before.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

NOON = 12  # a shift that begins at this hour or later is an afternoon's
WORKED_IN_A_ROW = 6  # days; the seventh is for rest
HARD_IN_A_ROW = 1  # days with a hard shift, unless a charity decides otherwise (`rules`)


class Half(StrEnum):
    """The two halves of a day; one shift of a stay begins in each."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True)
class Work:
    """A shift as a stay sees it. `short` is how many people are missing to its minimum; days are of `zone`."""

    shift_id: int
    starts_at: datetime
    ends_at: datetime
    warehouse: bool
    hard: bool
    short: int
    zone: ZoneInfo

    @cached_property
    def day(self) -> date:
        """Return the day on which it begins."""
        return self.starts_at.astimezone(self.zone).date()

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Return every day on which it goes on; one that ends at midnight does not reach into the next."""
        last = (self.ends_at.astimezone(self.zone) - timedelta(microseconds=1)).date()
        return tuple(self.day + timedelta(days=number) for number in range((last - self.day).days + 1))

    @cached_property
    def half(self) -> Half:
        """Return in which half of the day it begins."""
        return Half.MORNING if self.starts_at.astimezone(self.zone).hour < NOON else Half.AFTERNOON

    @property
    def fits(self) -> bool:
        """Return whether it is where one should be at that time: mornings in the warehouse, afternoons out."""
        return self.warehouse == (self.half == Half.MORNING)

    @property
    def turn(self) -> tuple[bool, int, datetime, int]:
        """Return what candidates are sorted by: what fits, then what is shortest of people, then what is soonest."""
        return not self.fits, -self.short, self.starts_at, self.shift_id


def propose(
    candidates: Iterable[Work], booked: Iterable[Work], first: date, last: date, hard_in_a_row: int = HARD_IN_A_ROW
) -> list[Work]:
    """Return the shifts to propose for the days from `first` to `last`, in the order they begin.

    `candidates` are shifts with a place that the person may take; `booked` are all of theirs, outside those days too.
    Each candidate, in its turn, is taken if it agrees with what is booked or taken before: so the set is as large as
    can be, and a shift is left out only for one that goes before it.
    """
    chosen: list[Work] = []
    taken = list(booked)
    for work in sorted(candidates, key=lambda work: work.turn):
        if work.day >= first and work.days[-1] <= last and agrees(work, taken, hard_in_a_row):
            chosen.append(work)
            taken.append(work)
    return sorted(chosen, key=lambda work: (work.starts_at, work.shift_id))


def agrees(work: Work, others: Sequence[Work], hard_in_a_row: int = HARD_IN_A_ROW) -> bool:
    """Return whether a shift can be taken beside others without clash, overwork or too much hard work."""
    if any(other.starts_at < work.ends_at and work.starts_at < other.ends_at for other in others):
        return False
    if any((other.day, other.half) == (work.day, work.half) for other in others):
        return False
    if in_a_row(work.days, {day for other in others for day in other.days}) > WORKED_IN_A_ROW:
        return False
    if not work.hard:
        return True
    hard_days = {other.day for other in others if other.hard}
    return work.day not in hard_days and in_a_row([work.day], hard_days) <= hard_in_a_row


def in_a_row(days: Sequence[date], others: Collection[date]) -> int:
    """Return how many days follow each other without a gap, among `others`, around and with `days`."""
    one = timedelta(days=1)
    first, last = days[0], days[-1]
    while first - one in others:
        first -= one
    while last + one in others:
        last += one
    return (last - first).days + 1
