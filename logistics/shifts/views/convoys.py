"""Pages of a convoy's leader: making it, sharing its link, giving places back; `holding` has those to hold places."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import current_app, flash, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response
from wtforms import Field

from ...clock import now
from ...db import db, stream
from ...errors import NotFound
from ...paging import paginate
from ...people.access import Permission, may, requires
from ...web.asked import number_in, page_number, wants_csv
from ...web.csv import csv_response
from ...web.forms import BaseForm
from ...web.redirects import see_other
from ..forms.convoys import ConvoyForm, GiveBackForm
from ..group_models import Convoy
from ..groups import convoy_reading, convoys, riding
from .blueprint import bp

Answer = Response | tuple[str, int]


@bp.get("/convoys")
@requires(Permission.TAKE_SHIFTS)
def convoy_list() -> Response | str:
    """List the convoys one leads or comes with; those who plan shifts see all."""
    plans = may(Permission.PLAN_SHIFTS)
    query = convoy_reading.listed(None if plans else current_user.id)
    if wants_csv():
        header = [_("Convoy"), _("Leader"), _("People"), _("With a name"), _("Car seats"), _("Over")]

        def lines() -> Iterator[list[Any]]:
            for row in stream(db.session, query):
                yield [row.name, row.leader, row.size, row.named, row.seats, _("yes") if row.ended_at else _("no")]

        return csv_response("convoys.csv", header, lines())
    return render_template("shifts/convoys.html", page=paginate(db.session, query, page_number()), plans=plans)


@bp.route("/convoys/new", methods=["GET", "POST"])
@requires(Permission.TAKE_SHIFTS)
def new_convoy() -> Answer:
    """Make a convoy."""
    form, actor_id = ConvoyForm(), current_user.id
    if form.accepts(
        lambda: convoys.make.once(form.token)(
            actor_id=actor_id,
            name=form.name.data,
            size=form.size.data or 0,
            lapse_hours=form.lapse_hours.data or 0,
            seats=form.seats.data or 0,
        )
    ):
        flash(_("Your convoy is there. Now hold its places."))
        return see_other(f"/convoys/{form.result}/hold")
    return render_template("shifts/convoy_new.html", form=form), form.status


@bp.get("/convoys/<int:convoy_id>")
@requires(Permission.TAKE_SHIFTS)
def convoy(convoy_id: int) -> Answer:
    """Show a convoy to those who come with it, and to those who plan shifts."""
    return convoy_page(convoy_id, BaseForm())


@bp.post("/convoys/<int:convoy_id>/shifts/<int:shift_id>/give-back")
@requires(Permission.TAKE_SHIFTS)
def give_back_places(convoy_id: int, shift_id: int) -> Answer:
    """Give back some of the places of a shift that have no name."""
    form, actor_id = GiveBackForm(), current_user.id
    if form.accepts(
        lambda: convoys.give_back.once(form.token)(
            actor_id=actor_id, convoy_id=convoy_id, shift_id=shift_id, count=form.count.data or 0
        )
    ):
        flash(_("Given back: others can have them now."))
        return see_other(f"/convoys/{convoy_id}#shift-{shift_id}")
    return convoy_page(convoy_id, form, form.count, f"count-{shift_id}")


@bp.post("/convoys/<int:convoy_id>/give-back")
@requires(Permission.TAKE_SHIFTS)
def give_all_back(convoy_id: int) -> Answer:
    """Give back every place that has no name."""
    form, actor_id = BaseForm(), current_user.id
    if form.accepts(lambda: convoys.give_all_back.once(form.token)(actor_id=actor_id, convoy_id=convoy_id)):
        flash(_("Given back: others can have them now."))
        return see_other(f"/convoys/{convoy_id}")
    return convoy_page(convoy_id, form)


@bp.post("/convoys/<int:convoy_id>/link")
@requires(Permission.TAKE_SHIFTS)
def new_convoy_link(convoy_id: int) -> Answer:
    """Make a new link, and stop the old one."""
    form, actor_id = BaseForm(), current_user.id
    if form.accepts(lambda: convoys.new_link.once(form.token)(actor_id=actor_id, convoy_id=convoy_id)):
        flash(_("Here is the new link. The old one works no more."))
        return see_other(f"/convoys/{convoy_id}#link")
    return convoy_page(convoy_id, form)


@bp.post("/convoys/<int:convoy_id>/end")
@requires(Permission.TAKE_SHIFTS)
def end_convoy(convoy_id: int) -> Answer:
    """Give back all that has no name, and end the convoy."""
    form, actor_id = BaseForm(), current_user.id
    if form.accepts(lambda: convoys.end.once(form.token)(actor_id=actor_id, convoy_id=convoy_id)):
        flash(_("The convoy is over. Whoever has a place keeps it."))
        return see_other(f"/convoys/{convoy_id}")
    return convoy_page(convoy_id, form)


class Refused(NamedTuple):
    """What was typed into one of a page's small forms, and why that was refused. `at` is the id of its field."""

    at: str
    value: str
    error: str


def convoy_page(convoy_id: int, form: BaseForm, field: Field | None = None, at: str = "") -> Answer:
    """Draw a convoy's page with what `form` refused, if anything. Raises NotFound for who has no part in it.

    `field` of that form keeps what was typed; `at` is its id on the page, where there are several like it.
    """
    found, me = convoy_reading.get(db.session, convoy_id), current_user.id
    people = convoy_reading.members(db.session, convoy_id)
    mine = next((member for member in people if member.person_id == me), None)
    if mine is None and not may(Permission.PLAN_SHIFTS):
        raise NotFound(convoys.NO_SUCH)
    refused = None
    if field is not None:
        field.id = at  # where the summary of errors leads
        refused = Refused(at, field.raw_data[0] if field.raw_data else "", field.errors[0] if field.errors else "")
    shifts = convoy_reading.on_shifts(db.session, found)
    leads = found.leader_id == me
    last = max((each.shift.ends_at for each in shifts), default=now())
    return render_template(
        "shifts/convoy.html",
        form=form,
        convoy=found,
        people=people,
        me=mine,
        leads=leads,
        shifts=shifts,
        unnamed=sum(each.unnamed for each in shifts if each.shift.starts_at > now()),
        for_me=convoy_reading.for_one(db.session, me, shifts) if mine and not leads else {},
        drivers=convoy_reading.drivers(db.session, convoy_id, last.date()),
        cars=sum(member.seats > 0 for member in people),
        seats=sum(member.seats for member in people),
        refused=refused,
        link=url_for("shifts.join_page", token=link_token(found)) if leads and not found.ended_at else "",
        now=now(),
    ), form.status


def link_token(convoy: Convoy) -> str:
    """Return the token of a convoy's link: signed, so that it can be shown again and yet not made up."""
    return str(_serializer().dumps([convoy.id, convoys.link_of(convoy)]))


def read_token(token: str) -> tuple[int, str]:
    """Return a convoy's id and what its link must carry. Raises NotFound for a token that nobody made."""
    try:
        convoy_id, link = _serializer().loads(token)
    except (BadSignature, ValueError, TypeError):
        raise NotFound(riding.STOPPED) from None
    return number_in(convoy_id), str(link)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="convoy")
