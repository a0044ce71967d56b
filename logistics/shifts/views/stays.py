"""Pages of a volunteer's stay: its days, what is proposed for them, and booking that in one action."""

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...errors import DomainError
from ...people.access import Permission, requires
from ...web.asked import id_asked
from ...web.filters import local_date
from ...web.redirects import see_other
from .. import signing
from ..day_models import Stay
from ..forms.stays import CallOffForm, ChangeForm, DaysForm, StayForm, WishesForm
from ..groups import stay_reading, stays
from ..models import HAS_A_PLACE, SignUpState
from ..plans import roles
from .blueprint import bp
from .ticks import TicksForm, lost_lines, ticked

Answer = Response | tuple[str, int]


@bp.get("/my/stay")
@requires(Permission.TAKE_SHIFTS)
def stay() -> Answer:
    """Show a stay with what is booked and what is proposed; without one, ask for its days."""
    found = stays.ahead(db.session, current_user.id, _today())
    if not found:
        return _new_page(StayForm(roles.open_roles(db.session)))
    asked = id_asked("stay")
    chosen = next((each for each in found if each.id == asked), found[0])
    return _stay_page(chosen, TicksForm())


@bp.route("/my/stay/new", methods=["GET", "POST"])
@requires(Permission.TAKE_SHIFTS)
def new_stay() -> Answer:
    """Enter a stay."""
    wished = sorted(stays.wishes(db.session, current_user.id))
    form = StayForm(roles.open_roles(db.session), data={"roles": wished})
    values = {"actor_id": current_user.id, "today": _today()}
    if form.accepts(
        lambda: stays.begin.once(form.token)(
            arrives_on=form.arrives_on.data, leaves_on=form.leaves_on.data, role_ids=form.roles.data or [], **values
        )
    ):
        flash(_("Good to know. Here is what we propose for those days."))
        return see_other(f"/my/stay?stay={form.result}")
    return _new_page(form)


@bp.post("/my/stay/roles")
@requires(Permission.TAKE_SHIFTS)
def wish() -> Response:
    """Keep what one would like to do, and propose accordingly."""
    form = WishesForm(roles.open_roles(db.session))
    stays.wish.once(form.token)(actor_id=current_user.id, role_ids=form.roles.data or [])
    flash(_("Saved. What is proposed follows it."))
    return see_other(_address(id_asked("stay")))


@bp.post("/my/stay/<int:stay_id>/book")
@requires(Permission.TAKE_SHIFTS)
def book_stay(stay_id: int) -> Answer:
    """Book what is ticked: all of it, or show what went meanwhile with a new proposal."""
    chosen, form, actor_id = stays.get(db.session, current_user.id, stay_id), TicksForm(), current_user.id
    wanted = ticked()
    if not wanted:
        form.status = 422
        form.form_errors.append(_("Tick at least one shift."))
        return _stay_page(chosen, form)
    if form.accepts(lambda: stays.book.once(form.token)(actor_id=actor_id, shift_ids=wanted)):
        flash(ngettext("You are on: %(num)d shift is booked.", "You are on: %(num)d shifts are booked.", form.result))
        return see_other(_address(stay_id))
    return _stay_page(stays.get(db.session, actor_id, stay_id), form, kept=wanted)


@bp.route("/my/stay/<int:stay_id>/change", methods=["GET", "POST"])
@requires(Permission.TAKE_SHIFTS)
def change_stay(stay_id: int) -> Answer:
    """Show what other days would mean (GET with the days), and then do it all in one action (POST)."""
    chosen, actor_id, today = stays.get(db.session, current_user.id, stay_id), current_user.id, _today()
    give_up, take = ticked("give_up"), ticked()
    if request.method == "GET":
        looked = "arrives_on" in request.args
        form = ChangeForm(request.args, meta={"csrf": False}) if looked else ChangeForm(obj=chosen)
        return _change_page(chosen, form, looked=looked and _can_be(chosen, form))
    form = ChangeForm()
    if form.accepts(
        lambda: stays.change.once(form.token)(
            actor_id=actor_id,
            stay_id=stay_id,
            arrives_on=form.arrives_on.data,
            leaves_on=form.leaves_on.data,
            give_up=give_up,
            take=take,
            reason=form.reason.data or "",
            today=today,
        )
    ):
        flash(_("Your days are changed, and your shifts with them."))
        return see_other(_address(stay_id))
    looked = not form.arrives_on.errors and not form.leaves_on.errors
    return _change_page(stays.get(db.session, actor_id, stay_id), form, looked=looked, sent=True)


