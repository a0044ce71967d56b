"""The forms of labels and of scanning. Their fields are named as the services name what they refuse."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from ...errors import DomainError
from ...web.filters import number
from ...web.forms import BaseForm, Line, Lines, WholeNumber
from ..codes import LONGEST_CODE
from ..counting import LOSSES
from ..forms import Pick, shelf_choices
from ..models import Location
from ..words import CORRECTIONS
from .blanks import MOST_BLANKS
from .layouts import FIRST_LAYOUT, LAYOUTS, Layout
from .many import Obstacle, Stopped

LONGEST_SCANNED = 300  # an address with a code in it


def layout_name(layout: Layout) -> str:
    """Return what a sheet or roll is called."""
    size = {"width": number(layout.width), "height": number(layout.height)}
    if layout.a4:
        text = _l("A4, %(count)s a sheet (%(width)s × %(height)s mm)", count=layout.on_page, **size)
    else:
        text = _l("Label printer (%(width)s × %(height)s mm)", **size)
    return str(text)


class LayoutForm(BaseForm):
    """What to print on. It is asked by GET, so that a PDF has an address of its own."""

    sheet = SelectField(_l("Printed on"), default=FIRST_LAYOUT, validate_choice=False)
    first = WholeNumber(
        _l("First free label on the sheet"),
        least=1,
        most=max(layout.on_page for layout in LAYOUTS.values()),
        required=False,
        default=1,
        description=_l("For a sheet that was used in part: 1 is at the top left, counted row by row."),
    )

    class Meta:
        """It changes nothing, so it needs no token."""

        csrf = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the layouts."""
        super().__init__(*args, **kwargs)
        self.sheet.choices = [(key, layout_name(layout)) for key, layout in LAYOUTS.items()]

    @property
    def layout(self) -> Layout:
        """Return the layout that was chosen."""
        return LAYOUTS[self.sheet.data if self.sheet.data in LAYOUTS else FIRST_LAYOUT]

    @property
    def first_place(self) -> int:
        """Return the place of the first label; a label printer has one only."""
        return min(self.first.data or 1, self.layout.on_page)

    def holds(self) -> bool:
        """Return whether it can be printed so; if not, the errors are at their fields, and the status is 422."""
        holds = self.validate()
        if self.sheet.data not in LAYOUTS:
            self.sheet.errors = [str(_l("Choose what to print on."))]
            holds = False
        elif self.layout.a4 and (self.first.data or 1) > self.layout.on_page:
            self.first.errors = [str(_l("This sheet has %(count)s labels.", count=self.layout.on_page))]
            holds = False
        self.status = 200 if holds else 422
        return holds


class BlanksForm(BaseForm):
    """How many blank labels."""

    count = WholeNumber(_l("How many blank labels?"), least=1, most=MOST_BLANKS)


class LabelForm(BaseForm):
    """A blank label that goes onto a box."""

    label = Line(_l("Code of the blank label"), longest=LONGEST_SCANNED)


class DamagedForm(BaseForm):
    """The box that a blank label goes onto."""

    code = Line(_l("Code of the box"), longest=LONGEST_SCANNED)


class ManyForm(BaseForm):
    """One act over the boxes of a list of codes; `obstacles` are the codes that stop it."""

    codes = Lines(
        _l("Codes"),
        longest=20_000,
        required=True,
        description=_l("One a line, or separated by commas: boxes' own codes, or labels on them."),
        render_kw={"rows": 5, "autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"},
    )
    obstacles: Sequence[Obstacle] = ()

    @property
    def list(self) -> list[str]:
        """Return the codes that were given."""
        return [code.strip() for code in re.split(r"[\n,;\t]+", self.codes.data or "") if code.strip()]

    def offer(self, shelves: Iterable[Location]) -> None:
        """Set the choices of what has any."""

    def refuse(self, error: DomainError) -> None:
        """Keep which codes stop it, each with the reason."""
        super().refuse(error)
        if isinstance(error, Stopped):
            self.obstacles = error.obstacles


class MoveAllForm(ManyForm):
    """All that is in them onto one shelf."""

    to_id = Pick(_l("To which shelf?"), invite=_l("Choose a shelf."))

    def offer(self, shelves: Iterable[Location]) -> None:
        """Set the shelves."""
        self.to_id.offer(shelf_choices(shelves))


class WriteOffAllForm(ManyForm):
    """All that is in them is gone."""

    reason = SelectField(
        _l("Why?"),
        choices=[("", _l("Choose why they are written off.")), *((why.value, CORRECTIONS[why]) for why in LOSSES)],
        validate_choice=False,
    )
    note = Line(_l("Note"), longest=500, required=False)


class DisposeForm(ManyForm):
    """Boxes past their date that are ticked in a list, to be taken out."""

    codes = Lines(_l("Boxes"), longest=20_000, required=True, render_kw={"rows": 1})

    @property
    def list(self) -> list[str]:
        """Return the codes that are ticked; a code may hold anything, so each is a value of its own."""
        return [code.strip() for code in self.codes.raw_data or () if code.strip()]


def shown(code: str) -> str:
    """Return a code that was given as a page can show it, however long it is."""
    return code if len(code) <= LONGEST_CODE else f"{code[:LONGEST_CODE]}…"
