"""The size ranges that ASSORT's list names, and how common each size is among those we serve."""

import re
from collections.abc import Sequence

from ..errors import Invalid, msg
from .models import Gender

ONE_SIZE = "One size"
MIXED = "Mixed sizes"
LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")


def _numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


# ASSORT names these without listing them. Shoes are EU sizes. Diapers follow the makers' common numbers
# (newborn 1 to 6+), bras the EU bands and cups that make up nearly all that is given.
NAMED_RANGES: dict[str, list[str]] = {
    "mixed sizes": [MIXED],
    "one size": [ONE_SIZE],
    "shoe sizes male": _numbers(36, 48),
    "shoe sizes female": _numbers(34, 44),
    "shoe sizes children": _numbers(17, 38),
    "diaper sizes": ["1", "2", "3", "4", "5", "6", "6+"],
    "bra sizes": [f"{band}{cup}" for band in range(65, 105, 5) for cup in "ABCDE"],
}

# How many in a hundred wear each size. Most of those served are young men: S and M, shoes 40 to 43
# (the men's letters are the charity's own figures). A range without figures here is split evenly.
_MEN = {"XS": 5, "S": 30, "M": 40, "L": 20, "XL": 5}
_WOMEN = {"XS": 10, "S": 30, "M": 35, "L": 20, "XL": 5}
_MENS_SHOES = {"39": 5, "40": 20, "41": 25, "42": 25, "43": 15, "44": 7, "45": 3}
_WOMENS_SHOES = {"36": 10, "37": 20, "38": 25, "39": 25, "40": 15, "41": 5}
_KNOWN_SHARES = {
    Gender.MALE: (_MEN, _MENS_SHOES),
    Gender.UNISEX_ADULT: (_MEN, _MENS_SHOES),
    Gender.FEMALE: (_WOMEN, _WOMENS_SHOES),
}


def sizes_in(text: str) -> list[str]:
    """Return the sizes that a size range stands for, in order.

    A range is one of ASSORT's named ones ("Shoe sizes Male"), a list in brackets after its title
    ("Baby by month (0-2, 3-6)"), or a list ("XS, S, M"). Raises `Invalid` for anything else.
    """
    text = " ".join(text.split())
    named = NAMED_RANGES.get(text.casefold())
    if named is not None:
        return list(named)
    listed = re.fullmatch(r"[^()]+\(([^()]+)\)", text)
    labels = [label.strip() for label in (listed.group(1) if listed else text).split(",")]
    if not all(labels) or (not listed and re.search(r"\bsizes?\b", text, re.IGNORECASE)):
        raise Invalid(msg("Shoreline does not know the size range “%(found)s”.", found=text[:120]), field="sizes")
    if len({label.casefold() for label in labels}) < len(labels):
        raise Invalid(msg("A size is named twice."), field="sizes")
    if max(map(len, labels)) > 40:
        raise Invalid(msg("A size may have up to 40 characters."), field="sizes")
    if len(labels) > 100:
        raise Invalid(msg("A product may have up to 100 sizes."), field="sizes")
    return labels


def default_shares(labels: Sequence[str], gender: str) -> list[int]:
    """Return each size's part of the default size profile: known figures where there are some, else even parts."""
    keys = [label.upper() for label in labels]
    for known in _KNOWN_SHARES.get(Gender(gender), ()):
        # Figures for S to L say little about a product that comes in none of them.
        if sum(share for size, share in known.items() if size in keys) >= 50:
            return [known.get(key, 0) for key in keys]
    real = [label for label in labels if label not in (MIXED, ONE_SIZE)]
    return [int(label in real or not real) for label in labels]


def in_order(labels: Sequence[str]) -> list[str]:
    """Return sizes as people list them: letters from small to large, then numbers, then words, then mixed."""

    def place(label: str) -> tuple[int, float, str]:
        if label.upper() in LETTERS:
            return 0, LETTERS.index(label.upper()), label
        number = re.match(r"\d{1,6}", label)
        if number:
            return 1, int(number.group()), label
        return (3 if label in (ONE_SIZE, MIXED) else 2), 0, label.casefold()

    return sorted(labels, key=place)


def size_label(text: str) -> str:
    """Return our label for a size as Boxtribute writes it: "Mixed", "12-13 years", or nothing for one size."""
    text = " ".join(text.split())
    if not text:
        return ONE_SIZE
    if text.casefold() == "mixed":
        return MIXED
    return text[: -len("years")].rstrip() if is_span(text, "years") else text


def is_span(text: str, unit: str) -> bool:
    """Return whether a size is like "12-13 years"."""
    first, _, rest = text.partition("-")
    last, _, found = rest.partition(" ")
    return first.isdigit() and last.isdigit() and found.casefold() == unit
