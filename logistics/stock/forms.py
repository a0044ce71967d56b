"""The forms of stock. Their fields are named as the services name what they refuse."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, RadioField, SelectField
from wtforms.validators import Optional, StopValidation

from ..distributions.models import Site
from ..errors import DomainError
from ..web.asked import number_in
from ..web.filters import by_name, named
from ..web.forms import Amount, BaseForm, CheckboxesField, Line, Lines, Required, WholeNumber
from .diets import code
from .models import Gender, Location, LocationKind, Product, Size, Unit
from .packs import LARGEST
from .quantities import Quantity
from .words import ALLERGENS, CORRECTIONS, DIETS, FOR_WHOM, SOURCES, UNITS, labelled

MOST_SHARE = 1000
NOT_KNOWN, NONE, SOME = "not_known", "none", "some"
CONTAINS = {NOT_KNOWN: _l("Not known"), NONE: _l("No, none of them"), SOME: _l("Yes, those ticked below")}


def shelf_choices(shelves: Iterable[Location]) -> dict[str, list[tuple[int, str]]]:
    """Return open shelves as a select's choices, under the names of their warehouses."""
    choices: dict[str, list[tuple[int, str]]] = {}
    for shelf in shelves:
        choices.setdefault(named(shelf.warehouse) if shelf.warehouse else "", []).append((shelf.id, shelf.name))
    return choices


class Pick(SelectField):
    """A choice of one thing by its id; `invite` is shown while nothing is chosen."""

    required = True

    def __init__(self, label: Any, *, invite: Any, **kwargs: Any) -> None:
        """Refuse what is not offered in words that say what to do."""
        super().__init__(label, coerce=number_in, validate_choice=False, **kwargs)
        self.invite = invite
        self.type = "SelectField"  # pages draw it as one

    def offer(self, choices: Any) -> None:
        """Set the choices: a list, or lists under headings."""
        first = (0, self.invite)
        self.choices = {"": [first], **choices} if isinstance(choices, dict) else [first, *choices]

    def pre_validate(self, form: Any) -> None:
        """Refuse nothing chosen; whether the choice still holds, the service says."""
        if not self.data:
            raise StopValidation(str(self.invite))


class Day(DateField):
    """A date that may be left empty, between 2000 and 2100."""

    data: date | None

    def __init__(self, label: Any, *, asked: bool = False, **kwargs: Any) -> None:
        """Accept what browsers send for a date. `asked`: it may be empty only where another field says why."""
        self.required = asked
        super().__init__(label, validators=[Optional()], format=["%Y-%m-%d"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it, with an error that says the form wanted."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Enter a date, such as 2026-11-24."))) from None
        if self.data is not None and not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(str(_l("Enter a year between 2000 and 2100.")))


class ReceiveForm(BaseForm):
    """Goods that arrived, into a new box. The product is chosen on the page before."""

    size_id = RadioField(_l("Size"), coerce=number_in, validate_choice=False)
    quantity = Quantity(_l("How many?"), least=0)
    location_id = Pick(_l("Onto which shelf?"), invite=_l("Choose a shelf."))
    best_before = Day(_l("Best before"), description=_l("As printed on it; the earliest, if they differ."), asked=True)
    undated = BooleanField(_l("There is no date on it"))
    source = RadioField(
        _l("Where from?"), choices=list(SOURCES.items()), default=LocationKind.DONATED, validate_choice=False
    )
    note = Line(_l("Note"), longest=500, required=False)
    code = Line(
        _l("Box code"), longest=40, required=False, description=_l("Leave empty and it gets the next free number.")
    )

    def offer(self, product: Product, shelves: Iterable[Location]) -> None:
        """Set the sizes and the shelves, and leave out the best-before date of what has none."""
        self.size_id.choices = [(size.id, labelled(size.label)) for size in product.sizes]
        if len(product.sizes) == 1 and not self.size_id.data:
            self.size_id.data = product.sizes[0].id
        self.location_id.offer(shelf_choices(shelves))
        self.quantity.offer(product)
        if not product.has_best_before:
            del self.best_before, self.undated

    @property
    def dated(self) -> dict[str, Any]:
        """Return what was said of the date, nothing for what has none."""
        asked = ("best_before", "undated") if "best_before" in self else ()
        return {name: self[name].data for name in asked}


