"""What is past its date or will be soon, and taking out what is past it."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...distributions.models import Site
from ...people.access import Permission, requires
from ...web.asked import id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import either, named, today
from ...web.redirects import see_other
from ...web.views import this_query
from .. import disposing, words
from ..counting import CorrectionReason
from ..labelling import many
from ..labelling.forms import DisposeForm
from ..searching import search
from ..warehouses import warehouses
from .blueprint import bp, one_of

Answer = Response | str | tuple[str, int]
SHOWN = {"past": disposing.PAST, **{str(days): days for days in disposing.HORIZONS}}


@bp.get("/stock/expiring")
@requires(Permission.SEE_STOCK)
def expiring() -> Answer:
    """Show boxes on shelves that are past their date, or will be in 7, 30 or 60 days, the earliest first."""
    if wants_csv():
        return _csv(_asked(warehouses(db.session)))
    return _page(DisposeForm(formdata=None))


@bp.post("/stock/expiring")
@requires(Permission.MOVE_STOCK)
def dispose() -> Answer:
    """Take the ticked boxes, which are past their date, out of stock: all of them, or none."""
    form = DisposeForm()
    actor_id = current_user.id
    if form.accepts(
        lambda: many.write_off_all.once(form.token)(
            actor_id=actor_id, codes=form.list, reason=CorrectionReason.EXPIRED.value, only_past=True
        )
    ):
        flash(
            ngettext(
                "%(num)d box is taken out: %(units)s past their date.",
                "%(num)d boxes are taken out: %(units)s past their date.",
                form.result["boxes"],
                units=form.result["units"],
            )
        )
        return see_other(this_query(done=form.result["act"], page=""))
    return _page(form)


def _asked(sites: Sequence[Site]) -> disposing.ExpiryFilter:
    site = one_of(sites, id_asked("warehouse"))
    return disposing.ExpiryFilter(
        search(db.session, searched()), site.id if site else 0, SHOWN.get(request.args.get("show", ""))
    )


def _page(form: DisposeForm) -> tuple[str, int]:
    sites = warehouses(db.session)
    wanted = _asked(sites)
    page = render_template(
        "stock/expiring.html",
        form=form,
        wanted=wanted,
        show=request.args.get("show", ""),
        ticked=form.list if form.is_submitted() else None,
        page=disposing.find(db.session, wanted, page_number()),
        counts=disposing.counts(db.session, wanted),
        sites=sites,
        today=today(),
        act=id_asked("done"),
    )
    return page, form.status


def _csv(wanted: disposing.ExpiryFilter) -> Response:
    header = [_("Box"), _("Product"), _("Gender"), _("Size"), _("How many"), _("Warehouse"), _("Shelf")]
    header += [_("Best before"), _("Days left")]
    return csv_response("expiring.csv", header, _csv_rows(wanted))


def _csv_rows(wanted: disposing.ExpiryFilter) -> Iterator[Sequence[Any]]:
    label, first = words.labels(), today()
    for row in disposing.every(db.session, wanted):
        what = (row.code, named(row), words.listed_gender(row.gender), label[row.label], row.quantity)
        where = (either(row.warehouse, row.warehouse_fr), row.shelf)
        yield *what, *where, row.best_before, (row.best_before - first).days
