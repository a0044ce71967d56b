"""Pages of shifts: the list that volunteers choose from."""

from collections.abc import Iterator
from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db, stream
from ...people.access import Permission, may
from ...web import filters
from ...web.asked import page_number, wants_csv
from ...web.csv import csv_response
from ...web.permission import everyone
from .. import listing, wanted
from . import calendar_pages, list_page, rows
from .blueprint import bp


@bp.get("/shifts")
@everyone
def index() -> Response | str:
    """List the shifts one can take, the soonest first; or show a week or a month of them."""
    asked = list_page.asked()
    me = current_user.id if current_user.is_authenticated else None
    if wants_csv():
        return _csv(list_page.wanted(asked, me))
    view = request.args.get("view")
    if view in calendar_pages.VIEWS:
        return calendar_pages.show(asked, view)
    shown = list_page.show(asked, page_number(), me)
    return render_template(
        "shifts/index.html",
        asked=asked,
        shown=shown,
        page=shown.found.page,
        role_options=rows.role_options(shown.found.names, asked.role_id),
        site_options=rows.site_options(shown.found.names, asked.site_id),
        sizes=listing.PAGE_SIZES,
        signed_in=me is not None,
    )


def _csv(which: wanted.Wanted) -> Response:
    if not may(Permission.SEE_DISTRIBUTIONS):
        abort(403)
    header = [_("Number"), _("Role"), _("Where"), _("Starts"), _("Ends"), _("At least"), _("At most"), _("Filled")]

    def lines() -> Iterator[list[Any]]:
        for shift in stream(db.session, listing.every(which)):
            names = [filters.named(shift.role), filters.named(shift.site)]
            times = [filters.stamp(shift.starts_at), filters.stamp(shift.ends_at)]
            yield [shift.id, *names, *times, shift.minimum, shift.maximum, shift.filled]

    return csv_response("shifts.csv", header, lines())
