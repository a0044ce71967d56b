"""One's own account."""

from flask import flash, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...web.permission import signed_in
from ...web.redirects import see_other
from .. import accounts
from .. import sign_in as service
from ..forms import ChangePasswordForm, DetailsForm, PlainForm
from ..models import Person
from ..totp import codes_left
from .blueprint import bp
from .entry import address, begin_session, end_session

Answer = Response | tuple[str, int]


@bp.get("/my")
@signed_in
def account() -> Answer:
    """Show one's own account."""
    return _page(details=DetailsForm(obj=db.session.get_one(Person, current_user.id)))


@bp.post("/my")
@signed_in
def change_details() -> Answer:
    """Change name, phone and language."""
    form = DetailsForm()

    def change() -> None:
        accounts.change_details.once(form.token)(
            actor_id=current_user.id, name=form.name.data, phone=form.phone.data, language=form.language.data
        )

    if not form.accepts(change):
        return _page(details=form)
    session["language"] = form.language.data
    flash(_("Saved."))
    return see_other(url_for("people.account"))


@bp.get("/my/password")
@signed_in
def password_page() -> Answer:
    """Ask for the password of now and another."""
    return render_template("people/password.html", form=ChangePasswordForm()), 200


@bp.post("/my/password")
@signed_in
def change_password() -> Answer:
    """Change the password; every other browser is signed out."""
    form = ChangePasswordForm()
    person_id, about = current_user.id, (current_user.email, current_user.name)

    def change() -> None:
        service.change_password(
            actor_id=person_id,
            current=form.current.data,
            password=form.password.data,
            address=address(),
            about=about,
        )

    if not form.accepts(change):
        return render_template("people/password.html", form=form), form.status
    begin_session(person_id)
    flash(_("Your new password is set. Every other browser is signed out."))
    return see_other(url_for("people.account"))


@bp.post("/my/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    """End every session, this one too."""
    accounts.sign_out_everywhere(actor_id=current_user.id)
    end_session()
    flash(_("You are signed out on every device."))
    return see_other(url_for("people.sign_in"))


def _page(details: DetailsForm) -> Answer:
    return (
        render_template(
            "people/account.html",
            details=details,
            plain=PlainForm(),
            codes_left=codes_left(db.session, current_user.id),
        ),
        details.status,
    )
