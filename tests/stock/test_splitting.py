"""Splitting totals: the parts always add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.stock.splitting import people, split, total_for

SHARES = st.dictionaries(st.text(max_size=3), st.integers(0, 1000), min_size=1, max_size=30)


@given(st.integers(0, 1_000_000), SHARES)
def test_the_parts_add_up_and_each_is_within_one_of_its_share(total: int, shares: dict[str, int]) -> None:
    parts = split(total, shares)
    assert list(parts) == list(shares)
    assert sum(parts.values()) == total
    weights = shares if any(shares.values()) else dict.fromkeys(shares, 1)
    for name, part in parts.items():
        assert abs(part * sum(weights.values()) - total * weights[name]) < sum(weights.values())
        assert part == 0 or weights[name] > 0


@given(SHARES)
def test_a_larger_share_never_gets_less(shares: dict[str, int]) -> None:
    parts = split(997, shares)
    weights = shares if any(shares.values()) else dict.fromkeys(shares, 1)
    for one in parts:
        for other in parts:
            assert weights[one] <= weights[other] or parts[one] >= parts[other]


def test_the_default_for_mens_clothes() -> None:
    assert split(200, {"XS": 5, "S": 30, "M": 40, "L": 20, "XL": 5}) == {"XS": 10, "S": 60, "M": 80, "L": 40, "XL": 10}
    assert split(7, {"XS": 5, "S": 30, "M": 40, "L": 20, "XL": 5}) == {"XS": 0, "S": 2, "M": 3, "L": 2, "XL": 0}


def test_without_shares_all_count_the_same_and_the_first_get_what_is_left() -> None:
    assert split(5, {"a": 0, "b": 0, "c": 0}) == {"a": 2, "b": 2, "c": 1}
    assert split(0, {}) == {}


@pytest.mark.parametrize(("total", "shares"), [(-1, {"a": 1}), (1, {"a": -1, "b": 2}), (1, {})])
def test_what_cannot_be_split(total: int, shares: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot split"):
        split(total, shares)


@given(st.integers(1, 100_000), st.integers(0, 500_000))
def test_a_total_per_person_is_enough_and_not_one_too_many(hundredths: int, number: int) -> None:
    total = total_for(hundredths, number)
    assert total * 100 >= hundredths * number
    assert (total - 1) * 100 < hundredths * number


def test_people_of_some_groups_count_once() -> None:
    expected = {"men": 100, "women": 20, "boys": 5}
    assert people(expected, ["men", "boys", "men"]) == 105
    assert people(expected, []) == 0
    assert total_for(50, 105) == 53
