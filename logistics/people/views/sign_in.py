"""Signing in and out."""

from flask import flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...web.permission import everyone
from ...web.redirects import COME_BACK, safe_path, see_other
from .. import sign_in as service
from ..accounts import same_email
from ..forms import CodeForm, PlainForm, SignInForm
from ..throttle import account_key
from .blueprint import bp
from .entry import (
    address,
    await_code,
    begin_session,
    end_session,
    known_device,
    remember_device,
    say_wait,
    who_owes_a_code,
)

Answer = Response | tuple[str, int]


@bp.route("/sign-in", methods=["GET", "POST"])
@everyone
def sign_in() -> Answer:
    """Ask for email and password."""
    form = SignInForm(data={"next": request.args.get("next") or session.get(COME_BACK, "")})
    if request.method == "GET" and current_user.is_authenticated:
        return see_other(safe_path(form.next.data))
    email_key = account_key(same_email(form.email.data or ""))

    def enter() -> service.Entry:
        return service.enter(
            email=form.email.data, password=form.password.data, address=address(), device=known_device(email_key)
        )

    if not form.accepts(enter):
        return render_template("people/sign_in.html", form=form), form.status
    if form.result.needs_code:
        await_code(form.result.person_id)
        return see_other(url_for("people.sign_in_code", next=safe_path(form.next.data)))
    return _welcome(form.result.person_id, email_key, form.next.data)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@everyone
def sign_in_code() -> Answer:
    """Ask for the authenticator's code, once the password was right."""
    person = who_owes_a_code()
    if person is None:
        flash(say_wait(), "warn")
        return see_other(url_for("people.sign_in", next=safe_path(request.values.get("next"))))
    person_id, email_key = person.id, account_key(person.email)
    form = CodeForm(data={"next": request.args.get("next", "")})
    if form.accepts(lambda: service.enter_code(person_id=person_id, code=form.code.data, address=address())):
        return _welcome(person_id, email_key, form.next.data)
    return render_template("people/sign_in_code.html", form=form), form.status


def _welcome(person_id: int, email_key: str, target: str | None) -> Response:
    begin_session(person_id)
    return remember_device(make_response(redirect(safe_path(target), 303)), email_key)


@bp.get("/sign-out")
@everyone
def sign_out_page() -> str:
    """Offer the button: a link alone must not sign anybody out."""
    return render_template("people/sign_out.html", form=PlainForm())


@bp.post("/sign-out")
@everyone
def sign_out() -> Response:
    """Sign out of this browser."""
    end_session()
    flash(_("You are signed out."))
    return see_other(url_for("people.sign_in"))
