"""Registering, and confirming one's address."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...db import db
from ...web.i18n import spoken
from ...web.permission import everyone
from ...web.redirects import see_other
from ...web.security import limiter
from .. import accounts
from ..forms import PlainForm, RegisterForm
from ..links import whose_link
from ..models import LinkPurpose
from .blueprint import bp
from .entry import come_back_to, where_they_were_going

Answer = Response | tuple[str, int]


@bp.route("/register", methods=["GET", "POST"])
@everyone
@limiter.limit("60 per hour", methods=["POST"])  # a group that registers together shares an address
def register() -> Answer:
    """Make an account. The answer is the same whether the address had one or not: its owner's mail tells."""
    form = RegisterForm()
    come_back_to(request.args.get("next"))

    def make() -> None:
        accounts.register(
            form.token,
            email=form.email.data,
            name=form.name.data,
            password=form.password.data,
            language=spoken(),
        )

    if form.accepts(make):
        return see_other(url_for("people.registered"))
    return render_template("people/register.html", form=form), form.status


@bp.get("/register/sent")
@everyone
def registered() -> str:
    """Say to look in the mail."""
    return render_template("people/registered.html")


@bp.get("/register/confirm/<token>")
@everyone
def confirm_page(token: str) -> str:
    """Show a button: mail scanners open links, people press buttons."""
    whose_link(db.session, LinkPurpose.CONFIRM_EMAIL, token)
    return render_template("people/confirm.html", form=PlainForm(), token=token)


@bp.post("/register/confirm/<token>")
@everyone
@limiter.limit("60 per hour")
def confirm(token: str) -> Response:
    """Confirm the address, and go on to sign in."""
    form = PlainForm()
    accounts.confirm_email.once(form.token)(link=token)
    flash(_("Your address is confirmed. Sign in to begin."))
    return see_other(url_for("people.sign_in", next=where_they_were_going()))
