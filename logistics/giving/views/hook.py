"""Where Stripe says what happened."""

import logging

from flask import Response, request

from ...web.permission import everyone
from ...web.security import csrf
from .. import inbox
from ..gateway import WebhookRefused, verify_webhook
from .blueprint import bp

log = logging.getLogger(__name__)
LARGEST_EVENT = 512 * 1024  # bytes; Stripe's are a few thousand


@bp.post("/stripe/webhook")
@everyone
def stripe_webhook() -> Response:
    """Keep a signed event for the worker. Stripe sends again whatever is not answered with 200."""
    request.max_content_length = LARGEST_EVENT
    try:
        event = verify_webhook(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except WebhookRefused as error:
        log.warning("a webhook was refused: %s", error)
        return Response("This is not a signed event for this site.\n", 400, content_type="text/plain; charset=utf-8")
    inbox.receive(event=event)
    return Response("Kept.\n", 200, content_type="text/plain; charset=utf-8")


csrf.exempt(stripe_webhook)  # Stripe has no form of ours; its signature says who it is
