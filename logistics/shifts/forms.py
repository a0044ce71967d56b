"""The forms of roles and shifts."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from ..distributions.forms import chosen_id
from ..distributions.models import Site
from ..web.asked import number_in
from ..web.filters import by_name, named
from ..web.forms import BaseForm, Line, Lines, LocalMoment, Required, WholeNumber
from .models import Role, Shift
from .planning import MOST_PLACES
from .roles import LONGEST_DESCRIPTION


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

    def __init__(self, roles: Iterable[Role], sites: Iterable[Site], **kwargs: Any) -> None:
        """Offer these roles and sites."""
        super().__init__(**kwargs)
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
        }


class RoleForm(BaseForm):
    """A role: what one does on a shift."""

    name = Line(_l("Name"), longest=Role.LONGEST_NAME, description=_l("As the crew calls it: Driver, Line monitor."))
    name_fr = Line(_l("Name in French"), longest=Role.LONGEST_NAME, required=False)
    description = Lines(
        _l("What one does"),
        longest=LONGEST_DESCRIPTION,
        render_kw={"rows": 3},
        description=_l("Everyone who looks at a shift reads this. Say too what it takes, such as a driving licence."),
    )
    description_fr = Lines(_l("What one does, in French"), longest=LONGEST_DESCRIPTION, render_kw={"rows": 3})

    @property
    def answers(self) -> dict[str, str]:
        """Return what `roles.create` and `roles.edit` take."""
        return {name: self[name].data or "" for name in ("name", "name_fr", "description", "description_fr")}


def form_like(shift: Shift) -> dict[str, Any]:
    """Return what a new shift starts with when it is to be like another: all but its role and its notes."""
    return {name: getattr(shift, name) for name in ("site_id", "starts_at", "ends_at", "minimum", "maximum")}
