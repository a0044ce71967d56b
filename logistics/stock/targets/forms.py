"""The forms of minimums and targets."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.widgets import TextInput

from ...distributions.models import Site
from ...errors import DomainError
from ...web.asked import number_in
from ...web.filters import by_name, named
from ...web.forms import BaseForm
from ..models import Product
from ..quantities import Quantity
from ..words import for_whom
from .models import Season
from .setting import Bounds, Wish
from .words import SEASONS


def place_choices(sites: Iterable[Site]) -> list[tuple[int, Any]]:
    """Return where a minimum can hold: over all warehouses, or in one."""
    return [(0, _l("All warehouses together")), *((site.id, named(site)) for site in by_name(sites))]


class TargetForm(BaseForm):
    """One product's minimum and target in one place and season; neither number takes both away."""

    warehouse_id = SelectField(_l("Where?"), coerce=number_in, validate_choice=False)
    season = SelectField(
        _l("When?"), choices=[(season.value, label) for season, label in SEASONS.items()], default=Season.ALL_YEAR
    )
    minimum = Quantity(
        _l("Minimum"), least=0, required=False, description=_l("When fewer than this are free, more is asked for.")
    )
    target = Quantity(
        _l("Target"), least=0, required=False, description=_l("How many there should be then. Empty: the minimum.")
    )

    def offer(self, sites: Iterable[Site], product: Product) -> None:
        """Set the places and the product, and tell its fields' ids from those of other forms on the page."""
        self.warehouse_id.choices = place_choices(sites)
        self.minimum.offer(product)
        self.target.offer(product)
        for field in self:
            field.id = field.label.field_id = f"keep-{field.short_name}"

    def wish(self, product_id: int) -> dict[str, Any]:
        """Return what is wished, as the service takes it."""
        return Wish(product_id, Bounds(self.minimum.data, self.target.data)).plain()

    def refuse(self, error: DomainError) -> None:
        """Put a refusal at the field: the service names the product, too."""
        super().refuse(type(error)(error.message, re.sub(r"_\d+$", "", error.field or "")))


def table_form(products: Sequence[Product], kept: Mapping[int, Bounds]) -> Any:
    """Return the form of a table of products: for each a minimum, a target, and what the page showed of both."""
    fields: dict[str, Any] = {}
    for product in products:
        bounds, name = kept.get(product.id, Bounds()), full_name(product)
        low, high = _("Minimum of %(product)s", product=name), _("Target of %(product)s", product=name)
        fields[f"minimum_{product.id}"] = _amount(low, bounds.minimum)
        fields[f"target_{product.id}"] = _amount(high, bounds.target)
        fields[f"seen_{product.id}"] = HiddenField(default=_seen(bounds))
    form: Any = type("TargetsForm", (BaseForm,), fields)()
    for product in products:
        for name in ("minimum", "target"):
            form[f"{name}_{product.id}"].offer(product)
    return form


def _amount(label: str, default: int | None) -> Quantity:
    """Return a field of the table: a table has no room for more than what is typed."""
    return Quantity(label, least=0, required=False, default=default, widget=TextInput())


def wishes(form: Any, product_ids: Iterable[int]) -> list[dict[str, Any]]:
    """Return what a table was changed to, as the service takes it."""
    return [
        Wish(
            each, Bounds(form[f"minimum_{each}"].data, form[f"target_{each}"].data), _bounds(form[f"seen_{each}"].data)
        ).plain()
        for each in product_ids
        if f"seen_{each}" in form
    ]


def full_name(product: Product) -> str:
    """Return a product's name with whom it is for."""
    whom = for_whom(product.gender)
    return f"{named(product)}, {whom}" if whom else named(product)


def _seen(bounds: Bounds) -> str:
    return "" if bounds.minimum is None else f"{bounds.minimum}/{bounds.target}"


def _bounds(text: str | None) -> Bounds:
    low, slash, high = (text or "").partition("/")
    return Bounds(number_in(low), number_in(high)) if slash else Bounds()
