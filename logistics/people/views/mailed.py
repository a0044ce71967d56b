"""A new password by mail: asking for the link, and using it (also the one of an invitation)."""

from flask import flash, make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...db import db
from ...web.permission import everyone
from ...web.redirects import see_other
from ...web.security import limiter
from .. import accounts
from ..forms import AskResetForm, ResetForm
from ..links import SpentLink, whose_link
from ..models import LinkPurpose, Person
from ..throttle import account_key
from .blueprint import bp
from .entry import end_session, remember_device

Answer = Response | tuple[str, int]


@bp.route("/reset", methods=["GET", "POST"])
@everyone
@limiter.limit("30 per hour", methods=["POST"])
def ask_reset() -> Answer:
    """Mail a link to set a new password; the answer is the same for an address without an account."""
    form = AskResetForm()
    if form.accepts(lambda: accounts.ask_reset.once(form.token)(email=form.email.data)):
        return see_other(url_for("people.reset_sent"))
    return render_template("people/ask_reset.html", form=form), form.status


@bp.get("/reset/sent")
@everyone
def reset_sent() -> str:
    """Say to look in the mail."""
    return render_template("people/reset_sent.html")


@bp.get("/reset/<token>")
@everyone
def reset_page(token: str) -> Answer:
    """Ask for the new password."""
    return _page(ResetForm(), token)


@bp.post("/reset/<token>")
@everyone
@limiter.limit("60 per hour")
def reset(token: str) -> Answer:
    """Set the new password, and sign out everywhere."""
    form = ResetForm()
    try:
        owner = _owner(token)
    except SpentLink:
        owner = None  # perhaps the same form sent twice: its key knows
    email, name = (owner.email, owner.name) if owner else ("", "")

    def set_it() -> int:
        return accounts.reset_password(form.token, link=token, password=form.password.data, email=email, name=name)

    if not form.accepts(set_it):
        return _page(form, token)
    end_session()
    flash(_("Your new password is set. Sign in with it."))
    person = db.session.get_one(Person, form.result)
    # Whoever reads this person's mail is this person: strangers' wrong guesses must not keep them out.
    return remember_device(make_response(see_other(url_for("people.sign_in"))), account_key(person.email))


@bp.errorhandler(SpentLink)
def spent_link(error: SpentLink) -> Answer:
    """Say that a link no longer works, and how to get another."""
    return render_template("people/spent_link.html"), error.status


def _owner(token: str) -> Person:
    return db.session.get_one(Person, whose_link(db.session, LinkPurpose.RESET_PASSWORD, token))


def _page(form: ResetForm, token: str) -> Answer:
    invited = _owner(token).password_hash == accounts.NO_PASSWORD
    return render_template("people/reset.html", form=form, token=token, invited=invited), form.status
