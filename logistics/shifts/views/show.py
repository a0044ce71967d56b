"""One shift: what, where, when, how full; and what one can do about it."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid
from ...people.access import Permission, may, requires
from ...web import filters
from ...web.forms import BaseForm, Line
from ...web.i18n import translate
from ...web.permission import everyone
from ...web.redirects import came_from, see_other
from .. import crew, listing, own, places, signing, waiting
from ..day import leads
from ..models import HAS_A_PLACE, TAKES_A_PLACE, Shift, SignUpState
from ..qualifying import eligibility, requirements, standing
from . import rows
from .blueprint import bp

Answer = Response | tuple[str, int]
_COULD_GO = (None, SignUpState.CANCELLED, SignUpState.HELD, SignUpState.WAITING)


class CancelForm(BaseForm):
    """Taking oneself off a shift. The service says when a reason is due."""

    reason = Line(
        _l("Why can’t you come?"),
        longest=signing.LONGEST_REASON,
        required=False,
        description=_l("A few words. The coordinator reads them, and sees to it that the shift is not short."),
    )


@bp.get("/shifts/<int:shift_id>")
@everyone
def show(shift_id: int) -> str:
    """Show one shift: what, where, when, how full, and the one thing to do."""
    return _page(shift_id)


@bp.post("/shifts/<int:shift_id>/sign-up")
@requires(Permission.TAKE_SHIFTS)
def sign_up(shift_id: int) -> Answer:
    """Sign up for a shift; a refusal shows the shift as it now stands.

    When many want few places, most come too late. One read tells them so, and they hold up nobody who may still get
    one; whoever takes a place is refused under its lock all the same.
    """
    around = own.around(db.session, current_user.id, shift_id)
    if around.full:
        return _page(shift_id, translate(signing.FULL), around=around, ask_why=False), 409
    return _do(
        shift_id,
        lambda: signing.sign_up(actor_id=current_user.id, shift_id=shift_id),
        _("You are on. Where to be and what to bring is on the shift's page."),
    )


@bp.post("/shifts/<int:shift_id>/cancel")
@requires(Permission.TAKE_SHIFTS)
def cancel(shift_id: int) -> Answer:
    """Take oneself off a shift; late, with a reason, for which the shift's page asks."""
    form = CancelForm()
    reason = form.reason.data or ""
    keep = {"keep": True, "give": False}.get(request.form.get("others", ""))
    if form.accepts(
        lambda: signing.cancel(actor_id=current_user.id, shift_id=shift_id, reason=reason, keep_others=keep)
    ):
        flash(_("You are off that shift, and your place is free for someone else."))
        return see_other(_back_to(shift_id))
    refusal = str(form.form_errors[0]) if form.form_errors else ""
    return _page(shift_id, refusal, form), form.status


@bp.post("/shifts/<int:shift_id>/wait")
@requires(Permission.TAKE_SHIFTS)
def wait(shift_id: int) -> Answer:
    """Join the line for a full shift."""
    return _do(
        shift_id,
        lambda: waiting.join(actor_id=current_user.id, shift_id=shift_id),
        _("You are on the waiting list. When a place comes free for you, we write to you."),
    )


@bp.post("/shifts/<int:shift_id>/leave")
@requires(Permission.TAKE_SHIFTS)
def leave(shift_id: int) -> Answer:
    """Leave the line, or decline the place it offers."""
    return _do(
        shift_id,
        lambda: waiting.leave(actor_id=current_user.id, shift_id=shift_id),
        _("You are off the waiting list of that shift."),
    )


@bp.route("/shifts/<int:shift_id>/accept", methods=["GET", "POST"])
@requires(Permission.TAKE_SHIFTS)
def accept(shift_id: int) -> Answer | str:
    """Take the place that the waiting list offers, perhaps instead of one at the same time.

    The link of an offer's mail opens it with its button; who is signed out is asked to sign in first.
    """
    if request.method != "POST":
        return _offer(shift_id)
    instead, reason = request.form.get("instead") == "1", CancelForm().reason.data or ""
    return _do(
        shift_id,
        lambda: waiting.accept(actor_id=current_user.id, shift_id=shift_id, instead=instead, reason=reason),
        _("The place is yours. Where to be and what to bring is on the shift's page."),
    )


