"""Publishing another version of what volunteers agree to: its page is of `people`, those who are booked are told here."""

from flask import flash, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...config import LANGUAGES
from ...db import db
from ...people import agreements
from ...people.access import Permission, requires
from ...people.views.agreements import edit_page
from ...people.volunteer_forms import AgreementForm
from ...web.asked import number_in
from ...web.redirects import see_other
from ..telling import agreeing
from .blueprint import bp


@bp.post("/admin/agreements/<kind>")
@requires(Permission.MANAGE_SETUP)
def publish_agreement(kind: str) -> Response | tuple[str, int]:
    """Publish another version."""
    form, which = AgreementForm(), agreements.kind_of(kind)

    def publish() -> int:
        shown = form.shown.data or ""
        return agreeing.publish.once(form.token)(
            actor_id=current_user.id,
            kind=kind,
            texts={language: form[f"text_{language}"].data for language in LANGUAGES},
            shown=number_in(shown) if shown == "0" or number_in(shown) else -1,
        )

    if form.accepts(publish):
        flash(
            _("Published. Everyone is asked to agree before their next sign-up, and who is booked is told so by mail.")
        )
        return see_other(url_for("people.edit_agreement", kind=kind))
    if form.status == 409:  # what was typed stays; publishing again now means: after seeing the other version
        form.shown.data = agreements.newest_version(db.session, which) or 0
    return edit_page(which, form)
