"""What is asked of Stripe fits the parameter types of the stripe package; what the stand-in answers fits Stripe's."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlencode

import pytest
import stripe
from flask import Flask
from stripe.params.checkout import SessionCreateParams
from werkzeug.test import Client

from logistics.clock import now
from logistics.db import db, transaction
from logistics.giving import gateway
from logistics.giving.inbox import HANDLED
from logistics.practice_stripe import shapes, store
from logistics.practice_stripe.api import KEY
from logistics.practice_stripe.params import ApiError, check, decode

from .helpers import practice

FIXTURES = json.loads((Path(__file__).parents[1] / "data" / "stripe-fixtures3.json").read_text())["resources"]


def request(**changed: Any) -> gateway.CheckoutRequest:
    values: dict[str, Any] = {
        "reference": "7KQF-M2WX-AAAA-BBBB-CCCC",
        "gift_id": 1,
        "fund_id": 2,
        "amount": 1200,
        "currency": "gbp",
        "title": "Shoreline: General fund",
        "email": "ann@example.org",
        "language": "en",
        "success_url": "http://localhost/give/thanks?gift=7",
        "cancel_url": "http://localhost/give?gift=7",
        "expires_at": now() + timedelta(hours=2),
    }
    return gateway.CheckoutRequest(**{**values, **changed})


def as_sent(params: Any) -> str:
    """The form as the stripe package sends it, caught on its way."""

    class Catcher(stripe.HTTPClient):
        name = "catcher"
        body = ""

        def request(self, method: str, url: str, headers: Any, post_data: Any = None, *, _usage: Any = None) -> Any:
            Catcher.body = post_data
            return '{"id": "cs_1", "object": "checkout.session"}', 200, {}

        def close(self) -> None:
            pass

    stripe.StripeClient("sk_test_x", http_client=Catcher()).v1.checkout.sessions.create(params)
    return Catcher.body


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("currency", ["gbp", "eur"])
def test_the_request_fits_the_parameter_types(language: str, currency: str) -> None:
    asked = gateway.checkout_params(request(language=language, currency=currency))
    checked = check(decode(as_sent(asked)), SessionCreateParams)
    assert checked == asked  # nothing is lost, added or of another type on the way
    assert checked["mode"] == "payment"
    assert checked["ui_mode"] == "hosted_page"
    assert checked["submit_type"] == "donate"
    assert checked["line_items"][0]["price_data"]["unit_amount"] == 1200


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"colour": "blue"}, "colour"),
        ({"mode": "donation"}, "mode"),
        ({"ui_mode": "hosted"}, "ui_mode"),
        ({"submit_type": "give"}, "submit_type"),
        ({"locale": "en-FR"}, "locale"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"line_items[0][quantity]": "1.5"}, "line_items[0][quantity]"),
        ({"line_items[0][colour]": "x"}, "line_items[0][colour]"),
        ({"line_items[0][price_data][unit_amount]": "1200"}, "line_items[0][price_data][currency]"),
        ({"line_items[1][quantity]": "1"}, "line_items"),
        ({"line_items": "one"}, "line_items"),
        ({"metadata[a][b]": "c"}, "metadata"),
        ({"adaptive_pricing[enabled]": "yes"}, "adaptive_pricing[enabled]"),
        ({"api_key": "sk_x"}, "api_key"),
    ],
)
def test_what_the_types_do_not_allow_is_refused(wrong: dict[str, str], param: str) -> None:
    with pytest.raises(ApiError) as refused:
        check(decode(urlencode(wrong)), SessionCreateParams)
    assert refused.value.body["param"] == param


def test_the_version_pinned_is_the_one_that_the_package_was_made_from() -> None:
    from stripe._api_version import _ApiVersion

    assert gateway.API_VERSION == _ApiVersion.CURRENT


def test_the_events_awaited_are_ones_that_stripe_sends() -> None:
    assert set(get_args(get_type_hints(stripe.Event)["type"])) >= HANDLED


def types_of(model: Any) -> dict[str, Any]:
    """The own fields of one of Stripe's objects, with their types as written (other objects unresolved)."""
    return {name: hint for name, hint in model.__annotations__.items() if not name.startswith("_")}


