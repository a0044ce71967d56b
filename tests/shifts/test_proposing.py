"""What a proposed stay keeps to, whatever shifts there are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from logistics.shifts.groups.proposing import HARD_IN_A_ROW, WORKED_IN_A_ROW, Half, Work, agrees, propose

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 10, 19)  # the clocks go back on the Sunday


def work(
    number: int = 1,
    day: int = 0,
    hour: float = 9.5,
    hours: float = 3,
    *,
    warehouse: bool = True,
    hard: bool = False,
    short: int = 0,
) -> Work:
    starts_at = (datetime(2026, 10, 19, tzinfo=PARIS) + timedelta(days=day, hours=hour)).astimezone(UTC)
    return Work(number, starts_at, starts_at + timedelta(hours=hours), warehouse, hard, short, PARIS)


def ids(chosen: list[Work]) -> list[int]:
    return [each.shift_id for each in chosen]


def propose_for(days: int, candidates: list[Work], booked: tuple[Work, ...] = ()) -> list[int]:
    return ids(propose(candidates, booked, MONDAY, MONDAY + timedelta(days=days - 1)))


rows = st.builds(
    work,
    day=st.integers(-2, 22),
    hour=st.sampled_from((0.0, 6.0, 9.5, 11.75, 12.0, 14.25, 18.0, 23.0)),
    hours=st.sampled_from((0.5, 2.5, 3.0, 8.0, 26.0)),
    warehouse=st.booleans(),
    hard=st.booleans(),
    short=st.integers(0, 4),
)


def numbered(shifts: list[Work]) -> list[Work]:
    return [
        Work(number, each.starts_at, each.ends_at, each.warehouse, each.hard, each.short, PARIS)
        for number, each in enumerate(shifts, 1)
    ]


@given(st.lists(rows, max_size=60), st.integers(0, 8), st.integers(1, 21))
def test_a_proposal_keeps_every_rule(shifts: list[Work], of_mine: int, length: int) -> None:
    shifts = numbered(shifts)
    booked, candidates = shifts[:of_mine], shifts[of_mine:]
    last = MONDAY + timedelta(days=length - 1)
    chosen = propose(candidates, booked, MONDAY, last)
    assert chosen == propose(list(reversed(candidates)), booked, MONDAY, last)  # the order of rows says nothing
    assert set(ids(chosen)) <= set(ids(candidates))
    assert all(each.day >= MONDAY and each.days[-1] <= last for each in chosen)

    for each in chosen:
        others = [other for other in (*booked, *chosen) if other is not each]
        assert not any(other.starts_at < each.ends_at and each.starts_at < other.ends_at for other in others)
        assert not any(other.day == each.day and other.half == each.half for other in others)
        worked = {day for other in (*others, each) for day in other.days}
        assert longest_run(worked, each.day) <= WORKED_IN_A_ROW
        if each.hard:
            assert not any(other.hard and other.day == each.day for other in others)
            assert longest_run({other.day for other in (*others, each) if other.hard}, each.day) <= HARD_IN_A_ROW

    for left in candidates:  # what is left out had to be: for those that went before it, or were booked
        if left not in chosen and left.day >= MONDAY and left.days[-1] <= last:
            before = [each for each in chosen if each.turn < left.turn]
            assert not agrees(left, [*booked, *before])


@given(st.lists(rows, max_size=40))
def test_seven_days_never_go_without_a_day_of_rest(shifts: list[Work]) -> None:
    chosen = propose(numbered(shifts), (), MONDAY, MONDAY + timedelta(days=20))
    worked = sorted({day for each in chosen for day in each.days})
    for start in range(15):
        week = {MONDAY + timedelta(days=start + number) for number in range(7)}
        assert not week <= set(worked)
    hard = [each.day for each in chosen if each.hard]
    assert all(second - first > timedelta(days=1) for first, second in pairwise(hard))


def longest_run(days: set[date], around: date) -> int:
    first = last = around
    while first - timedelta(days=1) in days:
        first -= timedelta(days=1)
    while last + timedelta(days=1) in days:
        last += timedelta(days=1)
    return (last - first).days + 1


def test_mornings_are_in_the_warehouse_and_afternoons_out() -> None:
    inside = [work(1, 0, 9.5), work(2, 0, 14, short=5)]
    outside = [work(3, 0, 9.5, warehouse=False, short=5), work(4, 0, 14, warehouse=False)]
    assert propose_for(1, inside + outside) == [1, 4]


def test_what_does_not_fit_fills_a_half_day_that_would_be_empty() -> None:
    assert propose_for(1, [work(1, 0, 9.5, warehouse=False), work(2, 0, 14)]) == [1, 2]


def test_what_is_shortest_of_people_goes_first() -> None:
    assert propose_for(1, [work(1, short=1), work(2, short=3), work(3)]) == [2]


def test_the_day_of_rest_is_where_one_is_needed_least() -> None:
    week = [work(number + 1, number, short=0 if number == 2 else 1) for number in range(7)]
    assert propose_for(7, week) == [1, 2, 4, 5, 6, 7]


def test_what_is_booked_counts_as_worked_and_as_hard() -> None:
    booked = tuple(work(number, -number) for number in range(1, 7))
    assert propose_for(1, [work(9)], booked) == []
    assert propose_for(1, [work(9)], booked[1:]) == [9]
    assert propose_for(1, [work(9, hard=True)], (work(1, -1, hard=True),)) == []
    assert propose_for(1, [work(9, hard=True)], (work(1, -1),)) == [9]


def test_the_limit_of_hard_days_is_set() -> None:
    three = [work(number, number, hard=True) for number in range(3)]
    assert ids(propose(three, (), MONDAY, MONDAY + timedelta(days=2))) == [0, 2]
    assert ids(propose(three, (), MONDAY, MONDAY + timedelta(days=2), hard_in_a_row=2)) == [0, 1]


def test_a_night_belongs_to_the_day_it_begins_and_tires_both() -> None:
    night = work(1, 0, 22, 6)
    assert (night.day, night.half, len(night.days)) == (MONDAY, Half.AFTERNOON, 2)
    assert propose_for(1, [night]) == []  # it ends after the stay
    assert propose_for(2, [night]) == [1]
    assert len(work(1, 0, 20, 4).days) == 1


def test_halves_are_by_the_clock_on_the_wall_when_the_clocks_change() -> None:
    before, after = work(1, 5, 12), work(2, 7, 12)  # the Saturday before, the Monday after
    assert (before.starts_at.hour, after.starts_at.hour) == (10, 11)
    assert before.half == after.half == Half.AFTERNOON
