"""A box's trace: where what is in it came from, and where what was in it went."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...db import db
from ...people.access import Permission, requires
from ...web.asked import wants_csv
from ...web.csv import csv_response
from ...web.filters import local_date
from ..lookup import box_by_code
from ..tracing import destinations, origins, words
from ..tracing.walking import FOREVER
from .blueprint import bp
from .boxes import box_path

SHOWN = 50  # rows of one kind on a page; a download has all


@bp.get("/stock/boxes/<code>/trace")
@requires(Permission.SEE_STOCK)
def trace_box(code: str) -> Response | str:
    """Show where what is in a box came from and where it went, through all boxes that it was in."""
    box = box_by_code(db.session, code)
    back = origins.of_nodes(db.session, origins.of_box(box.id))
    sure = back.of.get((box.id, FOREVER), {})
    came = sorted(((back.arrivals[origin], sure[origin]) for origin in sure), key=lambda each: each[0].at)
    forth = destinations.of_box(db.session, box.id)
    if wants_csv():
        return csv_response(f"trace-{box.code}.csv", csv_header(), _rows(back, came, forth))
    return render_template(
        "stock/trace.html",
        box=box,
        path=box_path(box.code),
        came=came[:SHOWN],
        more_came=len(came) > SHOWN,
        before=_others(back.boxes, box.id),
        forth=forth,
        after=_others(forth.boxes, box.id),
        cut=back.walk.cut or forth.cut,
        boxes={**back.boxes, **forth.boxes},
        words=words,
        shown=SHOWN,
    )


def _others(boxes: Any, box_id: int) -> list[Any]:
    return sorted((row for key, row in boxes.items() if key != box_id), key=lambda row: row.id)


def csv_header() -> list[str]:
    """Return the titles of a download of a trace."""
    return [_("Way"), _("What"), _("How sure"), _("Box"), _("Day"), _("How many"), _("Handed out")]


def _rows(back: origins.Origins, came: Any, forth: destinations.Destinations) -> Iterator[Sequence[Any]]:
    for arrival, sure in came:
        what = words.brought(arrival.origin.kind, arrival.at)
        code = back.boxes[arrival.box_id].code
        yield _("came from"), what, words.certainty(sure), code, local_date(arrival.at), arrival.quantity, ""
    yield from went_rows(forth)


def went_rows(forth: destinations.Destinations) -> Iterator[Sequence[Any]]:
    """Yield the rows of a download that say where goods went."""
    for each in forth.went:
        sure, code = words.certainty(each.sure), forth.boxes[each.box_id].code
        yield _("went to"), each.title, sure, code, local_date(each.starts_at), each.packed, each.handed_out
    for what, units in (
        (_("given away at the warehouse"), forth.given),
        (_("written off"), forth.lost),
        (_("still in boxes"), forth.here),
    ):
        yield _("went to"), what, "", "", "", units, ""
