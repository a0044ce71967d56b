"""Splitting a total by size, and working a total out from people. Plain arithmetic, no database."""

from collections.abc import Iterable, Mapping

from ..distributions.models import GROUPS
from .models import Gender

# The groups of people that a product is made for. What is for nobody in particular is for all.
_MADE_FOR = {
    Gender.MALE: {"men"},
    Gender.FEMALE: {"women"},
    Gender.UNISEX_ADULT: {"men", "women"},
    Gender.BOY: {"boys"},
    Gender.GIRL: {"girls"},
    Gender.UNISEX_KID: {"boys", "girls"},
    Gender.UNISEX_BABY: {"small_children"},
}


def split(total: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Split a total by shares (any unit) so that the parts add up to it exactly.

    Each gets its rounded-down part; what is left goes, one each, to those that lost most by rounding, the first
    named on a tie (the method of the largest remainder). When no share is above 0, all count the same.
    Raises ValueError when there is nothing to split among, or anything is negative.
    """
    if total < 0 or any(share < 0 for share in shares.values()) or (total and not shares):
        raise ValueError("cannot split")
    weights = shares if any(shares.values()) else dict.fromkeys(shares, 1)
    whole = sum(weights.values())
    parts = {name: total * weight // whole for name, weight in weights.items()}
    by_loss = sorted(weights, key=lambda name: total * weights[name] % whole, reverse=True)
    for name in by_loss[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def people(expected: Mapping[str, int], groups: Iterable[str]) -> int:
    """Return how many people are expected in these groups together."""
    return sum(expected[group] for group in set(groups))


def total_for(per_person_hundredths: int, people: int) -> int:
    """Return how many units that many people need, rounded up; 50 hundredths is one between two."""
    return -(-per_person_hundredths * people // 100)


def groups_for(gender: str, expected: Mapping[str, int]) -> list[str]:
    """Return the groups of people expected that a product is made for, to begin with."""
    made_for = _MADE_FOR.get(Gender(gender), set(GROUPS))
    return [group for group, count in expected.items() if count and group in made_for]
