"""What a line of a packing list is called."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from ..stock.models import Product, Size
from ..stock.words import for_whom, labelled

Named = Callable[[Any], str]  # gives a thing's name in the reader's language: `web.filters.named`
ONE_SIZE = "one size"  # the size of what has no sizes goes without saying


def product_name(product: Product, named: Named) -> str:
    """Return what a product is called among others, with whom it is for: "Joggers (boys)"."""
    whom = for_whom(product.gender)
    return str(_("%(product)s (%(whom)s)", product=named(product), whom=whom)) if whom else str(named(product))


def line_name(product: Product, size: Size, named: Named) -> str:
    """Return what a line is called: "Hoodie (men) M", and "Soap" for what has one size only and is for anyone."""
    name = product_name(product, named)
    return name if size.label_key == ONE_SIZE else f"{name} {labelled(size.label)}"
