"""The forms of stock-takes. Their fields are named as the services name what they refuse."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField

from ...distributions.models import Site
from ...web.asked import number_in
from ...web.filters import by_name, named
from ...web.forms import BaseForm, Line
from ..counting import CorrectionReason, reasons_for
from ..forms import Pick
from ..lookup import LONGEST_NOTE
from ..models import Location
from ..quantities import Quantity
from ..words import CORRECTIONS
from .models import Scope, StockTake
from .posting import LEAVE
from .reviewing import Row
from .words import more


class StartForm(BaseForm):
    """How to count what was chosen."""

    warehouse_id = Pick(_l("In which warehouse?"), invite=_l("Choose a warehouse."))
    blind = BooleanField(
        _l("Count blind"),
        description=_l("Nobody sees the ledger’s numbers, nor those of others: two people count, then compare."),
    )
    note = Line(_l("Note"), longest=LONGEST_NOTE, required=False)

    def offer(self, sites: Sequence[Site], chosen: int) -> None:
        """Set the warehouses; a shelf, which is in one, has none to choose (`sites` is empty)."""
        if not sites:
            del self.warehouse_id
            return
        self.warehouse_id.offer([(site.id, named(site)) for site in by_name(sites)])
        if not self.warehouse_id.data:
            self.warehouse_id.data = sites[0].id if len(sites) == 1 else chosen


class NumberForm(BaseForm):
    """How many of one box on the list are there."""

    code = HiddenField()
    location_id = HiddenField(filters=[number_in])
    counted = Quantity(_l("How many are there?"), least=0)


class FoundForm(BaseForm):
    """A box that is not on the list, and how many of it are there."""

    code = Line(_l("Box code"), longest=40)
    location_id = Pick(_l("On which shelf?"), invite=_l("Choose a shelf."))
    counted = Quantity(_l("How many are there?"), least=0)

    def offer(self, take: StockTake, shelves: Iterable[Location]) -> None:
        """Set the shelves, and what a stock-take of one shelf or one box says already."""
        self.location_id.offer([(shelf.id, shelf.name) for shelf in shelves])
        if take.scope == Scope.SHELF:
            self.location_id.data = take.location_id
        if take.scope == Scope.BOX and take.box is not None:
            self.code.data = take.box.code
        for field in self:
            field.id = field.label.field_id = f"found-{field.short_name}"


class Reason(SelectField):
    """Why a number is another, or that the ledger stays as it is."""

    required = True

    def __init__(self, label: Any, allowed: Iterable[CorrectionReason], **kwargs: Any) -> None:
        """Offer what can explain it; whether something must be chosen, the service says."""
        words = [(why.value, CORRECTIONS[why]) for why in allowed]
        choices = [("", _l("Choose why")), *words, (LEAVE, _l("Leave the ledger as it is"))]
        super().__init__(label, choices=choices, validate_choice=False, **kwargs)
        self.type = "SelectField"  # pages draw it as one


def review_form(rows: Sequence[Row]) -> Any:
    """Return the form that decides on differences: for each row a reason, a note, and where needed which count holds."""
    fields: dict[str, Any] = {"seen": HiddenField()}
    for row in rows:
        allowed = {why for tally in row.tallies for why in reasons_for(tally.more)}
        box = _("Box %(code)s", code=row.box.code)
        fields[f"reason_{row.key}"] = Reason(
            _("Why? (box %(code)s)", code=row.box.code), [why for why in CorrectionReason if why in allowed]
        )
        fields[f"note_{row.key}"] = Line(
            _("Note (box %(code)s)", code=row.box.code), longest=LONGEST_NOTE, required=False
        )
        if not row.agreed:
            fields[f"holds_{row.key}"] = RadioField(
                _("%(box)s: which count holds?", box=box),
                choices=[(tally.count.id, _tally(tally)) for tally in row.tallies],
                coerce=number_in,
                validate_choice=False,
            )
    return type("ReviewForm", (BaseForm,), fields)()


def _tally(tally: Any) -> str:
    return str(
        _(
            "%(name)s: %(counted)s, the ledger said %(expected)s (%(more)s)",
            name=tally.counter or _("Somebody"),
            counted=tally.count.counted,
            expected=tally.count.expected,
            more=more(tally.more),
        )
    )


def chosen(form: Any, rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Return what was decided, as the service takes it."""
    return {
        row.key: {
            "count": form[f"holds_{row.key}"].data if f"holds_{row.key}" in form else 0,
            "reason": form[f"reason_{row.key}"].data or "",
            "note": form[f"note_{row.key}"].data or "",
        }
        for row in rows
    }
