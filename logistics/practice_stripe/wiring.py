"""Putting the stand-in for Stripe beside an application: its client, its pages and its webhooks."""

import contextvars
import hmac
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import stripe
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ..config import Settings
from ..db import db
from . import store
from .api import KEY, Api
from .pages import Pages

log = logging.getLogger(__name__)
T = TypeVar("T")

MOUNTED = "/practice-stripe"
WEBHOOK = "/stripe/webhook"


class Practice:
    """The stand-in for Stripe beside one application."""

    api_key = KEY

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Serve the hosted pages beside `app`. Raises RuntimeError in production."""
        if settings.production:
            raise RuntimeError("the stand-in for Stripe is never in production")
        self.app = app
        self.webhook_secret = f"whsec_{derived(settings.secret_key, 'practice stripe webhook')}"
        self.api = Api(settings.base_url)
        self.http_client = InProcessClient(self)
        pages = Pages(self, settings)
        app.extensions["shoreline_practice_stripe"] = self
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNTED: pages})  # type: ignore[method-assign]

    def apart(self, work: Callable[[], T]) -> T:
        """Run in an application context of its own, with a database session of its own, also within a request."""

        def inside() -> T:
            with self.app.app_context():
                return work()

        return contextvars.Context().run(inside)

    def deliver(self) -> int:
        """Expire what is over, send what the webhook has not taken yet, and return how many events it took.

        A failed delivery is tried again at the next call that is `store.AGAIN_AFTER` later.
        """
        return self.apart(self._deliver)

    def _deliver(self) -> int:
        taken = 0
        if not store.anything_due(db.session):
            return taken
        store.expire_old()
        while (event := store.take_undelivered()) is not None:
            if self.send(event):
                store.delivered(event_id=event["id"])
                taken += 1
        return taken

    def send(self, event: dict[str, Any]) -> bool:
        """Send an event to the webhook, signed; return whether it was taken."""
        body = json.dumps(event)
        signature = stripe.WebhookSignature.generate_signature_header(body, self.webhook_secret)
        headers = Headers({"Stripe-Signature": signature})
        environ = EnvironBuilder(
            WEBHOOK, "http://localhost", method="POST", data=body, content_type="application/json", headers=headers
        ).get_environ()
        try:
            _, status, _ = contextvars.Context().run(run_wsgi_app, self.app.wsgi_app, environ, buffered=True)
        except Exception:
            log.exception("the webhook did not take %s", event["id"])
            return False
        return status.startswith("2")


class InProcessClient(stripe.HTTPClient):
    """How the stripe package reaches the stand-in: a call in this process, for over a socket a server with one
    worker would wait for itself.
    """

    name = "practice"

    def __init__(self, practice: Practice) -> None:
        """Keep whom to call."""
        super().__init__()
        self.practice = practice

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send one request and return its body, status and headers."""
        given = Headers([(name, value) for name, value in (headers or {}).items() if name.lower() != "content-type"])
        environ = EnvironBuilder(
            url.removeprefix(stripe.DEFAULT_API_BASE),
            stripe.DEFAULT_API_BASE,
            method=method.upper(),
            data=post_data,
            content_type="application/x-www-form-urlencoded" if post_data is not None else None,
            headers=given,
        ).get_environ()
        body, status, answered = self.practice.apart(lambda: run_wsgi_app(self.practice.api, environ, buffered=True))
        lowered = {name.lower(): value for name, value in answered.items()}
        return b"".join(body).decode(), int(status.split(" ", 1)[0]), lowered

    def close(self) -> None:
        """Nothing is held open."""


def derived(secret_key: str, purpose: str) -> str:
    """Return a secret for one purpose, derived from the application's."""
    return hmac.new(secret_key.encode(), purpose.encode(), "sha256").hexdigest()
