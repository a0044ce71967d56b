"""QR codes: one on a warehouse's wall to sign in by, one for each shift to check in with; and their posters."""

import segno
from flask import current_app, flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...distributions import sites
from ...errors import Conflict
from ...people.access import Permission, may, requires
from ...web import filters
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.permission import everyone
from ...web.redirects import see_other
from .. import listing, signing
from ..day import attendance, codes, leads, presence
from ..day.attendance import OPENS, Mark, Standing
from ..models import TAKES_A_PLACE
from .blueprint import bp

Answer = Response | tuple[str, int]


@bp.get("/check-in/<key>")
@requires(Permission.TAKE_SHIFTS)
def check_in_page(key: str) -> str:
    """Offer the one thing to do for whoever scanned a shift's QR: "I'm here", or "I'm leaving"."""
    return _check_in(key)


@bp.post("/check-in/<key>/<any(arrived,left):what>")
@requires(Permission.TAKE_SHIFTS)
def check_in(key: str, what: str) -> Answer:
    """Write it down."""
    form = BaseForm()
    try:
        attendance.check_in.once(form.token)(actor_id=current_user.id, key=key, what=what)
    except Conflict as refusal:
        return _check_in(key, translate(refusal.message)), 409
    flash(_("Welcome! Scan the code again when you leave.") if what == Mark.ARRIVED else _("Thank you for today!"))
    return see_other(f"/check-in/{key}")


@bp.get("/here/<key>")
@everyone
def here_page(key: str) -> str:
    """Offer "I'm here" to whoever scanned the QR on the wall, once they are signed in."""
    site = codes.site_of(db.session, key)
    found = presence.open_one(db.session, current_user.id, site.id) if current_user.is_authenticated else None
    return render_template("shifts/here.html", site=site, key=key, presence=found, signed_in=_signed_in())


@bp.post("/here/<key>/<any(arrive,leave):what>")
@requires(Permission.TAKE_SHIFTS)
def here(key: str, what: str) -> Response:
    """Write down that someone is at the warehouse, or leaves it."""
    form, actor_id = BaseForm(), current_user.id
    if what == "arrive":
        presence.arrive.once(form.token)(actor_id=actor_id, key=key, day=filters.local_date(now()))
        flash(_("Welcome! The coordinators can see that you are here."))
    else:
        presence.leave.once(form.token)(actor_id=actor_id, key=key)
        flash(_("Thank you for today!"))
    return see_other(f"/here/{key}")


@bp.get("/board/wall-code/<int:site_id>")
@requires(Permission.RUN_DISTRIBUTIONS)
def wall_code(site_id: int) -> str:
    """Show the poster for a warehouse's wall, to be printed."""
    site = sites.get(db.session, site_id)
    return render_template("shifts/wall_code.html", site=site, picture=_picture("here", site.wall_key))


@bp.post("/board/wall-code/<int:site_id>")
@requires(Permission.RUN_DISTRIBUTIONS)
def make_wall_code(site_id: int) -> Response:
    """Make the code for a wall, or a new one."""
    codes.make_for_wall.once(BaseForm().token)(actor_id=current_user.id, site_id=site_id)
    flash(_("Here is the code. Print it and hang it by the door; one printed before no longer works."))
    return see_other(f"/board/wall-code/{site_id}")


@bp.get("/shifts/<int:shift_id>/check-in-code")
@requires(Permission.TAKE_SHIFTS)
def shift_code(shift_id: int) -> str:
    """Show the QR of a shift, on the lead's phone or to be printed."""
    shift = listing.get(db.session, shift_id)
    leads.refuse_stranger(db.session, current_user.id, shift)
    return render_template("shifts/shift_code.html", shift=shift, picture=_picture("check-in", shift.check_in_key))


@bp.post("/shifts/<int:shift_id>/check-in-code")
@requires(Permission.TAKE_SHIFTS)
def make_shift_code(shift_id: int) -> Response:
    """Make the code of a shift, or a new one."""
    codes.make_for_shift.once(BaseForm().token)(actor_id=current_user.id, shift_id=shift_id)
    return see_other(f"/shifts/{shift_id}/check-in-code")


def _check_in(key: str, refusal: str = "") -> str:
    shift = listing.get(db.session, codes.shift_of(db.session, key))
    mine = signing.sign_up_of(db.session, current_user.id, shift.id)
    on_it = mine is not None and mine.state in TAKES_A_PLACE
    return render_template(
        "shifts/check_in.html",
        shift=shift,
        key=key,
        mine=mine,
        stands=attendance.standing_of(mine) if mine is not None and on_it else None,
        Standing=Standing,
        opens_at=shift.starts_at - OPENS,
        now=now(),
        refusal=refusal,
        staff=may(Permission.RUN_DISTRIBUTIONS),
    )


def _signed_in() -> bool:
    return bool(current_user.is_authenticated)


def _picture(page: str, key: str | None) -> str:
    """Return the QR of an address here as an image, "" when there is no code yet."""
    if key is None:
        return ""
    base_url = current_app.extensions["shoreline_settings"].base_url
    return str(segno.make(f"{base_url}/{page}/{key}", error="q").svg_data_uri(scale=10, border=2))
