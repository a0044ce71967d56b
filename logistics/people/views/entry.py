"""What begins and ends a session in this browser, and how a browser that was here before is known again."""

import secrets

from flask import Response, current_app, request, session
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import NotFound

from ...clock import now
from ...db import db
from ...web.redirects import safe_path
from ..access import Account, load_account
from ..models import Person

DEVICE_DAYS = 365
CODE_MINUTES = 5
COME_BACK = "come_back"  # in the session
LONGEST_TARGET = 300


def address() -> str:
    """Return the network address that the request came from."""
    return request.remote_addr or ""


def begin_session(person_id: int) -> None:
    """Sign a person into this browser, in a session of its own (`_forget_session`)."""
    person = db.session.get(Person, person_id)
    if person is None or not person.is_active:
        raise NotFound
    _forget_session()
    session.permanent = True
    login_user(person)


def end_session() -> None:
    """Sign out of this browser."""
    logout_user()
    _forget_session()


def await_code(person_id: int) -> None:
    """Remember for a few minutes who gave the right password and still owes a code."""
    _forget_session()
    # The session token, not the id: a password reset meanwhile makes this worthless.
    session["half_in"] = [db.session.get_one(Person, person_id).session_token, int(now().timestamp())]


def who_owes_a_code() -> Account | None:
    """Return who gave the right password in this browser in the last minutes, if anybody did."""
    half_in = session.get("half_in")
    if not half_in or now().timestamp() - half_in[1] > CODE_MINUTES * 60:
        return None
    return load_account(half_in[0])


def known_device(email_key: str) -> str | None:
    """Return the random name of this browser, if this account has signed in here before."""
    try:
        owner, device = _serializer().loads(request.cookies.get(_cookie(), ""), max_age=DEVICE_DAYS * 86400)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(device) if owner == email_key else None


def remember_device(response: Response, email_key: str) -> Response:
    """Let this browser's tries for this account be counted apart from the world's (`throttle`)."""
    response.set_cookie(
        _cookie(),
        str(_serializer().dumps([email_key, known_device(email_key) or secrets.token_urlsafe(12)])),
        max_age=DEVICE_DAYS * 86400,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def say_wait() -> str:
    """Return what to say when the few minutes for the code are over."""
    return str(_("That took more than %(num)s minutes. Sign in again.", num=CODE_MINUTES))


def _forget_session() -> None:
    """Empty the session but for the language, and the name under which a form sent twice is known again."""
    kept = {name: session[name] for name in ("language", "browser") if name in session}
    session.clear()
    session.update(kept)


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known-device")


def come_back_to(target: str | None) -> None:
    """Remember in this browser where someone was going before they made an account."""
    path = safe_path(target)
    if path != "/" and len(path) <= LONGEST_TARGET:
        session[COME_BACK] = path


def where_they_were_going() -> str | None:
    """Return, once, where they were going; None when nowhere, or when this is another browser."""
    found: str | None = session.pop(COME_BACK, None)
    return found
