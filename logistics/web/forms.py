"""The base of every form, and the fields that forms share.

A view with a form reads:

    form = MoveForm()
    if form.accepts(lambda: moving.move_box.once(form.token)(actor_id=..., code=code, quantity=form.quantity.data)):
        return see_other(url_for("stock.box", code=form.result))
    return render_template("stock/move.html", form=form), form.status
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import current_app, session
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..commands import Token
from ..errors import DomainError, Invalid
from ..money import parse_amount
from .i18n import translate

DAYS_OF_THE_WEEK = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
LONGEST_NUMBER = 12  # digits: more than any number that is asked for


class BaseForm(FlaskForm):
    """A form that refuses what cannot be stored, carries an idempotency key, and shows a service's refusal."""

    key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give a newly shown form its key; a form sent back with errors keeps the one it had."""
        super().__init__(*args, **kwargs)
        self.status = 200
        self.result: Any = None
        if not self.key.data:
            self.key.data = secrets.token_urlsafe(16)

    @property
    def token(self) -> Token:
        """Return the idempotency key with whose it is."""
        return Token(token_scope(), self.key.data or "")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and refuse control characters anywhere (PostgreSQL cannot store NUL)."""
        valid: bool = super().validate(extra_validators)
        for field in self:
            if isinstance(field.data, str) and _unprintable(field.data):
                field.errors = [*field.errors, str(_l("This has characters that cannot be stored. Type it again."))]
                valid = False
        return valid

    def accepts(self, action: Callable[[], Any]) -> bool:
        """Validate; if all is well run `action`, keep what it returns in `result`, and say whether it worked.

        False on a page that was only opened, on invalid input (status 422), and when the service refuses
        (its status; the refusal is put at its field, or above the form).
        """
        if not self.is_submitted():
            return False
        self.status = 422
        if not self.validate():
            return False
        try:
            self.result = action()
        except DomainError as error:
            self.refuse(error)
            return False
        return True

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal at its field, or above the form, and take its status."""
        self.status = error.status
        text = translate(error.message)
        field = self._fields.get(error.field or "")
        if field is None or isinstance(field, HiddenField):
            self.form_errors.append(text)
        else:
            field.errors = [*field.errors, text]


def token_scope() -> str:
    """Return whose idempotency keys these are: the person's, or this browser's when signed out."""
    if current_user.is_authenticated:
        return f"person:{current_user.id}"
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(12)
    return f"browser:{session['browser']}"


def strip(value: Any) -> Any:
    """Filter: take outer spaces off what was typed."""
    return value.strip() if isinstance(value, str) else value


def _unprintable(text: str) -> bool:
    return any((ord(c) < 32 and c not in "\n\r\t") or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in text)


class Required(InputRequired):
    """Refuse an empty field, also one of spaces only, saying what to do."""

    def __init__(self, message: Any = None) -> None:
        """Take the sentence to show."""
        super().__init__(message or _l("Fill this in."))

    def __call__(self, form: Any, field: Any) -> None:
        """Raise when there is nothing."""
        if isinstance(field.data, str) and not field.data.strip():
            field.errors[:] = []
            raise StopValidation(str(self.message))
        super().__call__(form, field)


class Line(StringField):
    """One line of text, stripped, at most `longest` characters, required unless told."""

    def __init__(self, label: Any, *, longest: int, required: bool = True, **kwargs: Any) -> None:
        """Set the length the database can hold as the longest that is accepted."""
        validators = [*kwargs.pop("validators", [])]
        if required:
            validators.insert(0, Required())
        validators.append(Length(max=longest, message=_l("Use %(max)d characters or fewer.")))
        super().__init__(label, validators=validators, filters=[strip], **kwargs)


class Lines(TextAreaField):
    """Several lines of text, stripped, at most `longest` characters, optional unless told."""

    def __init__(self, label: Any, *, longest: int = 5000, required: bool = False, **kwargs: Any) -> None:
        """Set the length that is accepted."""
        validators = [*kwargs.pop("validators", [])]
        if required:
            validators.insert(0, Required())
        validators.append(Length(max=longest, message=_l("Use %(max)d characters or fewer.")))
        super().__init__(label, validators=validators, filters=[strip], **kwargs)


class WholeNumber(IntegerField):
    """An integer from `least` to `most`. Empty is an error when required, and None otherwise."""

    def __init__(
        self, label: Any, *, least: int = 0, most: int = 1_000_000, required: bool = True, **kwargs: Any
    ) -> None:
        """Set the bounds, which the error names."""
        drawn = {"inputmode": "numeric", "min": least, "max": most, **kwargs.pop("render_kw", {})}
        super().__init__(label, render_kw=drawn, **kwargs)
        self.least, self.most, self.required = least, most, required

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; spaces between digits are forgiven."""
        text = "".join(valuelist[0].split()) if valuelist else ""
        self.data = None
        if not text:
            if self.required:
                raise ValueError(str(_l("Enter a whole number.")))
            return
        sign = text[1:] if text.startswith("-") else text
        if not (sign.isascii() and sign.isdigit()):
            raise ValueError(str(_l("Enter a whole number.")))
        digits = sign.lstrip("0") or "0"
        # What is far too long is not even read: Python refuses to, and it would take its time.
        number = int(digits) * (-1 if text.startswith("-") else 1) if len(digits) <= LONGEST_NUMBER else None
        if number is None or not self.least <= number <= self.most:
            raise ValueError(str(_l("Enter a number from %(least)s to %(most)s.", least=self.least, most=self.most)))
        self.data = number


