"""The van leaves, comes back, and the books are closed; or the distribution is called off."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ..clock import midnight, now
from ..db import db
from ..distributions.models import GROUPS, DistributionState
from ..people.access import Permission, requires
from ..shifts import crew
from ..stock import leaving, packing_lists, warehouses
from ..stock.models import PackingList
from ..web import filters
from ..web.redirects import see_other
from . import cancelling, closing, dispatch, returning
from .blueprint import before_out, bp, distribution, early, path
from .forms import COUNTS, CancelForm, CloseForm, DispatchForm, ReturnForm, VanLine, return_form
from .names import line_name

Answer = Response | tuple[str, int]


@bp.get("/distributions/<int:distribution_id>/dispatch")
@requires(Permission.RUN_DISTRIBUTIONS)
def ask_dispatch(distribution_id: int) -> Answer:
    """Show what is missing before the van leaves."""
    return _dispatch_page(distribution_id, DispatchForm())


@bp.post("/distributions/<int:distribution_id>/dispatch")
@requires(Permission.RUN_DISTRIBUTIONS)
def send_off(distribution_id: int) -> Answer:
    """Send the van off with what is packed."""
    form, actor_id = DispatchForm(), current_user.id
    if form.accepts(
        lambda: dispatch.dispatch.once(form.token)(
            actor_id=actor_id,
            distribution_id=distribution_id,
            **form.accepted,
            day_ends=_day_ends(),
            early=form.said_early,
        )
    ):
        flash(_("The van is on its way. When it is back, record the return here."))
        return see_other(path(distribution_id))
    return _dispatch_page(distribution_id, form)


def _day_ends() -> datetime:
    """Return when this day ends by the clock on the wall."""
    zone = current_app.extensions["shoreline_settings"].timezone
    return midnight(filters.local_date(now()) + timedelta(days=1), zone)


def _dispatch_page(distribution_id: int, form: DispatchForm) -> Answer:
    found = distribution(distribution_id)
    page = render_template(
        "operations/dispatch.html",
        form=form,
        d=found,
        before_out=before_out(found),
        early=early(found),
        lacking=dispatch.missing(db.session, distribution_id),
    )
    return page, form.status


@bp.route("/distributions/<int:distribution_id>/return", methods=["GET", "POST"])
@requires(Permission.RUN_DISTRIBUTIONS)
def come_back(distribution_id: int) -> Answer:
    """Count what came of each line on the van, and of the people; in several goes if need be."""
    form, actor_id = _return_form(distribution_id), current_user.id
    if form.accepts(
        lambda: returning.record_return.once(form.token)(
            actor_id=actor_id,
            distribution_id=distribution_id,
            counts=form.counts,
            shelf_id=int(form.shelf.data) if form.shelf.data else None,
            shelves=form.shelves,
            seen={line_id: numbers for line_id, numbers in form.seen.items() if line_id in form.counts},
            served=form.served,
            debrief=form.debrief.data or "",
            ran_out_first=form.ran_out_first.data or "",
        )
    ):
        left = leaving.on_the_van(db.session, distribution_id)
        flash(
            _("Saved. %(left)s are still on the van.", left=filters.number(left))
            if left
            else _("Saved. Everything is counted: the distribution can be closed.")
        )
        return see_other(path(distribution_id))
    found, lines = distribution(distribution_id), _on_board(distribution_id)
    page = render_template(
        "operations/return.html",
        form=form,
        d=found,
        lines=_with_fields(form, [line for line in lines if line.counted is None]),
        counted=_with_fields(form, [line for line in lines if line.counted is not None]),
        count_names=list(COUNTS.values()),
        groups=GROUPS,
        away=found.state in (DistributionState.OUT, DistributionState.RETURNED),
    )
    return page, form.status


def _return_form(distribution_id: int) -> ReturnForm:
    """Return the form, which shows what is known already; the shelves are those of the list's warehouse.

    It reads counted lines too: a form that is sent twice must say the same the second time, or it would be another.
    """
    found, packing_list = distribution(distribution_id), db.session.get(PackingList, distribution_id)
    home = packing_list.warehouse_id if packing_list else 0
    shelves = [
        (str(shelf.id), shelf.name) for shelf in warehouses.open_shelves(db.session) if shelf.warehouse_id == home
    ]
    return return_form(_on_board(distribution_id), shelves, obj=found)


def _on_board(distribution_id: int) -> list[VanLine]:
    """Return what left on the van, line by line."""
    return [
        VanLine(
            line.line_id,
            line_name(item.product, line.size, filters.named),
            line.packed,
            (line.handed_out or 0, line.came_back or 0, line.lost or 0) if line.counted else None,
        )
        for item in packing_lists.sheet(db.session, distribution_id, stand_ins=False)
        for line in item.lines
        if line.packed
    ]


def _with_fields(form: ReturnForm, lines: list[VanLine]) -> list[dict[str, Any]]:
    """Return lines, each with its three fields, its shelf, and what it shows as counted."""
    return [
        {
            "line": line,
            "fields": [form[f"{count}-{line.id}"] for count in COUNTS],
            "shelf": form[f"shelf-{line.id}"],
            "was": form[f"was-{line.id}"].data or "-".join(str(number) for number in line.counted or ()),
        }
        for line in lines
        if line.id in form.packed
    ]


@bp.get("/distributions/<int:distribution_id>/close")
@requires(Permission.RUN_DISTRIBUTIONS)
def ask_close(distribution_id: int) -> Answer:
    """Ask before the books are closed, where something is still missing in them."""
    return _close_page(distribution_id, CloseForm())


@bp.post("/distributions/<int:distribution_id>/close")
@requires(Permission.RUN_DISTRIBUTIONS)
def close(distribution_id: int) -> Answer:
    """Close the books; refused while anything is on the van, or nobody is written down as served."""
    form, actor_id = CloseForm(), current_user.id
    if form.accepts(
        lambda: closing.close.once(form.token)(
            actor_id=actor_id, distribution_id=distribution_id, nobody=bool(form.nobody.data)
        )
    ):
        flash(_("Closed. Thank you, everyone."))
        return see_other(path(distribution_id))
    return _close_page(distribution_id, form)


def _close_page(distribution_id: int, form: CloseForm) -> Answer:
    found = distribution(distribution_id)
    page = render_template(
        "operations/close.html",
        form=form,
        d=found,
        back=found.state == DistributionState.RETURNED,
        left=leaving.on_the_van(db.session, distribution_id),
        unserved=closing.unserved(db.session, found),
    )
    return page, form.status


@bp.route("/distributions/<int:distribution_id>/cancel", methods=["GET", "POST"])
@requires(Permission.PLAN_DISTRIBUTIONS)
def cancel(distribution_id: int) -> Answer:
    """Call a distribution off: goods go back, the crew is told, the record stays."""
    form, actor_id = CancelForm(), current_user.id
    if form.accepts(
        lambda: cancelling.cancel.once(form.token)(
            actor_id=actor_id, distribution_id=distribution_id, reason=form.reason.data
        )
    ):
        flash(_("Called off. The goods are free again, and the crew is told."))
        return see_other(path(distribution_id))
    found = distribution(distribution_id)
    page = render_template(
        "operations/cancel.html",
        form=form,
        d=found,
        before_out=before_out(found),
        packed=leaving.packed_total(db.session, distribution_id),
        crew=crew.crew_of(db.session, [distribution_id])[distribution_id],
    )
    return page, form.status
