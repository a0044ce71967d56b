"""The list of distributions, with how full each one's crew is, and how its goods stand."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from flask import current_app, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import Select
from werkzeug.wrappers import Response

from ..clock import midnight, now
from ..db import db, stream
from ..distributions import listing, sites
from ..distributions.models import BEFORE_OUT, GROUPS, Distribution, DistributionState, SiteKind
from ..distributions.words import GROUP_NAMES, STATE_KINDS, STATE_NAMES
from ..paging import paginate
from ..people.access import Permission, requires
from ..shifts.crew import NO_SHIFTS, fullness_of
from ..web import filters
from ..web.asked import page_number, searched, wants_csv
from ..web.csv import csv_response
from . import readiness
from .blueprint import bp
from .board import NO_LIST, totals

SHOWN = {
    listing.COMING: _l("Not finished"),
    listing.OVERDUE: _l("Day passed, not sent off"),
    listing.OVER: lazy_pgettext("distribution", "Over"),
    listing.ALL: _l("All"),
    **{state.value: label for state, label in STATE_NAMES.items()},
}


@bp.get("/distributions")
@requires(Permission.SEE_DISTRIBUTIONS)
def index() -> Response | str:
    """List distributions: the next first."""
    show = request.args.get("show", listing.COMING)
    show = show if show in SHOWN else listing.COMING
    site, words = request.args.get("site", ""), searched()
    every_site = db.session.scalars(sites.search()).all()
    site_id = next((each.id for each in every_site if str(each.id) == site), None)
    today = filters.local_date(now())
    query = listing.distributions(
        show, site_id, words, midnight(today, current_app.extensions["shoreline_settings"].timezone)
    )
    if wants_csv():
        return csv_response("distributions.csv", _csv_header(), _csv_rows(query))
    page = paginate(db.session, query, page_number())
    goods = totals(db.session, [each.id for each in page.rows])
    return render_template(
        "operations/index.html",
        page=page,
        days=[(day, list(rows)) for day, rows in groupby(page.rows, lambda each: filters.local_date(each.starts_at))],
        crews=fullness_of(db.session, [each.id for each in page.rows]),
        goods={each.id: readiness.goods(goods[each.id], each.state) for each in page.rows if goods[each.id].has_list},
        before_out=BEFORE_OUT,
        shown=SHOWN,
        show=show,
        meeting_points=[each for each in every_site if each.kind == SiteKind.MEETING_POINT],
        site_id=site_id,
        words=words,
        filtered=bool(words or site_id or show != listing.COMING),
        state_names=STATE_NAMES,
        state_kinds=STATE_KINDS,
        today=today,
    )


def _csv_header() -> list[str]:
    plan = [_("Number"), _("What"), _("Where"), _("State"), _("Starts"), _("Ends")]
    crew = [_("Crew"), _("Places"), _("Crew short"), _("Experienced people short")]
    goods = [_("Goods planned"), _("Goods packed"), _("Goods short")]
    expected = [_("%(group)s expected", group=GROUP_NAMES[group]) for group in GROUPS]
    return plan + crew + goods + expected + [_("%(group)s served", group=GROUP_NAMES[group]) for group in GROUPS]


def _csv_rows(query: Select[Any]) -> Iterator[list[Any]]:
    ids = query.with_only_columns(Distribution.id).order_by(None)
    crews, goods = fullness_of(db.session, ids), totals(db.session, ids)
    for each in stream(db.session, query):
        plan = [each.id, each.title, filters.named(each.site), STATE_NAMES[DistributionState(each.state)]]
        times = [filters.stamp(each.starts_at), filters.stamp(each.ends_at)]
        crew = crews.get(each.id, NO_SHIFTS)
        served = [getattr(each, f"served_{group}") for group in GROUPS]
        seen = goods.get(each.id, NO_LIST)
        taken = [seen.planned, seen.packed, seen.missing]
        yield [
            *plan,
            *times,
            crew.filled,
            crew.maximum,
            crew.short,
            crew.lacking,
            *taken,
            *each.expected.values(),
            *served,
        ]
