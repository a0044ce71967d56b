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
from ..web.asked import number_in
from ..web.forms import BaseForm, Line, Lines, Required, WholeNumber
from .cancelling import LONGEST_REASON
from .returning import LONGEST_DEBRIEF, LONGEST_RAN_OUT, MOST_PEOPLE

COUNTS = {"handed_out": _l("Handed out"), "came_back": _l("Came back"), "lost": _l("Lost or spoiled")}


Counts = tuple[int, int, int]  # in the order of COUNTS


@dataclass(frozen=True)
class VanLine:
    """One line of what left on the van; `counted` says what came of it, once that is counted."""

    id: int
    name: str
    packed: int
    counted: Counts | None


class DispatchForm(BaseForm):
    """Sending the van off, with what the page said was missing, and whether its day has not come."""

    crew_short = HiddenField()
    not_packed = HiddenField()
    early = HiddenField()

    @property
    def accepted(self) -> dict[str, int | None]:
        """Return what the sender saw missing; None where the page did not say."""
        return {name: _count(self[name].data) for name in ("crew_short", "not_packed")}

    @property
    def said_early(self) -> bool | None:
        """Return whether the sender saw that its day has not come; None where the page did not say."""
        return bool(_count(self.early.data)) if self.early.data else None


class CloseForm(BaseForm):
    """Closing the books; `nobody` says that nobody was served although things were handed out."""

    nobody = HiddenField()


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
    """What came of a distribution.

    Made by `return_form`, which adds three numbers and a shelf for each line on the van and, for one that is counted,
    what the page shows of it (`was`): other numbers than those correct it.
    """

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
        if not self.shelf.data and any(self._needs_a_shelf(line_id) for line_id in self.counts):
            self.shelf.errors = [*self.shelf.errors, _("Choose the shelf where you put it.")]
            valid = False
        return valid

    def _needs_a_shelf(self, line_id: int) -> bool:
        """Return whether something came back of a line that has no shelf, neither chosen here nor from before."""
        came_back, before = self.counts[line_id][1], self.seen.get(line_id, (0, 0, 0))[1]
        return bool(came_back and not before and line_id not in self.shelves)

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
    def counts(self) -> dict[int, Counts]:
        """Return (handed out, came back, lost) by line id, of the lines where anything new was entered.

        An empty box beside a number is 0; a line left empty stays on the van.
        """
        found = {}
        for line_id in self.packed:
            handed_out, came_back, lost = (self[f"{name}-{line_id}"].data for name in COUNTS)
            numbers = (handed_out or 0, came_back or 0, lost or 0)
            if (handed_out, came_back, lost) != (None, None, None) or line_id in self.seen:
                found[line_id] = numbers
        return {line_id: numbers for line_id, numbers in found.items() if numbers != self.seen.get(line_id)}

    @property
    def seen(self) -> dict[int, Counts]:
        """Return what the page showed of the lines that were counted already."""
        found = {}
        for line_id in self.packed:
            numbers = [_count(number) for number in (self[f"was-{line_id}"].data or "").split("-")]
            if len(numbers) == len(COUNTS) and None not in numbers:
                found[line_id] = (numbers[0] or 0, numbers[1] or 0, numbers[2] or 0)
        return found

    @property
    def shelves(self) -> dict[int, int]:
        """Return the shelf by line id, of the lines that have one of their own."""
        chosen = {line_id: number_in(self[f"shelf-{line_id}"].data) for line_id in self.packed}
        return {line_id: shelf_id for line_id, shelf_id in chosen.items() if shelf_id}

    @property
    def served(self) -> dict[str, int | None]:
        """Return the people served by group; None where nothing was entered."""
        return {group: self[f"served_{group}"].data for group in GROUPS}


for _group in GROUPS:
    setattr(ReturnForm, f"served_{_group}", WholeNumber(GROUP_NAMES[_group], most=MOST_PEOPLE, required=False))


def return_form(lines: Sequence[VanLine], shelves: Sequence[tuple[str, str]], **values: Any) -> ReturnForm:
    """Return the form for a return of these lines; `shelves` are what can be chosen for what came back."""
    fields: dict[str, Any] = {
        f"{count}-{line.id}": WholeNumber(
            line.name, most=line.packed, required=False, default=line.counted[place] if line.counted else None
        )
        for line in lines
        for place, count in enumerate(COUNTS)
    }
    for line in lines:
        fields[f"shelf-{line.id}"] = SelectField(
            _l("Its own shelf"), choices=[("", _l("As above")), *shelves], default=""
        )
        fields[f"was-{line.id}"] = HiddenField()
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