def fits(value: Any, hint: Any) -> bool:
    """Whether a plain value is of a type, as far as a type says it without other objects; enums are strict."""
    origin, choices = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in choices
    if choices and origin is not list and type(None) in choices and value is None:
        return True
    literals = [choice for choice in choices if get_origin(choice) is Literal]
    if literals:
        return any(value in get_args(choice) for choice in literals)
    if any(get_origin(choice) is not None and fits(value, choice) for choice in choices):
        return True
    if hint in (str, int, bool):
        return type(value) is hint
    plain = [choice for choice in choices if choice in (str, int, bool)]
    return any(type(value) is choice for choice in plain) if plain and not isinstance(value, dict | list) else True


def must_fit(answer: dict[str, Any], model: Any, fixture: dict[str, Any]) -> None:
    types = types_of(model)
    assert set(answer) <= set(types), "a field that Stripe's type does not have"
    missing = set(fixture) & set(types) - set(answer)
    assert not missing, "a field that Stripe answers and the stand-in does not"
    wrong = [name for name, value in answer.items() if not fits(value, types[name])]
    assert wrong == []


def answers(app: Flask) -> dict[str, dict[str, Any]]:
    """An open, a paid and an expired session, and the payment."""
    checked = check(decode(as_sent(gateway.checkout_params(request()))), SessionCreateParams)
    with transaction() as session:
        first = store.make_checkout(session, checked, "http://localhost")
        second = store.make_checkout(session, checked, "http://localhost")
        expired = store.expire(session, second["id"])
    store.pay(checkout_id=first["id"])
    paid = store.checkout(db.session, first["id"]).body["session"]
    return {
        "open": first,
        "paid": paid,
        "expired": expired,
        "intent": store.payment_intent(db.session, paid["payment_intent"]),
    }


def test_answers_have_the_shapes_of_stripe(app: Flask) -> None:
    made = answers(app)
    for name in ("open", "paid", "expired"):
        must_fit(made[name], stripe.checkout.Session, FIXTURES["checkout.session"])
    must_fit(made["intent"], stripe.PaymentIntent, FIXTURES["payment_intent"])
    must_fit(shapes.event("checkout.session.completed", made["paid"], created=1), stripe.Event, FIXTURES["event"])
    assert (made["open"]["status"], made["open"]["payment_status"]) == ("open", "unpaid")
    assert (made["paid"]["status"], made["paid"]["payment_status"], made["paid"]["url"]) == ("complete", "paid", None)
    assert (made["expired"]["status"], made["expired"]["url"]) == ("expired", None)


def api(app: Flask) -> Client:
    """A client of the stand-in's API that does not go through the stripe package."""
    with app.app_context():
        return Client(practice(app).api)


BEARER = {"Authorization": f"Bearer {KEY}"}


def sent(**changed: Any) -> str:
    return as_sent(gateway.checkout_params(request(expires_at=datetime(2030, 1, 1, tzinfo=UTC), **changed))).replace(
        "expires_at=1893456000", f"expires_at={int((now() + timedelta(hours=1)).timestamp()) // 1000 * 1000 + 1000}"
    )


def post(app: Flask, path: str, body: str, key: str = "", **headers: str) -> Any:
    given = {**BEARER, **({"Idempotency-Key": key} if key else {}), **headers}
    return api(app).post(path, data=body, content_type="application/x-www-form-urlencoded", headers=given)


def test_the_same_key_gets_the_same_session_and_another_request_is_refused(app: Flask) -> None:
    body = sent()
    first, second = (post(app, "/v1/checkout/sessions", body, "gift-1") for _ in range(2))
    assert first.status_code == 200
    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"
    other = post(app, "/v1/checkout/sessions", sent(amount=1300), "gift-1")
    assert (other.status_code, other.json["error"]["type"]) == (400, "idempotency_error")
    assert post(app, "/v1/checkout/sessions", body, "gift-2").json["id"] != first.json["id"]


