"""Pages of shifts: the list that volunteers choose from, one shift, and one's own."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, current_app, flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ..clock import midnight, now
from ..db import db, stream
from ..errors import Conflict
from ..paging import paginate
from ..people.access import Permission, may, requires
from ..web import filters
from ..web.asked import day_asked, id_asked, page_number, wants_csv
from ..web.csv import csv_response
from ..web.i18n import translate
from ..web.permission import everyone
from ..web.redirects import came_from, see_other
from . import admin_views, listing, planning_views, rows, signing
from .blueprint import bp
from .models import Shift

__all__ = ["admin_views", "bp", "planning_views"]


@bp.get("/shifts")
@everyone
def index() -> Response | str:
    """List the shifts one can take, the soonest first."""
    day = day_asked("day")
    wanted = listing.Wanted(id_asked("role") or None, id_asked("site") or None, _whole_day(day) if day else None)
    if wants_csv():
        return _csv(wanted)
    me = current_user.id if current_user.is_authenticated else None
    found = listing.read(db.session, wanted, page_number(), me)
    return render_template(
        "shifts/index.html",
        page=found.page,
        days=rows.by_day(found, me is not None),
        roles=found.roles,
        sites=found.sites,
        options=rows.options,
        role_id=wanted.role_id,
        site_id=wanted.site_id,
        day=day,
        signed_in=me is not None,
        next_shift=found.mine[0] if found.mine else None,
    )


@bp.get("/shifts/<int:shift_id>")
@everyone
def show(shift_id: int) -> str:
    """Show one shift: what, where, when, how full, and the one thing to do."""
    return _shift_page(shift_id)


@bp.post("/shifts/<int:shift_id>/sign-up")
@requires(Permission.TAKE_SHIFTS)
def sign_up(shift_id: int) -> Response | tuple[str, int]:
    """Sign up for a shift; a refusal shows the shift as it now stands."""
    try:
        signing.sign_up(actor_id=current_user.id, shift_id=shift_id)
    except signing.Clash as clash:
        return _shift_page(shift_id, _clash_words(clash.other)), 409
    except Conflict as refusal:
        return _shift_page(shift_id, translate(refusal.message)), 409
    flash(_("You are on. Where to be and what to bring is on the shift's page."))
    return see_other(_back_to(shift_id))


@bp.post("/shifts/<int:shift_id>/cancel")
@requires(Permission.TAKE_SHIFTS)
def cancel(shift_id: int) -> Response | tuple[str, int]:
    """Take oneself off a shift."""
    try:
        signing.cancel(actor_id=current_user.id, shift_id=shift_id)
    except Conflict as refusal:
        return _shift_page(shift_id, translate(refusal.message)), 409
    flash(_("You are off that shift, and your place is free for someone else."))
    return see_other(_back_to(shift_id))


@bp.get("/my/shifts")
@requires(Permission.TAKE_SHIFTS)
def mine() -> Response | str:
    """Show one's own shifts: the next, those after it, and those that are over."""
    if wants_csv():
        header = [_("Role"), _("Where"), _("Starts"), _("Ends")]
        ahead = listing.own(db.session, current_user.id)
        past = db.session.scalars(listing.own_past(current_user.id)).all()
        return csv_response("my-shifts.csv", header, (_own_line(shift) for shift in (*ahead, *past)))
    ahead = listing.own(db.session, current_user.id)
    return render_template(
        "shifts/mine.html",
        next_shift=ahead[0] if ahead else None,
        later=ahead[1:],
        past=paginate(db.session, listing.own_past(current_user.id), page_number()),
        heading=rows.heading,
    )


def _own_line(shift: Shift) -> list[str]:
    names = [filters.named(shift.role), filters.named(shift.site)]
    return [*names, filters.stamp(shift.starts_at), filters.stamp(shift.ends_at)]


def _shift_page(shift_id: int, refusal: str = "") -> str:
    shift = listing.get(db.session, shift_id)
    signed_in = current_user.is_authenticated
    on_it = signed_in and listing.is_on(db.session, current_user.id, shift_id)
    ahead = listing.mine_ahead(db.session, current_user.id) if signed_in else []
    other = listing.overlapping(ahead, shift.id, shift.starts_at, shift.ends_at)
    plans, staff = may(Permission.PLAN_SHIFTS), may(Permission.RUN_DISTRIBUTIONS)
    return render_template(
        "shifts/show.html",
        shift=shift,
        distribution=listing.distribution_of(db.session, shift),
        refusal=refusal,
        signed_in=signed_in,
        on_it=on_it,
        clash=_clash_words(other) if other and not on_it else "",
        begun=shift.starts_at <= now(),
        over=shift.ends_at <= now(),
        inside=on_it or plans,
        plans=plans,
        crew=listing.crew_names(db.session, shift_id) if staff else None,
        heading=rows.heading,
    )


def _clash_words(other: signing.OtherShift) -> str:
    return str(
        _(
            "You are already on %(role)s, %(day)s %(time)s.",
            role=filters.named(other),
            day=filters.day(other.starts_at),
            time=filters.when(other.starts_at, other.ends_at),
        )
    )


def _back_to(shift_id: int) -> str:
    """Return where the button was pressed, at the row it stood in."""
    path = came_from(f"/shifts/{shift_id}")
    return f"{path}#shift-{shift_id}" if path.split("?")[0] == "/shifts" else path


def _whole_day(day: date) -> tuple[datetime, datetime]:
    zone = current_app.extensions["shoreline_settings"].timezone
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


def _csv(wanted: listing.Wanted) -> Response:
    if not may(Permission.SEE_DISTRIBUTIONS):
        abort(403)
    header = [_("Number"), _("Role"), _("Where"), _("Starts"), _("Ends"), _("At least"), _("At most"), _("Filled")]

    def lines() -> Iterator[list[Any]]:
        for shift in stream(db.session, listing.every(wanted)):
            names = [filters.named(shift.role), filters.named(shift.site)]
            times = [filters.stamp(shift.starts_at), filters.stamp(shift.ends_at)]
            yield [shift.id, *names, *times, shift.minimum, shift.maximum, shift.filled]

    return csv_response("shifts.csv", header, lines())
