"""One's own qualifications, shown as the roles they unlock."""

from collections import defaultdict
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...people import qualifications as service
from ...people.access import Permission, requires
from ...people.qualification_models import Qualification
from ...people.views.volunteers import state_of
from ...people.volunteer_forms import HeldForm
from ...web.filters import local_date
from ...web.redirects import see_other
from ..models import Role, RoleQualification
from ..qualifying import requirements
from .blueprint import bp

Answer = Response | tuple[str, int]
LIST = "/my/qualifications"


@bp.get("/my/qualifications")
@requires(Permission.TAKE_SHIFTS)
def my_qualifications() -> str:
    """Show each qualification: how one stands, what it unlocks, and what to do."""
    rows = service.of_person(db.session, current_user.id)
    unlocks = _unlocks()
    return render_template(
        "shifts/qualifications.html",
        rows=sorted(rows, key=lambda row: (row[1] is None, row[0].id not in unlocks)),
        unlocks=unlocks,
        state_of=state_of,
        today=local_date(now()),
    )


@bp.route("/my/qualifications/<int:qualification_id>", methods=["GET", "POST"])
@requires(Permission.TAKE_SHIFTS)
def declare_qualification(qualification_id: int) -> Answer:
    """Say that one has a qualification."""
    form = HeldForm()

    def declare() -> int:
        return service.declare.once(form.token)(
            actor_id=current_user.id,
            qualification_id=qualification_id,
            today=local_date(now()),
            detail=form.detail.data or "",
            expires_on=form.expires_on.day,
        )

    if form.accepts(declare):
        done = service.get(db.session, qualification_id).self_declared
        flash(_("Saved. It counts from now on.") if done else _("Saved. A coordinator confirms it: show it to them."))
        return see_other(f"{LIST}#qualification-{qualification_id}")
    page: dict[str, Any] = {"qualification": service.get(db.session, qualification_id), "unlocks": _unlocks()}
    return render_template("shifts/qualification.html", form=form, **page), form.status


@bp.post("/my/qualifications/<int:qualification_id>/withdraw")
@requires(Permission.TAKE_SHIFTS)
def withdraw_qualification(qualification_id: int) -> Response:
    """Say that one has a qualification no more, or never had."""
    service.remove(actor_id=current_user.id, person_id=current_user.id, qualification_id=qualification_id)
    flash(_("Taken back. You can say it again any time."))
    return see_other(LIST)


def _unlocks() -> dict[int, list[tuple[Role, str]]]:
    """Return which roles each qualification is needed for, and in which category of a licence."""
    found: dict[int, list[tuple[Role, str]]] = defaultdict(list)
    rows = db.session.execute(
        select(RoleQualification.qualification_id, Role, requirements.category_in_sql())
        .join(Role, Role.id == RoleQualification.role_id)
        .join(Qualification, Qualification.id == RoleQualification.qualification_id)
        .where(Role.closed_at.is_(None), Qualification.closed_at.is_(None))
        .order_by(Role.name_key)
    )
    for qualification_id, role, category in rows:
        found[qualification_id].append((role, category))
    return dict(found)