def test_a_refused_request_keeps_its_key_free(app: Flask) -> None:
    wrong = post(app, "/v1/checkout/sessions", sent().replace("=gbp", "=xxx"), "gift-1")
    assert (wrong.status_code, wrong.json["error"]["type"]) == (400, "invalid_request_error")
    assert post(app, "/v1/checkout/sessions", sent(), "gift-1").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("unit_amount]=1200", "unit_amount]=29", 400),
        ("unit_amount]=1200", "unit_amount]=-1", 400),
        ("customer_email=ann%40example.org", "customer_email=ann", 400),
        ("mode=payment", "mode=subscription", 400),
        ("success_url=", "failure_url=", 400),
        ("currency]=gbp", "currency]=jpy", 400),
        ("expires_at=", "expires_at=1", 400),
    ],
)
def test_what_stripe_would_refuse_is_refused(app: Flask, old: str, new: str, status: int) -> None:
    body = sent()
    assert old in body
    answer = post(app, "/v1/checkout/sessions", body.replace(old, new))
    assert answer.status_code == status
    assert answer.json["error"]["message"]


def test_errors_of_the_api(app: Flask) -> None:
    client = api(app)
    assert client.get("/v1/checkout/sessions/cs_none", headers=BEARER).json["error"]["code"] == "resource_missing"
    assert client.get("/v1/checkout/sessions/cs_none").status_code == 401
    assert client.get("/v1/nothing", headers=BEARER).status_code == 404
    assert client.get("/v1/checkout/sessions/cs_none?colour=blue", headers=BEARER).status_code == 400


def test_expiring_and_reading_events(app: Flask) -> None:
    made = post(app, "/v1/checkout/sessions", sent()).json
    assert post(app, f"/v1/checkout/sessions/{made['id']}/expire", "").json["status"] == "expired"
    assert post(app, f"/v1/checkout/sessions/{made['id']}/expire", "").status_code == 400
    client = api(app)
    listed = client.get("/v1/events?types[0]=checkout.session.expired&limit=1", headers=BEARER).json
    assert [event["type"] for event in listed["data"]] == ["checkout.session.expired"]
    assert listed["has_more"] is False
    last = listed["data"][0]["id"]
    assert client.get(f"/v1/events?starting_after={last}", headers=BEARER).json["data"] == []
    assert client.get("/v1/events?type=checkout.session.completed", headers=BEARER).json["data"] == []


def test_the_stripe_package_speaks_with_the_stand_in(app: Flask) -> None:
    made = gateway.create_checkout(request())
    assert made.url == f"http://localhost/practice-stripe/checkout/{made.id}"
    again = gateway.retrieve_checkout(made.id)
    assert (again.status, again.payment_status, again.amount, again.currency) == ("open", "unpaid", 1200, "gbp")
    assert again.reference == "7KQF-M2WX-AAAA-BBBB-CCCC"
    with pytest.raises(gateway.StripeUnavailable) as refused:
        gateway.retrieve_checkout("cs_none")
    assert refused.value.reason == "InvalidRequestError 404 resource_missing id"


def test_only_loopback_hosts_see_the_payment_page(app: Flask) -> None:
    client = app.test_client()
    path = f"/practice-stripe/checkout/{gateway.create_checkout(request()).id}"
    assert client.get(path, base_url="http://evil.example").status_code == 400
    page = client.get(path, base_url="http://127.0.0.1")
    assert page.status_code == 200
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert client.get("/practice-stripe/elsewhere").status_code == 404
    assert client.get("/practice-stripe/checkout/cs_none").status_code == 404
    assert client.post(path, data={"outcome": "pay"}).status_code == 400
    assert client.post(path, data={"outcome": "pay", "csrf_token": "é"}).status_code == 400
    assert store.checkout(db.session, path.rsplit("/", 1)[1]).body["session"]["status"] == "open"
