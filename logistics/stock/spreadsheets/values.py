"""What is written in a cell, as we keep it: numbers, days, genders, sources, units, and sizes in either language."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from ...config import LANGUAGES
from ...errors import Invalid, msg
from ...web.i18n import in_language
from ..labels import FOR_WHOM, TYPED
from ..models import Gender, LocationKind, Unit
from ..searching import fold
from ..size_ranges import size_label

_GENDERS = {
    Gender.NONE: (
        "",
        "for anyone",
        "anyone",
        "all",
        "any",
        "unisex",
        "tous",
        "pour tous",
        "tout le monde",
        "mixte",
        "alle",
    ),
    Gender.MALE: (
        "m",
        "male",
        "man",
        "men",
        "mens",
        "men s",
        "h",
        "homme",
        "hommes",
        "herren",
        "mann",
        "hombre",
        "uomo",
    ),
    Gender.FEMALE: (
        *("f", "female", "woman", "women", "womens", "women s", "femme", "femmes", "damen", "frau", "mujer", "donna"),
    ),
    Gender.UNISEX_ADULT: ("unisex adult", "adult", "adults", "adulte", "adultes", "erwachsene", "adulto", "adulti"),
    Gender.BOY: ("boy", "boys", "garcon", "garcons", "jungen", "nino", "bambino"),
    Gender.GIRL: ("girl", "girls", "fille", "filles", "madchen", "nina", "bambina"),
    Gender.UNISEX_KID: (
        "unisex kid",
        "kid",
        "kids",
        "child",
        "children",
        "enfant",
        "enfants",
        "kinder",
        "ninos",
        "bambini",
    ),
    Gender.UNISEX_BABY: ("unisex baby", "baby", "babies", "bebe", "bebes", "babys", "neonato"),
}
_SOURCES = {
    LocationKind.DONATED: (
        "",
        "donated",
        "donation",
        "gift",
        "given",
        "donne",
        "don",
        "donnes",
        "spende",
        "donado",
        "donato",
    ),
    LocationKind.BOUGHT: (
        "bought",
        "purchase",
        "purchased",
        "achete",
        "achat",
        "achetes",
        "gekauft",
        "comprado",
        "comprato",
    ),
}
_UNITS = {
    Unit.PIECE: ("", "piece", "pieces", "pcs", "pc", "unite", "unites", "stuck"),
    Unit.GRAM: ("gram", "grams", "g", "gramme", "grammes", "gramm"),
    Unit.MILLILITRE: ("millilitre", "millilitres", "ml", "milliliter"),
}
GENDERS: Mapping[str, Gender] = {word: gender for gender, words in _GENDERS.items() for word in words}
SOURCES: Mapping[str, LocationKind] = {word: source for source, words in _SOURCES.items() for word in words}
UNITS: Mapping[str, Unit] = {word: unit for unit, words in _UNITS.items() for word in words}

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T][\d:.]*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[./ -](\d{1,2})[./ -](\d{4}|\d{2})")
_SPACED = re.compile(r"(?<=\d)[\s\u00a0\u202f'’](?=\d{3}(?:\D|$))")


def number(text: str) -> str:
    """Return a number's digits without what parts its thousands for the eye: 1200 for "1 200"."""
    return re.sub(r"[.,]0+$", "", _SPACED.sub("", text))


def day(text: str) -> date | None:
    """Return a best-before, written as 2026-11-24 or day first (24/11/2026, 24.11.26); None for an empty cell.

    Raises Invalid for anything else, and outside the years that a box can have.
    """
    if not text:
        return None
    found = None
    if parts := _ISO.fullmatch(text):
        found = _date(int(parts[1]), int(parts[2]), int(parts[3]))
    elif parts := _DAY_FIRST.fullmatch(text):
        year = int(parts[3]) + (2000 if len(parts[3]) == 2 else 0)
        found = _date(year, int(parts[2]), int(parts[1]))
    if found is None:
        raise Invalid(msg("“%(found)s” is no date. Write it as 2026-11-24 or 24/11/2026.", found=text[:40]))
    if not 2000 <= found.year <= 2100:
        raise Invalid(msg("Enter a year between 2000 and 2100."))
    return found


def size(text: str) -> str:
    """Return a size as we keep it, from what either language calls it: "One size" for "Taille unique"."""
    text = " ".join(text.split())
    return size_label(label(text)) if text else ""


def label(text: str) -> str:
    """Return a size or category as we keep it, from what it is called in any language of ours."""
    text = " ".join(text.split())
    known = _labels().get(text.casefold())
    if known is not None:
        return known
    for pattern, around in _around():
        if figures := pattern.fullmatch(text):
            return around % figures[1]
    return text


def gender(text: str) -> Gender | None:
    """Return the gender that a cell names; None when it is a word that nobody taught us."""
    if text.strip() == Gender.NONE:
        return Gender.NONE
    return _genders().get(fold(text))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@cache
def _labels() -> dict[str, str]:
    return {in_language(code, message.text).casefold(): message.text for code in LANGUAGES for message in TYPED}


@cache
def _genders() -> dict[str, Gender]:
    ours = {fold(in_language(code, whom.text)): each for code in LANGUAGES for each, whom in FOR_WHOM.items()}
    kept = {fold(in_language(code, each.value)): each for code in LANGUAGES for each in Gender if each != Gender.NONE}
    return {**ours, **kept, **GENDERS}


@cache
def _around() -> list[tuple[re.Pattern[str], str]]:
    """Return the patterns of sizes with words around their figures, in each language, and how we keep them."""
    found = []
    for text, kept in (("%(ages)s years", "%s years"), ("%(ages)s months", "%s months")):
        for code in LANGUAGES:
            before, after = re.split(r"%\(\w+\)s", in_language(code, text))
            pattern = rf"{re.escape(before)}(\d[\d –-]*?){re.escape(after)}".replace("\u00a0", " ")
            found.append((re.compile(pattern, re.IGNORECASE), kept))
    return found
