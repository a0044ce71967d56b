"""What is held about oneself: to be seen, downloaded, and deleted with the account."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ..clock import now
from ..db import db
from ..outbox.mail import text_of
from ..outbox.sending import SECRET
from ..people.sign_in import check_password
from ..people.views.entry import address, end_session
from ..web import filters
from ..web.i18n import spoken, translate
from ..web.permission import signed_in
from ..web.redirects import see_other
from . import personal
from .blueprint import bp
from .forms import DeleteAccountForm

Answer = Response | tuple[str, int]
bp.add_app_template_filter(translate, "translated")


@bp.get("/my/data")
@signed_in
def my_data() -> str:
    """Show what is held about oneself, kind by kind, and offer it as a download."""
    held = personal.counts(db.session, personal.whose(db.session, current_user.id))
    sections = [(section, held[section.key]) for section in personal.SECTIONS]
    return render_template("operations/my_data.html", sections=sections)


@bp.get("/my/data.zip")
@signed_in
def download_data() -> FlaskResponse:
    """Give all that is held about oneself, for programs and for people."""
    charity = current_app.extensions["shoreline_settings"].org_name
    at = now()
    of = personal.whose(db.session, current_user.id)
    return FlaskResponse(
        personal.archive(db.session, of, lambda held: _file(held, at), _written, charity, at),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="my-data-{at:%Y-%m-%d}.zip"'},
    )


@bp.route("/my/data/delete", methods=["GET", "POST"])
@signed_in
def delete_account() -> Answer:
    """Delete one's own account, after the password again."""
    form, person_id = DeleteAccountForm(), current_user.id

    def delete() -> None:
        check_password(person_id=person_id, password=form.password.data, address=address())
        personal.delete_account(actor_id=person_id)

    if not form.accepts(delete):
        return render_template("operations/delete_account.html", form=form), form.status
    end_session()
    flash(_("Your account is deleted. Thank you for all you have done."))
    return see_other("/")


def _written(message: Mapping[str, Any]) -> str:
    """Return the text of a message as it was mailed, without links that open an account; what it says, if it cannot."""
    said = {name: value for name, value in message["text"].items() if not name.startswith(SECRET)}
    try:
        return text_of(message["kind"], message["language"], said)
    except Exception:  # one of a kind that is written no more, or of an older shape: its reader gets what there is
        return "; ".join(f"{name}: {value}" for name, value in said.items())


def _file(held: Mapping[str, Any], at: datetime) -> str:
    return render_template(
        "operations/my_data_file.html", sections=personal.SECTIONS, held=held, at=at, said=_said, language=spoken()
    )


def _said(value: Any) -> str:
    """Return a value as a person reads it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return filters.stamp(value)
    return filters.full_day(value) if isinstance(value, date) else str(value)
