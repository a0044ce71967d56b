"""The forms of transfers. Their fields are named as the services name what they refuse."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField

from ...errors import DomainError, Message
from ...web.asked import number_in
from ...web.filters import by_name, named
from ...web.forms import BaseForm, Line, Required
from ..forms import Pick
from ..labelling.forms import ManyForm
from ..lookup import LONGEST_NOTE
from ..models import Location
from ..quantities import Quantity
from ..words import CORRECTIONS
from .arriving import EXTRA, MISSING
from .models import TransferLine
from .sending import Refused


class NewForm(ManyForm):
    """From where to where; the boxes may be named now or later."""

    from_id = Pick(_l("From which warehouse?"), invite=_l("Choose a warehouse."))
    to_id = Pick(_l("To which warehouse?"), invite=_l("Choose a warehouse."))
    note = Line(_l("Note"), longest=LONGEST_NOTE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Let the boxes wait."""
        super().__init__(*args, **kwargs)
        self.codes.validators = [each for each in self.codes.validators if not isinstance(each, Required)]
        self.codes.flags.required = False

    def offer_sites(self, sites: Iterable[Any], chosen: int = 0) -> None:
        """Set the warehouses."""
        choices = [(site.id, named(site)) for site in by_name(sites)]
        self.from_id.offer(choices)
        self.to_id.offer(choices)
        if not self.is_submitted() and chosen:
            self.from_id.data = chosen


class TransferAllForm(ManyForm):
    """All that is in the boxes of a list goes to another warehouse. It stands beside a form that moves to a shelf."""

    warehouse_id = Pick(_l("To which warehouse?"), invite=_l("Choose a warehouse."))

    def offer_sites(self, sites: Iterable[Any]) -> None:
        """Set the warehouses."""
        self.warehouse_id.offer([(site.id, named(site)) for site in by_name(sites)])

    def refuse(self, error: DomainError) -> None:
        """Show at the field what the service says of where it goes."""
        if error.field == "to_id":
            error.field = "warehouse_id"
        super().refuse(error)


class QuantityForm(BaseForm):
    """How many of a line shall go."""

    quantity = Quantity(_l("How many?"))


class SendForm(BaseForm):
    """The button that sends; `lines` says why lines can't be."""

    lines: Mapping[int, Message] = {}

    def refuse(self, error: DomainError) -> None:
        """Keep which lines stop it, each with the reason."""
        super().refuse(error)
        if isinstance(error, Refused):
            self.lines = error.lines


def shelf_choices(shelves: Iterable[Location]) -> list[tuple[int, str]]:
    """Return the shelves of one warehouse as choices."""
    return [(shelf.id, shelf.name) for shelf in shelves]


class Elsewhere(SelectField):
    """Another shelf for one line, if it goes onto another than the rest."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Read an id; whether the choice holds, the service says."""
        super().__init__(label, coerce=number_in, validate_choice=False, **kwargs)
        self.type = "SelectField"


def receive_form(lines: Sequence[TransferLine], shelves: Iterable[Location]) -> Any:
    """Return the form of what arrived: for each line how many, and where if not where the rest goes."""
    choices = shelf_choices(shelves)
    fields: dict[str, Any] = {
        "shelf_id": Pick(_l("Onto which shelf?"), invite=_l("Choose a shelf.")),
        "everything": BooleanField(_l("All of it arrived")),
    }
    for line in lines:
        named_box = _("Box %(code)s", code=line.box.code)
        fields[f"arrived_{line.id}"] = Quantity(_("%(box)s: how many arrived?", box=named_box), least=0, required=False)
        fields[f"shelf_{line.id}"] = Elsewhere(
            _("%(box)s: another shelf", box=named_box), choices=[(0, _("With the rest")), *choices]
        )
        fields[f"seen_{line.id}"] = HiddenField(filters=[number_in])
    form = type("ReceiveForm", (BaseForm,), fields)()
    form.shelf_id.offer(choices)
    for line in lines:
        form[f"arrived_{line.id}"].offer(line.box.size.product)
    return form


def arrived(form: Any, lines: Sequence[TransferLine]) -> dict[str, dict[str, int]]:
    """Return what was written of each line, as the service takes it: nothing of a line that says nothing."""
    found: dict[str, dict[str, int]] = {}
    for line in lines:
        said = {"seen": form[f"seen_{line.id}"].data, "shelf": form[f"shelf_{line.id}"].data or 0}
        if form[f"arrived_{line.id}"].data is not None:
            said["arrived"] = form[f"arrived_{line.id}"].data
        found[str(line.id)] = said
    return found


class Why(SelectField):
    """Why a number is another."""

    required = True

    def __init__(self, label: Any, reasons: Iterable[Any], **kwargs: Any) -> None:
        """Offer the reasons; whether one must be chosen, the service says."""
        choices = [("", _l("Choose why")), *((why.value, CORRECTIONS[why]) for why in reasons)]
        super().__init__(label, choices=choices, validate_choice=False, **kwargs)
        self.type = "SelectField"


class MissingForm(BaseForm):
    """So many of a line did not arrive, and why."""

    quantity = Quantity(_l("How many are missing?"))
    seen = HiddenField(filters=[number_in])
    reason = Why(_l("Why?"), MISSING)
    note = Line(_l("Note"), longest=LONGEST_NOTE, required=False)


class MoreForm(BaseForm):
    """More of a box arrived than was sent, and why."""

    quantity = Quantity(_l("How many more arrived?"))
    shelf_id = Pick(_l("Onto which shelf?"), invite=_l("Choose a shelf."))
    reason = Why(_l("Why?"), EXTRA)
    note = Line(_l("Note"), longest=LONGEST_NOTE, required=False)
