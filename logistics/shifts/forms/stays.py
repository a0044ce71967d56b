"""The forms of a stay."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectMultipleField, widgets
from wtforms.validators import ValidationError

from ...web.asked import number_in
from ...web.filters import by_name, named
from ...web.forms import BaseForm, Line, Required
from ..models import Role
from ..signing import LONGEST_REASON
from ..views.ticks import TicksForm


class Day(DateField):
    """A day, as browsers send it."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Require it."""
        super().__init__(label, validators=[Required(_l("Enter a day."))], **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read it, with an error that says the form wanted."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Enter a day, such as 2026-11-24."))) from None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse years that nobody means."""
        if not validation_stopped and self.data is not None and not 2000 <= self.data.year <= 2100:
            raise ValidationError(str(_l("Enter a year between 2000 and 2100.")))


class CheckboxesField(SelectMultipleField):
    """Roles to tick; one that is not there (any more) is no mistake, and is left out by the service."""

    option_widget = widgets.CheckboxInput()

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Read ids."""
        super().__init__(label, coerce=number_in, validate_choice=False, choices=[], **kwargs)

    def offer(self, roles: Iterable[Role]) -> None:
        """Offer these."""
        self.choices = [(role.id, named(role)) for role in by_name(roles)]


class DaysForm(TicksForm):
    """The days of a stay."""

    arrives_on = Day(_l("First day here"))
    leaves_on = Day(_l("Last day here"))


class ChangeForm(DaysForm):
    """Other days for a stay, and what follows from that; `reason` is for shifts that are near."""

    reason = Line(_l("Why can’t you come?"), longest=LONGEST_REASON, required=False)


class CallOffForm(BaseForm):
    """That one does not come after all."""

    reason = Line(_l("Why can’t you come?"), longest=LONGEST_REASON, required=False)


class WishesForm(BaseForm):
    """What one would like to do."""

    roles = CheckboxesField(
        _l("What would you like to do?"), description=_l("Tick none to be offered whatever needs people most.")
    )

    def __init__(self, roles: Iterable[Role], **kwargs: Any) -> None:
        """Offer these roles."""
        super().__init__(**kwargs)
        self.roles.offer(roles)


class StayForm(DaysForm):
    """A new stay."""

    roles = CheckboxesField(
        _l("What would you like to do?"), description=_l("Tick none to be offered whatever needs people most.")
    )

    def __init__(self, roles: Iterable[Role], **kwargs: Any) -> None:
        """Offer these roles."""
        super().__init__(**kwargs)
        self.roles.offer(roles)
