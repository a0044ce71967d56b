"""Pages on which a convoy's leader chooses shifts, and holds places on all of them or waits together for one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ...clock import midnight, now
from ...db import db
from ...errors import NotFound
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import day_asked, id_asked, page_number, searched
from ...web.redirects import see_other
from .. import listing, places
from ..forms.convoys import HoldForm
from ..group_models import Convoy
from ..groups import convoy_reading, convoys
from ..models import Shift, SignUpState
from ..qualifying import standing
from ..wanted import Wanted
from . import list_page, rows
from .blueprint import bp
from .convoys import Answer, convoy_page
from .ticks import LostLine, lost_lines, ticked

ON_A_PAGE = listing.PAGE_SIZES[-1]  # a tick is worth nothing on another page, so one should do
_HOLDING = {SignUpState.CONFIRMED, SignUpState.HELD}


@dataclass(frozen=True)
class Choice:
    """A shift to tick: its row, how many places the convoy holds there, and why its leader can't come, if so.

    `waits_for` is how many places its leader waits for there. `closed` is why nothing can be held there at all.
    """

    row: Any
    held: int = 0
    waits_for: int = 0
    not_me: str = ""
    closed: str = ""


@bp.route("/convoys/<int:convoy_id>/hold", methods=["GET", "POST"])
@requires(Permission.TAKE_SHIFTS)
def hold_places(convoy_id: int) -> Answer:
    """Choose shifts, and hold places on all of them or on none."""
    found = _led(convoy_id)
    form, actor_id, wanted = HoldForm(data={"count": found.size}), current_user.id, ticked()
    if form.is_submitted() and not wanted:
        form.status = 422
        form.form_errors.append(_("Tick at least one shift."))
    elif form.accepts(
        lambda: convoys.hold.once(form.token)(
            actor_id=actor_id,
            convoy_id=convoy_id,
            shift_ids=wanted,
            count=form.count.data or 0,
            myself=not form.without_me.data,
        )
    ):
        flash(_("Your places are held. Share the link, so that they get names."))
        _say_given_up(form.result)
        return see_other(f"/convoys/{convoy_id}")
    return _page(_led(convoy_id), form, set(wanted))


def _say_given_up(shift_ids: Sequence[int]) -> None:
    """Say of which shifts the convoy waits for no more places, since it took fewer than it waited for."""
    query = select(Shift).where(Shift.id.in_(shift_ids)).order_by(Shift.starts_at, Shift.id)
    for shift in db.session.scalars(query.options(joinedload(Shift.role))).all() if shift_ids else ():
        what = {"role": filters.named(shift.role), "day": filters.day(shift.starts_at)}
        flash(_("You took fewer places than you waited for on %(role)s, %(day)s: you wait there no more.", **what))


@bp.post("/convoys/<int:convoy_id>/wait")
@requires(Permission.TAKE_SHIFTS)
def wait_together(convoy_id: int) -> Answer:
    """Put a convoy on the waiting list of a shift that has not enough places for it."""
    form, actor_id = HoldForm(), current_user.id
    shift_id = next(iter(ticked()), 0)
    if form.accepts(
        lambda: convoys.wait.once(form.token)(
            actor_id=actor_id, convoy_id=convoy_id, shift_id=shift_id, count=form.count.data or 0
        )
    ):
        flash(_("You wait together. When there are places for all of you, we write to you."))
        return see_other(f"/convoys/{convoy_id}")
    return convoy_page(convoy_id, form)


def _page(convoy: Convoy, form: HoldForm, chosen: Collection[int]) -> Answer:
    found = listing.read(db.session, _wanted(convoy.leader_id), page_number(), ON_A_PAGE, stands=True)
    first_step = standing.first_step(found.standing, now()) if found.standing else None
    lost = lost_lines(db.session, form.gone)
    return render_template(
        "shifts/convoy_hold.html",
        form=form,
        convoy=convoy,
        found=found,
        page=found.page,
        choices=_choices(convoy, found, first_step),
        first_step=first_step,
        role_options=rows.role_options(found.names, id_asked("role")),
        site_options=rows.site_options(found.names, id_asked("site")),
        words=searched(),
        role_id=id_asked("role"),
        site_id=id_asked("site"),
        day=day_asked("day"),
        until=day_asked("until"),
        ticked=chosen,
        lost=lost,
        can_wait=[] if form.without_me.data else _can_wait(lost, found),
    ), form.status


def _wanted(leader_id: int) -> Wanted:
    """Return which shifts the address asks for, as that of the list does, but for several days."""
    first, last = day_asked("day"), day_asked("until")
    since = midnight(first, list_page.zone()) if first else now()
    return Wanted(
        id_asked("role") or None,
        id_asked("site") or None,
        max(since, now()),
        midnight(last + timedelta(days=1), list_page.zone()) if last else None,
        searched(),
        person_id=leader_id,
    )


def _choices(convoy: Convoy, found: listing.ShiftList, first_step: standing.Why | None) -> list[Choice]:
    ids = [row.id for row in found.page.rows]
    held, elsewhere = convoy_reading.held(db.session, convoy, ids)
    can = rows.Reader(found, found.standing, found.crews, first_step)
    offered = {mine.shift_id for mine in found.mine if mine.state == SignUpState.OFFERED}
    waits = {mine.shift_id: mine.places for mine in found.mine if mine.state == SignUpState.WAITING}
    return [
        Choice(
            row,
            held.get(row.id, 0),
            waits.get(row.id, 0),
            _not_me(can.can(row)),
            _closed(row.id, offered, elsewhere),
        )
        for row in found.page.rows
    ]


def _not_me(can: rows.Can) -> str:
    if can.why == "overlaps":
        return str(_("overlaps your %(role)s shift", role=can.words))
    return can.words if can.why == "not-yet" else ""


def _closed(shift_id: int, offered: Collection[int], elsewhere: Collection[int]) -> str:
    if shift_id in offered:
        return str(_("offers you places already: answer that first"))
    return str(_("you hold places there for another convoy")) if shift_id in elsewhere else ""


def _can_wait(lost: Collection[LostLine], found: listing.ShiftList) -> list[LostLine]:
    """Return which of the shifts that can't be had a convoy can wait for: full ones, on which its leader has nothing."""
    has_some = {mine.shift_id for mine in found.mine if mine.state in _HOLDING}
    return [
        line
        for line in lost
        if line.full
        and line.shift is not None
        and line.shift.id not in has_some
        and places.offer_until(line.shift.starts_at) is not None
    ]


def _led(convoy_id: int) -> Convoy:
    """Return a convoy that one leads. Raises NotFound for any other."""
    found = convoy_reading.get(db.session, convoy_id)
    if found.leader_id != current_user.id:
        raise NotFound(convoys.NO_SUCH)
    convoys.refuse_ended(found)
    return found
