"""The forms of sites and of a distribution's plan."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields import SelectChoice

from ..clock import now
from ..web.asked import number_in
from ..web.filters import by_name, named
from ..web.forms import BaseForm, Line, Lines, LocalMoment, Required, WholeNumber
from .models import GROUPS, Distribution, Site, SiteKind
from .service import MOST_PEOPLE
from .sites import LONGEST_PLACE
from .words import GROUP_NAMES, KIND_NAMES


def chosen_id(value: Any) -> int | None:
    """Coerce a choice into its id; the empty choice is None. Raises ValueError."""
    return int(value) if value not in ("", None) else None


class DistributionForm(BaseForm):
    """A distribution's plan. `version` is that of the page, by which a stale edit is refused."""

    version = HiddenField()
    title = Line(
        _l("What is handed out?"),
        longest=100,
        description=_l("A few words the crew will know it by, such as Hoodies or Joggers and socks."),
    )
    site_id = SelectField(_l("Where?"), coerce=chosen_id, validators=[Required(_l("Choose a meeting point."))])
    starts_at = LocalMoment(_l("Starts"))
    ends_at = LocalMoment(_l("Ends"))
    notes = Lines(
        _l("Notes for the crew"),
        render_kw={"rows": 4},
        description=_l("What they should know or bring. No names or stories of the people served."),
    )

    def __init__(self, sites: Iterable[Site], obj: Distribution | None = None, **kwargs: Any) -> None:
        """Offer these meeting points; show `obj` as it stands, or an afternoon tomorrow for a new one."""
        super().__init__(obj=obj, **({} if obj else _tomorrow_afternoon()), **kwargs)
        self.site_id.choices = [(site.id, named(site)) for site in by_name(sites)]
        if obj is None and len(self.site_id.choices) > 1:
            self.site_id.choices.insert(0, ("", ""))

    @property
    def expected(self) -> dict[str, int]:
        """Return the people expected by group; an empty field is nobody."""
        return {group: self[f"expected_{group}"].data or 0 for group in GROUPS}

    @property
    def seen_version(self) -> int:
        """Return the version that was edited: as it stands when the page sent none, 0 when that is no number."""
        return number_in(self.version.data)

    @property
    def plan(self) -> dict[str, Any]:
        """Return what `service.create` and `service.change` take."""
        return {
            "title": self.title.data,
            "site_id": self.site_id.data,
            "starts_at": self.starts_at.moment,
            "ends_at": self.ends_at.moment,
            "notes": self.notes.data or "",
            "expected": self.expected,
        }


for _group in GROUPS:
    setattr(
        DistributionForm,
        f"expected_{_group}",
        WholeNumber(GROUP_NAMES[_group], most=MOST_PEOPLE, required=False, render_kw={"class_": "short"}),
    )


def _tomorrow_afternoon() -> dict[str, datetime]:
    """Return the hours at which a van usually stands at its meeting point, 14:15 to 16:45, on the day after today."""
    zone = current_app.extensions["shoreline_settings"].timezone
    day = now().astimezone(zone).date() + timedelta(days=1)
    return {
        "starts_at": datetime.combine(day, time(14, 15), zone),
        "ends_at": datetime.combine(day, time(16, 45), zone),
    }


class SiteForm(BaseForm):
    """A warehouse or a meeting point."""

    kind = RadioField(
        _l("What is it?"),
        choices=[SelectChoice(kind.value, label) for kind, label in KIND_NAMES.items()],
        default=SiteKind.MEETING_POINT.value,
        validators=[Required(_l("Choose what kind of site it is."))],
    )
    name = Line(
        _l("Public name"),
        longest=Site.LONGEST_NAME,
        description=_l(
            "Everyone can see this. For a meeting point keep it vague on purpose, such as North meeting point: "
            "the people who come there are at risk."
        ),
    )
    name_fr = Line(_l("Public name in French"), longest=Site.LONGEST_NAME, required=False)
    place = Lines(
        _l("Exact place"),
        longest=LONGEST_PLACE,
        render_kw={"rows": 3},
        description=_l(
            "How to find it: a street, where to park. Shown only to coordinators and to the crew of a shift there."
        ),
    )

    def __init__(self, obj: Site | None = None, **kwargs: Any) -> None:
        """Ask for the kind only of a new site: a warehouse stays one, since goods are there."""
        super().__init__(obj=obj, **kwargs)
        if obj is not None:
            del self.kind

    @property
    def answers(self) -> dict[str, str]:
        """Return what `sites.create` and `sites.edit` take, but for the kind."""
        return {name: self[name].data or "" for name in ("name", "name_fr", "place")}
