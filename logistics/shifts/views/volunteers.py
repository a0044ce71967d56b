"""Pages of volunteers for coordinators: the list, one of them, and the figures of all."""

from collections.abc import Iterator
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...db import db, stream
from ...paging import Query, paginate
from ...people.access import Permission, requires
from ...web import charts, filters
from ...web.asked import page_number, searched, wants_csv
from ...web.csv import csv_response
from ..worked import figures, hours, volunteers
from ..worked.minutes import decimal
from ..worked.volunteers import Order
from .blueprint import bp
from .hours import zone


@bp.get("/volunteers")
@requires(Permission.PLAN_SHIFTS)
def list_volunteers() -> Response | str:
    """List volunteers with their last shift, hours, and shifts they did not come to."""
    words, order = searched(), _order()
    query = volunteers.listing(words, order)
    if wants_csv():
        header = [_("Number"), _("Name"), _("Email"), _("Last shift"), _("Shifts"), _("Hours"), _("Did not come")]
        return csv_response("volunteers.csv", header, _lines(query))
    return render_template(
        "shifts/volunteers.html",
        page=paginate(db.session, query, page_number()),
        words=words,
        order=order,
        orders={
            Order.NAME: _("By name"),
            Order.LAST: _("Last here first"),
            Order.HOURS: _("Most hours first"),
            Order.MISSED: _("Most missed first"),
        },
    )


@bp.get("/volunteers/<int:person_id>")
@requires(Permission.PLAN_SHIFTS)
def volunteer(person_id: int) -> str:
    """Show what one volunteer has worked and missed, each shift leading to the correction of its hours."""
    return render_template(
        "shifts/volunteer.html",
        person=volunteers.get(db.session, person_id),
        record=volunteers.record_of(db.session, person_id),
        roles=hours.by_role(db.session, person_id),
        missed=volunteers.missed(db.session, person_id),
        page=paginate(db.session, hours.worked_shifts(person_id), page_number()),
    )


@bp.get("/volunteers/figures")
@requires(Permission.PLAN_SHIFTS)
def volunteer_figures() -> str:
    """Show how volunteering goes: hours by role and month, who came again, and who did not come."""
    seen = figures.read(db.session, zone())
    again = [[_percent(each.soon, each.people) for each in seen.newcomers]]
    again.append([_percent(each.later, each.people) for each in seen.newcomers])
    missed = [_percent(each.missed, each.came + each.missed) for each in seen.kept]
    return render_template(
        "shifts/figures.html",
        seen=seen,
        again=again,
        missed=missed,
        hours_chart=charts.stacked([[minutes / 60 for minutes in role.minutes] for role in seen.roles]),
        again_chart=charts.beside(again, 100),
        missed_chart=charts.beside([missed], max((each or 0 for each in missed), default=0)),
        months=[filters.month(each) for each in seen.months],
        short_months=[filters.short_month(each) for each in seen.months],
        rates=(_rate(seen), _percent(sum(each.missed for each in seen.kept), sum(map(_taken, seen.kept)))),
    )


def _rate(seen: figures.Figures) -> int | None:
    """Return what part of the newcomers of whom it can be told came again soon, in per cent."""
    known = [each for each in seen.newcomers if each.soon is not None]
    return _percent(sum(each.soon or 0 for each in known), sum(each.people for each in known))


def _taken(each: figures.Kept) -> int:
    return each.came + each.missed


def _percent(part: int | None, whole: int) -> int | None:
    """Return a part of a whole in per cent; None where there is no whole, or the part is not known."""
    return round(100 * part / whole) if whole and part is not None else None


def _order() -> Order:
    asked = request.args.get("order", "")
    return Order(asked) if asked in set(Order) else Order.NAME


def _lines(query: Query) -> Iterator[list[Any]]:
    for row in stream(db.session, query):
        last = filters.stamp(row.last_at) if row.last_at else ""
        yield [row.id, row.name, row.email, last, row.shifts, decimal(int(row.minutes)), row.missed]
