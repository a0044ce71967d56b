"""Forms about what people can do and have agreed to, as shifts ask for it."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, RadioField
from wtforms.validators import Optional

from ..web.asked import number_in
from ..web.forms import BaseForm, Line, Lines, Required, WholeNumber
from . import contacts
from .agreements import LONGEST_TEXT
from .forms import Phone
from .models import AgeGroup
from .qualification_models import Qualification
from .qualifications import LONGEST_DESCRIPTION, LONGEST_DETAIL, MOST_DAYS, Terms


class LastDay(DateField):
    """A day after which something no longer holds; none when it holds on."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Let it be empty."""
        super().__init__(label, validators=[Optional()], **kwargs)

    def process_formdata(self, valuelist: Any) -> None:
        """Read it, with an error that says the form wanted."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Enter a day, such as 2026-11-24."))) from None

    @property
    def day(self) -> date | None:
        """Return the day that was typed."""
        found: date | None = self.data
        return found


class QualificationForm(BaseForm):
    """A qualification: what roles can require."""

    name = Line(
        _l("Name"), longest=Qualification.LONGEST_NAME, description=_l("As in: this role needs a driving licence.")
    )
    name_fr = Line(_l("Name in French"), longest=Qualification.LONGEST_NAME, required=False)
    description = Lines(
        _l("How one gets it"),
        longest=LONGEST_DESCRIPTION,
        render_kw={"rows": 3},
        description=_l("Volunteers who lack it read this: whom to ask, what to bring."),
    )
    description_fr = Lines(_l("How one gets it, in French"), longest=LONGEST_DESCRIPTION, render_kw={"rows": 3})
    self_declared = BooleanField(_l("It counts as soon as someone says they have it; staff need not confirm it"))
    on_the_day = BooleanField(_l("It is given on the day, on arrival, and does not hinder signing up"))
    takes_detail = BooleanField(_l("Ask which, such as the category of a licence"))
    days_valid = WholeNumber(
        _l("For how many days it holds"),
        least=1,
        most=MOST_DAYS,
        required=False,
        description=_l(
            "From the day it is confirmed. Leave it empty when it holds for ever, or its paper says until when."
        ),
    )

    @property
    def terms(self) -> Terms:
        """Return what `qualifications.create` and `qualifications.edit` take."""
        named = ("name", "name_fr", "description", "description_fr")
        texts: dict[str, Any] = {name: self[name].data or "" for name in named}
        marks: dict[str, Any] = {
            name: bool(self[name].data) for name in ("self_declared", "on_the_day", "takes_detail")
        }
        return Terms(**texts, **marks, days_valid=self.days_valid.data)


class HeldForm(BaseForm):
    """That someone has a qualification: which, and its last day."""

    detail = Line(
        _l("Which?"), longest=LONGEST_DETAIL, required=False, description=_l("Such as B, the category of a licence.")
    )
    expires_on = LastDay(_l("Its last day, if it has one"))


class AgeForm(BaseForm):
    """How old someone is, as far as shifts ask."""

    age_group = RadioField(
        _l("How old are you?"),
        choices=[(AgeGroup.ADULT.value, _l("I am 18 or over")), (AgeGroup.MINOR.value, _l("I am 16 or 17"))],
        validators=[Required(_l("Choose one of the two."))],
        description=_l("We keep this, and no date of birth."),
        validate_choice=False,  # the service says what is wrong
    )
    next = HiddenField()


class ContactForm(BaseForm):
    """Whom to call in an emergency."""

    name = Line(_l("Their name"), longest=contacts.LONGEST_NAME, render_kw={"autocomplete": "off"})
    phone = Phone(_l("Their phone"), required=True, render_kw={"autocomplete": "off"})
    relation = Line(
        _l("Who they are to you"),
        longest=contacts.LONGEST_RELATION,
        required=False,
        description=_l("Mother, partner, friend."),
    )


class AgreeForm(BaseForm):
    """Agreeing to what was shown: "conduct:2,insurance:1" in `shown`."""

    shown = HiddenField()
    sure = BooleanField(_l("I have read this and agree"), validators=[Required(_l("Tick to agree."))])
    next = HiddenField()

    @property
    def versions(self) -> dict[str, int]:
        """Return which version of each kind was shown."""
        pairs = (part.partition(":") for part in (self.shown.data or "").split(",") if part)
        return {kind: number_in(version) for kind, _colon, version in pairs}


class AgreementForm(BaseForm):
    """A text that volunteers agree to, in both languages. `shown` is the version that the page showed."""

    text_en = Lines(
        _l("The text in English"),
        longest=LONGEST_TEXT,
        required=True,
        description=_l("An empty line begins a paragraph, “# ” a heading, “- ” a line of a list."),
        render_kw={"rows": 18, "lang": "en"},
    )
    text_fr = Lines(_l("The text in French"), longest=LONGEST_TEXT, required=True, render_kw={"rows": 18, "lang": "fr"})
    shown = HiddenField()
    sure = BooleanField(
        _l("Publish this at once, and ask everyone again before their next sign-up"),
        validators=[Required(_l("Tick to publish."))],
    )
