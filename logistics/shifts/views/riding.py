"""Pages of those who come with a convoy: its link, their seats, taking places and leaving."""

from flask import flash, render_template, session
from flask_babel import gettext as _
from flask_login import current_user

from ...db import db
from ...errors import NotFound
from ...people.access import Permission, requires
from ...web.forms import BaseForm
from ...web.permission import everyone
from ...web.redirects import COME_BACK, see_other
from ..forms.convoys import JoinForm, LeaveForm, SeatsForm
from ..group_models import Convoy, ConvoyMember
from ..groups import convoy_reading, convoys, riding
from .blueprint import bp
from .convoys import Answer, convoy_page, read_token
from .ticks import ticked


@bp.get("/join/<token>")
@everyone
def join_page(token: str) -> Answer:
    """Show a convoy's shifts to who opened its link, with a button to come along."""
    found = _linked(token)
    if not current_user.is_authenticated:
        session[COME_BACK] = f"/join/{token}"  # for after they have made their account
    elif db.session.get(ConvoyMember, (found.id, current_user.id)) is not None:
        return see_other(f"/convoys/{found.id}")
    return _join_page(found, token, JoinForm())


@bp.post("/join/<token>")
@requires(Permission.TAKE_SHIFTS)
def join(token: str) -> Answer:
    """Come along: take a place on each shift where that can be."""
    (convoy_id, link), form, actor_id = read_token(token), JoinForm(), current_user.id
    if form.accepts(
        lambda: riding.join.once(form.token)(
            actor_id=actor_id, convoy_id=convoy_id, link=link, seats=form.seats.data or 0
        )
    ):
        flash(_("You come along. Here is what you are on, and what is left to do."))
        return see_other(f"/convoys/{form.result}")
    return _join_page(_linked(token), token, form)


@bp.post("/convoys/<int:convoy_id>/take")
@requires(Permission.TAKE_SHIFTS)
def take_places(convoy_id: int) -> Answer:
    """Take a place on those of the convoy's shifts, or on one, that one is not on and can take."""
    form, actor_id = BaseForm(), current_user.id
    only = next(iter(ticked()), None)
    if form.accepts(lambda: riding.take_places.once(form.token)(actor_id=actor_id, convoy_id=convoy_id, shift_id=only)):
        if only:
            return see_other(f"/convoys/{convoy_id}#shift-{only}")
        flash(_("You are on every shift of the convoy that you can take."))
        return see_other(f"/convoys/{convoy_id}")
    return convoy_page(convoy_id, form)


@bp.post("/convoys/<int:convoy_id>/seats")
@requires(Permission.TAKE_SHIFTS)
def set_seats(convoy_id: int) -> Answer:
    """Say how many seats one's car has."""
    form, actor_id = SeatsForm(), current_user.id
    if form.accepts(
        lambda: riding.set_seats.once(form.token)(actor_id=actor_id, convoy_id=convoy_id, seats=form.seats.data or 0)
    ):
        flash(_("Saved."))
        return see_other(f"/convoys/{convoy_id}#cars")
    return convoy_page(convoy_id, form, form.seats, "seats")


@bp.post("/convoys/<int:convoy_id>/leave")
@requires(Permission.TAKE_SHIFTS)
def leave_convoy(convoy_id: int) -> Answer:
    """Leave a convoy, and with it its shifts."""
    return _leave(convoy_id, current_user.id, None, "/convoys", "reason")


@bp.post("/convoys/<int:convoy_id>/shifts/<int:shift_id>/leave")
@requires(Permission.TAKE_SHIFTS)
def leave_convoys_shift(convoy_id: int, shift_id: int) -> Answer:
    """Leave one shift of a convoy to another of it."""
    return _leave(convoy_id, current_user.id, shift_id, f"/convoys/{convoy_id}", f"reason-{shift_id}")


@bp.post("/convoys/<int:convoy_id>/members/<int:person_id>/remove")
@requires(Permission.TAKE_SHIFTS)
def remove_member(convoy_id: int, person_id: int) -> Answer:
    """Take someone out of the convoy that one leads."""
    return _leave(convoy_id, person_id, None, f"/convoys/{convoy_id}", f"why-{person_id}")


def _leave(convoy_id: int, person_id: int, shift_id: int | None, then: str, at: str) -> Answer:
    form, actor_id = LeaveForm(), current_user.id
    if form.accepts(
        lambda: riding.leave.once(form.token)(
            actor_id=actor_id,
            convoy_id=convoy_id,
            person_id=person_id,
            shift_id=shift_id,
            reason=form.reason.data or "",
        )
    ):
        flash(_("Done. The places are free for someone else."))
        return see_other(then)
    return convoy_page(convoy_id, form, form.reason, at)


def _linked(token: str) -> Convoy:
    convoy_id, link = read_token(token)
    found = convoy_reading.get(db.session, convoy_id)
    if convoys.link_of(found) != link:
        raise NotFound(riding.STOPPED)
    return found


def _join_page(found: Convoy, token: str, form: JoinForm) -> tuple[str, int]:
    shifts = convoy_reading.on_shifts(db.session, found)
    signed_in = current_user.is_authenticated
    return render_template(
        "shifts/join.html",
        form=form,
        convoy=found,
        token=token,
        shifts=shifts,
        signed_in=signed_in,
        for_me=convoy_reading.for_one(db.session, current_user.id, shifts) if signed_in else {},
        room=found.ended_at is None and riding.count(db.session, found.id) < found.size,
    ), form.status
