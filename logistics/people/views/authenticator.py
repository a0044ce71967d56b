"""One's own authenticator app: set it up, renew recovery codes, turn it off."""

import segno
from flask import current_app, flash, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...web.permission import signed_in
from ...web.redirects import see_other
from .. import sign_in as service
from .. import totp
from ..access import must_have_totp
from ..forms import ConfirmCodeForm, PlainForm, TurnOffForm
from ..models import Person
from .blueprint import bp
from .entry import address

Answer = Response | tuple[str, int]


@bp.get("/my/authenticator")
@signed_in
def authenticator() -> Answer:
    """Show how the authenticator stands: off, being set up, or on."""
    return _page(ConfirmCodeForm())


@bp.post("/my/authenticator/begin")
@signed_in
def begin_authenticator() -> Response:
    """Make a secret to scan."""
    totp.begin(actor_id=current_user.id)
    return see_other(url_for("people.authenticator"))


@bp.post("/my/authenticator/confirm")
@signed_in
def confirm_authenticator() -> Answer:
    """Turn it on by its first code, and show the recovery codes, once."""
    form, person_id = ConfirmCodeForm(), current_user.id
    if form.accepts(lambda: totp.confirm(actor_id=person_id, code=form.code.data)):
        return _codes(form.result)
    return _page(form)


@bp.get("/my/authenticator/change")
@signed_in
def change_authenticator_page() -> Answer:
    """Ask for password and code, to renew the recovery codes or turn the authenticator off."""
    return _change_page(TurnOffForm())


@bp.post("/my/authenticator/codes")
@signed_in
def renew_codes() -> Answer:
    """Show ten new recovery codes, once; the old ones stop working."""
    form, person_id = TurnOffForm(), current_user.id

    def renew() -> list[str]:
        _check(form, person_id)
        return totp.renew_codes(actor_id=person_id)

    return _codes(form.result) if form.accepts(renew) else _change_page(form)


@bp.post("/my/authenticator/off")
@signed_in
def turn_off_authenticator() -> Answer:
    """Turn it off."""
    form, person_id = TurnOffForm(), current_user.id

    def turn_off() -> None:
        _check(form, person_id)
        totp.turn_off(actor_id=person_id)

    if not form.accepts(turn_off):
        return _change_page(form)
    flash(_("Your authenticator app is off. Signing in asks for the password only."))
    return see_other(url_for("people.account"))


def _check(form: TurnOffForm, person_id: int) -> None:
    service.check_password(person_id=person_id, password=form.password.data, address=address())
    service.check_code(person_id=person_id, code=form.code.data, address=address())


def _page(form: ConfirmCodeForm) -> Answer:
    me, secret, picture = db.session.get_one(Person, current_user.id), "", ""
    if me.totp_secret and me.totp_confirmed_at is None:
        secret = " ".join(me.totp_secret[place : place + 4] for place in range(0, len(me.totp_secret), 4))
        issuer = current_app.extensions["shoreline_settings"].org_name
        picture = segno.make(totp.uri(me.totp_secret, me.email, issuer), error="m").svg_data_uri(scale=5, border=4)
    return (
        render_template(
            "people/authenticator.html",
            form=form,
            plain=PlainForm(),
            secret=secret,
            picture=picture,
            wanted=must_have_totp(me),
            codes_left=totp.codes_left(db.session, me.id),
        ),
        form.status,
    )


def _change_page(form: TurnOffForm) -> Answer:
    return render_template("people/authenticator_change.html", form=form), form.status


def _codes(codes: list[str]) -> Answer:
    """Answer a POST with the page itself: codes that are shown once are kept nowhere to be fetched from again."""
    return render_template("people/recovery_codes.html", codes=codes), 200
