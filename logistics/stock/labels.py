"""Sizes, size ranges, categories and genders that are words.

They are kept in the words of the lists that Shoreline reads (ASSORT's, Boxtribute's), so that a file read twice finds
them again. Those words are known here, so that a French page can say them in French (`words.labelled`). What somebody
typed is shown as typed.
"""

import re
from collections.abc import Callable
from typing import Any

from ..errors import Message, Words, msg, name_of
from .models import Gender, Product

_SIZES = (
    msg("One size"),
    msg("Mixed sizes"),
    msg("All ages"),
    msg("Singlepack"),
    msg("Multipack"),
    msg("Children by year"),
    msg("Baby by month"),
    msg("Shoe sizes Male"),
    msg("Shoe sizes Female"),
    msg("Shoe sizes children"),
    msg("Diaper sizes"),
    msg("Bra sizes"),
)
_CATEGORIES = (
    msg("Baby"),
    msg("Bottoms"),
    msg("Clothing"),
    msg("Food & Kitchen"),
    msg("Hygiene"),
    msg("Jackets / Outerwear"),
    msg("Other"),
    msg("Shelter"),
    msg("Shoes"),
    msg("Tops"),
    msg("Toys & Games"),
    msg("Underwear / Nightwear"),
    msg("Water"),
)
_GENDERS = (
    msg("Male"),
    msg("Female"),
    msg("Unisex Adult"),
    msg("Boy"),
    msg("Girl"),
    msg("Unisex Kid"),
    msg("Unisex Baby"),
)
FOR_WHOM = {
    Gender.NONE: msg("for anyone"),
    Gender.MALE: msg("men"),
    Gender.FEMALE: msg("women"),
    Gender.UNISEX_ADULT: msg("adults"),
    Gender.BOY: msg("boys"),
    Gender.GIRL: msg("girls"),
    Gender.UNISEX_KID: msg("children"),
    Gender.UNISEX_BABY: msg("babies"),
}
TYPED = (*_SIZES, *_CATEGORIES)  # what people type into forms; genders are chosen
_KNOWN = {message.text.casefold(): message for message in (*TYPED, *_GENDERS)}
# What Boxtribute writes around figures: "7-24 months", "36 and bigger".
_AROUND: dict[str, Callable[[str], Message]] = {
    " years": lambda figures: msg("%(ages)s years", ages=figures),
    " months": lambda figures: msg("%(ages)s months", ages=figures),
    " and bigger": lambda figures: msg("%(size)s and bigger", size=figures),
    " and smaller": lambda figures: msg("%(size)s and smaller", size=figures),
}


def worded(text: str) -> Words:
    """Return a label as what a page puts into its language: as it stands where it is none of the known words."""
    known = _known(text)
    if known is not None:
        return known
    listed = re.fullmatch(r"([^()]+) (\([^()]+\))", text)
    if listed and (title := _known(listed[1])):
        return msg("%(title)s %(sizes)s", title=title, sizes=listed[2])
    return tuple(worded(part) for part in text.split(", ")) if ", " in text else text


def called(product: Product) -> Words:
    """Return what a product is called in a sentence, with whom it is for: "Joggers (boys)"."""
    name = name_of(product)
    if product.gender == Gender.NONE:
        return name
    return msg("%(product)s (%(whom)s)", product=name, whom=FOR_WHOM[Gender(product.gender)])


def told(product: Product) -> dict[str, Any]:
    """Return what an audit line says of a product: its name, and whom it is for unless that is anyone."""
    gender = {} if product.gender == Gender.NONE else {"gender": product.gender}
    return {"product": product.name, **gender}


def _known(text: str) -> Message | None:
    for end, around in _AROUND.items():
        if text.endswith(end) and text[:1].isdigit():
            return around(text.removesuffix(end))
    return _KNOWN.get(text.casefold())
