"""The page on which a lead ticks off who was at today's briefing."""

from flask import flash, render_template, request
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db
from ...errors import Conflict, Invalid
from ...people.access import Permission, may, requires
from ...web.asked import number_in
from ...web.filters import local_date
from ...web.forms import BaseForm
from ...web.i18n import translate
from ...web.redirects import see_other
from .. import listing
from ..qualifying import on_the_day
from .blueprint import bp

Answer = Response | tuple[str, int]


@bp.get("/shifts/<int:shift_id>/on-the-day")
@requires(Permission.TAKE_SHIFTS)
def on_the_day_page(shift_id: int) -> Answer:
    """Show what the crew is given on the day, and who has it."""
    return _page(shift_id)


@bp.post("/shifts/<int:shift_id>/on-the-day/<int:qualification_id>")
@requires(Permission.TAKE_SHIFTS)
def give_on_the_day(shift_id: int, qualification_id: int) -> Answer:
    """Write down that those who are ticked were given it."""
    form = BaseForm()
    ticked = tuple(sorted({number_in(text) for text in request.form.getlist("person_ids")}))
    try:
        new = on_the_day.give.once(form.token)(
            actor_id=current_user.id,
            runs=may(Permission.RUN_DISTRIBUTIONS),
            shift_id=shift_id,
            qualification_id=qualification_id,
            person_ids=ticked,
            today=local_date(now()),
        )
    except (Conflict, Invalid) as refusal:
        return _page(shift_id, translate(refusal.message), refusal.status)
    flash(ngettext("Written down for %(num)d person.", "Written down for %(num)d people.", new))
    return see_other(f"/shifts/{shift_id}/on-the-day")


def _page(shift_id: int, refusal: str = "", status: int = 200) -> Answer:
    shift = listing.get(db.session, shift_id)
    on_the_day.refuse(db.session, shift, current_user.id, may(Permission.RUN_DISTRIBUTIONS))
    asked = on_the_day.asked(db.session, shift, local_date(now()))
    return render_template("shifts/on_the_day.html", shift=shift, asked=asked, refusal=refusal), status
