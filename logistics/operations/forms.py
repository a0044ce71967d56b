"""The forms of a distribution day, but for packing (see `packing_forms`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField

from ..distributions.models import GROUPS
from ..distributions.words import GROUP_NAMES
from ..errors import DomainError
from ..people.forms import Password
from ..web.forms import BaseForm, Line, Lines, Required, WholeNumber
from .cancelling import LONGEST_REASON
from .returning import LONGEST_DEBRIEF, LONGEST_RAN_OUT, MOST_PEOPLE

COUNTS = {"handed_out": _l("Handed out"), "came_back": _l("Came back"), "lost": _l("Lost or spoiled")}


@dataclass(frozen=True)
class VanLine:
    """One line of what left on the van."""

    id: int
    name: str
    packed: int
    counted: bool


class DispatchForm(BaseForm):
    """Sending the van off, with what the page said was missing."""

    crew_short = HiddenField()
    not_packed = HiddenField()

    @property
    def accepted(self) -> dict[str, int | None]:
        """Return what the sender saw missing; None where the page did not say."""
        return {name: _count(self[name].data) for name in ("crew_short", "not_packed")}


class CancelForm(BaseForm):
    """Calling a distribution off."""

    reason = Lines(
        _l("Why is it called off?"),
        longest=LONGEST_REASON,
        required=True,
        description=_l("Kept with the distribution, for staff. The crew is told only that it does not take place."),
        render_kw={"rows": 3},
    )


class ReturnForm(BaseForm):
    """What came of a distribution. Made by `return_form`, which adds three numbers for each line on the van."""

    shelf = SelectField(_l("Shelf for what came back"), default="")
    debrief = Lines(
        _l("Debrief"),
        longest=LONGEST_DEBRIEF,
        description=_l("What went well, what to do better. No names or stories of the people served."),
        render_kw={"rows": 4},
    )
    ran_out_first = Line(_l("What ran out first?"), longest=LONGEST_RAN_OUT, required=False)

    packed: dict[int, int] = {}  # how many left on the van, by the id of each line

    def validate(self, extra_validators: Any = None) -> bool:
        """Check too that each counted line adds up to what was packed, and that what came back has a shelf."""
        valid = super().validate(extra_validators)
        for line_id in self.packed:
            valid = self._adds_up(line_id) and valid
        if any(came_back for _handed_out, came_back, _lost in self.counts.values()) and not self.shelf.data:
            self.shelf.errors = [*self.shelf.errors, _("Choose the shelf where you put it.")]
            valid = False
        return valid

    def _adds_up(self, line_id: int) -> bool:
        count = self.counts.get(line_id)
        first = self[f"handed_out-{line_id}"]
        if count is None or any(self[f"{name}-{line_id}"].errors for name in COUNTS):
            return count is None and not first.errors
        total = sum(count)
        if total == self.packed[line_id]:
            return True
        first.errors = [
            *first.errors,
            _("These add up to %(total)s, and %(packed)s were packed.", total=total, packed=self.packed[line_id]),
        ]
        return False

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at the line or the shelf that the service names in its own words."""
        field = error.field or ""
        if field.startswith("line-"):
            error.field = f"handed_out-{field.removeprefix('line-')}"
        elif field == "shelf_id":
            error.field = "shelf"
        super().refuse(error)

    @property
    def counts(self) -> dict[int, tuple[int, int, int]]:
        """Return (handed out, came back, lost) by line id, of the lines where anything was entered.

        An empty box beside a number is 0; a line left empty stays on the van.
        """
        found = {}
        for line_id in self.packed:
            handed_out, came_back, lost = (self[f"{name}-{line_id}"].data for name in COUNTS)
            if (handed_out, came_back, lost) != (None, None, None):
                found[line_id] = (handed_out or 0, came_back or 0, lost or 0)
        return found

    @property
    def served(self) -> dict[str, int | None]:
        """Return the people served by group; None where nothing was entered."""
        return {group: self[f"served_{group}"].data for group in GROUPS}


for _group in GROUPS:
    setattr(ReturnForm, f"served_{_group}", WholeNumber(GROUP_NAMES[_group], most=MOST_PEOPLE, required=False))


def return_form(lines: Sequence[VanLine], shelves: Sequence[tuple[str, str]], **values: Any) -> ReturnForm:
    """Return the form for a return of these lines; `shelves` are what can be chosen for what came back."""
    fields: dict[str, Any] = {
        f"{count}-{line.id}": WholeNumber(line.name, most=line.packed, required=False)
        for line in lines
        for count in COUNTS
    }
    packed = {line.id: line.packed for line in lines}
    made: ReturnForm = type("ReturnForm", (ReturnForm,), {**fields, "packed": packed})(**values)
    made.shelf.choices = [("", ""), *shelves]
    return made


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


class DeleteAccountForm(BaseForm):
    """The password again, before one's own account goes."""

    password = Password(_l("Your password"))
    sure = BooleanField(
        _l("Delete my account and what is personal in it"), validators=[Required(_l("Tick to delete."))]
    )
