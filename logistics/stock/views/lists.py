"""What is on hand, and the ledger."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...clock import midnight
from ...db import db
from ...people.access import Permission, requires
from ...web.asked import day_asked, id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import either, local_date, named, time
from .. import history, on_hand, products, words
from ..ledger import MovementReason
from ..models import Product
from ..searching import search
from ..targets import below
from ..transfers import listing as transfers
from ..warehouses import warehouses
from .blueprint import bp, one_of


@bp.get("/stock")
@requires(Permission.SEE_STOCK)
def stock() -> Response | str:
    """Show what is on hand, promised and available, per warehouse, product and size."""
    sites = warehouses(db.session)
    site = one_of(sites, id_asked("warehouse"))
    wanted = on_hand.StockFilter(
        search(db.session, searched()), site.id if site else 0, request.args.get("category", "")[:60]
    )
    if wants_csv():
        return _stock_csv(wanted)
    lacking = below.below(db.session)
    coming = transfers.on_the_way(
        db.session, warehouse_id=wanted.warehouse_id, search=wanted.search, category=wanted.category
    )
    by_product: Counter[tuple[int, int]] = Counter()
    for row in coming:
        by_product[row.product_id, row.warehouse_id] += row.left
    return render_template(
        "stock/index.html",
        below=len({one.product.id for one in lacking}),
        low={(one.product.id, one.warehouse and one.warehouse.id) for one in lacking},
        on_the_way=transfers.pieces(coming),
        coming=by_product,
        page=on_hand.find_stock(db.session, wanted, page_number()),
        wanted=wanted,
        sites=sites,
        site=site,
        categories=words.label_choices(products.categories(db.session)),
        total=on_hand.stock_total(db.session, wanted),
    )


def _stock_csv(wanted: on_hand.StockFilter) -> Response:
    header = [_("Warehouse"), _("Product"), _("Gender"), _("Category"), _("Size")]
    header += [_("On hand"), _("Promised"), _("Past their date"), _("Available")]
    return csv_response("stock.csv", header, _stock_rows(wanted))


def _stock_rows(wanted: on_hand.StockFilter) -> Iterator[Sequence[Any]]:
    label = words.labels()
    for row in on_hand.all_stock(db.session, wanted):
        where = either(row.warehouse, row.warehouse_fr)
        what = (where, named(row), words.listed_gender(row.gender), label[row.category], label[row.label])
        yield *what, row.on_hand, row.allocated, row.expired, row.available


@bp.get("/stock/movements")
@requires(Permission.SEE_STOCK)
def movements() -> Response | str:
    """Show the ledger, newest first."""
    reason = request.args.get("reason", "")
    zone = current_app.extensions["shoreline_settings"].timezone
    since, until = day_asked("since"), day_asked("until")
    wanted = history.MovementFilter(
        code=searched("box"),
        product_id=id_asked("product"),
        reason=reason if reason in set(MovementReason) else "",
        since=midnight(since, zone) if since else None,
        until=midnight(until + timedelta(days=1), zone) if until else None,
    )
    if wants_csv():
        return _movements_csv(wanted)
    return render_template(
        "stock/movements.html",
        page=history.MOVEMENTS.page(db.session, wanted, page_number()),
        wanted=wanted,
        since=since,
        until=until,
        product=db.session.get(Product, wanted.product_id) if wanted.product_id else None,
        reasons=words.REASONS,
        words=words,
        days=by_day,
    )


def by_day(rows: Sequence[Any]) -> Iterator[tuple[date, list[Any]]]:
    """Yield the movements of each day together."""
    together: list[Any] = []
    for row in rows:
        if together and local_date(together[0].at) != local_date(row.at):
            yield local_date(together[0].at), together
            together = []
        together.append(row)
    if together:
        yield local_date(together[0].at), together


def _movements_csv(wanted: history.MovementFilter) -> Response:
    header = [_("Date"), _("Time"), _("Box"), _("Product"), _("Gender"), _("Size"), _("How many"), _("From"), _("To")]
    header += [_("Why"), _("Distribution"), _("Who"), _("Note")]
    return csv_response("movements.csv", header, _movement_rows(wanted))


def _movement_rows(wanted: history.MovementFilter) -> Iterator[Sequence[Any]]:
    label = words.labels()
    for row in history.MOVEMENTS.every(db.session, wanted):
        yield (
            local_date(row.at).isoformat(),
            time(row.at),
            row.code,
            named(row),
            words.listed_gender(row.gender),
            label[row.label],
            row.quantity,
            f"{words.warehouse(row, 'from')}: {row.from_name}" if row.from_site else row.from_name,
            f"{words.warehouse(row, 'to')}: {row.to_name}" if row.to_site else row.to_name,
            words.REASONS[MovementReason(row.reason)],
            row.distribution,
            row.actor,
            row.note,
        )
