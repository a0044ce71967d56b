"""The field for how many: one for all forms. The server reckons; the page shows what it will come to."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from ..errors import Invalid
from ..web.filters import number as shown
from ..web.forms import WholeNumber
from ..web.i18n import translate
from .amounts import Choice, Counting, choices, read
from .ledger import MOST
from .models import Product, Unit
from .words import UNITS

_SHORT = {"kg": _l("kg"), "l": _l("litres")}


class QuantityInput(TextInput):  # type: ignore[misc]
    """What was typed, a choice of what it is said in where there is one, and what it comes to."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """Return the field's HTML."""
        typed = super().__call__(field, **kwargs)
        offered = choices(field.counting)
        in_units = Markup("")
        if len(offered) > 1:
            options = Markup("").join(
                Markup('<option value="{}" data-each="{}"{}>{}</option>').format(
                    each.code, each.each, Markup(" selected") if each.code == field.chosen else "", field.said(each)
                )
                for each in offered
            )
            label = _("%(what)s (in what?)", what=field.label.text)
            in_units = Markup('<select class="form-select" name="{}_in" aria-label="{}">{}</select>').format(
                field.name, label, options
            )
        comes_to = Markup('<output class="soft num" for="{}" data-comes-to="{}"></output>').format(
            field.id, escape(UNITS[field.counting.unit])
        )
        return Markup('<span class="quantity" data-quantity>{}{}{}</span>').format(typed, in_units, comes_to)


class Quantity(WholeNumber):
    """How many of a product, as people say it: a number, packs, or a weight or volume where that is its unit.

    `offer` says which product it is of; pieces are meant until then. `data` is in the product's unit.
    """

    widget = QuantityInput()

    def __init__(self, label: Any, *, least: int = 1, most: int = MOST, **kwargs: Any) -> None:
        """Set the bounds, in the product's unit."""
        super().__init__(label, least=least, most=most, **kwargs)
        self.render_kw = {"inputmode": "decimal", "autocomplete": "off", **kwargs.get("render_kw", {})}
        self.counting = Counting()
        self.chosen = ""

    def offer(self, product: Product) -> None:
        """Say which product it is of, and read anew what was typed."""
        self.counting = Counting(Unit(product.unit), product.pack_size)
        if self.raw_data:
            self.data = self._read(quiet=True)

    def said(self, choice: Choice) -> str:
        """Return what a choice is called: "pieces", "kg", "packs of 12"."""
        if not choice.code:
            return str(UNITS[self.counting.unit])
        return str(_SHORT.get(choice.code) or _("packs of %(size)s", size=shown(choice.each)))

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Keep what was chosen beside it."""
        self.chosen = formdata.get(f"{self.name}_in", "") if formdata else ""
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read it as far as it can be read before its product is known."""
        self.data = self._read(quiet=True)

    def pre_validate(self, form: Any) -> None:
        """Say what is wrong with it."""
        self.data = self._read() if self.raw_data is not None else self.data
        if self.data is None and self.required:
            raise StopValidation(str(_l("Enter a whole number.")))

    def _read(self, *, quiet: bool = False) -> int | None:
        text = (self.raw_data or [""])[0] or ""
        if not text.strip():
            return None
        try:
            number = read(text, self.counting, self.chosen)
        except Invalid as error:
            if quiet:
                return None
            raise StopValidation(translate(error.message)) from None
        if not self.least <= number <= self.most:
            if quiet:
                return None
            raise StopValidation(
                str(_l("Enter a number from %(least)s to %(most)s.", least=self.least, most=self.most))
            )
        return number
