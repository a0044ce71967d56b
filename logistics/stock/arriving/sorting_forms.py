"""The forms of a sorting table. Their fields are named as the services name what they refuse."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from ...web.asked import number_in
from ...web.forms import BaseForm, Line, WholeNumber
from ..codes import LONGEST_CODE, scanned
from ..forms import Day, Pick
from ..ledger import MOST
from ..models import Location, Product, Unit
from ..packs import LARGEST
from ..quantities import Quantity
from ..words import UNITS, labelled

OPEN, OTHER, NEW = "open", "other", "new"
INTO = [
    SelectChoice(OPEN, _l("The open box of its size, or a new one if there is none")),
    SelectChoice(NEW, _l("A new box")),
    SelectChoice(OTHER, _l("Another box, by its code")),
]


class NewBoxShelf(Pick):
    """The shelf of a new box: needed only where one is made, which the service knows."""

    def pre_validate(self, form: Any) -> None:
        """Accept nothing chosen."""


class SortForm(BaseForm):
    """Goods that were sorted, into a box. The table and the product are chosen before."""

    size_id = RadioField(_l("Size"), coerce=number_in, validate_choice=False)
    quantity = Quantity(_l("How many?"), required=False, widget=TextInput())  # packs have fields of their own
    packs = WholeNumber(_l("How many packs?"), least=1, most=MOST, required=False)
    pack_size = WholeNumber(_l("Of how many each?"), least=2, most=LARGEST, required=False)
    into = RadioField(_l("Into which box?"), choices=INTO, default=OPEN, validate_choice=False)
    code = Line(
        _l("Box code"),
        longest=300,
        required=False,
        description=_l("Of a new box: what its blank label says. Leave it empty, and it gets the next free number."),
    )
    location_id = NewBoxShelf(_l("Onto which shelf does a new box go?"), invite=_l("Choose a shelf."))
    best_before = Day(_l("Best before"), description=_l("As printed on it; the earliest, if they differ."), asked=True)
    undated = BooleanField(_l("There is no date on it"))

    def offer(self, product: Product, shelves: Iterable[Location]) -> None:
        """Set the sizes and the shelves of this warehouse, and leave out the date of what has none."""
        self.size_id.choices = [SelectChoice(size.id, labelled(size.label)) for size in product.sizes]
        if len(product.sizes) == 1 and not self.size_id.data:
            self.size_id.data = product.sizes[0].id
        self.location_id.offer([(shelf.id, shelf.name) for shelf in shelves])
        self.quantity.offer(product)
        if product.unit != Unit.PIECE:
            self.quantity.description = UNITS[Unit(product.unit)]
        if self.pack_size.data is None and self.pack_size.raw_data is None:
            self.pack_size.data = product.pack_size
        if not product.has_best_before:
            del self.best_before, self.undated

    def validate_code(self, field: Any) -> None:
        """Refuse no code where another box is meant, and a code too long to be one."""
        if self.into.data == OTHER and not field.data:
            raise ValidationError(str(_l("Enter the box's code.")))
        if len(scanned(field.data or "")) > LONGEST_CODE:
            raise ValidationError(str(_l("Use %(max)d characters or fewer.", max=LONGEST_CODE)))

    def answers(self, shown: Mapping[int, str]) -> dict[str, Any]:
        """Return what `sorting.put` takes. `shown` are the codes of the open boxes that the page showed, by size."""
        dated = ("best_before", "undated") if "best_before" in self else ()
        # The size of a pack stays filled in, also for who counts pieces: it says something only beside packs.
        numbers = {"quantity": self.quantity.data, "packs": self.packs.data, "pack_size": self.pack_size.data}
        return {
            "size_id": self.size_id.data,
            **numbers,
            "code": shown.get(self.size_id.data, "") if self._into == OPEN else scanned(self.code.data or ""),
            "new": self._into == NEW,
            "location_id": self.location_id.data,
            **{name: self[name].data for name in dated},
        }

    @property
    def _into(self) -> str:
        return self.into.data if self.into.data in (OTHER, NEW) else OPEN


class DiscardForm(BaseForm):
    """Pieces thrown out; the button that sends them says why."""

    thrown = WholeNumber(_l("How many are thrown out?"), least=1, most=MOST, default=1)
    of_product = BooleanField(default=True)  # its label names the product
