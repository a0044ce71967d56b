"""The stand-in for Stripe's API: a WSGI app that answers what the gateway asks, in Stripe's shapes."""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

import stripe.params
import stripe.params.checkout
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ..clock import now
from ..commands import command
from ..db import db
from ..giving.inserting import insert_if_absent
from . import shapes, store
from .models import PracticeAnswer
from .params import ApiError, check, decode

KEY = "sk_test_practice"
MOST_EVENTS = 100
Doing = Callable[[Session], dict[str, Any]]

ROUTES = Map(
    [
        Rule("/v1/checkout/sessions", endpoint="create_checkout", methods=["POST"]),
        Rule("/v1/checkout/sessions/<id>", endpoint="retrieve_checkout", methods=["GET"]),
        Rule("/v1/checkout/sessions/<id>/expire", endpoint="expire_checkout", methods=["POST"]),
        Rule("/v1/payment_intents/<id>", endpoint="retrieve_payment_intent", methods=["GET"]),
        Rule("/v1/events", endpoint="list_events", methods=["GET"]),
    ]
)


class Api:
    """Answers one request at a time, inside an application context that the caller opened."""

    def __init__(self, base_url: str) -> None:
        """Keep where the hosted page is."""
        self.base_url = base_url

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer as WSGI wants it."""
        request = Request(environ)
        response = self.answer(request)
        response.headers["Request-Id"] = f"req_{secrets.token_hex(7)}"
        return response(environ, start_response)

    def answer(self, request: Request) -> Response:
        """Answer a request, or refuse it in Stripe's shape."""
        try:
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                raise ApiError(401, "Invalid API Key provided.")
            endpoint, values = ROUTES.bind_to_environ(request.environ).match()
            if request.method == "POST":
                return self._post(request, endpoint, **values)
            return _json(getattr(self, endpoint)(request, **values))
        except ApiError as error:
            return _json({"error": error.body}, error.status)
        except HTTPException as error:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            return _json({"error": {"type": "invalid_request_error", "message": message}}, error.code or 404)

    def _post(self, request: Request, endpoint: str, **values: str) -> Response:
        """Do it once for an Idempotency-Key: the same request gets the first answer, another one is refused."""
        body = request.get_data(as_text=True)
        work: Doing = getattr(self, endpoint)(decode(body), **values)
        fingerprint = hashlib.sha256(f"{request.path}\n{body}".encode()).hexdigest()
        key = request.headers.get("Idempotency-Key") or secrets.token_hex(16)
        if len(key) > 255:
            raise ApiError(400, "Idempotency keys have at most 255 characters.", type_="idempotency_error")
        answer, replayed = answer_once(key=key, fingerprint=fingerprint, work=work)
        response = _json(json.loads(answer))
        response.headers["Idempotency-Key"] = key
        if replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return response

    def create_checkout(self, params: dict[str, Any]) -> Doing:
        """POST /v1/checkout/sessions."""
        checked = check(params, stripe.params.checkout.SessionCreateParams)
        return lambda session: store.make_checkout(session, checked, self.base_url)

    def expire_checkout(self, params: dict[str, Any], id: str) -> Doing:
        """POST /v1/checkout/sessions/<id>/expire."""
        check(params, stripe.params.checkout.SessionExpireParams)
        return lambda session: store.expire(session, id)

    def retrieve_checkout(self, request: Request, id: str) -> dict[str, Any]:
        """GET /v1/checkout/sessions/<id>."""
        check(decode(request.query_string.decode()), stripe.params.checkout.SessionRetrieveParams)
        body: dict[str, Any] = store.checkout(db.session, id).body["session"]
        return body

    def retrieve_payment_intent(self, request: Request, id: str) -> dict[str, Any]:
        """GET /v1/payment_intents/<id>."""
        check(decode(request.query_string.decode()), stripe.params.PaymentIntentRetrieveParams)
        return store.payment_intent(db.session, id)

    def list_events(self, request: Request) -> dict[str, Any]:
        """GET /v1/events."""
        params = check(decode(request.query_string.decode()), stripe.params.EventListParams)
        kinds = params.get("types") or ([params["type"]] if "type" in params else [])
        limit = min(max(1, params.get("limit", 10)), MOST_EVENTS)
        found, more = store.events(db.session, limit, kinds, params.get("starting_after"))
        return shapes.page_of(found, url="/v1/events", has_more=more)


@command
def answer_once(session: Session, *, key: str, fingerprint: str, work: Doing) -> tuple[str, bool]:
    """Do the work and keep its answer under the key, or give the answer that is kept; say which it was.

    A refused request keeps nothing, so that it may be put right and sent again.
    """
    if not insert_if_absent(session, PracticeAnswer, key=key, fingerprint=fingerprint, body="", created_at=now()):
        kept = session.get_one(PracticeAnswer, key)
        if kept.fingerprint != fingerprint:
            raise ApiError(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                type_="idempotency_error",
            )
        return kept.body, True
    answer = json.dumps(work(session))
    session.get_one(PracticeAnswer, key).body = answer
    return answer, False


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
