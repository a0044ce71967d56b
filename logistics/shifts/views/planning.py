"""Pages by which coordinators make shifts, change them and call them off."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import current_app, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...distributions import service as distributions
from ...distributions import sites
from ...distributions.models import Distribution, SiteKind
from ...errors import Conflict
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import number_in
from ...web.i18n import translate
from ...web.redirects import see_other
from .. import listing, rules
from ..forms.shifts import ShiftForm, form_like
from ..models import Shift
from ..plans import planning, roles, series
from .blueprint import bp


@bp.route("/shifts/new", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def new() -> Response | tuple[str, int]:
    """Make a shift, of ?distribution= or of a plain warehouse day; ?like= is one just made, to add others beside it."""
    distribution, like = _asked()
    distribution_id = distribution.id if distribution else None
    form = _new_form(distribution, like)
    actor_id = current_user.id
    if form.accepts(
        lambda: planning.create.once(form.token)(actor_id=actor_id, distribution_id=distribution_id, **form.terms)
    ):
        flash(_("Added. Volunteers can see it now."))
        if "again" in request.form:
            of = f"distribution={distribution_id}&" if distribution_id else ""
            return see_other(f"/shifts/new?{of}like={form.result}")
        return see_other(f"/distributions/{distribution_id}" if distribution_id else f"/shifts/{form.result}")
    distribution, like = _asked()
    return render_template(
        "shifts/new.html",
        form=form,
        distribution=distribution,
        beside=listing.beside(db.session, distribution_id=distribution_id, like=like),
    ), form.status


@bp.route("/shifts/<int:shift_id>/edit", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def edit(shift_id: int) -> Response | tuple[str, int]:
    """Change a shift."""
    shift = listing.get(db.session, shift_id)
    follow = series.following(db.session, shift)
    form = ShiftForm(
        roles.open_roles(db.session, also=shift.role_id),
        _sites(shift.distribution_id, shift.site_id),
        cancel_hours=rules.read(db.session).cancel_hours,
        series=follow > 0,
        obj=shift,
    )
    actor_id = current_user.id
    if form.accepts(lambda: _save(form, actor_id, shift_id)):
        flash(_("Saved. If the time, the place, the role or the notes are others, the crew is told by mail."))
        if form.all_that_follow:
            flash(ngettext("%(num)d shift was changed.", "%(num)d shifts were changed.", form.result["changed"]))
        return see_other(f"/shifts/{shift_id}")
    shift = listing.get(db.session, shift_id)
    return render_template("shifts/edit.html", form=form, shift=shift, follow=follow), form.status


def _save(form: ShiftForm, actor_id: int, shift_id: int) -> Any:
    if form.all_that_follow:
        return series.edit_following.once(form.token)(
            actor_id=actor_id, shift_id=shift_id, version=form.seen_version, zone=filters.zone(), **form.terms
        )
    return planning.edit.once(form.token)(actor_id=actor_id, shift_id=shift_id, version=form.seen_version, **form.terms)


@bp.post("/shifts/<int:shift_id>/call-off")
@requires(Permission.PLAN_SHIFTS)
def call_off(shift_id: int) -> Response:
    """Call a shift off and tell its crew."""
    try:
        planning.call_off(actor_id=current_user.id, shift_id=shift_id)
        flash(_("Called off. Those who had signed up are told by mail."))
    except Conflict as refusal:
        flash(translate(refusal.message), "bad")
    return see_other(f"/shifts/{shift_id}")


def _asked() -> tuple[Distribution | None, Shift | None]:
    """Return the distribution and the shift that the address names. Raises NotFound when there is no such one."""
    distribution_id, like_id = (_number(request.args.get(name, "")) for name in ("distribution", "like"))
    distribution = distributions.get(db.session, distribution_id) if distribution_id is not None else None
    return distribution, listing.get(db.session, like_id) if like_id is not None else None


def _number(text: str) -> int | None:
    """Return a number of the address, None when it is not given, and 0, which is no id, when it is no number."""
    return number_in(text) if text else None


def _new_form(distribution: Distribution | None, like: Shift | None) -> ShiftForm:
    usual = rules.read(db.session).cancel_hours
    values: dict[str, Any] = {"minimum": 1, "maximum": 1, "cancel_hours": usual}
    if like is not None:
        values |= form_like(like)
    elif distribution is not None:
        values |= {name: getattr(distribution, name) for name in ("site_id", "starts_at", "ends_at")}
    else:
        values |= _next_morning()
    offered = _sites(distribution.id if distribution else None, values.get("site_id"))
    return ShiftForm(roles.open_roles(db.session), offered, cancel_hours=usual, data=values)


def _sites(distribution_id: int | None, also: int | None) -> Any:
    """Return the sites a shift may be at: any for a distribution's, warehouses for a plain day."""
    return sites.open_sites(db.session, None if distribution_id else SiteKind.WAREHOUSE, also=also)


def _next_morning() -> dict[str, datetime]:
    """Return the hours of a warehouse's morning, 9:30 to 12:30, on the day after today."""
    zone = current_app.extensions["shoreline_settings"].timezone
    day = filters.local_date(now()) + timedelta(days=1)
    return {
        "starts_at": datetime.combine(day, time(9, 30), zone),
        "ends_at": datetime.combine(day, time(12, 30), zone),
    }
