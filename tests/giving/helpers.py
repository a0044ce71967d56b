"""What the tests of giving share."""

import json
import re
import time
from typing import Any

from flask import Flask
from sqlalchemy import select
from stripe import WebhookSignature
from werkzeug.test import TestResponse

from logistics.clock import now
from logistics.db import db, transaction
from logistics.giving import checks
from logistics.giving.models import Fund, FundBalance, Gift
from logistics.practice_stripe.wiring import Practice

from ..browsing import Browser

FORM = {
    "amount": "12",
    "currency": "gbp",
    "frequency": "once",
    "fund": "",
    "name": "Ann Donor",
    "email": "ann@example.org",
}


def practice(app: Flask) -> Practice:
    found: Practice = app.extensions["shoreline_practice_stripe"]
    return found


def fund(name: str = "General fund", *, restricted: bool = False, given: int = 0) -> int:
    """A fund; what it was `given` (in pence) is backed by a paid gift when a test needs the books to balance."""
    with transaction() as session:
        made = Fund(name=name, name_key=name.casefold(), restricted=restricted)
        session.add(made)
        session.flush()
        fund_id = made.id
        if given:
            session.add(FundBalance(fund_id=fund_id, currency="gbp", given=given, spent=0))
    return fund_id


def give(browser: Browser, **changed: str) -> str:
    """Send the form of the giving page, and return the gift's reference."""
    answer = browser.send("/give", {**FORM, **changed})
    assert "/practice-stripe/checkout/" in answer.location
    return latest().reference


def latest() -> Gift:
    return db.session.scalars(select(Gift).order_by(Gift.id.desc()).limit(1)).one()


def gift(reference: str) -> Gift:
    db.session.rollback()
    return db.session.scalars(select(Gift).where(Gift.reference == reference)).one()


def balance(fund_id: int, currency: str = "gbp") -> tuple[int, int]:
    db.session.rollback()
    row = db.session.get(FundBalance, (fund_id, currency))
    return (row.given, row.spent) if row else (0, 0)


def payment_page(browser: Browser, reference: str) -> str:
    """Return the path of a gift's hosted page."""
    return re.sub(r"^https?://[^/]+", "", gift(reference).checkout_url or "")


def press(browser: Browser, path: str, outcome: str, status: int = 303) -> TestResponse:
    """Open the hosted page and press one of its buttons."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page(path))
    assert token is not None
    return browser.send(path, {"outcome": outcome, "csrf_token": token.group(1)}, status, csrf=False)


def event(app: Flask, kind: str, checkout: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """An event as Stripe would send it."""
    from logistics.practice_stripe import shapes

    return {**shapes.event(kind, checkout, created=int(now().timestamp())), **changed}


def signed(app: Flask, body: str, *, secret: str | None = None, at: int | None = None) -> dict[str, str]:
    secret = practice(app).webhook_secret if secret is None else secret
    at = int(time.time()) if at is None else at
    return {"Stripe-Signature": WebhookSignature.generate_signature_header(body, secret, at)}


def deliver(app: Flask, event: dict[str, Any], **how: Any) -> TestResponse:
    """Send an event to the webhook, signed."""
    body = json.dumps(event)
    return Browser(app).post(
        "/stripe/webhook", csrf=False, data=body, content_type="application/json", headers=signed(app, body, **how)
    )


def problems() -> list[str]:
    db.session.rollback()
    return list(checks.problems(db.session))
