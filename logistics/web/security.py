"""Headers and checks that every answer carries."""

from typing import Any

from flask import Flask, Response, abort, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from ..config import MAX_UPLOAD_BYTES, Settings

LARGEST_ID = 2**31 - 1
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self' https://checkout.stripe.com",
    ]
)
# Of a page that may have to read codes from the camera's pictures itself: compiled WebAssembly runs, and no eval.
WITH_WASM = CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")

csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)


class IdConverter(IntegerConverter):
    """`<int:id>` in an address: a number beyond what a key can be is no such page, not a database error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Bound the number."""
        super().__init__(*args, **{"max": LARGEST_ID, **kwargs})


class SignedSessions(SecureCookieSessionInterface):
    """Flask's sessions in signed cookies, with the signer made once and not for each request."""

    signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer for the application's key."""
        if self.signer is None:
            self.signer = super().get_signing_serializer(app)
        return self.signer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the session's cookie if it must be sent. That answers vary by it is said of all (`web.i18n`)."""
        if session.modified or self.should_set_cookie(app, session):
            super().save_session(app, session, response)


def init_app(app: Flask, settings: Settings) -> None:
    """Set cookies, hosts, limits, CSRF and headers."""
    app.session_interface = SignedSessions()
    app.url_map.converters["int"] = IdConverter
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-shoreline" if settings.production else "shoreline",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=30 * 24 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,  # counted from the sign-in: not signed anew for every page
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES + 64 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still works
        WTF_CSRF_SSL_STRICT=True,
        RATELIMIT_STORAGE_URI=settings.ratelimit_storage_uri,
        RATELIMIT_HEADERS_ENABLED=True,
        TRUSTED_HOSTS=[_host(settings)] if settings.production else ["localhost", "127.0.0.1", "[::1]"],
    )
    csrf.init_app(app)
    limiter.init_app(app)
    _limit_only_where_said(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(refuse_nul)

    always = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(self), geolocation=(), microphone=()"),
    ]
    if settings.production:
        always.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.extend(always)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        if current_user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _limit_only_where_said(app: Flask) -> None:
    """Take out Flask-Limiter's search for limits around every request.

    All of ours stand on views, and their decorators check them. What is left to do afterwards is Retry-After.
    """
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    add_retry_after = app.after_request_funcs[None].pop()
    app.after_request(lambda response: add_retry_after(response) if response.status_code == 429 else response)


def refuse_nul() -> None:
    """Refuse NUL in an address (no database stores it): no such page."""
    if "\x00" in request.path or b"%00" in request.query_string or b"\x00" in request.query_string:
        abort(404)


def _host(settings: Settings) -> str:
    return settings.base_url.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
