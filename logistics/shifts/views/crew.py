"""Pages by which coordinators put people on a shift, take them off it, and call others out when it is short."""

from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import Select, case, select
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...errors import Conflict, DomainError, NotFound, msg
from ...paging import paginate
from ...people.access import Permission, requires
from ...people.models import Person
from ...web import filters
from ...web.asked import number_in, page_number, searched
from ...web.forms import BaseForm, Line
from ...web.redirects import see_other
from .. import listing, signing
from ..models import HOLDS_PLACES, SignUp, SignUpState
from ..qualifying import eligibility, requirements
from ..telling import call_outs
from .blueprint import bp

MOST_FOUND = 20
STATES = (*HOLDS_PLACES, SignUpState.WAITING)
ADDABLE = (SignUpState.WAITING, SignUpState.HELD)  # who has to do with the shift, but has no place of their own
Answer = Response | tuple[str, int]


class RemoveForm(BaseForm):
    """Taking someone off a shift."""

    reason = Line(
        _l("Why?"), longest=signing.LONGEST_REASON, description=_l("They read this in the mail that tells them.")
    )


@bp.get("/shifts/<int:shift_id>/crew")
@requires(Permission.PLAN_SHIFTS)
def crew(shift_id: int) -> Answer:
    """Show who is on a shift, offered a place and waiting; ?q= finds people to add."""
    return _crew_page(shift_id)


@bp.post("/shifts/<int:shift_id>/crew")
@requires(Permission.PLAN_SHIFTS)
def add_to_crew(shift_id: int) -> Answer:
    """Put someone on a shift, beyond its maximum only when that was asked for in so many words."""
    form, actor_id = BaseForm(), current_user.id
    person_id, over = number_in(request.form.get("person")), request.form.get("over") == "1"

    def add() -> int:
        try:
            return signing.add_person.once(form.token)(
                actor_id=actor_id, shift_id=shift_id, person_id=person_id, over=over
            )
        except (signing.Clash, eligibility.NotYet) as refusal:
            raise Conflict(_of_them(person_id, refusal)) from None

    if form.accepts(add):
        flash(_("Added. They are told by mail."))
        return see_other(f"/shifts/{shift_id}/crew")
    return _crew_page(shift_id, form)


@bp.route("/shifts/<int:shift_id>/crew/<int:person_id>/remove", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def remove_from_crew(shift_id: int, person_id: int) -> Answer:
    """Take someone off a shift, and tell them why."""
    form, actor_id = RemoveForm(), current_user.id
    if form.accepts(
        lambda: signing.remove_person.once(form.token)(
            actor_id=actor_id, shift_id=shift_id, person_id=person_id, reason=form.reason.data or ""
        )
    ):
        flash(_("Taken off the shift. They are told by mail."))
        return see_other(f"/shifts/{shift_id}/crew")
    shift = listing.get(db.session, shift_id)
    name = db.session.scalar(_crew(shift_id).with_only_columns(Person.name).where(Person.id == person_id))
    if name is None and not form.is_submitted():
        raise NotFound(msg("They are not on this shift."))
    return render_template("shifts/crew_remove.html", form=form, shift=shift, name=name or ""), form.status


@bp.get("/shifts/<int:shift_id>/call-out")
@requires(Permission.PLAN_SHIFTS)
def call_out(shift_id: int) -> Answer:
    """Show whom a call-out for a shift that is short would ask."""
    return _call_out_page(shift_id, BaseForm())


@bp.post("/shifts/<int:shift_id>/call-out")
@requires(Permission.PLAN_SHIFTS)
def send_call_out(shift_id: int) -> Answer:
    """Ask the next few people to fill in on a shift."""
    form, actor_id, zone = BaseForm(), current_user.id, filters.zone()
    seen = number_in(request.form.get("seen"))
    if form.accepts(
        lambda: call_outs.send.once(form.token)(actor_id=actor_id, shift_id=shift_id, seen=seen, zone=zone)
    ):
        flash(ngettext("%(num)d person is asked by mail.", "%(num)d people are asked by mail.", form.result))
        return see_other(f"/shifts/{shift_id}/call-out")
    return _call_out_page(shift_id, form)


def _crew_page(shift_id: int, form: BaseForm | None = None) -> tuple[str, int]:
    shift, words = listing.get(db.session, shift_id), searched()
    page, is_open = (
        paginate(db.session, _crew(shift_id), page_number()),
        shift.cancelled_at is None and shift.ends_at > now(),
    )
    return render_template(
        "shifts/crew.html",
        form=form or BaseForm(),
        shift=shift,
        page=page,
        words=words,
        found=_others(shift_id, words) if words else [],
        most=MOST_FOUND,
        open=is_open,
        full=shift.filled >= shift.maximum,
        lacking=requirements.lacking(db.session, [shift]).get(shift_id, 0) if is_open else 0,
        short=call_outs.why_closed(shift) is None,
    ), form.status if form else 200


def _call_out_page(shift_id: int, form: BaseForm) -> tuple[str, int]:
    shift = listing.get(db.session, shift_id)
    closed = call_outs.why_closed(shift)
    return render_template(
        "shifts/call_out.html",
        form=form,
        shift=shift,
        closed=closed,
        missing=call_outs.missing(shift),
        asked=call_outs.asked_so_far(db.session, shift_id),
        found=[] if closed else call_outs.candidates(db.session, shift, filters.zone()),
        Here=call_outs.Here,
    ), form.status


def _crew(shift_id: int) -> Select[*tuple[Any, ...]]:
    """Return the query for those who have to do with a shift: its crew, then offers, then the line in its order."""
    order = case((SignUp.state == SignUpState.OFFERED, 1), (SignUp.state == SignUpState.WAITING, 2), else_=0)
    return (
        select(Person.id, Person.name, SignUp.state, SignUp.places, SignUp.added_by)
        .join(SignUp, SignUp.person_id == Person.id)
        .where(SignUp.shift_id == shift_id, SignUp.state.in_(STATES))
        .order_by(order, SignUp.waiting_since, Person.name, Person.id)
    )


def _others(shift_id: int, words: str) -> Any:
    """Return accounts of that name that are not on the shift, as many as a page shows and one more."""
    on_it = select(SignUp.person_id).where(
        SignUp.shift_id == shift_id, SignUp.state.in_(STATES), SignUp.state.not_in(ADDABLE)
    )
    return db.session.execute(
        select(Person.id, Person.name, Person.email)
        .where(
            Person.name.icontains(words, autoescape=True),
            Person.disabled_at.is_(None),
            Person.deleted_at.is_(None),
            Person.id.not_in(on_it),
        )
        .order_by(Person.name, Person.id)
        .limit(MOST_FOUND + 1)
    ).all()


def _of_them(person_id: int, refusal: DomainError) -> Any:
    """Return a refusal, which speaks to whom it is about, as a coordinator reads it."""
    name = db.session.scalar(select(Person.name).where(Person.id == person_id)) or ""
    if isinstance(refusal, signing.Clash):
        other = refusal.other
        return msg(
            "%(name)s is on another shift at that time: %(role)s, %(when)s.",
            name=name,
            role=filters.named(other),
            when=f"{filters.day(other.starts_at)}, {filters.when(other.starts_at, other.ends_at)}",
        )
    return msg("%(name)s can’t take this shift yet. They are told: %(why)s", name=name, why=refusal.message)