def _offer(shift_id: int) -> str:
    around = own.around(db.session, current_user.id, shift_id)
    kept = around.mine is not None and around.mine.state in HAS_A_PLACE
    gone = _("No place on this shift is kept for you any more. Below is how it stands now.")
    return _page(shift_id, "" if kept else gone, around=around)


def _do(shift_id: int, act: Callable[[], Any], done: str) -> Answer:
    """Do one thing about a shift and go back; a refusal shows the shift as it now stands, and what would help."""
    try:
        act()
    except signing.Clash as clash:
        return _page(shift_id, _clash_words(clash.other)), 409
    except Invalid as refusal:  # of the reason for giving up another shift
        form = CancelForm()
        form.refuse(refusal)
        return _page(shift_id, form=form), form.status
    except Conflict as refusal:
        # Who may not take it yet is shown the way; whoever came too late need not wait for that to be looked up.
        return _page(shift_id, translate(refusal.message), ask_why=isinstance(refusal, eligibility.NotYet)), 409
    flash(done)
    return see_other(_back_to(shift_id))


def _page(
    shift_id: int,
    refusal: str = "",
    form: CancelForm | None = None,
    *,
    around: own.Around | None = None,
    ask_why: bool = True,
) -> str:
    me = current_user.id if current_user.is_authenticated else None
    if around is None and me is not None:
        around = own.around(db.session, me, shift_id)
    shift, _full, mine, other = around or own.Around(listing.get(db.session, shift_id))
    state = mine.state if mine else None
    on_it = state in TAKES_A_PLACE
    held_own = me is not None and state == SignUpState.HELD and _holds_own(me, shift_id)
    plans, staff = may(Permission.PLAN_SHIFTS), may(Permission.RUN_DISTRIBUTIONS)
    return render_template(
        "shifts/show.html",
        shift=shift,
        distribution=listing.distribution_of(db.session, shift),
        refusal=refusal,
        signed_in=me is not None,
        on_it=on_it,
        others=mine.places - 1 if mine and state == SignUpState.CONFIRMED else 0,
        held=mine.places if mine and state == SignUpState.HELD else 0,
        held_own=held_own,
        offered_until=mine.lapses_at if mine and state == SignUpState.OFFERED else None,
        party=mine.places if mine else 1,
        in_line=mine.in_line if mine and state == SignUpState.WAITING else 0,
        why=_why_not(me, shift, held_own) if me is not None and ask_why and state in _COULD_GO else None,
        other=other,
        clash=_clash_words(other) if other and not on_it else "",
        begun=shift.starts_at <= now(),
        over=shift.ends_at <= now(),
        can_wait=places.offer_until(shift.starts_at) is not None,
        form=(form or CancelForm()) if on_it or state == SignUpState.OFFERED else None,
        late=signing.is_late(other if other and not on_it else shift),
        inside=plans or (on_it and now() < shift.ends_at + crew.PLACE_KNOWN),
        plans=plans,
        lacking=requirements.lacking(db.session, [shift]).get(shift_id, 0) if plans else 0,
        leads=on_it and leads.leads(db.session, current_user.id, shift),
        lead=own.lead_of(db.session, shift) if on_it or staff else None,
        crew=listing.crew_names(db.session, shift_id) if staff else None,
        heading=rows.heading,
        moment=rows.moment,
    )


def _holds_own(person_id: int, shift_id: int) -> bool:
    mine = signing.sign_up_of(db.session, person_id, shift_id)
    return mine is not None and signing.has_own(db.session, mine)


def _why_not(person_id: int, shift: Shift, held_own: bool) -> standing.Why | None:
    reader = requirements.read(db.session, person_id, shift.role_id)
    crews = requirements.crews_of(db.session, [shift.id] if standing.demands_mix(shift) else [], person_id)
    return standing.why_not(reader, shift, crews.get(shift.id, standing.NOBODY), more=0 if held_own else 1)


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
    return f"{path}#shift-{shift_id}" if path.split("?")[0] in ("/", "/shifts", "/my/shifts") else path
