"""The stand-in for Stripe's hosted Checkout page."""

import hmac
from typing import TYPE_CHECKING, Any

from flask import render_template
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from ..config import Settings
from ..db import db
from ..web.i18n import speaking
from ..web.security import CONTENT_SECURITY_POLICY
from . import store
from .params import ApiError

if TYPE_CHECKING:
    from .wiring import Practice

ROUTES = Map([Rule("/checkout/<id>", endpoint="checkout", methods=["GET", "POST"])])


class Pages:
    """A WSGI app of one page: what is paid, and buttons to pay, to be declined, to go back."""

    def __init__(self, practice: "Practice", settings: Settings) -> None:
        """Keep what answers for the sessions, and where the donor goes back to."""
        self.practice, self.settings = practice, settings

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer as WSGI wants it."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = 64 * 1024
        try:
            if not host_is_trusted(request.host, self.practice.app.config["TRUSTED_HOSTS"]):
                response: Any = Response("This host is not served here.\n", 400)
            else:
                _, values = ROUTES.bind_to_environ(environ).match()
                response = self.practice.apart(lambda: self.checkout(request, **values))
        except HTTPException as error:
            response = error.get_response(environ)
        self._guard(response)
        return response(environ, start_response)

    def checkout(self, request: Request, id: str) -> Response:
        """Show the page, or do what a button says."""
        self.practice.deliver()  # which also ends sessions whose time is over
        try:
            row = store.checkout(db.session, id)
        except ApiError:
            return self._page("practice_stripe/missing.html", "en", 404)
        if request.method == "GET":
            return self._show(row.body)
        if not hmac.compare_digest(request.form.get("csrf_token", "").encode(), self._token(id).encode()):
            return self._show(row.body, 400)
        outcome = request.form.get("outcome")
        if outcome == "pay":
            target = store.pay(checkout_id=id)
            self.practice.deliver()
            return redirect(target, 303, Response)
        return self._show(row.body, 422 if outcome == "decline" else 400, declined=outcome == "decline")

    def _show(self, body: dict[str, Any], status: int = 200, declined: bool = False) -> Response:
        language = "fr" if str(body["session"]["locale"]).startswith("fr") else "en"
        token = self._token(body["session"]["id"])
        return self._page(
            "practice_stripe/checkout.html",
            language,
            status,
            checkout=body["session"],
            paying_for=body["title"],
            token=token,
            declined=declined,
        )

    def _page(self, template: str, language: str, status: int, **values: Any) -> Response:
        with speaking(language):
            html = render_template(template, language=language, **values)
        return Response(html, status, content_type="text/html; charset=utf-8")

    def _token(self, checkout_id: str) -> str:
        """Return what a form of this page carries: without having seen the page, nobody can pay on it."""
        return hmac.new(self.settings.secret_key.encode(), f"practice {checkout_id}".encode(), "sha256").hexdigest()

    def _guard(self, response: Any) -> None:
        headers = response.headers
        # Paying leads back to BASE_URL, which in a browser may be another name for this host.
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
            "form-action 'self'", f"form-action 'self' {self.settings.base_url}"
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cache-Control"] = "no-store"
