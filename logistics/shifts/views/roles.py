"""Pages of the roles that shifts have."""

from collections.abc import Sequence

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...paging import paginate
from ...people import qualifications
from ...people.access import Permission, requires
from ...web.asked import page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.redirects import see_other
from ..forms.roles import role_form
from ..models import Role
from ..plans import roles
from .blueprint import bp


@bp.get("/admin/roles")
@requires(Permission.MANAGE_SETUP)
def list_roles() -> Response | str:
    """List what one can do on a shift."""
    words = searched()
    query = roles.search(words)
    if wants_csv():
        return _csv(db.session.scalars(query).all())
    page = paginate(db.session, query, page_number())
    needs = roles.required_by(db.session, [role.id for role in page.rows])
    return render_template("shifts/roles.html", page=page, words=words, needs=needs)


def _csv(found: Sequence[Role]) -> Response:
    needs = roles.required_by(db.session, [role.id for role in found])
    header = [_("Name"), _("Name in French"), _("What one does"), _("What one does, in French"), _("It needs")]
    header += [_("16 and 17"), _("Hard"), _("Used")]

    def yes(answer: object) -> str:
        return str(_("yes") if answer else _("no"))

    return csv_response(
        "roles.csv",
        header,
        (
            [
                role.name,
                role.name_fr,
                role.description,
                role.description_fr,
                ", ".join(f"{need.name} {need.category}".strip() for need in needs.get(role.id, ())),
                yes(role.minors),
                yes(role.hard),
                yes(role.closed_at is None),
            ]
            for role in found
        ),
    )


@bp.route("/admin/roles/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def new_role() -> Response | tuple[str, int]:
    """Make a role."""
    form = role_form(qualifications.open_ones(db.session))
    actor_id = current_user.id
    if form.accepts(lambda: roles.create.once(form.token)(actor_id=actor_id, terms=form.terms)):
        flash(_("%(name)s is there now.", name=form.name.data))
        return see_other("/admin/roles")
    return render_template("shifts/role_form.html", form=form, role=None), form.status


@bp.route("/admin/roles/<int:role_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def edit_role(role_id: int) -> Response | tuple[str, int]:
    """Change a role."""
    role = roles.get(db.session, role_id)
    needed = roles.required_by(db.session, [role_id]).get(role_id, [])
    others = [thing for thing in qualifications.open_ones(db.session) if thing.id not in {need.id for need in needed}]
    form = role_form([*needed, *others], needed, obj=role, data={"qualifications": [need.id for need in needed]})
    actor_id = current_user.id
    if form.accepts(lambda: roles.edit.once(form.token)(actor_id=actor_id, role_id=role_id, terms=form.terms)):
        flash(_("Saved."))
        return see_other("/admin/roles")
    return render_template("shifts/role_form.html", form=form, role=roles.get(db.session, role_id)), form.status


@bp.post("/admin/roles/<int:role_id>/close")
@requires(Permission.MANAGE_SETUP)
def close_role(role_id: int) -> Response:
    """Offer a role no more for new shifts."""
    roles.close(actor_id=current_user.id, role_id=role_id)
    flash(_("It is no longer offered. Shifts that have it stay; you can use it again any time."))
    return see_other("/admin/roles")


@bp.post("/admin/roles/<int:role_id>/reopen")
@requires(Permission.MANAGE_SETUP)
def reopen_role(role_id: int) -> Response:
    """Offer a closed role again."""
    roles.reopen(actor_id=current_user.id, role_id=role_id)
    flash(_("It is offered again."))
    return see_other("/admin/roles")
