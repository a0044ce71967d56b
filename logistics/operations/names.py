"""What a line of a packing list is called."""

from collections.abc import Callable
from typing import Any

from ..stock.models import Product, Size
from ..stock.words import labelled

Named = Callable[[Any], str]  # gives a thing's name in the reader's language: `web.filters.named`
ONE_SIZE = "one size"  # the size of what has no sizes goes without saying


def line_name(product: Product, size: Size, named: Named) -> str:
    """Return what a line is called: "Hoodie M", and "Soap" for what has one size only."""
    return named(product) if size.label_key == ONE_SIZE else f"{named(product)} {labelled(size.label)}"
