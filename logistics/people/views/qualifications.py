"""Pages of the qualifications that roles can require."""

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...paging import paginate
from ...web.asked import page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.redirects import see_other
from .. import qualifications as service
from ..access import Permission, requires
from ..qualification_models import Qualification
from ..volunteer_forms import QualificationForm
from .blueprint import bp

Answer = Response | tuple[str, int]
LIST = "/admin/qualifications"


@bp.get("/admin/qualifications")
@requires(Permission.MANAGE_SETUP)
def list_qualifications() -> Response | str:
    """List what roles can require."""
    words = searched()
    query = service.search(words)
    if wants_csv():
        header = [_("Name"), _("Name in French"), _("How it counts"), _("Days"), _("Used")]
        lines = ([q.name, q.name_fr, how(q), q.days_valid, _used(q)] for q in db.session.scalars(query).all())
        return csv_response("qualifications.csv", header, lines)
    page = paginate(db.session, query, page_number())
    return render_template("admin/qualifications.html", page=page, words=words, how=how)


@bp.route("/admin/qualifications/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def new_qualification() -> Answer:
    """Make a qualification."""
    form = QualificationForm()
    if form.accepts(lambda: service.create.once(form.token)(actor_id=current_user.id, terms=form.terms)):
        flash(_("%(name)s is there now. Say which roles need it.", name=form.name.data))
        return see_other(LIST)
    return render_template("admin/qualification_form.html", form=form, qualification=None), form.status


@bp.route("/admin/qualifications/<int:qualification_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def edit_qualification(qualification_id: int) -> Answer:
    """Change a qualification."""
    form = QualificationForm(obj=service.get(db.session, qualification_id))

    def change() -> int:
        return service.edit.once(form.token)(
            actor_id=current_user.id, qualification_id=qualification_id, terms=form.terms
        )

    if form.accepts(change):
        flash(_("Saved."))
        return see_other(LIST)
    found = service.get(db.session, qualification_id)
    return render_template("admin/qualification_form.html", form=form, qualification=found), form.status


@bp.post("/admin/qualifications/<int:qualification_id>/close")
@requires(Permission.MANAGE_SETUP)
def close_qualification(qualification_id: int) -> Response:
    """Ask for a qualification no more."""
    service.close(actor_id=current_user.id, qualification_id=qualification_id)
    flash(_("It is no longer asked for. Who has it keeps it; you can use it again any time."))
    return see_other(LIST)


@bp.post("/admin/qualifications/<int:qualification_id>/reopen")
@requires(Permission.MANAGE_SETUP)
def reopen_qualification(qualification_id: int) -> Response:
    """Ask for a qualification again."""
    service.reopen(actor_id=current_user.id, qualification_id=qualification_id)
    flash(_("Roles that need it ask for it again."))
    return see_other(LIST)


def how(qualification: Qualification) -> str:
    """Return in a word how a qualification comes to count."""
    if qualification.on_the_day:
        return str(_("given on the day"))
    return str(_("self-declared") if qualification.self_declared else _("confirmed by staff"))


def _used(qualification: Qualification) -> str:
    return str(_("no") if qualification.closed_at else _("yes"))
