"""Forms about hours: their correction, and the period of a list or a letter."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField
from wtforms.validators import ValidationError

from ...errors import Invalid
from ...web.forms import BaseForm, Line, Required
from ...web.i18n import translate
from ..worked.hours import CrewHours
from ..worked.minutes import parse, typed

FIRST_YEAR, LAST_YEAR = 2000, 2100


class HoursField(Line):
    """Hours and minutes as one types them; empty means those of attendance."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Bound it, and say how it is typed."""
        super().__init__(label, longest=20, required=False, **kwargs)

    @property
    def minutes(self) -> int | None:
        """Return the minutes; none when it is empty. Raises `Invalid` at this field."""
        return parse(self.data, self.name) if self.data else None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse what is no time."""
        try:
            parse(self.data or "0")
        except Invalid as error:
            raise ValidationError(translate(error.message)) from None


def correction_form(crew: Sequence[CrewHours]) -> BaseForm:
    """Return the form with the hours of everyone who was there, one field each, named after the person's id."""
    fields: dict[str, Any] = {}
    for line in crew:
        if line.attended:
            shown = typed(line.minutes) if line.corrected else ""
            fields[_name(line)] = HoursField(line.name, default=shown)
            fields[f"had_{line.person_id}"] = HiddenField(default=shown)
    form: BaseForm = type("CorrectionForm", (BaseForm,), fields)()
    return form


def changed(form: BaseForm, crew: Sequence[CrewHours]) -> dict[str, int | None]:
    """Return what was typed otherwise than the page showed it, by person id: what others changed meanwhile stays."""
    found: dict[str, int | None] = {}
    for line in crew:
        if line.attended:
            field, had = form[_name(line)], form[f"had_{line.person_id}"].data or ""
            if (field.data or "") != had:
                found[str(line.person_id)] = field.minutes
    return found


def _name(line: CrewHours) -> str:
    return f"hours_{line.person_id}"


class LetterForm(BaseForm):
    """The first and last day of what a letter certifies."""

    first_day = DateField(_l("First day"), validators=[Required(_l("Enter a day."))])
    last_day = DateField(_l("Last day"), validators=[Required(_l("Enter a day."))])

    def validate_first_day(self, field: Any) -> None:
        """Refuse years that a charity cannot mean."""
        _refuse_far(field)

    def validate_last_day(self, field: Any) -> None:
        """Refuse years that a charity cannot mean."""
        _refuse_far(field)


class CodeForm(BaseForm):
    """The code of a letter, as someone reads it from paper."""

    code = Line(_l("Code"), longest=60, description=_l("It stands at the foot of the letter, such as K7QF-2M9X-4TRB."))


class NameForm(BaseForm):
    """A name, to be compared with the one on a letter."""

    name = Line(_l("Name on the letter"), longest=100)


def _refuse_far(field: Any) -> None:
    if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(_("Enter a year between 2000 and 2100."))
