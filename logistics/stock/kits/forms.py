"""The forms of kits. Their fields are named as the services name what they refuse."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from ...errors import DomainError, Invalid, msg
from ...web.asked import number_in
from ...web.forms import BaseForm, Line, WholeNumber
from ..forms import Pick, shelf_choices
from ..ledger import MOST
from ..models import Location, Size
from ..products import LONGEST_NAME
from ..words import for_whom, labelled
from . import recipes
from .assembling import Lack, Lacking
from .models import KitPart

LONGEST_PART = 240
ONE_SIZE = "one size"


def part_name(size: Size, named: Any) -> str:
    """Return what a part is called in a form and in lists: "Joggers, men, M"; without a size where there is one only."""
    whom = for_whom(size.product.gender)
    parts = [str(named(size.product)), whom, "" if size.label_key == ONE_SIZE else labelled(size.label)]
    return ", ".join(part for part in parts if part)


def kit_form(kept: recipes.Kit | None, named: Any) -> Any:
    """Return the form of a kit, filled in from one that exists."""
    fields: dict[str, Any] = {
        "name": Line(_l("Name"), longest=LONGEST_NAME, default=kept and kept.product.name),
        "name_fr": Line(
            _l("Name in French"), longest=LONGEST_NAME, required=False, default=kept and kept.product.name_fr
        ),
        "seen": HiddenField(default=str(kept.recipe_id) if kept else ""),
    }
    parts: Sequence[KitPart] = kept.parts if kept else ()
    for number in range(1, recipes.MOST_PARTS + 1):
        part = parts[number - 1] if number <= len(parts) else None
        fields[f"part_{number}"] = Line(
            _("Part %(number)s", number=number),
            longest=LONGEST_PART,
            required=False,
            default=part and part_name(part.size, named),
            render_kw={"list": "part-names", "autocomplete": "off"},
        )
        fields[f"each_{number}"] = WholeNumber(
            _("How many of part %(number)s", number=number),
            least=1,
            most=recipes.MOST_EACH,
            required=False,
            default=part and part.quantity,
        )
    return type("KitForm", (BaseForm,), fields)()


def parts_of(form: Any, known: Mapping[str, int]) -> list[list[int]]:
    """Return the parts that a form names, as the service takes them. `known` are size ids by names in small letters.

    Raises Invalid at the field of what it does not know.
    """
    found = []
    for number in range(1, recipes.MOST_PARTS + 1):
        name, each = form[f"part_{number}"].data or "", form[f"each_{number}"].data
        if not name and each is None:
            continue
        size_id = known.get(" ".join(name.casefold().split()))
        if size_id is None:
            raise Invalid(
                msg("There is no such part. Choose one of the list that opens as you type."), f"part_{number}"
            )
        if each is None:
            raise Invalid(msg("Say how many of it are in one kit."), f"each_{number}")
        found.append([size_id, each])
    return found


class AssembleForm(BaseForm):
    """How many kits to put together, and where to put them. `lacks` are the parts that stop it."""

    quantity = WholeNumber(_l("How many kits?"), least=1, most=MOST)
    location_id = Pick(
        _l("Onto which shelf?"),
        invite=_l("Choose a shelf."),
        description=_l("The parts are taken from the same warehouse, the oldest best-before first."),
    )
    seen = HiddenField()
    lacks: Sequence[Lack] = ()

    def offer(self, shelves: Iterable[Location]) -> None:
        """Set the shelves."""
        self.location_id.offer(shelf_choices(shelves))

    def refuse(self, error: DomainError) -> None:
        """Keep which parts there are not enough of."""
        super().refuse(error)
        if isinstance(error, Lacking):
            self.lacks = error.lacks


class TakeApartForm(BaseForm):
    """How many kits of a box to take apart, and where to put what comes out."""

    quantity = WholeNumber(_l("How many kits?"), least=1, most=MOST)
    to_id = Pick(_l("Onto which shelf do the parts go?"), invite=_l("Choose a shelf."))
    code = HiddenField()
    from_id = HiddenField()

    def offer(self, shelves: Iterable[Location]) -> None:
        """Set the shelves."""
        self.to_id.offer(shelf_choices(shelves))

    @property
    def shelf_id(self) -> int:
        """Return the shelf that they are taken from."""
        return number_in(self.from_id.data or "")
