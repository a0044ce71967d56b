"""Reading how many people mean: "72", "6 x 12", "6 packs of 12", "2.5 kg". No arithmetic is left to a tired volunteer.

Plain functions. What is counted in grams is kept in grams, and what is counted in millilitres in millilitres.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from ..errors import Invalid, Message, msg
from .models import Unit

# What each unit is called when it is typed, in both languages, and how many of the kept unit one is.
_UNITS: dict[str, tuple[Unit, int]] = {
    **dict.fromkeys(("g", "gr", "gram", "grams", "gramme", "grammes"), (Unit.GRAM, 1)),
    **dict.fromkeys(("kg", "kgs", "kilo", "kilos"), (Unit.GRAM, 1000)),
    **dict.fromkeys(("ml", "millilitre", "millilitres"), (Unit.MILLILITRE, 1)),
    **dict.fromkeys(("cl",), (Unit.MILLILITRE, 10)),
    **dict.fromkeys(("l", "litre", "litres", "liter", "liters"), (Unit.MILLILITRE, 1000)),
    **dict.fromkeys(("piece", "pieces", "pièce", "pièces", "pc", "pcs"), (Unit.PIECE, 1)),
}
_PACKS = r"(?:packs?|paquets?|lots?|boîtes?)"
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_AMOUNT = re.compile(rf"(-?{_NUMBER[1:-1]})([a-zè]*)")
_TIMES = re.compile(rf"(0*[1-9]\d*)(?:[x×*]|{_PACKS}(?:of|de))(.+)")
_OF_USUAL = re.compile(rf"{_NUMBER}{_PACKS}")
_CHOSEN_PACK = re.compile(r"x(\d{1,6})")
LONGEST = 60  # characters: more than any amount that is typed

COUNTED_IN: dict[Unit, Message] = {
    Unit.PIECE: msg("This is counted in pieces: enter a whole number, or packs such as 6 x 12."),
    Unit.GRAM: msg("This is counted in grams: enter a weight such as 500 g or 2.5 kg."),
    Unit.MILLILITRE: msg("This is counted in millilitres: enter a volume such as 500 ml or 1.5 l."),
}
_WHOLE = msg("Enter a whole number.")


@dataclass(frozen=True)
class Counting:
    """How a product is counted: its unit, and how many of that usually come in one pack."""

    unit: Unit = Unit.PIECE
    pack_size: int | None = None


@dataclass(frozen=True)
class Choice:
    """What a number may be said in; `code` is what a page sends: "", "kg", "l", or "x12" for packs of 12."""

    code: str
    each: int


def choices(counting: Counting) -> list[Choice]:
    """Return what a number of a product may be said in, its own unit first."""
    larger = {Unit.GRAM: [Choice("kg", 1000)], Unit.MILLILITRE: [Choice("l", 1000)]}.get(counting.unit, [])
    packs = [Choice(f"x{counting.pack_size}", counting.pack_size)] if counting.pack_size else []
    return [Choice("", 1), *larger, *packs]


def read(text: str, counting: Counting, chosen: str = "") -> int:
    """Return how many units of a product are meant by what was typed, and what was chosen beside it.

    What the text says itself comes before what is chosen. Raises Invalid where it can't be understood, is in another
    unit, or is no whole number of units.
    """
    plain = "".join(text.casefold().split())
    if len(plain) > LONGEST and plain.isascii() and plain.removeprefix("-").isdigit():
        plain = plain[:LONGEST]  # more than anything there is, as well
    if len(plain) > LONGEST:
        raise Invalid(_no_amount(counting))
    if usual := _OF_USUAL.fullmatch(plain):
        if counting.pack_size is None:
            raise Invalid(msg("Say how many are in one pack, such as 6 x 12."))
        return _whole(_decimal(usual[1], counting) * counting.pack_size, counting)
    if times := _TIMES.fullmatch(plain):
        return _whole(_decimal(times[1], counting) * _amount(times[2], counting, 1), counting)
    return _whole(_amount(plain, counting, _factor(chosen, counting)), counting)


def _factor(chosen: str, counting: Counting) -> int:
    """Return how many units one of what was chosen is. A size of pack is the one that the page showed."""
    pack = _CHOSEN_PACK.fullmatch(chosen)
    if pack:
        return max(1, int(pack[1]))
    return next((each.each for each in choices(counting) if each.code == chosen), 1)


def _amount(plain: str, counting: Counting, factor: int) -> Decimal:
    """Return a number of units; one that says no unit is of `factor` units each."""
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise Invalid(_no_amount(counting))
    if not found[2]:
        return _decimal(found[1], counting) * factor
    if found[2] not in _UNITS:
        raise Invalid(_no_amount(counting))
    unit, each = _UNITS[found[2]]
    if unit != counting.unit:
        raise Invalid(COUNTED_IN[counting.unit])
    return _decimal(found[1], counting) * each


def _decimal(digits: str, counting: Counting) -> Decimal:
    """Return a number. One such as 1,500 is refused: it is 1500 to some and 1.5 to others."""
    if not digits.isascii():
        raise Invalid(_no_amount(counting))
    whole, _point, part = digits.replace(",", ".").partition(".")
    if len(part) > 2 and whole.strip("0"):
        raise Invalid(msg("Is that a thousand, or a part of one? Write 1500 or 1.5.") if len(part) == 3 else _WHOLE)
    return Decimal(digits.replace(",", "."))


def _whole(number: Decimal, counting: Counting) -> int:
    if number != number.to_integral_value():
        raise Invalid(_no_amount(counting))
    return int(number)


def _no_amount(counting: Counting) -> Message:
    return _WHOLE if counting.unit == Unit.PIECE else COUNTED_IN[counting.unit]
