"""The form of a role."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, widgets

from ...distributions.forms import chosen_id
from ...people.qualification_models import Qualification
from ...web.filters import by_name, named
from ...web.forms import BaseForm, Line, Lines
from ..models import Role
from ..plans.roles import LONGEST_BRING, LONGEST_CATEGORY, LONGEST_DESCRIPTION, Required, Terms

TEXTS = ("name", "name_fr", "description", "description_fr", "bring", "bring_fr")


class QualificationsField(SelectMultipleField):
    """Qualifications as checkboxes."""

    option_widget = widgets.CheckboxInput()


class RoleForm(BaseForm):
    """A role: what one does on a shift, and what it requires."""

    name = Line(_l("Name"), longest=Role.LONGEST_NAME, description=_l("As the crew calls it: Driver, Line monitor."))
    name_fr = Line(_l("Name in French"), longest=Role.LONGEST_NAME, required=False)
    description = Lines(
        _l("What one does"),
        longest=LONGEST_DESCRIPTION,
        render_kw={"rows": 3},
        description=_l("Everyone who looks at a shift reads this."),
    )
    description_fr = Lines(_l("What one does, in French"), longest=LONGEST_DESCRIPTION, render_kw={"rows": 3})
    bring = Line(
        _l("What to bring"),
        longest=LONGEST_BRING,
        required=False,
        description=_l("Goes into the reminder the evening before: gloves, warm clothes, a packed lunch."),
    )
    bring_fr = Line(_l("What to bring, in French"), longest=LONGEST_BRING, required=False)
    qualifications = QualificationsField(_l("It needs"), coerce=chosen_id)
    minors = BooleanField(_l("Open to people of 16 and 17 whose guardian consents"))
    hard = BooleanField(_l("Hard work: not proposed two days in a row"))
    licences: ClassVar[Sequence[int]] = ()  # ids of qualifications with a field `category_<id>`; see `role_form`

    def __init__(self, qualifications: Iterable[Qualification | Required], **kwargs: Any) -> None:
        """Offer these qualifications."""
        super().__init__(**kwargs)
        self.qualifications.choices = [(thing.id, named(thing)) for thing in by_name(qualifications)]

    @property
    def terms(self) -> Terms:
        """Return what `roles.create` and `roles.edit` take."""
        texts = {name: self[name].data or "" for name in TEXTS}
        needed = tuple(sorted(self.qualifications.data or ()))
        categories = tuple((number, self[f"category_{number}"].data or "") for number in self.licences)
        return Terms(
            **texts,
            hard=bool(self.hard.data),
            minors=bool(self.minors.data),
            qualifications=needed,
            categories=categories,
        )


def role_form(
    qualifications: Sequence[Qualification | Required], required: Iterable[Required] = (), **kwargs: Any
) -> RoleForm:
    """Return the form of a role, with a field for the category of each licence among the qualifications."""
    licences = [thing for thing in qualifications if thing.takes_detail]
    named_now = {need.id: need.category for need in required}
    fields = {
        f"category_{thing.id}": Line(
            _l("%(what)s: which category?", what=named(thing)),
            longest=LONGEST_CATEGORY,
            required=False,
            default=named_now.get(thing.id, ""),
            description=_l("Such as B. Leave it empty if any will do."),
        )
        for thing in by_name(licences)
    }
    form: RoleForm = type("RoleForm", (RoleForm,), {**fields, "licences": [thing.id for thing in licences]})(
        qualifications, **kwargs
    )
    return form
