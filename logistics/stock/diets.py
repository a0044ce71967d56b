"""What food contains, and who may eat it: allergens and diets, as fixed codes.

A product's allergens are a sum of `Allergen`s: None where nobody looked, which is another thing than 0, none of them.
"""

from collections.abc import Iterable, Sequence
from enum import IntFlag
from typing import TypeVar

from ..errors import Invalid, msg

Flag = TypeVar("Flag", bound=IntFlag)


class Allergen(IntFlag):
    """The 14 substances of Regulation (EU) No 1169/2011, Annex II, in its order."""

    GLUTEN = 1 << 0
    CRUSTACEANS = 1 << 1
    EGGS = 1 << 2
    FISH = 1 << 3
    PEANUTS = 1 << 4
    SOYBEANS = 1 << 5
    MILK = 1 << 6
    NUTS = 1 << 7
    CELERY = 1 << 8
    MUSTARD = 1 << 9
    SESAME = 1 << 10
    SULPHITES = 1 << 11
    LUPIN = 1 << 12
    MOLLUSCS = 1 << 13


class Diet(IntFlag):
    """For whom food is fit, as its label says."""

    HALAL = 1 << 0
    KOSHER = 1 << 1
    VEGETARIAN = 1 << 2
    VEGAN = 1 << 3
    GLUTEN_FREE = 1 << 4
    LACTOSE_FREE = 1 << 5


ALL_ALLERGENS, ALL_DIETS = sum(Allergen), sum(Diet)
# What food of a diet can't contain.
_SEAFOOD = (Allergen.CRUSTACEANS, Allergen.FISH, Allergen.MOLLUSCS)
_NEVER = {
    Diet.VEGETARIAN: _SEAFOOD,
    Diet.VEGAN: (*_SEAFOOD, Allergen.EGGS, Allergen.MILK),
    Diet.GLUTEN_FREE: (Allergen.GLUTEN,),
}


def code(flag: IntFlag) -> str:
    """Return the code of one allergen or diet, as files and forms have it: "gluten", "gluten_free"."""
    return (flag.name or "").lower()


def codes(flags: int, kind: type[Flag]) -> list[str]:
    """Return the codes of a sum, in their order."""
    return [code(flag) for flag in kind if flags & flag]


def summed(chosen: Iterable[str], kind: type[Flag], field: str) -> int:
    """Return the sum of what codes stand for. Raises Invalid at `field`."""
    known = {code(flag): flag for flag in kind}
    wanted = set(chosen)
    if wanted - set(known):
        raise Invalid(msg("Choose among those that are shown."), field)
    return sum(known[each] for each in wanted)


def checked(allergens: Sequence[str] | None, diets: Sequence[str]) -> tuple[int | None, int]:
    """Return allergens (None: not known) and diets as they are kept; what is vegan is vegetarian.

    Raises Invalid at `diets` when food can't be of a diet and contain what it does.
    """
    contains = None if allergens is None else summed(allergens, Allergen, "allergens")
    fit = summed(diets, Diet, "diets")
    if fit & Diet.VEGAN:
        fit |= Diet.VEGETARIAN
    for diet, never in _NEVER.items():
        if fit & diet and (contains or 0) & sum(never):
            raise Invalid(msg("Look again: this can’t be so with the allergens that are ticked."), "diets")
    return contains, int(fit)
