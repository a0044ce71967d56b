"""What Stripe said and has not led to anything yet."""

from collections.abc import Iterator
from typing import Any

from flask import flash, render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db, stream
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import page_number, wants_csv
from ...web.csv import csv_response
from ...web.filters import stamp
from ...web.redirects import see_other
from .. import inbox
from ..words import EVENT_NAMES
from .blueprint import bp


@bp.get("/giving/events")
@requires(Permission.SEE_GIVING)
def list_events() -> Response | str:
    """List the events that wait and those that failed."""
    query = inbox.unsettled()
    if wants_csv():
        header = [_("Event"), _("Kind"), _("Received"), _("State"), _("Tries"), _("Why")]
        return csv_response("events.csv", header, _csv_rows(query))
    page = paginate(db.session, query, page_number())
    return render_template("giving/events.html", page=page, names=EVENT_NAMES)


def _csv_rows(query: Any) -> Iterator[list[Any]]:
    for event in stream(db.session, query):
        yield [event.id, event.type, stamp(event.received_at), EVENT_NAMES[event.state], event.attempts, event.error]


@bp.post("/giving/events/<event_id>/retry")
@requires(Permission.MANAGE_GIVING)
def retry_event(event_id: str) -> Response:
    """Try an event again now."""
    inbox.retry(actor_id=current_user.id, event_id=event_id)
    flash(_("It will be tried again within a minute."))
    return see_other("/giving/events")
