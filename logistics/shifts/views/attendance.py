"""Pages by which the lead of a shift, and staff, write down who came: for one shift, and for all who leave with a van."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...distributions import service as distributions
from ...errors import Conflict, NotAllowed, NotFound, msg, name_of
from ...people.access import Permission, may, requires
from ...web.asked import number_in
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.redirects import see_other
from .. import listing, signing
from ..day import attendance, leads, running
from ..day.attendance import Standing
from ..day.running import Task
from ..models import Shift
from . import live
from .blueprint import bp
from .board import marked

ATTENDANCE = "shifts/attendance.html", "shifts/attendance_now.html"
HEAD_COUNT = "shifts/head_count.html", "shifts/head_count_now.html"


@bp.get("/shifts/<int:shift_id>/attendance")
@requires(Permission.TAKE_SHIFTS)
def attendance_page(shift_id: int) -> Response:
    """Show who came to a shift, to its lead and to staff."""
    return live.page(*ATTENDANCE, lambda: _attendance(shift_id))


@bp.post("/shifts/<int:shift_id>/attendance")
@requires(Permission.TAKE_SHIFTS)
def mark_attendance(shift_id: int) -> Response:
    """Write down who came."""
    return live.act(_mark, *ATTENDANCE, lambda: _attendance(shift_id), f"/shifts/{shift_id}/attendance")


@bp.get("/distributions/<int:distribution_id>/head-count")
@requires(Permission.TAKE_SHIFTS)
def head_count(distribution_id: int) -> Response:
    """Show who is out with the van and who is back, to staff and to the leads of its shifts."""
    return live.page(*HEAD_COUNT, lambda: _head_count(distribution_id))


@bp.post("/distributions/<int:distribution_id>/head-count")
@requires(Permission.TAKE_SHIFTS)
def count_heads(distribution_id: int) -> Response:
    """Write down that someone is out, or back."""
    path = f"/distributions/{distribution_id}/head-count"
    return live.act(_mark, *HEAD_COUNT, lambda: _head_count(distribution_id), path)


@bp.post("/shifts/<int:shift_id>/lead")
@requires(Permission.PLAN_SHIFTS)
def choose_lead(shift_id: int) -> Response:
    """Choose the lead of a shift from its crew."""
    form, chosen = BaseForm(), request.form.get("person", "")
    try:
        lead_id = number_in(chosen) if chosen else None
        leads.choose_lead.once(form.token)(actor_id=current_user.id, shift_id=shift_id, person_id=lead_id)
        flash(_("Saved. The lead can write down who comes.") if chosen else _("Saved: nobody leads this shift now."))
    except Conflict as refusal:
        flash(translate(refusal.message), "bad")
    return see_other(f"/shifts/{shift_id}/attendance")


def _mark(form: BaseForm) -> str:
    tap = live.tapped()
    try:
        attendance.mark.once(form.token)(
            actor_id=current_user.id, shift_id=tap.shift_id, person_id=tap.person_id, what=tap.what, seen=tap.seen
        )
    except signing.Clash as clash:
        raise Conflict(
            msg("They are on %(role)s at that time by now. Take them off there first.", role=name_of(clash.other))
        ) from clash
    return marked(tap)


def _attendance(shift_id: int) -> dict[str, Any]:
    shift = listing.get(db.session, shift_id)
    leads.refuse_stranger(db.session, current_user.id, shift)
    found = running.read(db.session, Shift.id == shift_id)
    if not found:
        raise NotFound(msg("This shift has been called off."))
    return {"task": found[0], "shift": shift, "plans": may(Permission.PLAN_SHIFTS), "now": now()}


def _head_count(distribution_id: int) -> dict[str, Any]:
    d = distributions.get(db.session, distribution_id)
    tasks = running.of_van(db.session, distribution_id)
    staff = leads.is_staff(db.session, current_user.id)
    mine = {task.id for task in tasks if staff or _leads(task)}
    if not staff and not mine:
        raise NotAllowed(msg("The head count is for staff and for the leads of its shifts."))
    out, back = _counted(tasks)
    return {"d": d, "tasks": tasks, "mine": mine, "out": out, "back": back, "now": now()}


def _leads(task: Task) -> bool:
    on_it = any(each.person_id == current_user.id for each in task.people)
    return on_it and task.lead_id == current_user.id and now() <= task.ends_at + leads.LEAD_MAY


def _counted(tasks: list[Task]) -> tuple[int, int]:
    """Return how many left with the van, and for how many of these all that they were on is over.

    Who holds places for people without a name has these with them: they leave, and come back, together.
    """
    heads: dict[int, int] = {}
    for task in tasks:
        for each in task.people:
            heads[each.person_id] = max(each.places, heads.get(each.person_id, 1))
    away = {each.person_id for task in tasks for each in task.standing(Standing.HERE)}
    gone = {each.person_id for task in tasks for each in task.standing(Standing.LEFT)}
    return sum(heads[number] for number in away | gone), sum(heads[number] for number in gone - away)
