"""What stock tells: as it stood on any day, and in figures."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...db import db
from ...money import major
from ...people.access import Permission, requires
from ...web import charts
from ...web.asked import day_asked, id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import either, named, short_day, today, zone
from .. import products, words
from ..knowing import as_of, figures
from ..searching import search
from ..warehouses import warehouses
from .blueprint import bp, one_of

EVERY = 4  # weeks between two labels of a chart


@bp.get("/stock/as-of")
@requires(Permission.SEE_STOCK)
def stock_as_of() -> Response | str:
    """Show what was on hand at the end of a day, and what it would cost to buy."""
    sites = warehouses(db.session)
    site = one_of(sites, id_asked("warehouse"))
    day = min(day_asked("day") or today(), today())
    wanted = as_of.AsOf(day, site.id if site else 0, search(db.session, searched()))
    if wants_csv():
        header = [_("Day"), _("Warehouse"), _("Product"), _("Gender"), _("Size"), _("On hand")]
        header += [_("Value in pounds"), _("Value in euros")]
        return csv_response(f"stock-{day.isoformat()}.csv", header, _as_of_rows(wanted))
    return render_template(
        "stock/as_of.html",
        wanted=wanted,
        sites=sites,
        today=today(),
        total=as_of.total(db.session, wanted, zone()),
        page=as_of.page(db.session, wanted, zone(), page_number()),
    )


def _as_of_rows(wanted: as_of.AsOf) -> Iterator[Sequence[Any]]:
    label = words.labels()
    for row in as_of.every(db.session, wanted, zone()):
        value = f"{major(row.value):.2f}" if row.value or row.unit_cost else ""
        euros = f"{major(row.euros):.2f}" if row.euros else ""
        what = (either(row.warehouse, row.warehouse_fr), named(row), words.for_whom(row.gender), label[row.label])
        yield wanted.day, *what, row.quantity, value, euros


@bp.get("/stock/figures")
@requires(Permission.SEE_STOCK)
def stock_figures() -> Response | str:
    """Show what came in and went out week by week, how much was thrown out, and how often stock turns over."""
    sites = warehouses(db.session)
    site = one_of(sites, id_asked("warehouse"))
    category = request.args.get("category", "")[:60]
    site_id, sizes = site.id if site else 0, figures.pieces(category)
    weeks = figures.weeks(db.session, zone(), sizes, site_id)
    discarded = figures.discarded(db.session, zone(), weeks, site_id, category)
    if wants_csv():
        header = [_("Week from"), _("Came in"), _("Went out"), _("Thrown out while sorting")]
        rows = zip(weeks.firsts, weeks.came_in, weeks.went_out, discarded.by_week, strict=True)
        return csv_response("stock-by-week.csv", header, rows)
    there = figures.on_hand(db.session, sizes, site_id)
    worth = None if category else as_of.total(db.session, as_of.AsOf(today(), site_id), zone())
    return render_template(
        "stock/figures.html",
        weeks=weeks,
        chart=week_chart(weeks),
        labels=week_labels(weeks.firsts),
        there=there,
        worth=worth,
        turnover=figures.turnover(weeks.went_out, there),
        discarded=discarded,
        reasons=words.DISCARDED,
        sites=sites,
        site=site,
        category=category,
        categories=words.label_choices(products.categories(db.session)),
    )


def week_chart(weeks: figures.Weeks) -> charts.Chart | None:
    """Return the chart of what came in beside what went out; none when nothing did."""
    if weeks.empty:
        return None
    series = tuple([max(number, 0) for number in each] for each in (weeks.came_in, weeks.went_out))
    return charts.beside(series, max(max(each) for each in series))


def week_labels(firsts: Sequence[date]) -> list[str]:
    """Return what stands below a chart's weeks: every fourth says its Monday."""
    return [short_day(first) if number % EVERY == 2 else "" for number, first in enumerate(firsts)]