class Amount(StringField):
    """An amount in pounds or euros as a person types it; `minor` holds the pence or cents."""

    minor: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Parse the amount."""
        self.minor = None
        if not self.data or not self.data.strip():
            return
        try:
            self.minor = parse_amount(self.data)
        except Invalid as error:
            raise StopValidation(translate(error.message)) from None


class LocalMoment(DateTimeLocalField):
    """A day and time as the clock on the wall shows it (TIMEZONE); `moment` is the same, aware, in UTC."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Require it, and accept what browsers send for datetime-local."""
        super().__init__(
            label,
            validators=[Required(_l("Enter a day and a time."))],
            format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            **kwargs,
        )

    def process_data(self, value: Any) -> None:
        """Show an aware moment as local time."""
        zone = current_app.extensions["shoreline_settings"].timezone
        self.data = (
            value.astimezone(zone).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
        )

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read it, with an error that says the form wanted."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Enter a day and a time, such as 2026-11-24 14:15."))) from None

    @property
    def moment(self) -> datetime:
        """Return the moment in UTC. In the hour that the clocks repeat, the first of the two is meant."""
        zone = current_app.extensions["shoreline_settings"].timezone
        local: datetime = self.data
        return local.replace(tzinfo=zone).astimezone(UTC)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Refuse a time that the clocks skip, and years outside what a charity can mean."""
        if validation_stopped or self.data is None or self.errors:
            return
        if not 2000 <= self.data.year <= 2100:
            raise ValidationError(str(_l("Enter a year between 2000 and 2100.")))
        zone = current_app.extensions["shoreline_settings"].timezone
        if self.moment.astimezone(zone).replace(tzinfo=None) != self.data:
            raise ValidationError(str(_l("The clocks go forward then: that time does not exist. Choose another.")))


class ClockTime(TimeField):
    """A time of day by the clock on the wall."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        """Require it, and accept what browsers send for a time."""
        super().__init__(
            label, validators=[Required(_l("Enter a time, such as 09:30."))], format=["%H:%M", "%H:%M:%S"], **kwargs
        )

    def process_formdata(self, valuelist: Any) -> None:
        """Read it, with an error that says the form wanted."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Enter a time, such as 09:30."))) from None

    @property
    def minute(self) -> int:
        """Return it in minutes after midnight."""
        return int(self.data.hour * 60 + self.data.minute)


class CheckboxesField(SelectMultipleField):
    """Several of a few choices, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def field_errors(form: FlaskForm) -> list[tuple[Field, str]]:
    """Return every field with an error, in the form's order, with its first error, for the error summary."""
    return [(field, str(field.errors[0])) for field in form if field.errors and not isinstance(field.errors[0], dict)]
