"""The one door to Stripe: every call to it and the check of every signature pass here.

Calls are never made inside a transaction: Stripe may take seconds to answer.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from flask import Flask, current_app
from stripe.params.checkout import SessionCreateParams

from ..errors import DomainError, Invalid, msg

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"  # what stripe 16.1 was made from; change both together
WEBHOOK_TOLERANCE = 300  # seconds that a signature stays good, as Stripe advises
TIMEOUT = (5.0, 15.0)  # seconds to connect, and to wait for an answer
RETRIES = 2  # the idempotency key makes it one request, however often it is sent


class StripeUnavailable(DomainError):
    """Stripe did not do as asked, for a reason the donor cannot mend (503)."""

    status = 503

    def __init__(self, reason: str) -> None:
        """Keep the reason for the log and the inbox; the donor reads that nothing was taken."""
        super().__init__(
            msg(
                "The payment page could not be opened just now. Nothing was taken. "
                "What you typed is still here: please try again in a few minutes."
            )
        )
        self.reason = reason


class WebhookRefused(Exception):
    """What came to the webhook is not from Stripe, or not for this installation."""


@dataclass(frozen=True)
class Door:
    """How Stripe is reached: its key, the webhook's secret, and the client for both.

    `redeliver` asks for events that did not arrive; only the stand-in for Stripe needs to be asked.
    """

    client: stripe.StripeClient
    webhook_secret: str
    live: bool
    redeliver: Callable[[], int] = lambda: 0


@dataclass(frozen=True)
class Checkout:
    """A Checkout session as Stripe has it now. `amount` is in minor units of `currency`."""

    id: str
    url: str | None
    status: str | None  # open, complete, expired
    payment_status: str  # paid, unpaid, no_payment_required
    amount: int | None
    currency: str | None
    reference: str | None
    payment_intent_id: str | None


@dataclass(frozen=True)
class CheckoutRequest:
    """What a Checkout page is asked for. Asked twice with the same reference, Stripe answers with the same page."""

    reference: str
    gift_id: int
    fund_id: int
    amount: int
    currency: str
    title: str
    email: str
    language: str
    success_url: str
    cancel_url: str
    expires_at: datetime


def init_app(
    app: Flask,
    *,
    secret_key: str,
    webhook_secret: str,
    api_base: str,
    http_client: stripe.HTTPClient | None = None,
    redeliver: Callable[[], int] | None = None,
) -> None:
    """Open the door for this application; `http_client` reaches the stand-in for Stripe in process."""
    client = stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base},
        max_network_retries=RETRIES,
        http_client=http_client or stripe.RequestsClient(timeout=TIMEOUT),
    )
    live = secret_key.startswith(("sk_live_", "rk_live_"))
    app.extensions["shoreline_stripe"] = Door(client, webhook_secret, live, redeliver or (lambda: 0))


def door() -> Door:
    """Return how this application reaches Stripe."""
    opened: Door = current_app.extensions["shoreline_stripe"]
    return opened


def create_checkout(request: CheckoutRequest) -> Checkout:
    """Make the hosted page on which a gift is paid once.

    Raises `Invalid` at the email when Stripe will not have it, and `StripeUnavailable` for anything else.
    """
    try:
        session = door().client.v1.checkout.sessions.create(
            checkout_params(request), {"idempotency_key": f"gift-{request.reference}"}
        )
    except stripe.InvalidRequestError as error:
        if error.param == "customer_email":
            raise Invalid(msg("Enter an email address that can receive mail."), field="email") from error
        raise _unavailable(error) from error
    except stripe.StripeError as error:
        raise _unavailable(error) from error
    checkout = _checkout(session.to_dict())
    if not checkout.url:
        raise StripeUnavailable("the session has no page")
    return checkout


def checkout_params(request: CheckoutRequest) -> SessionCreateParams:
    """Return what Stripe is asked for. The same request must always give the same, or its key is refused."""
    ids = {"gift": request.reference, "gift_id": str(request.gift_id), "fund_id": str(request.fund_id)}
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "submit_type": "donate",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.currency,
                    "unit_amount": request.amount,
                    "product_data": {"name": request.title},
                },
            }
        ],
        # The donor chose pounds or euros with us: Checkout must not turn £12 into another currency's sum.
        "adaptive_pricing": {"enabled": False},
        "customer_email": request.email,
        "locale": "fr" if request.language == "fr" else "en-GB",
        "client_reference_id": request.reference,
        "metadata": ids,
        "payment_intent_data": {"description": request.title, "metadata": ids},
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
    }


def retrieve_checkout(checkout_id: str) -> Checkout:
    """Return a Checkout session as it stands now. Raises `StripeUnavailable`."""
    try:
        return _checkout(door().client.v1.checkout.sessions.retrieve(checkout_id).to_dict())
    except stripe.StripeError as error:
        raise _unavailable(error) from error


def verify_webhook(raw: bytes, signature: str) -> dict[str, Any]:
    """Return the event in a webhook's raw body.

    Raises `WebhookRefused` for a signature that is wrong or older than 300 seconds, for an empty secret, for
    what is no event, and for an event of the other mode (live or test).
    """
    opened = door()
    if not opened.webhook_secret.strip():
        raise WebhookRefused("no webhook secret is set")
    try:
        stripe.WebhookSignature.verify_header(raw, signature, opened.webhook_secret, WEBHOOK_TOLERANCE)
        event = json.loads(raw)
    except (stripe.SignatureVerificationError, ValueError, TypeError, RecursionError) as error:
        raise WebhookRefused(f"the signature or the body is bad ({type(error).__name__})") from error
    if not isinstance(event, dict) or not isinstance(event.get("id"), str) or not isinstance(event.get("type"), str):
        raise WebhookRefused("this is no event")
    if event.get("livemode") is not opened.live:
        raise WebhookRefused("the event is of the other mode")
    return event


def _checkout(session: dict[str, Any]) -> Checkout:
    intent = session.get("payment_intent")
    return Checkout(
        id=session["id"],
        url=session.get("url"),
        status=session.get("status"),
        payment_status=session.get("payment_status") or "unpaid",
        amount=session.get("amount_total"),
        currency=session.get("currency"),
        reference=(session.get("metadata") or {}).get("gift") or session.get("client_reference_id"),
        payment_intent_id=intent.get("id") if isinstance(intent, dict) else intent,
    )


def _unavailable(error: stripe.StripeError) -> StripeUnavailable:
    # Stripe's sentence may repeat what the donor typed, so only its codes are kept.
    about = (type(error).__name__, error.http_status, error.code, getattr(error, "param", None))
    reason = " ".join(str(part) for part in about if part)
    log.error("stripe refused or did not answer: %s (request %s)", reason, error.request_id)
    return StripeUnavailable(reason)
