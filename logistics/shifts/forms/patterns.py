"""The forms of patterns: their names, their lines, and the days they are laid over."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.fields import SelectChoice

from ...distributions.forms import chosen_id
from ...distributions.models import Site
from ...web.filters import by_name, named
from ...web.forms import DAYS_OF_THE_WEEK, BaseForm, CheckboxesField, ClockTime, Line, Lines, Required, WholeNumber
from ..models import Role
from ..pattern_models import Pattern, PatternLine
from ..plans import patterns
from ..plans.terms import MOST_PLACES
from ..plans.wall import DAY


class DayField(DateField):
    """A day."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read it, with an error that says the form wanted."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            raise ValueError(str(_l("Enter a day, such as 2026-11-24."))) from None


class PatternForm(BaseForm):
    """What a pattern is called."""

    name = Line(
        _l("Name"),
        longest=Pattern.LONGEST_NAME,
        description=_l("Such as A distribution day, or Warehouse on weekdays."),
    )
    name_fr = Line(_l("Name in French"), longest=Pattern.LONGEST_NAME, required=False)

    @property
    def answers(self) -> dict[str, str]:
        """Return what the commands take."""
        return {"name": self.name.data or "", "name_fr": self.name_fr.data or ""}


class LineForm(BaseForm):
    """One shift of a pattern."""

    role_id = SelectField(_l("Role"), coerce=chosen_id, validators=[Required(_l("Choose a role."))])
    site_id = SelectField(
        _l("Where?"),
        coerce=chosen_id,
        description=_l("A shift without a site of its own is made only when the pattern is laid over a distribution."),
    )
    starts = ClockTime(_l("Starts"))
    ends = ClockTime(_l("Ends"), description=_l("Earlier than it starts means on the next day."))
    minimum = WholeNumber(_l("People, at least"), least=0, most=MOST_PLACES, default=1)
    maximum = WholeNumber(_l("People, at most"), least=1, most=MOST_PLACES, default=1)
    notes = Lines(_l("Notes for the crew"), longest=patterns.LONGEST_NOTES, render_kw={"rows": 3})

    def __init__(
        self, roles: Iterable[Role], sites: Iterable[Site], line: PatternLine | None = None, **kwargs: Any
    ) -> None:
        """Offer these roles and sites; show `line` as it stands."""
        super().__init__(obj=line, data=_hours(line), **kwargs)
        self.role_id.choices = [(role.id, named(role)) for role in by_name(roles)]
        if line is None and len(self.role_id.choices) > 1:
            self.role_id.choices.insert(0, ("", ""))
        self.site_id.choices = [("", _l("Where the distribution is"))]
        self.site_id.choices += [(site.id, named(site)) for site in by_name(sites)]

    @property
    def line(self) -> patterns.Line:
        """Return what the commands take. An end at or before the start is on the next day."""
        start = self.starts.minute
        return patterns.Line(
            role_id=self.role_id.data,
            site_id=self.site_id.data,
            start_minute=start,
            minutes=(self.ends.minute - start) % DAY or DAY,
            minimum=self.minimum.data or 0,
            maximum=self.maximum.data or 0,
            notes=self.notes.data or "",
        )


class DaysForm(BaseForm):
    """The days that a pattern is laid over."""

    first_day = DayField(_l("First day"), validators=[Required(_l("Enter a day, such as 2026-11-24."))])
    last_day = DayField(_l("Last day"), description=_l("Leave it empty for one day only."))
    weekdays = CheckboxesField(
        _l("On which days of the week?"),
        coerce=int,
        choices=[SelectChoice(number, label) for number, label in enumerate(DAYS_OF_THE_WEEK)],
        description=_l("Tick none for every day."),
    )


def _hours(line: PatternLine | None) -> dict[str, Any]:
    if line is None:
        return {}
    end = (line.start_minute + line.minutes) % DAY
    return {"starts": clock(line.start_minute), "ends": clock(end)}


def clock(minute: int) -> time:
    """Return the time of day that many minutes after midnight."""
    return time(minute // 60 % 24, minute % 60)
