"""Drop-off points, set up by an admin, and their slots, planned by whoever receives what comes."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import current_app, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...db import db, stream
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import either, local_date, stamp
from ...web.forms import BaseForm
from ...web.redirects import see_other
from ..arriving import drop_offs
from ..arriving import slots as times
from ..arriving.forms import DropOffForm, SlotsForm
from ..arriving.models import DropOff
from ..warehouses import warehouses
from .blueprint import bp


@bp.get("/admin/drop-offs")
@requires(Permission.MANAGE_SETUP)
def list_drop_offs() -> Response | str:
    """List drop-off points."""
    words = searched()
    query = drop_offs.search(words)
    if wants_csv():
        header = [_("Name"), _("Name in French"), _("Where"), _("Warehouse"), _("Address of its page"), _("Open")]
        return csv_response("drop-off-points.csv", header, (_csv_row(each) for each in stream(db.session, query)))
    return render_template("stock/drop_offs.html", page=paginate(db.session, query, page_number()), words=words)


def _csv_row(each: DropOff) -> Sequence[Any]:
    warehouse = either(each.warehouse.name, each.warehouse.name_fr)
    return each.name, each.name_fr, each.address, warehouse, each.slug, _("no") if each.closed_at else _("yes")


@bp.route("/admin/drop-offs/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def new_drop_off() -> Response | tuple[str, int]:
    """Make a drop-off point."""
    form = DropOffForm(warehouses(db.session))
    actor_id = current_user.id
    if form.accepts(lambda: drop_offs.create.once(form.token)(actor_id=actor_id, answers=form.answers)):
        flash(_("%(name)s is there now. Next: when can goods be brought there?", name=form.name.data))
        return see_other(f"/stock/slots?point={form.result}")
    return render_template("stock/drop_off_form.html", form=form, point=None), form.status


@bp.route("/admin/drop-offs/<int:drop_off_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_SETUP)
def edit_drop_off(drop_off_id: int) -> Response | tuple[str, int]:
    """Change a drop-off point."""
    form = DropOffForm(warehouses(db.session), obj=drop_offs.get(db.session, drop_off_id))
    actor_id = current_user.id
    if form.accepts(
        lambda: drop_offs.edit.once(form.token)(actor_id=actor_id, drop_off_id=drop_off_id, answers=form.answers)
    ):
        flash(_("Saved."))
        return see_other("/admin/drop-offs")
    point = drop_offs.get(db.session, drop_off_id)
    return render_template("stock/drop_off_form.html", form=form, point=point), form.status


@bp.post("/admin/drop-offs/<int:drop_off_id>/close")
@requires(Permission.MANAGE_SETUP)
def close_drop_off(drop_off_id: int) -> Response:
    """Take a drop-off point off the public list."""
    drop_offs.close(actor_id=current_user.id, drop_off_id=drop_off_id)
    flash(_("Closed: nothing new can be announced there. What is announced stays expected."))
    return see_other("/admin/drop-offs")


@bp.post("/admin/drop-offs/<int:drop_off_id>/reopen")
@requires(Permission.MANAGE_SETUP)
def reopen_drop_off(drop_off_id: int) -> Response:
    """Put a drop-off point on the public list again."""
    drop_offs.reopen(actor_id=current_user.id, drop_off_id=drop_off_id)
    flash(_("Open again."))
    return see_other("/admin/drop-offs")


@bp.get("/stock/slots")
@requires(Permission.SEE_STOCK)
def slots() -> Response | str | tuple[str, int]:
    """Show the slots of one drop-off point, the first one unless another is asked for."""
    return _slots_page(id_asked("point"), SlotsForm(formdata=None, data=_usual()))


@bp.post("/stock/drop-offs/<int:drop_off_id>/slots")
@requires(Permission.MOVE_STOCK)
def plan_slots(drop_off_id: int) -> Response | str | tuple[str, int]:
    """Plan slots in bulk."""
    form = SlotsForm()
    actor_id, zone = current_user.id, current_app.extensions["shoreline_settings"].timezone
    if form.accepts(
        lambda: times.plan.once(form.token)(actor_id=actor_id, drop_off_id=drop_off_id, zone=zone, **form.answers)
    ):
        made, there = form.result
        flash(ngettext("%(num)d time made.", "%(num)d times made.", made))
        if there:
            flash(ngettext("%(num)d was there already.", "%(num)d were there already.", there), "plain")
        return see_other(f"/stock/slots?point={drop_off_id}")
    if form.status == 404:
        raise NotFound
    return _slots_page(drop_off_id, form)


def _usual() -> dict[str, Any]:
    return {"weekdays": [], "capacity": 3}


def _slots_page(point_id: int, form: SlotsForm) -> Response | str | tuple[str, int]:
    points = db.session.scalars(drop_offs.search()).all()
    found = next((each for each in points if each.id == point_id), None)
    found = found or (points[0] if points and not point_id else None)
    if found is None:
        if point_id:
            raise NotFound
        return render_template("stock/no_drop_off.html")
    past = request.args.get("past") == "1"
    query = times.of_point(found.id, past=past)
    if wants_csv():
        header = [_("Drop-off point"), _("Starts"), _("Ends"), _("Booked"), _("At most"), _("Closed on")]
        place = either(found.name, found.name_fr)
        rows = (
            (
                place,
                stamp(each.starts_at),
                stamp(each.ends_at),
                each.booked,
                each.capacity,
                each.closed_at and local_date(each.closed_at),
            )
            for each in stream(db.session, query)
        )
        return csv_response("slots.csv", header, rows)
    page = paginate(db.session, query, page_number())
    days = [(day, list(rows)) for day, rows in groupby(page.rows, lambda each: local_date(each.starts_at))]
    body = render_template("stock/slots.html", points=points, point=found, page=page, days=days, past=past, form=form)
    return body, form.status


@bp.post("/stock/slots/<int:slot_id>/close")
@requires(Permission.MOVE_STOCK)
def close_slot(slot_id: int) -> Response:
    """Close a slot, and ask those who booked it to choose another."""
    point_id = times.get(db.session, slot_id).drop_off_id
    told = times.close.once(BaseForm().token)(actor_id=current_user.id, slot_id=slot_id)
    if told:
        flash(
            ngettext(
                "Closed. %(num)d delivery was booked then: whoever brings it is asked to choose another time.",
                "Closed. %(num)d deliveries were booked then: those who bring them are asked to choose another time.",
                told,
            )
        )
    else:
        flash(_("Closed: nobody can book it any more."))
    return see_other(f"/stock/slots?point={point_id}")


@bp.post("/stock/slots/<int:slot_id>/reopen")
@requires(Permission.MOVE_STOCK)
def reopen_slot(slot_id: int) -> Response:
    """Offer a closed slot again."""
    point_id = times.get(db.session, slot_id).drop_off_id
    times.reopen.once(BaseForm().token)(actor_id=current_user.id, slot_id=slot_id)
    flash(_("Open again."))
    return see_other(f"/stock/slots?point={point_id}")