@bp.route("/my/stay/<int:stay_id>/cancel", methods=["GET", "POST"])
@requires(Permission.TAKE_SHIFTS)
def call_off_stay(stay_id: int) -> Answer:
    """Ask what is to become of the shifts of a stay, and call it off."""
    form, actor_id = CallOffForm(), current_user.id
    give_up = ticked("give_up")
    if form.accepts(
        lambda: stays.call_off.once(form.token)(
            actor_id=actor_id, stay_id=stay_id, give_up=give_up, reason=form.reason.data or ""
        )
    ):
        flash(_("Your stay is called off. Come another time!"))
        return see_other("/my/shifts")
    chosen = stays.get(db.session, actor_id, stay_id)
    lines = _outside(chosen, None)
    return render_template(
        "shifts/stay_cancel.html",
        form=form,
        stay=chosen,
        lines=lines,
        ticked=set(give_up) if form.is_submitted() else {line.work.shift_id for line in lines},
        late=any(map(_is_late, lines)),
    ), form.status


def _stay_page(chosen: Stay, form: TicksForm, kept: Collection[int] = ()) -> Answer:
    person_id, today = current_user.id, _today()
    first = max(chosen.arrives_on, today)
    plan = stay_reading.plan(db.session, person_id, first, chosen.leaves_on, _zone(), kept=kept)
    wished = stays.wishes(db.session, person_id)
    return render_template(
        "shifts/stay.html",
        form=form,
        stay=chosen,
        plan=plan,
        ticked=set(kept) if kept else {line.work.shift_id for lines in plan.proposed.values() for line in lines},
        lost=lost_lines(db.session, form.gone),
        stays=stays.ahead(db.session, person_id, today),
        wishes=WishesForm(roles.open_roles(db.session), data={"roles": sorted(wished)}),
    ), form.status


def _new_page(form: StayForm) -> Answer:
    return render_template("shifts/stay_new.html", form=form, today=_today()), form.status


def _change_page(chosen: Stay, form: ChangeForm, *, looked: bool, sent: bool = False) -> Answer:
    """Draw the days, and below them, once they are `looked` at, what follows; ticks that were `sent` are kept."""
    outside: list[stay_reading.Line] = []
    added: list[stay_reading.Line] = []
    give_up, take = (set(ticked("give_up")), set(ticked())) if sent else (set(), set())
    if looked:
        outside = _outside(chosen, form)
        leaving = {line.work.shift_id for line in outside}
        give_up = give_up & leaving if sent else leaving
        added = _added(chosen, form, give_up, take)
        take = take if sent else {line.work.shift_id for line in added}
    return render_template(
        "shifts/stay_change.html",
        form=form,
        stay=chosen,
        looked=looked,
        outside=outside,
        added=added,
        give_up=give_up,
        take=take,
        lost=lost_lines(db.session, form.gone),
        late=any(map(_is_late, outside)),
    ), form.status


def _can_be(chosen: Stay, form: ChangeForm) -> bool:
    """Return whether these can be the days of a stay; else the form says why not."""
    if not form.validate():
        form.status = 422
        return False
    days = (form.arrives_on.data, form.leaves_on.data, _today())
    try:
        stays.refuse_days(db.session, current_user.id, *days, but=chosen.id)
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True


def _outside(chosen: Stay, days: DaysForm | None) -> list[stay_reading.Line]:
    """Return what one has to come, or waits for, in a stay and outside its new days; all of it without new days."""
    days_of_stay = chosen.arrives_on, chosen.leaves_on
    mine = stay_reading.booked(db.session, current_user.id, *days_of_stay, _zone(), (*HAS_A_PLACE, SignUpState.WAITING))
    return [
        line
        for line in mine
        if line.work.starts_at > now()
        and chosen.arrives_on <= line.work.day <= chosen.leaves_on
        and (days is None or not days.arrives_on.data <= line.work.day <= days.leaves_on.data)
    ]


def _added(chosen: Stay, days: DaysForm, without: Collection[int], kept: Collection[int]) -> list[stay_reading.Line]:
    """Return what is proposed for days that are new."""
    first, last = max(days.arrives_on.data, _today()), days.leaves_on.data
    if first > last or (last - first).days >= stays.LONGEST:
        return []
    if chosen.arrives_on <= first <= chosen.leaves_on < last:
        first = chosen.leaves_on  # only its end is new: what is proposed begins there
    plan = stay_reading.plan(db.session, current_user.id, first, last, _zone(), kept=kept, without=without)
    return [
        line
        for lines in plan.proposed.values()
        for line in lines
        if not chosen.arrives_on <= line.work.day <= chosen.leaves_on
    ]


def _is_late(line: stay_reading.Line) -> bool:
    return line.state == SignUpState.CONFIRMED and signing.is_late(line.row)


def _address(stay_id: int) -> str:
    return f"/my/stay?stay={stay_id}" if stay_id else "/my/stay"


def _today() -> date:
    return local_date(now())


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.extensions["shoreline_settings"].timezone
    return zone
