"""The forms that match a file's columns and values with ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from ...errors import Invalid, msg
from ...web.filters import named
from ...web.forms import BaseForm, Line
from ..arriving.words import by_typed_name, meant, whole_name
from ..models import Gender, LocationKind, Product
from ..searching import SURE, Catalogue
from ..size_ranges import ONE_SIZE
from ..words import FOR_WHOM, SOURCES, labelled
from .headings import Field
from .learning import LONGEST_MAPPING
from .matching import PREFIX, SHELF, Layout, Unknown, suggestions
from .models import MatchKind

FIELDS = {
    Field.PRODUCT: _l("Product"),
    Field.QUANTITY: _l("How many"),
    Field.CODE: _l("Box number"),
    Field.GENDER: _l("For whom"),
    Field.SIZE: _l("Size"),
    Field.SHELF: _l("Shelf"),
    Field.WAREHOUSE: _l("Warehouse"),
    Field.BEST_BEFORE: _l("Best before"),
    Field.SOURCE: _l("Where from"),
    Field.NOTE: _l("Note"),
    Field.CATEGORY: _l("Category"),
    Field.UNIT: _l("Counted in"),
    Field.FRENCH: _l("Name in French"),
}
NEW = ""  # what is chosen for a value that is something new


def columns_form(layout: Layout) -> Any:
    """Return the form that says which column is what: for each of our fields, the headings with what is below them."""
    choices = [("", _("None of them"))]
    for place, heading in enumerate(layout.headings):
        below = ", ".join(line.cell(place)[:20] for line in layout.samples if line.cell(place))
        if heading or below:
            name = heading[:40] or _("Column %(number)d", number=place + 1)
            choices.append((str(place), f"{name} ({below})" if below else name))
    fields: dict[str, Any] = {
        f"column_{what}": SelectField(label, choices=choices, validate_choice=False) for what, label in FIELDS.items()
    }
    fields["prefix"] = Line(
        _("Without a box number, number them by their lines, with this before it"), longest=20, default=PREFIX
    )
    fields["shelf"] = Line(_("Shelf for boxes of which the file names none"), longest=60, default=SHELF)
    fields["name"] = Line(
        _("Remember this under the name"),
        longest=LONGEST_MAPPING,
        description=_("The next file with the same columns is matched by itself."),
    )
    return type("ColumnsForm", (BaseForm,), fields)()


def chosen_columns(form: Any) -> dict[str, int]:
    """Return which column was chosen for each of our fields, by its place."""
    given = {what: form[f"column_{what}"].data or "" for what in FIELDS}
    return {
        str(what): int(place) for what, place in given.items() if place.isascii() and place.isdigit() and len(place) < 5
    }


@dataclass(frozen=True)
class Question:
    """A value that is not known, and what it may mean."""

    unknown: Unknown
    beside: str  # what it stands beside: whom a product is for, or the product of a size
    choices: Sequence[tuple[str, Any]]
    chosen: str = NEW  # to begin with
    typed: bool = False  # whether what it means may be typed, too


def question(unknown: Unknown, products: Mapping[int, Product], index: Catalogue) -> Question:
    """Return how one value is asked for."""
    match unknown.kind:
        case MatchKind.PRODUCT:
            new = _("Something new: add it as “%(name)s”", name=unknown.text[:60])
            suggested, sure = suggestions(index, unknown, products), suggestions(index, unknown, products, SURE)
            choices = [*((str(each), whole_name(products[each])) for each in suggested), (NEW, new)]
            whom = str(FOR_WHOM[Gender(unknown.context)])
            return Question(unknown, whom, choices, str(sure[0]) if sure else NEW, typed=True)
        case MatchKind.SIZE:
            product = products[int(unknown.context)]
            new = _("Another size: add it as “%(name)s”", name=unknown.text[:40] or labelled(ONE_SIZE))
            sizes = [(str(size.id), labelled(size.label)) for size in product.sizes]
            return Question(unknown, named(product), [*sizes, (NEW, new)])
        case MatchKind.GENDER:
            return Question(unknown, "", [(each.value, label) for each, label in FOR_WHOM.items()], Gender.NONE)
        case MatchKind.SOURCE:
            return Question(unknown, "", [(each.value, label) for each, label in SOURCES.items()], LocationKind.DONATED)


def values_form(questions: Sequence[Question]) -> Any:
    """Return the form that says what values mean; each is named by its number, and carries what it was asked of."""
    fields: dict[str, Any] = {}
    for number, each in enumerate(questions):
        unknown = each.unknown
        label = (
            _("What is “%(text)s”?", text=unknown.text[:60])
            if unknown.text
            else _("Which size is it? The file says none.")
        )
        fields[f"of_{number}"] = HiddenField(default=f"{unknown.kind}|{unknown.context}|{unknown.text}")
        fields[f"means_{number}"] = SelectField(label, choices=each.choices, default=each.chosen, validate_choice=False)
        if each.typed:
            fields[f"typed_{number}"] = Line(
                _("Or type the product’s name"), longest=140, required=False, render_kw={"list": "products"}
            )
    return type("ValuesForm", (BaseForm,), fields)()


def answers(form: Any, products: Mapping[int, Product]) -> dict[str, list[Any]]:
    """Return what values were said to mean, and which are new, as the service takes it.

    Raises Invalid at a typed name that is none.
    """
    known = by_typed_name(products.values())
    matches: list[dict[str, str]] = []
    new: list[list[str]] = []
    for name in [each for each in form._fields if each.startswith("of_")]:
        number = name.removeprefix("of_")
        kind, _bar, rest = (form[name].data or "").partition("|")
        context, _bar, text = rest.partition("|")
        meaning = form[f"means_{number}"].data or NEW
        typed = form[f"typed_{number}"].data if f"typed_{number}" in form else ""
        if typed:
            product_id = meant(typed, known)
            if product_id is None:
                raise Invalid(msg("There is no product of this name, or there are several."), f"typed_{number}")
            meaning = str(product_id)
        if kind not in set(MatchKind):
            continue
        if meaning == NEW:
            new.append([kind, context, text])
        else:
            matches.append({"kind": kind, "context": context, "text": text, "meaning": meaning})
    return {"matches": matches, "new": new}
