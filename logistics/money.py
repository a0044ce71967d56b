"""Money is an integer of minor units (pence, cents) and a currency; never a float."""

import re
from decimal import Decimal
from enum import StrEnum

from .errors import Invalid, msg


class Currency(StrEnum):
    """The currencies gifts are taken in (ISO 4217, lower case as Stripe writes them)."""

    GBP = "gbp"
    EUR = "eur"


SYMBOLS = {Currency.GBP: "£", Currency.EUR: "€"}
LARGEST = 10**9  # ten million pounds in pence: above any figure this charity can mean

_AMOUNT = re.compile(r"(\d+)(?:[.,](\d{1,2}))?")
_LONGEST = 12  # digits: more are not even read


def parse_amount(text: str) -> int:
    """Return pence (or cents) for what a person typed in pounds or euros: "12", "12.50", "£1,200.00".

    Both "12.50" and "12,50" mean twelve and a half; a comma or space before three digits groups
    thousands. Raises `Invalid` for anything that is not an amount of at least 0.
    """
    cleaned = text.strip().lstrip("£€").strip()
    cleaned = re.sub(r"(?<=\d)[,\s\u00a0\u202f](?=\d{3}(?!\d))", "", cleaned)
    match = _AMOUNT.fullmatch(cleaned) if cleaned.isascii() else None
    if match is None:
        raise Invalid(msg("Enter an amount such as 12 or 12.50."), field="amount")
    whole, cents = match.group(1).lstrip("0") or "0", (match.group(2) or "").ljust(2, "0")
    minor = int(whole) * 100 + int(cents) if len(whole) <= _LONGEST else None
    if minor is None or minor > LARGEST:
        raise Invalid(msg("Enter an amount of ten million at most."), field="amount")
    return minor


def major(minor: int) -> Decimal:
    """Return pounds or euros for pence or cents, exact."""
    return Decimal(minor) / 100
