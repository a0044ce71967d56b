"""The form of a stand-in."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField

from ...web.asked import number_in
from ...web.forms import BaseForm
from ..models import Product
from ..words import labelled
from .models import StandIn
from .setting import fitting, matching


class StandInForm(BaseForm):
    """Which size of a stand-in may be taken for which. Made by `stand_in_form`, which adds a choice for each size."""

    by_id = HiddenField()
    both_ways = BooleanField(_l("The other way round too"))


def stand_in_form(product: Product, by: Product, kept: StandIn | None) -> Any:
    """Return the form for two products with their sizes, showing what is kept, or sizes of the same label."""
    choices = [(0, _("Nothing fits")), *((size.id, labelled(size.label)) for size in by.sizes)]
    fields = {
        f"size_{size.id}": SelectField(
            _("For size %(size)s", size=labelled(size.label)),
            coerce=number_in,
            choices=choices,
            default=fitting(kept, size, by.sizes) if kept else matching(size, by.sizes),
        )
        for size in product.sizes
    }
    return type("StandInOfProductForm", (StandInForm,), fields)(data={"by_id": str(by.id)})


def sizes_of(form: Any, product: Product) -> dict[str, int]:
    """Return what was chosen, as the service takes it."""
    return {str(size.id): form[f"size_{size.id}"].data for size in product.sizes}
