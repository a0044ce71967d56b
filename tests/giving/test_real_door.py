"""The door to a Stripe that is not the stand-in in this process: over HTTP, and in live mode."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from stripe import WebhookSignature
from werkzeug.serving import make_server

from logistics.config import Settings
from logistics.factory import create_app
from logistics.giving import gateway
from logistics.giving.models import StripeEvent
from logistics.practice_stripe.api import KEY

from ..browsing import Browser
from .helpers import FORM, practice
from .test_stripe_shapes import request


@pytest.fixture
def elsewhere(app: Flask) -> Iterator[str]:
    """The stand-in's API on a socket of its own, as any server that STRIPE_API_BASE may name."""
    stand_in = practice(app)

    def serve(environ: Any, start_response: Any) -> Any:
        return stand_in.apart(lambda: list(stand_in.api(environ, start_response)))

    server = make_server("127.0.0.1", 0, serve, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def another(app: Flask, tmp_path: Path, **changed: Any) -> Flask:
    settings: Settings = app.extensions["shoreline_settings"]
    return create_app(replace(settings, instance=tmp_path, **changed))


def test_another_server_is_asked_over_http(app: Flask, elsewhere: str, tmp_path: Path) -> None:
    other = another(app, tmp_path, stripe_secret_key=KEY, stripe_webhook_secret="whsec_1", stripe_api_base=elsewhere)
    assert "shoreline_practice_stripe" not in other.extensions
    browser = Browser(other)
    answer = browser.send("/give", FORM)
    assert "/practice-stripe/checkout/cs_test_" in answer.location
    policy = browser.get("/give").headers["Content-Security-Policy"]
    assert f"form-action 'self' http://localhost {elsewhere} https://checkout.stripe.com" in policy
    with other.app_context():
        again = gateway.retrieve_checkout(answer.location.rsplit("/", 1)[1])
    assert (again.status, again.amount) == ("open", 1200)


def test_a_server_that_is_not_there_is_no_error_of_ours(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "RETRIES", 0)
    other = another(app, tmp_path, stripe_secret_key=KEY, stripe_api_base="http://127.0.0.1:9")
    Browser(other).send("/give", FORM, 503)
    with other.app_context(), pytest.raises(gateway.StripeUnavailable):
        gateway.create_checkout(request())


@pytest.mark.parametrize(
    ("key", "livemode", "status"),
    [
        ("sk_live_1", True, 200),
        ("sk_live_1", False, 400),
        ("rk_live_1", True, 200),
        ("sk_test_1", True, 400),
        ("sk_test_1", False, 200),
    ],
)
def test_live_and_test_mode_never_mix(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, livemode: bool, status: int
) -> None:
    monkeypatch.setattr(logging, "basicConfig", lambda **_how: None)
    other = another(
        app,
        tmp_path,
        production=True,
        base_url="https://charity.example",
        stripe_secret_key=key,
        stripe_webhook_secret="whsec_1",
    )
    event = {
        "id": "evt_1",
        "type": "checkout.session.completed",
        "livemode": livemode,
        "data": {"object": {"id": "cs"}},
    }
    body = json.dumps(event)
    answer = other.test_client().post(
        "/stripe/webhook",
        data=body,
        base_url="https://charity.example",
        headers={"Stripe-Signature": WebhookSignature.generate_signature_header(body, "whsec_1")},
    )
    assert answer.status_code == status
    from logistics.db import db

    db.session.rollback()
    assert (db.session.get(StripeEvent, "evt_1") is not None) == (status == 200)