class BoxForm(BaseForm):
    """One of the forms on a box's page; its fields' ids carry its name, since they share the page."""

    name = ""
    refused_at: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set the ids apart."""
        super().__init__(*args, **kwargs)
        for field in self:
            field.id = field.label.field_id = f"{self.name}-{field.short_name}"

    def refuse(self, error: DomainError) -> None:
        """Put a refusal at the field that the service means."""
        super().refuse(type(error)(error.message, self.refused_at.get(error.field or "", error.field)))


class PutInForm(BoxForm):
    """More goods into a box that exists."""

    name = "put-in"
    quantity = Quantity(_l("How many more?"))
    location_id = Pick(_l("Onto which shelf?"), invite=_l("Choose a shelf."))
    source = RadioField(
        _l("Where from?"), choices=list(SOURCES.items()), default=LocationKind.DONATED, validate_choice=False
    )
    best_before = Day(
        _l("Best before, if earlier than the box’s"), description=_l("The box’s date stays if you leave this empty.")
    )
    note = Line(_l("Note"), longest=500, required=False)


class DateForm(BoxForm):
    """A box's best-before."""

    name = "date"
    best_before = Day(_l("Best before"), description=_l("As printed on it; the earliest, if they differ."), asked=True)
    undated = BooleanField(_l("There is no date on it"))


class MoveForm(BoxForm):
    """All or part of a box to another shelf."""

    name = "move"
    refused_at = {"from_id": "from_", "to_id": "to"}
    from_ = Pick(_l("From"), name="from", invite=_l("Choose where it is now."))
    quantity = Quantity(_l("How many?"))
    to = Pick(_l("To which shelf?"), invite=_l("Choose a shelf."))


class TakeOutForm(BoxForm):
    """Some of a box, given away at the warehouse."""

    name = "take-out"
    refused_at = {"location_id": "from_"}
    from_ = Pick(_l("From"), name="from", invite=_l("Choose where it is now."))
    quantity = Quantity(_l("How many?"))
    note = Line(_l("What for?"), longest=500, required=False, description=_l("No names of those who are given it."))


class SplitForm(BoxForm):
    """Some of a box, into a new box of its own."""

    name = "split"
    refused_at = {"from_id": "from_", "to_id": "to", "code": "new_code"}
    from_ = Pick(_l("From"), name="from", invite=_l("Choose where it is now."))
    quantity = Quantity(_l("How many go into the new box?"))
    to = Pick(_l("Onto which shelf?"), invite=_l("Choose a shelf."))
    new_code = Line(
        _l("Code of the new box"),
        longest=40,
        required=False,
        description=_l("Leave empty and it gets the next free number."),
    )


class MergeForm(BoxForm):
    """Some or all of a box, into another one of the same."""

    name = "merge"
    refused_at = {"from_id": "from_"}
    from_ = Pick(_l("From"), name="from", invite=_l("Choose where it is now."))
    quantity = Quantity(_l("How many?"))
    into = Line(_l("Into which box?"), longest=40, description=_l("The code of a box of the same product and size."))


class CountForm(BoxForm):
    """What somebody counted, and why it is another number."""

    name = "count"
    refused_at = {"location_id": "location"}
    location = Pick(_l("Where did you count?"), invite=_l("Choose a shelf."))
    counted = Quantity(_l("How many are there?"), least=0)
    reason = SelectField(
        _l("Why is it another number?"),
        choices=[(why.value, label) for why, label in CORRECTIONS.items()],
        validators=[Required()],
    )
    note = Line(_l("Note"), longest=500, required=False)


