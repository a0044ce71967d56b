"""Error pages: what happened, what is safe, and what to do."""

import logging

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from ..db import db
from ..errors import DomainError
from .i18n import translate

log = logging.getLogger(__name__)

TITLES = {
    400: _l("That request could not be read"),
    403: _l("Your account may not do that"),
    404: _l("There is no such page"),
    405: _l("That page does not take this kind of request"),
    409: _l("Something has changed in the meantime"),
    413: _l("That is too large"),
    422: _l("That could not be done"),
    429: _l("Too many tries"),
    500: _l("Something went wrong on our side"),
    503: _l("Busy just now"),
}
ADVICE = {
    400: _l("Nothing was changed. Go back, open the page again and repeat what you did."),
    403: _l("Nothing was changed. If you need this for your work, ask a coordinator or an admin."),
    404: _l("The address may be mistyped, or the thing was removed."),
    405: _l("Nothing was changed. Go back and use the page's own buttons."),
    409: _l("Nothing was changed. Open the page again to see how things stand now."),
    413: _l("Files may be up to 5 MB. Nothing was changed."),
    422: _l("Nothing was changed. Go back and check what you entered."),
    429: _l("Nothing was changed. Wait a few minutes, then try again."),
    500: _l("What you did may not have been saved. Open the page again to see; if it happens again, tell an admin."),
    503: _l("Nothing was changed. Wait a moment, then try again."),
}


def error_page(status: int, message: str = "") -> tuple[str, int]:
    """Return the page for a status, with what happened in words if there are any."""
    title = TITLES.get(status, TITLES[500] if status >= 500 else TITLES[400])
    advice = ADVICE.get(status, ADVICE[500] if status >= 500 else ADVICE[400])
    return render_template("errors/error.html", status=status, title=title, message=message, advice=advice), status


def init_app(app: Flask) -> None:
    """Answer every kind of failure with a page of our own."""

    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> tuple[str, int]:
        return error_page(error.status, translate(error.message))

    @app.errorhandler(CSRFError)
    def no_csrf(_error: CSRFError) -> tuple[str, int]:
        return error_page(400, str(_l("This form is out of date, or came from another site.")))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return current_app.make_response(error.get_response())
        if isinstance(error, SecurityError):  # another host's name: there is no address to make links from
            return "This host is not served here.\n", 400, {"Content-Type": "text/plain"}
        page, status = error_page(error.code)
        headers = [(k, v) for k, v in error.get_headers() if k.lower() in {"allow", "retry-after"}]
        return page, status, headers

    @app.errorhandler(OperationalError)
    def database_busy(error: OperationalError) -> tuple[str, int]:
        log.error("the database did not answer", exc_info=error)
        db.session.rollback()
        return error_page(503)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        if app.testing:
            raise error
        log.error("unhandled error at %s", request.url_rule, exc_info=error)
        db.session.rollback()
        return error_page(500)
