"""The blueprint that the pages of stock share, and how they read an address's query."""

from collections.abc import Iterable

from flask import Blueprint, request

from ...distributions.models import Site
from .. import words

LONGEST_SEARCH = 100

bp = Blueprint("stock", __name__)
bp.add_app_template_filter(words.for_whom)
bp.add_app_template_filter(words.freshness)
bp.add_app_template_global(words.genders)
bp.add_app_template_filter(words.labelled)
bp.add_app_template_global(words.labels)


def searched(name: str = "q") -> str:
    """Return the words that are searched for."""
    return request.args.get(name, "").strip()[:LONGEST_SEARCH]


def wants_csv() -> bool:
    """Return whether the list is asked for as a download."""
    return request.args.get("format") == "csv"


def one_of(things: Iterable[Site], wanted: int) -> Site | None:
    """Return the thing with this id, if it is among them."""
    return next((thing for thing in things if thing.id == wanted), None)
