"""Pages of hours: one's own, those of a shift, and everyone's for the charity's books."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import current_app, flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...clock import now
from ...db import db, stream
from ...paging import Query, paginate
from ...people.access import Permission, requires
from ...web import filters
from ...web.asked import day_asked, page_number, wants_csv
from ...web.csv import csv_response
from ...web.redirects import see_other
from .. import listing
from ..forms.hours import LetterForm, changed, correction_form
from ..worked import hours, letters
from ..worked.minutes import decimal, typed
from .blueprint import bp

Answer = Response | tuple[str, int]
bp.add_app_template_filter(typed, "hours_typed")


@bp.app_template_filter("hours")
def in_words(minutes: int) -> str:
    """Return minutes as a page says them: "142 h 30"."""
    whole, rest = divmod(minutes, 60)
    return f"{filters.number(whole)}\xa0h" + (f"\xa0{rest:02}" if rest else "")


@bp.get("/my/hours")
@requires(Permission.TAKE_SHIFTS)
def my_hours() -> Answer:
    """Show one's own hours: their sum, by role, shift by shift, and letters that certify them."""
    if wants_csv():
        return csv_response("my-hours.csv", _header(), _lines(hours.worked_shifts(current_user.id)))
    return my_hours_page(LetterForm(last_day=filters.local_date(now())))


def my_hours_page(form: LetterForm) -> Answer:
    """Draw one's own hours, with the form for a letter as it stands."""
    me = current_user.id
    page = paginate(db.session, hours.worked_shifts(me), page_number())
    return (
        render_template(
            "shifts/my_hours.html",
            page=page,
            total=hours.total(db.session, me),
            roles=hours.by_role(db.session, me),
            letters=letters.latest(db.session, me),
            form=form,
        ),
        form.status,
    )


@bp.route("/shifts/<int:shift_id>/hours", methods=["GET", "POST"])
@requires(Permission.PLAN_SHIFTS)
def shift_hours(shift_id: int) -> Answer:
    """Show the hours of everyone on a shift, and correct them."""
    shift = listing.get(db.session, shift_id)
    crew = hours.of_shift(db.session, shift_id)
    form = correction_form(crew)
    actor_id = current_user.id

    def correct() -> int:
        return hours.correct.once(form.token)(actor_id=actor_id, shift_id=shift_id, minutes=changed(form, crew))

    if form.accepts(correct):
        flash(_("Saved."))
        return see_other(f"/shifts/{shift_id}/hours")
    if form.status != 200:
        shift = listing.get(db.session, shift_id)
    return render_template("shifts/shift_hours.html", shift=shift, crew=crew, form=form), form.status


@bp.get("/volunteers/hours")
@requires(Permission.PLAN_SHIFTS)
def all_hours() -> Answer:
    """List everyone's hours in a period, for the charity's books."""
    first_day, last_day = asked_days()
    period = letters.days(first_day, last_day, zone())
    query = hours.worked_shifts(None, period)
    if wants_csv():
        header = [_("Volunteer"), _("Number of the volunteer"), *_header()]
        return csv_response(f"hours-{first_day}-{last_day}.csv", header, _lines(query, names=True))
    return (
        render_template(
            "shifts/all_hours.html",
            page=paginate(db.session, query, page_number()),
            total=hours.total(db.session, None, period),
            first_day=first_day,
            last_day=last_day,
        ),
        200,
    )


def asked_days() -> tuple[date, date]:
    """Return the days from and to which a list is asked for: this year until today, unless told."""
    today = filters.local_date(now())
    last_day = day_asked("to") or today
    first_day = day_asked("from") or last_day.replace(month=1, day=1)
    return min(first_day, last_day), max(first_day, last_day)


def zone() -> Any:
    """Return the time zone of the clock on the wall."""
    return current_app.extensions["shoreline_settings"].timezone


def _header() -> list[str]:
    return [_("Role"), _("Where"), _("Starts"), _("Ends"), _("Hours"), _("Minutes"), _("Corrected")]


def _lines(query: Query, *, names: bool = False) -> Iterator[list[Any]]:
    for row in stream(db.session, query):
        who = [_("someone who left") if row.gone else row.person, row.person_id] if names else []
        what = [filters.named(row), filters.either(row.site, row.site_fr)]
        times = [filters.stamp(row.starts_at), filters.stamp(row.ends_at)]
        yield [*who, *what, *times, decimal(row.minutes), row.minutes, _("yes") if row.corrected else _("no")]
