"""One's shifts in one's own calendar: the page that makes its address, and the feed itself."""

from hashlib import sha256
from urllib.parse import quote, urlsplit

from flask import Response as FlaskResponse
from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ... import calendars
from ...calendars import Status
from ...config import Settings
from ...db import db
from ...people.access import Permission, requires
from ...people.models import Person
from ...web.filters import either
from ...web.i18n import speaking
from ...web.permission import everyone
from ...web.redirects import see_other
from ...web.security import limiter
from ..telling import feed
from .blueprint import bp


@bp.get("/my/calendar")
@requires(Permission.TAKE_SHIFTS)
def calendar_address() -> str:
    """Show whether one's calendar has an address, and offer to make, replace or revoke it."""
    me = db.session.get_one(Person, current_user.id)
    return render_template("shifts/calendar_address.html", on=me.calendar_hash is not None)


@bp.post("/my/calendar")
@requires(Permission.TAKE_SHIFTS)
def make_calendar_address() -> str:
    """Make a new address and show it, once: it is kept nowhere to be fetched from again."""
    token = feed.make_address(actor_id=current_user.id)
    address = f"{_settings().base_url}{url_for('shifts.calendar_feed', token=token)}"
    webcal = f"webcal://{address.split('://', 1)[1]}"
    google = f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}"
    return render_template("shifts/calendar_made.html", address=address, webcal=webcal, google=google)


@bp.post("/my/calendar/revoke")
@requires(Permission.TAKE_SHIFTS)
def revoke_calendar_address() -> Response:
    """Make the address useless."""
    feed.revoke_address(actor_id=current_user.id)
    flash(_("The address works no more. Calendars that had it will get nothing."))
    return see_other(url_for("shifts.calendar_address"))


@bp.get("/my/calendar/<token>.ics")
@everyone  # calendars cannot sign in: the address is the key
@limiter.limit("120 per minute; 1200 per hour")  # Google asks for many people's from one address
def calendar_feed(token: str) -> Response:
    """Give the feed whose address this is, or say that it has not changed (ETag).

    No Last-Modified: names of roles and sites do not keep when they last changed, and a calendar that asked by time
    alone would miss that.
    """
    person = feed.owner_of(db.session, token)
    if person is None:
        raise NotFound
    settings = _settings()
    with speaking(person.language):
        events = feed.events_of(
            db.session,
            person.id,
            base_url=settings.base_url,
            host=urlsplit(settings.base_url).hostname or "localhost",
            titled=_titled,
            bringing=_bringing,
        )
        raw = calendars.feed(_("Shifts · %(org)s", org=settings.org_name), events, settings.timezone)
    response = FlaskResponse(raw, content_type="text/calendar; charset=utf-8")
    response.set_etag(sha256(raw).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = "inline; filename=shifts.ics"
    response.headers["X-Robots-Tag"] = "noindex"
    return response.make_conditional(request)


def _titled(status: Status, name: str, name_fr: str | None) -> str:
    """Return what an entry is called: a calendar that shows cancelled entries like others must not mislead."""
    called = either(name, name_fr)
    if status == Status.CANCELLED:
        return str(_("Not any more: %(what)s", what=called))
    return str(_("Offered to you: %(what)s", what=called)) if status == Status.TENTATIVE else called


def _bringing(bring: str, bring_fr: str | None) -> str:
    what = either(bring, bring_fr)
    return str(_("What to bring: %(bring)s", bring=what)) if what else ""


def _settings() -> Settings:
    settings: Settings = current_app.extensions["shoreline_settings"]
    return settings
