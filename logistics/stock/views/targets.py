"""Minimums and targets: of all products in one table, of one on its page, and what is below its minimum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import and_, func, select
from werkzeug.wrappers import Response

from ...db import db, stream
from ...distributions.models import Site
from ...paging import Page, Query, cut_list, paginate
from ...people.access import Permission, requires
from ...web.asked import id_asked, number_in, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import named
from ...web.redirects import see_other
from ...web.views import this_query
from .. import products, words
from ..models import Availability, Product, Size
from ..searching import products_like
from ..targets import below, forms, setting
from ..targets.models import Season, StockTarget
from ..targets.words import SEASONS
from ..warehouses import warehouses
from .blueprint import bp, one_of

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """Which products a table shows, where and when its numbers hold."""

    words: str
    category: str
    warehouse_id: int
    season: Season
    only_set: bool


@bp.get("/stock/below")
@requires(Permission.SEE_STOCK)
def below_minimum() -> Response | str:
    """Show what is below its minimum now, and how many are missing to the target."""
    found = below.below(db.session)
    if wants_csv():
        header = [_("Product"), _("Gender"), _("Where"), _("Free"), _("Minimum"), _("Target"), _("Missing")]
        return csv_response("below-minimum.csv", header, map(_below_row, found))
    return render_template("stock/below.html", page=cut_list(found, page_number()))


def _below_row(one: below.Below) -> Sequence[Any]:
    place = named(one.warehouse) if one.warehouse else _("All warehouses together")
    what = (named(one.product), words.listed_gender(one.product.gender), place)
    return *what, one.free, one.minimum, one.target, one.lacking


@bp.get("/stock/targets")
@requires(Permission.SEE_STOCK)
def targets() -> Answer:
    """Show the minimums and targets of products, to be changed in place, for one warehouse (or all) and season."""
    sites = warehouses(db.session)
    asked = _asked(sites)
    if wants_csv():
        header = [_("Product"), _("Gender"), _("Category"), _("Free"), _("Minimum"), _("Target")]
        return csv_response("targets.csv", header, _csv_rows(asked))
    page = paginate(db.session, _rows(asked), page_number())
    return _page(page, asked, sites, forms.table_form([row.Product for row in page.rows], _kept(page.rows)))


@bp.post("/stock/targets")
@requires(Permission.MOVE_STOCK)
def set_targets() -> Answer:
    """Set what was changed in the table."""
    sites = warehouses(db.session)
    asked = _asked(sites)
    everything = replace(asked, words="", category="", only_set=False)  # whatever the page was narrowed to
    sent = {number_in(name.removeprefix("seen_")) for name in request.form if name.startswith("seen_")}
    rows = db.session.execute(_rows(everything).where(Product.id.in_(sent))).all()
    form = forms.table_form([row.Product for row in rows], _kept(rows))
    product_ids = [row.Product.id for row in rows]
    actor_id = current_user.id
    if form.accepts(
        lambda: setting.set_targets.once(form.token)(
            actor_id=actor_id,
            warehouse_id=asked.warehouse_id,
            season=asked.season.value,
            wishes=forms.wishes(form, product_ids),
        )
    ):
        if form.result:
            flash(ngettext("Saved for %(num)d product.", "Saved for %(num)d products.", form.result))
        else:
            flash(_("Nothing was changed."))
        return see_other(this_query())
    rows = db.session.execute(_rows(everything).where(Product.id.in_(sent))).all()
    return _page(Page(rows, 1, len(rows)), asked, sites, form)


def _asked(sites: Sequence[Site]) -> Asked:
    site, season = one_of(sites, id_asked("warehouse")), request.args.get("season", "")
    return Asked(
        searched(),
        request.args.get("category", "")[:60],
        site.id if site else 0,
        Season(season) if season in set(Season) else Season.ALL_YEAR,
        request.args.get("set") == "1",
    )


def _rows(asked: Asked) -> Query:
    """Return the query for products with what is free of them there and their bounds."""
    free = select(func.coalesce(func.sum(below.FREE), 0)).join(Size, Size.id == Availability.size_id)
    if asked.warehouse_id:
        free = free.where(Availability.warehouse_id == asked.warehouse_id)
    query: Query = (
        select(
            Product,
            free.where(Size.product_id == Product.id).correlate(Product).scalar_subquery().label("free"),
            StockTarget.minimum,
            StockTarget.target,
        )
        .outerjoin(
            StockTarget,
            and_(
                StockTarget.product_id == Product.id,
                StockTarget.warehouse_id.is_not_distinct_from(asked.warehouse_id or None),
                StockTarget.season == asked.season.value,
            ),
        )
        .where(Product.closed_at.is_(None))
        .order_by(Product.name_key, Product.gender, Product.id)
    )
    if asked.category:
        query = query.where(Product.category == asked.category)
    if asked.only_set:
        query = query.where(StockTarget.id.is_not(None))
    return query.where(*products_like(db.session, asked.words))


def _kept(rows: Sequence[Any]) -> dict[int, setting.Bounds]:
    return {row.Product.id: setting.Bounds(row.minimum, row.target) for row in rows}


def _page(page: Page[Any], asked: Asked, sites: Sequence[Site], form: Any) -> tuple[str, int]:
    html = render_template(
        "stock/targets.html",
        page=page,
        wanted=asked,
        sites=sites,
        seasons=SEASONS,
        categories=words.label_choices(products.categories(db.session)),
        form=form,
    )
    return html, form.status


def _csv_rows(asked: Asked) -> Iterator[Sequence[Any]]:
    label = words.labels()
    for row in stream(db.session, _rows(asked)):
        product = row.Product
        what = (named(product), words.listed_gender(product.gender), label[product.category])
        yield *what, row.free, row.minimum, row.target