class ProductForm(BaseForm):
    """A product: what it is called, whom it is for, how it is counted."""

    name = Line(_l("Name"), longest=100)
    name_fr = Line(_l("Name in French"), longest=100, required=False)
    gender = SelectField(
        _l("For whom?"),
        choices=[(gender.value, label) for gender, label in FOR_WHOM.items()],
        default=Gender.NONE,
        validators=[Required()],
    )
    category = Line(_l("Category"), longest=60)
    unit = SelectField(
        _l("Counted in"),
        choices=[(unit.value, label) for unit, label in UNITS.items()],
        default=Unit.PIECE,
        validators=[Required()],
    )
    pack_size = WholeNumber(
        _l("How many come in one pack?"),
        least=2,
        most=LARGEST,
        required=False,
        description=_l("Then a number may be said in packs. Leave empty if it comes in none."),
    )
    has_best_before = BooleanField(_l("It has a best-before date"))
    contains = RadioField(
        _l("Does it contain any of the 14 allergens?"),
        choices=list(CONTAINS.items()),
        default=NOT_KNOWN,
        validate_choice=False,
        description=_l("As its label says. For what nobody eats, leave it at “not known”."),
    )
    allergens = CheckboxesField(
        _l("Which ones?"), choices=[(code(flag), label) for flag, label in ALLERGENS.items()], validate_choice=False
    )
    diets = CheckboxesField(
        _l("Who may eat it?"), choices=[(code(flag), label) for flag, label in DIETS.items()], validate_choice=False
    )
    unit_cost = Amount(
        _l("What one costs, in pounds"),
        description=_l("Shown to donors as “£7 buys one”. Leave empty if it is not bought."),
    )
    sizes = Line(
        _l("Sizes"),
        longest=500,
        description=_l(
            "Separated by commas, such as “S, M, L”. “One size”, “Mixed sizes”, “Shoe sizes Male”, “Shoe sizes "
            "Female” and “Shoe sizes children” are known too."
        ),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check too that what is said of allergens and the ones that are ticked go together."""
        valid = super().validate(extra_validators)
        if bool(self.allergens.data) != (self.contains.data == SOME):
            wrong = _l("Tick which ones.") if self.contains.data == SOME else _l("Some are ticked. Say that it does.")
            self.contains.errors = [*self.contains.errors, str(wrong)]
            return False
        return valid

    @property
    def food(self) -> dict[str, Any]:
        """Return what was said of allergens and diets, as the service takes it."""
        known = self.contains.data in (NONE, SOME)
        return {"allergens": self.allergens.data or [] if known else None, "diets": self.diets.data or []}


class EditProductForm(ProductForm):
    """The same for a product that exists: its sizes stay, and more can be added."""

    sizes = Line(
        _l("More sizes"), longest=500, required=False, description=_l("Separated by commas. Sizes are never removed.")
    )


class ShareField(WholeNumber):
    """One size's share of the default split."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Accept 0 for a size that is not packed unless asked for."""
        super().__init__(label, least=0, most=MOST_SHARE, **kwargs)


def shares_form(sizes: Iterable[Size]) -> BaseForm:
    """Return the form of a product's default split: a number for each size, named share_<size id>."""
    fields = {f"share_{size.id}": ShareField(labelled(size.label), default=size.share) for size in sizes}
    form: BaseForm = type("SharesForm", (BaseForm,), fields)()
    return form


class ShelvesForm(BaseForm):
    """One or several new shelves."""

    names = Lines(
        _l("Shelves"),
        longest=2000,
        required=True,
        description=_l("One or several, separated by commas. “A1-A12” makes twelve."),
    )


class ShelfNameForm(BaseForm):
    """A shelf's other name."""

    name = Line(_l("Name"), longest=60)


class UploadForm(BaseForm):
    """A file to look at before anything is written."""

    file = FileField(_l("File"), validators=[Required(_l("Choose a file."))])


class WarehousePick(Pick):
    """A warehouse to choose, where none new is named."""

    def pre_validate(self, form: Any) -> None:
        """Refuse nothing chosen, unless a new one is named."""
        if form.new_warehouse is None or not form.new_warehouse.data:
            super().pre_validate(form)


class BoxesUploadForm(UploadForm):
    """Boxtribute's export, and where its boxes stand: in a warehouse that is there, or in a new one."""

    warehouse_id = WarehousePick(_l("Into which warehouse?"), invite=_l("Choose a warehouse."))
    new_warehouse = Line(
        _l("Or into a new warehouse"),
        longest=80,
        required=False,
        description=_l("Its name. It is made when you import, not before."),
    )

    def offer(self, warehouses: Iterable[Site], *, may_add: bool) -> None:
        """Set the warehouses; a new one is for whoever sets up."""
        if not may_add:
            del self.new_warehouse
        self.warehouse_id.offer([(site.id, named(site)) for site in by_name(warehouses)])


class ConfirmForm(BaseForm):
    """The button that writes what a preview showed."""

    add_missing = BooleanField()
