"""The page of what is decided for all shifts."""

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...people.access import Permission, requires
from ...web.redirects import see_other
from .. import rules
from ..forms.rules import RulesForm
from .blueprint import bp


@bp.route("/admin/shift-rules", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def edit_rules() -> Response | tuple[str, int]:
    """Show the rules for all shifts, and change them."""
    form, actor_id = RulesForm(data=rules.read(db.session)._asdict()), current_user.id
    if form.accepts(
        lambda: rules.change.once(form.token)(
            actor_id=actor_id,
            offer_hours=form.offer_hours.data or 0,
            hard_in_a_row=form.hard_in_a_row.data or 0,
            cancel_hours=form.cancel_hours.data or 0,
        )
    ):
        flash(_("Saved. It counts from now on."))
        return see_other("/admin/shift-rules")
    return render_template("shifts/rules.html", form=form), form.status
