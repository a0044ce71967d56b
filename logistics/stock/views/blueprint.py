"""The blueprint that the pages of stock share."""

from collections.abc import Iterable

from flask import Blueprint

from ...distributions.models import Site
from .. import words
from ..arriving.words import measured

bp = Blueprint("stock", __name__)
bp.add_app_template_filter(words.allergens_of)
bp.add_app_template_filter(words.diets_of)
bp.add_app_template_filter(words.for_whom)
bp.add_app_template_filter(words.freshness)
bp.add_app_template_global(words.genders)
bp.add_app_template_filter(words.labelled)
bp.add_app_template_global(words.labels)
bp.add_app_template_global(measured)


def one_of(things: Iterable[Site], wanted: int) -> Site | None:
    """Return the thing with this id, if it is among them."""
    return next((thing for thing in things if thing.id == wanted), None)
