"""The forms of giving: a gift, a fund, a spend."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import AnyOf, ValidationError

from ..distributions.models import Distribution
from ..errors import Invalid
from ..money import Currency, parse_amount
from ..people.accounts import clean_email
from ..web.asked import number_in
from ..web.filters import money, named, short_day
from ..web.forms import Amount, BaseForm, Line, Lines, Required
from ..web.i18n import translate
from .funds import LONGEST_DESCRIPTION, Standing
from .gifts import check_amount
from .models import Fund
from .words import CURRENCY_NAMES

ONCE = "once"
CURRENCIES = [(currency.value, label) for currency, label in CURRENCY_NAMES.items()]


class GiveForm(BaseForm):
    """A gift, once. The amount is `amount` when something is typed there, else the one offered in its currency."""

    amount = Amount(
        _l("Your own amount"),
        description=_l("From £1 to £25,000, or as much in euros."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    offered_gbp = StringField()
    offered_eur = StringField()
    currency = RadioField(_l("In"), choices=CURRENCIES, default=Currency.GBP.value, validate_choice=False)
    frequency = HiddenField(
        _l("How often"), default=ONCE, validators=[AnyOf([ONCE], _l("Only gifts made once can be taken here."))]
    )
    fund = SelectField(_l("What for?"), default="", validate_choice=False)
    name = Line(_l("Your name"), longest=100, render_kw={"autocomplete": "name"})
    email = Line(
        _l("Email, for your receipt"),
        longest=254,
        render_kw={"autocomplete": "email", "type": "email", "inputmode": "email"},
    )

    def __init__(self, funds: Sequence[Fund], **kwargs: Any) -> None:
        """Offer these funds; the first general one stands for a gift without a purpose."""
        super().__init__(**kwargs)
        general = next((fund for fund in funds if not fund.restricted), None)
        others = [(str(fund.id), named(fund)) for fund in funds if fund is not general]
        self.fund.choices = [("", named(general) if general else _("Where it is needed most")), *others]
        self.allowed_funds = {"", *(str(fund.id) for fund in funds)}
        if general is not None and self.fund.data == str(general.id):
            self.fund.data = ""

    @property
    def chosen(self) -> str:
        """Return the amount as typed or chosen."""
        offered = self.offered_eur if self.currency.data == Currency.EUR else self.offered_gbp
        return (self.amount.data or "").strip() or (offered.data or "").strip()

    @property
    def minor(self) -> int:
        """Return the amount in pence or cents. Raises `Invalid`."""
        return parse_amount(self.chosen)

    @property
    def fund_id(self) -> int | None:
        """Return the fund chosen, None for a gift without a purpose."""
        return int(self.fund.data) if self.fund.data else None

    @property
    def clean_email(self) -> str:
        """Return the email in the form in which it is kept. Raises `Invalid`."""
        return clean_email(self.email.data or "")

    def validate_amount(self, _field: Any) -> None:
        """Refuse no amount, what is none, and what is too little or too much."""
        if not self.chosen:
            raise ValidationError(_("Choose an amount, or type your own."))
        try:
            check_amount(self.minor)
        except Invalid as error:
            raise ValidationError(translate(error.message)) from None

    def validate_currency(self, field: Any) -> None:
        """Take pounds and euros only."""
        if field.data not in set(Currency):
            raise ValidationError(_("Choose pounds or euros."))

    def validate_fund(self, field: Any) -> None:
        """Take a fund that is on the list."""
        if field.data not in self.allowed_funds:
            raise ValidationError(_("Choose one of the funds on the list."))

    def validate_email(self, field: Any) -> None:
        """Take what can be mailed to, in the form in which it is kept."""
        try:
            clean_email(field.data or "")
        except Invalid as error:
            raise ValidationError(translate(error.message)) from None


class FundForm(BaseForm):
    """A fund, in one or two languages."""

    name = Line(_l("Name"), longest=Fund.LONGEST_NAME)
    name_fr = Line(_l("Name in French"), longest=Fund.LONGEST_NAME, required=False)
    description = Lines(
        _l("What it is for"), longest=LONGEST_DESCRIPTION, description=_l("Donors read this. One or two sentences.")
    )
    description_fr = Lines(_l("What it is for, in French"), longest=LONGEST_DESCRIPTION)
    purpose = RadioField(
        _l("Which gifts?"),
        choices=[
            ("restricted", _l("For one purpose: what is given may be spent on that only")),
            ("general", _l("General: may be spent on whatever is needed most")),
        ],
        default="restricted",
        validators=[Required(_l("Choose one."))],
    )

    @property
    def answers(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {
            "name": self.name.data,
            "name_fr": self.name_fr.data or None,
            "description": self.description.data or "",
            "description_fr": self.description_fr.data or None,
            "restricted": self.purpose.data == "restricted",
        }


class SpendForm(BaseForm):
    """Money that a fund paid for a distribution."""

    distribution = SelectField(
        _l("For which distribution?"), validators=[Required(_l("Choose a distribution."))], validate_choice=False
    )
    fund = SelectField(_l("From which fund?"), validators=[Required(_l("Choose a fund."))], validate_choice=False)
    amount = Amount(
        _l("How much?"),
        validators=[Required(_l("Enter an amount such as 12 or 12.50."))],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    currency = RadioField(_l("In"), choices=CURRENCIES, default=Currency.GBP.value, validate_choice=False)
    what = Line(_l("What was it for?"), longest=200, description=_l("Such as fuel for the van, or paper cups."))
    spent_on = DateField(_l("On which day?"), validators=[Required(_l("Enter a day."))])

    def __init__(
        self,
        funds: Sequence[Fund],
        left: Mapping[int, Sequence[Standing]],
        distributions: Sequence[Distribution],
        **kwargs: Any,
    ) -> None:
        """Offer these funds, saying what each has left, and these distributions."""
        super().__init__(**kwargs)
        self.fund.choices = [("", ""), *((str(fund.id), fund_label(fund, left.get(fund.id, ()))) for fund in funds)]
        self.distribution.choices = [
            ("", ""),
            *((str(one.id), f"{short_day(one.starts_at)} · {one.title} · {named(one.site)}") for one in distributions),
        ]

    def validate_currency(self, field: Any) -> None:
        """Take pounds and euros only."""
        if field.data not in set(Currency):
            raise ValidationError(_("Choose pounds or euros."))

    def validate_fund(self, field: Any) -> None:
        """Take an id; the service knows whether there is such a fund."""
        refuse_no_id(field)

    def validate_distribution(self, field: Any) -> None:
        """Take an id; the service knows whether there is such a distribution."""
        refuse_no_id(field)

    def validate_spent_on(self, field: Any) -> None:
        """Take a day that a charity can mean."""
        if isinstance(field.data, date) and not 2000 <= field.data.year <= 2100:
            raise ValidationError(_("Enter a year between 2000 and 2100."))


def fund_label(fund: Fund, standings: Sequence[Standing]) -> str:
    """Return "Winter appeal: £330, €56 left"."""
    left = ", ".join(money(one.left, one.currency) for one in standings if one.left)
    says = _("%(fund)s: %(left)s left", fund=named(fund), left=left) if left else _("%(fund)s: empty", fund=named(fund))
    return str(says)


def refuse_no_id(field: Any) -> None:
    """Raise unless a choice by id is empty or a number."""
    if field.data and not number_in(field.data):
        raise ValidationError(_("Choose one from the list."))
