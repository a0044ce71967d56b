"""The forms of a packing list and of packing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from ..distributions.models import GROUPS, Site
from ..distributions.words import GROUP_NAMES
from ..errors import DomainError
from ..stock.codes import LONGEST_CODE
from ..stock.ledger import MOST
from ..stock.models import Product
from ..stock.quantities import Quantity
from ..stock.words import labelled
from ..web.asked import number_in
from ..web.filters import by_name, named
from ..web.forms import BaseForm, Line, Required, WholeNumber

PER_PERSON, TOTAL = "per_person", "total"
LARGEST_SHARE = 1_000_000
LARGEST_ID = 2**31 - 1
_DECIMAL = re.compile(r"(\d{1,4})(?:[.,](\d{1,2}))?")
# What the services call a field, and what it is called here.
RENAMED = {"per_person_hundredths": "per_person", "product_id": "product", "warehouse_id": "warehouse"}


class Decimal(StringField):
    """A number with up to two decimals, such as 1 or 0.5 or 0,5; `hundredths` holds it as an integer."""

    hundredths: int | None = None

    def process_data(self, value: Any) -> None:
        """Show what is kept, or the default."""
        super().process_data(value)
        self.hundredths = _hundredths(value) if value else None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; nothing is None."""
        self.data = valuelist[0].strip() if valuelist else ""
        self.hundredths = _hundredths(self.data) if self.data else None


def _hundredths(text: str) -> int:
    match = _DECIMAL.fullmatch(text) if text.isascii() else None
    if match is None:
        raise ValueError(_("Enter a number such as 1 or 0.5."))
    return int(match.group(1)) * 100 + int((match.group(2) or "").ljust(2, "0"))


class WarehouseForm(BaseForm):
    """Which warehouse a distribution is packed from."""

    warehouse = SelectField(_l("Pack from which warehouse?"), validators=[Required(_l("Choose a warehouse."))])

    def __init__(self, warehouses: Iterable[Site], **kwargs: Any) -> None:
        """Offer these warehouses; the only one is chosen already."""
        super().__init__(**kwargs)
        self.warehouse.choices = [(str(site.id), named(site)) for site in by_name(warehouses)]
        if len(self.warehouse.choices) != 1:
            self.warehouse.choices.insert(0, ("", ""))

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at the field that is meant."""
        error.field = RENAMED.get(error.field or "", error.field)
        super().refuse(error)


class ItemForm(BaseForm):
    """How many of one product to take. Made by `item_form`, which adds a share for each of its sizes."""

    product = HiddenField()
    version = HiddenField()
    mode = RadioField(
        _l("How is it counted?"),
        choices=[(PER_PERSON, _l("So many per person")), (TOTAL, _l("A total"))],
        default=PER_PERSON,
        validators=[Required(_l("Choose how it is counted."))],
    )
    per_person = Decimal(
        _l("How many for each person?"),
        default="1",
        description=_l("0.5 is one between two."),
        render_kw={"inputmode": "decimal", "class_": "short"},
    )
    groups = SelectMultipleField(
        _l("For whom?"),
        choices=[(group, GROUP_NAMES[group]) for group in GROUPS],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    total = Quantity(_l("How many in all?"), least=0, required=False)

    size_ids: Sequence[str] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check too that what the chosen way of counting needs is there."""
        valid = super().validate(extra_validators)
        missing: dict[str, str] = {}
        if self.mode.data == PER_PERSON:
            if not self.per_person.hundredths and not self.per_person.errors:
                missing["per_person"] = _("Enter a number above 0, such as 1 or 0.5.")
            if not self.groups.data and not self.groups.errors:
                missing["groups"] = _("Choose who gets it.")
        elif self.total.data is None and not self.total.errors:
            missing["total"] = _("Enter a whole number.")
        for name, text in missing.items():
            self[name].errors = [*self[name].errors, text]
        return valid and not missing

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at the field that is meant."""
        error.field = RENAMED.get(error.field or "", error.field)
        super().refuse(error)

    @property
    def asked(self) -> dict[str, Any]:
        """Return what `stock.packing_lists.set_item` and `preview` take."""
        per_person = self.mode.data == PER_PERSON
        return {
            "per_person_hundredths": self.per_person.hundredths if per_person else None,
            "groups": list(self.groups.data or []) if per_person else [],
            "total": 0 if per_person else self.total.data or 0,
            "profile": {size_id: self[f"share-{size_id}"].data or 0 for size_id in self.size_ids},
        }

    @property
    def seen_version(self) -> int | None:
        """Return the version of the packing list that the page showed; None when it said none."""
        return number_in(self.version.data) or None


def item_form(product: Product, profile: Mapping[str, int] | None = None, /, **values: Any) -> ItemForm:
    """Return the form for a product (its sizes loaded), showing `profile`, or its own shares."""
    size_ids = [str(size.id) for size in product.sizes]
    fields = {
        f"share-{size.id}": WholeNumber(
            labelled(size.label),
            most=LARGEST_SHARE,
            required=False,
            default=(profile or {}).get(str(size.id), size.share),
        )
        for size in product.sizes
    }
    made: ItemForm = type("ItemForm", (ItemForm,), {**fields, "size_ids": size_ids})(**values)
    made.total.offer(product)
    return made


class BoxForm(BaseForm):
    """So many units of one box."""

    code = Line(_l("Box"), longest=LONGEST_CODE, render_kw={"autocapitalize": "characters", "autocomplete": "off"})
    quantity = WholeNumber(_l("How many?"), least=1, most=MOST)

    def refuse(self, error: DomainError) -> None:
        """Show a refusal above the list when it is about what nobody typed."""
        error.field = error.field if error.field in ("code", "quantity") else None
        super().refuse(error)


class PackForm(BoxForm):
    """Packing from one box: a line of the pick list, or (no size and shelf given) a box that somebody has at hand."""

    size = WholeNumber(_l("Size"), least=1, most=LARGEST_ID, required=False)
    shelf = WholeNumber(_l("Shelf"), name="from", least=1, most=LARGEST_ID, required=False)
    on_van = HiddenField()

    @property
    def of_a_line(self) -> bool:
        """Return whether this is a line of the pick list."""
        return bool(self.size.data and self.shelf.data)


class PackAllForm(BaseForm):
    """Packing all of the pick list, with what it listed."""

    listed = HiddenField()


class PutBackForm(BoxForm):
    """Putting units of a box back on a shelf."""

    shelf = WholeNumber(_l("Shelf"), name="to", least=1, most=LARGEST_ID)


class StandInBackForm(BaseForm):
    """Asking for a size itself again, instead of its stand-in; `on` is the page it was said on."""

    size = WholeNumber(_l("Size"), least=1, most=LARGEST_ID)
    by_size = WholeNumber(_l("Stand-in"), least=1, most=LARGEST_ID)
    on = HiddenField()

    def refuse(self, error: DomainError) -> None:
        """Show a refusal above the list: each line of it has such a form."""
        error.field = None
        super().refuse(error)


class StandInForm(StandInBackForm):
    """So many units of a stand-in instead of a size."""

    quantity = WholeNumber(_l("How many?"), least=1, most=MOST)
