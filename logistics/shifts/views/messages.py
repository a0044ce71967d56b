"""Messages about shifts, for coordinators: sent, waiting, or failed, and why. Never what a private link says."""

from collections.abc import Iterator
from typing import Any

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from jinja2 import TemplateNotFound
from werkzeug.wrappers import Response

from ...db import db, stream
from ...outbox.again import plain_words, send_again
from ...outbox.mail import subject_of
from ...outbox.models import MessageState, OutboxMessage
from ...paging import paginate
from ...people.access import Permission, requires
from ...web.asked import id_asked, page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import stamp
from ...web.i18n import translate
from ...web.redirects import came_from, see_other
from ..telling import messages
from ..telling.messages import Wanted
from .blueprint import bp

NAMES = {
    MessageState.WAITING: _l("Waiting"),
    MessageState.SENDING: _l("Waiting"),
    MessageState.SENT: _l("Sent"),
    MessageState.FAILED: _l("Failed"),
    MessageState.TOO_LATE: _l("Not sent: too late"),
}


@bp.get("/messages")
@requires(Permission.PLAN_SHIFTS)
def list_messages() -> Response | str:
    """List what was mailed about shifts, the newest first."""
    state = request.args.get("state", "")
    wanted = Wanted(id_asked("shift"), id_asked("person"), state if state in messages.STATES else "", searched())
    query = messages.query(wanted)
    if wants_csv():
        header = [_("Subject"), _("To"), _("Email"), _("Written"), _("State"), _("Sent"), _("Why")]
        return csv_response("messages.csv", header, _csv_rows(query))
    return render_template(
        "shifts/messages.html",
        page=paginate(db.session, query, page_number()),
        failed=messages.failed(db.session),
        wanted=wanted,
        names=NAMES,
        subject=_subject,
        why=_why,
    )


@bp.post("/messages/<int:message_id>/again")
@requires(Permission.PLAN_SHIFTS)
def send_message_again(message_id: int) -> Response:
    """Let a message that failed be tried anew."""
    messages.check_about_shifts(db.session, message_id)
    send_again(actor_id=current_user.id, message_id=message_id)
    flash(_("It will be sent again within a minute."))
    return see_other(came_from("/messages"))


def _csv_rows(query: Any) -> Iterator[list[Any]]:
    for message, name in stream(db.session, query):
        sent = stamp(message.sent_at) if message.sent_at else ""
        written = stamp(message.created_at)
        state = NAMES[message.state]
        yield [_subject(message), name, message.to_address, written, state, sent, _why(message)]


def _subject(message: OutboxMessage) -> str:
    """Return what a message is called; the name of its kind if that is written no more."""
    try:
        return subject_of(message.kind, message.params)
    except TemplateNotFound:
        return message.kind


def _why(message: OutboxMessage) -> str:
    return translate(plain_words(message.error)) if message.error else ""
