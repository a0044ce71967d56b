"""The forms of roles and shifts."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields import SelectChoice

from ...distributions.forms import chosen_id
from ...distributions.models import Site
from ...errors import DomainError
from ...web.asked import number_in
from ...web.filters import by_name, named, short_day
from ...web.forms import BaseForm, Lines, LocalMoment, Required, WholeNumber
from ..models import Role, Shift
from ..plans.series import TooFew
from ..plans.terms import MOST_PLACES
from ..rules import MOST_CANCEL_HOURS

ONE, FOLLOWING = "one", "following"


class ShiftForm(BaseForm):
    """A shift. `version` is that of the page, by which a stale edit is refused."""

    version = HiddenField()
    role_id = SelectField(_l("Role"), coerce=chosen_id, validators=[Required(_l("Choose a role."))])
    site_id = SelectField(_l("Where?"), coerce=chosen_id, validators=[Required(_l("Choose a site."))])
    starts_at = LocalMoment(_l("Starts"))
    ends_at = LocalMoment(_l("Ends"))
    minimum = WholeNumber(_l("People, at least"), least=0, most=MOST_PLACES)
    maximum = WholeNumber(_l("People, at most"), least=1, most=MOST_PLACES)
    notes = Lines(
        _l("Notes for the crew"),
        render_kw={"rows": 3},
        description=_l("Shown to those who have signed up: where to meet, what to bring."),
    )

    cancel_hours = WholeNumber(
        _l("Asked why when leaving later than (hours before)"),
        most=MOST_CANCEL_HOURS,
        required=False,
        description=_l("Until then they leave without a word. Later it still works, asks why, and tells coordinators."),
    )
    experienced_minimum = WholeNumber(
        _l("Places kept for people with experience"),
        most=MOST_PLACES,
        required=False,
        default=0,
        description=_l("For people who have worked three shifts or more."),
    )
    newcomers_maximum = WholeNumber(
        _l("Newcomers, at most"),
        most=MOST_PLACES,
        required=False,
        description=_l("People who have not worked a shift yet. Leave it empty if any number is fine."),
    )
    which = RadioField(
        _l("Change which?"),
        choices=[
            SelectChoice(ONE, _l("This one only")),
            SelectChoice(FOLLOWING, _l("This one and all that follow")),
        ],
        default=ONE,
        filters=[lambda chosen: chosen or ONE],
        description=_l(
            "Of those that follow only what you change here changes, and only where nobody set something else for "
            "that day. The pattern changes too, for days still to be planned."
        ),
    )

    def __init__(
        self,
        roles: Iterable[Role],
        sites: Iterable[Site],
        *,
        cancel_hours: int,
        series: bool = False,
        **kwargs: Any,
    ) -> None:
        """Offer these roles and sites; `series` asks whether those that follow change too.

        `cancel_hours` are what is usual.
        """
        super().__init__(**kwargs)
        self.cancel_hours.default = cancel_hours
        if not series:
            del self.which
        for field, things in ((self.role_id, roles), (self.site_id, sites)):
            field.choices = [(thing.id, named(thing)) for thing in by_name(things)]
            if field.object_data is None and len(field.choices) > 1:
                field.choices.insert(0, ("", ""))

    @property
    def seen_version(self) -> int:
        """Return the version that was edited; 0, which is never one, when the page sent none."""
        return number_in(self.version.data)

    @property
    def terms(self) -> dict[str, Any]:
        """Return what `planning.create` and `planning.edit` take."""
        return {
            "role_id": self.role_id.data,
            "site_id": self.site_id.data,
            "starts_at": self.starts_at.moment,
            "ends_at": self.ends_at.moment,
            "minimum": self.minimum.data,
            "maximum": self.maximum.data,
            "notes": self.notes.data or "",
            "cancel_hours": self.cancel_hours.default if self.cancel_hours.data is None else self.cancel_hours.data,
            "experienced_minimum": self.experienced_minimum.data or 0,
            "newcomers_maximum": self.newcomers_maximum.data,
        }

    @property
    def all_that_follow(self) -> bool:
        """Return whether later shifts of the same pattern are to change too."""
        return self.which is not None and self.which.data == FOLLOWING

    @property
    def usual_terms(self) -> bool:
        """Return whether what few shifts need is as it usually is, and has no error."""
        rare = (self.cancel_hours, self.experienced_minimum, self.newcomers_maximum)
        return all(field.data == field.default and not field.errors for field in rare)

    def refuse(self, error: DomainError) -> None:
        """Say days in the page's language."""
        if isinstance(error, TooFew):
            days = ", ".join(short_day(day) for day in error.days)
            self.status = error.status
            text = _(
                "More people are on the shifts of %(days)s. Take some off first, or change just this one.", days=days
            )
            self.maximum.errors = [*self.maximum.errors, text]
        else:
            super().refuse(error)


def form_like(shift: Shift) -> dict[str, Any]:
    """Return what a new shift starts with when it is to be like another: all but its role and its notes."""
    kept = "site_id starts_at ends_at minimum maximum cancel_hours experienced_minimum newcomers_maximum"
    return {name: getattr(shift, name) for name in kept.split()}
