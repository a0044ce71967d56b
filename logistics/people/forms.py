"""Forms of people."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, SelectMultipleField, TelField, widgets
from wtforms.validators import Length, Optional, Regexp

from ..config import LANGUAGES
from ..web.forms import BaseForm, Line, Lines, Required, strip
from .models import AccessRole
from .passwords import LONGEST

ROLE_NAMES = {
    AccessRole.VOLUNTEER: lazy_pgettext("access role", "Volunteer"),
    AccessRole.WAREHOUSE: _l("Warehouse"),
    AccessRole.COORDINATOR: _l("Coordinator"),
    AccessRole.FUNDRAISER: _l("Fundraiser"),
    AccessRole.ADMIN: _l("Admin"),
}
ROLE_HINTS = {
    AccessRole.VOLUNTEER: _l("finds shifts and signs up"),
    AccessRole.WAREHOUSE: _l("also receives, moves and packs goods, and sends distributions out"),
    AccessRole.COORDINATOR: _l("also plans distributions and shifts"),
    AccessRole.FUNDRAISER: _l("also sees gifts and funds, and records spends"),
    AccessRole.ADMIN: _l("may do everything, and decides who may do what"),
}


class Email(Line):
    """An email address; the service decides whether it can be one."""

    widget = widgets.EmailInput()

    def __init__(self, label: Any, autocomplete: str = "username", **kwargs: Any) -> None:
        """Bound its length, and let the browser fill it in."""
        super().__init__(label, longest=254, render_kw={"autocomplete": autocomplete, "spellcheck": "false"}, **kwargs)


class Password(PasswordField):
    """The password that one has."""

    def __init__(self, label: Any, autocomplete: str = "current-password", **kwargs: Any) -> None:
        """Bound its length before anything hashes it."""
        super().__init__(
            label,
            validators=[Required(), Length(max=LONGEST, message=_l("Use %(max)d characters or fewer."))],
            render_kw={"autocomplete": autocomplete},
            **kwargs,
        )


class NewPassword(Password):
    """A password to be chosen."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Say what makes a good one."""
        hint = _l("12 characters or more. Three or four words that do not belong together work well.")
        super().__init__(label, "new-password", description=hint, **kwargs)


class Code(Line):
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Let phones offer the code, and bound it."""
        attributes = {"autocomplete": "one-time-code", "inputmode": "text", "class": "short", "spellcheck": "false"}
        super().__init__(label, longest=40, render_kw=attributes, **kwargs)


class Phone(TelField):
    """A phone number, as people write them."""

    def __init__(self, label: Any, *, required: bool = False, **kwargs: Any) -> None:
        """Bound its length, and let the browser fill it in."""
        validators = [
            Required() if required else Optional(),
            Length(max=30, message=_l("Use %(max)d characters or fewer.")),
            Regexp(r"^\+?[0-9 ().\-/]{5,}$", message=_l("Enter a phone number, such as +33 6 12 34 56 78.")),
        ]
        attributes = kwargs.pop("render_kw", {"autocomplete": "tel"})
        super().__init__(label, filters=[strip], validators=validators, render_kw=attributes, **kwargs)


class PlainForm(BaseForm):
    """A form of one button."""


class SignInForm(BaseForm):
    """Email and password."""

    email = Email(_l("Email"))
    password = Password(_l("Password"))
    next = HiddenField()


class CodeForm(BaseForm):
    """The second step of signing in."""

    code = Code(_l("Code"), description=_l("Six figures from your authenticator app, or one of your recovery codes."))
    next = HiddenField()


class RegisterForm(BaseForm):
    """A new account."""

    name = Line(
        _l("Your name"),
        longest=100,
        description=_l("As the crew should call you."),
        render_kw={"autocomplete": "name"},
    )
    email = Email(_l("Email"), "email", description=_l("We mail a link to it, to be sure that it is yours."))
    password = NewPassword(_l("Password"))


class AskResetForm(BaseForm):
    """Whose password to reset."""

    email = Email(_l("Email"), "email")


class ResetForm(BaseForm):
    """A new password, by a mailed link."""

    password = NewPassword(_l("New password"))


class DetailsForm(BaseForm):
    """What a person changes of their own."""

    name = Line(_l("Name"), longest=100, render_kw={"autocomplete": "name"})
    phone = Phone(_l("Phone"), description=_l("So that a coordinator can reach you on the day."))
    language = SelectField(
        _l("Language of your mail and pages"), choices=list(LANGUAGES.items()), validators=[Required()]
    )


class ChangePasswordForm(BaseForm):
    """Another password for one's own account."""

    current = Password(_l("Your password now"))
    password = NewPassword(_l("New password"))


class ConfirmCodeForm(BaseForm):
    """The first code of a new authenticator."""

    code = Code(_l("Code"), description=_l("The six figures that the app shows now."))


class TurnOffForm(BaseForm):
    """Password and code, to turn the authenticator off or renew its recovery codes."""

    password = Password(_l("Your password"))
    code = Code(_l("Code"), description=_l("Six figures from your authenticator app, or a recovery code."))


class CheckboxesField(SelectMultipleField):
    """Access roles as checkboxes."""

    option_widget = widgets.CheckboxInput()

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Offer every access role with what it may do."""
        super().__init__(label, **kwargs)
        self.choices = [
            (role.value, _("%(what)s: %(value)s", what=ROLE_NAMES[role], value=ROLE_HINTS[role])) for role in AccessRole
        ]


class InviteForm(BaseForm):
    """A new account, made by an admin."""

    name = Line(_l("Name"), longest=100)
    email = Email(_l("Email"), "off")
    language = SelectField(_l("Language of their mail"), choices=list(LANGUAGES.items()), validators=[Required()])
    roles = CheckboxesField(_l("What they may do"))


class RolesForm(BaseForm):
    """What an account may do. `had` is what the page showed, so that only what was ticked or unticked changes."""

    roles = CheckboxesField(_l("What this account may do"))
    had = HiddenField()


class NoticeForm(BaseForm):
    """The privacy notice in one language. `shown` is the version that the page showed."""

    text = Lines(
        _l("Privacy notice"),
        longest=50_000,
        required=True,
        description=_l("An empty line begins a paragraph, “# ” a heading, “- ” a line of a list."),
        render_kw={"rows": 24},
    )
    shown = HiddenField()
    sure = BooleanField(_l("Publish this at once, on the public page"), validators=[Required(_l("Tick to publish."))])
