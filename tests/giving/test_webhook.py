"""Stripe's events: who may send them, what they change, in whatever order they come."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.clock import now
from logistics.config import Settings
from logistics.db import db, transaction
from logistics.factory import create_app
from logistics.giving import gateway, inbox
from logistics.giving.models import Gift, GiftState, StripeEvent, StripeEventState
from logistics.giving.webhook import apply_waiting
from logistics.outbox.models import OutboxMessage
from logistics.practice_stripe.models import PracticeObject

from .. import conftest
from ..browsing import Browser
from .helpers import balance, deliver, event, fund, gift, give, problems, signed

COMPLETED, EXPIRED = "checkout.session.completed", "checkout.session.expired"


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(StripeEvent.state).order_by(StripeEvent.received_at, StripeEvent.id)))


def receipts() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(OutboxMessage)).all())


def at_stripe(reference: str, **changed: Any) -> dict[str, Any]:
    """Change how a gift's session stands at Stripe, and return it."""
    with transaction() as session:
        checkout_id = session.scalars(select(Gift.checkout_session_id).where(Gift.reference == reference)).one()
        row = session.get_one(PracticeObject, checkout_id)
        row.body = {**row.body, "session": {**row.body["session"], **changed}}
        row.open_until = None
        changed_session: dict[str, Any] = row.body["session"]
    return changed_session


PAID = {"status": "complete", "payment_status": "paid", "payment_intent": "pi_1"}
OVER = {"status": "expired", "payment_status": "unpaid"}


def test_a_bad_signature_is_refused(app: Flask, browser: Browser) -> None:
    checkout = at_stripe(give(browser), **PAID)
    assert deliver(app, event(app, COMPLETED, checkout), secret="whsec_of_someone_else").status_code == 400
    assert states() == []


@pytest.mark.parametrize("header", ["", "nonsense", "t=1,v1=", "t=x,v1=00", "v1=00", "t=1,v1=\u00e9", "t=" + "9" * 400])
def test_what_is_no_signature_is_refused(app: Flask, browser: Browser, header: str) -> None:
    answer = browser.post(
        "/stripe/webhook", csrf=False, data=b"{}", headers={"Stripe-Signature": header.encode().decode("latin-1")}
    )
    assert answer.status_code == 400
    assert states() == []


@pytest.mark.parametrize("age", [301, 3600])
def test_an_old_signature_is_refused(app: Flask, browser: Browser, age: int) -> None:
    checkout = at_stripe(give(browser), **PAID)
    assert deliver(app, event(app, COMPLETED, checkout), at=int(time.time()) - age).status_code == 400
    assert deliver(app, event(app, COMPLETED, checkout), at=int(time.time()) - 200).status_code == 200


def test_a_changed_body_is_refused(app: Flask, browser: Browser) -> None:
    body = json.dumps(event(app, COMPLETED, at_stripe(give(browser), **PAID)))
    headers = signed(app, body)
    answer = browser.post("/stripe/webhook", csrf=False, data=body.replace("1200", "1201"), headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("secret", ["", "   "])
def test_an_empty_secret_refuses_everything(
    app: Flask, monkeypatch: pytest.MonkeyPatch, browser: Browser, secret: str
) -> None:
    door = app.extensions["shoreline_stripe"]
    checkout = at_stripe(give(browser), **PAID)
    monkeypatch.setitem(app.extensions, "shoreline_stripe", gateway.Door(door.client, secret, False))
    assert deliver(app, event(app, COMPLETED, checkout), secret=secret).status_code == 400
    assert states() == []


@pytest.mark.parametrize("livemode", [True, None, "false"])
def test_the_other_mode_is_refused(app: Flask, browser: Browser, livemode: Any) -> None:
    checkout = at_stripe(give(browser), **PAID)
    assert deliver(app, event(app, COMPLETED, checkout, livemode=livemode)).status_code == 400
    assert states() == []


@pytest.mark.parametrize("body", ["[]", "null", "{}", '{"id": 5, "type": "x", "livemode": false}', "{", "\ud83d"])
def test_what_is_no_event_is_refused(app: Flask, browser: Browser, body: str) -> None:
    body = body.encode("utf-8", "replace").decode()
    answer = browser.post("/stripe/webhook", csrf=False, data=body, headers=signed(app, body))
    assert answer.status_code == 400


def test_bytes_that_are_no_text_and_bodies_that_are_too_large_are_refused(app: Flask, browser: Browser) -> None:
    headers = {"Stripe-Signature": "t=1,v1=00"}
    assert browser.post("/stripe/webhook", csrf=False, data=b"\xff\xfe", headers=headers).status_code == 400
    assert browser.post("/stripe/webhook", csrf=False, data=b"x" * 600_000, headers=headers).status_code == 413


def test_a_second_delivery_changes_nothing(app: Flask, browser: Browser) -> None:
    fund_id = fund()
    reference = give(browser)
    once = event(app, COMPLETED, at_stripe(reference, **PAID))
    for _ in range(3):
        assert deliver(app, once).status_code == 200
    assert states() == [StripeEventState.WAITING]
    apply_waiting()
    assert deliver(app, once).status_code == 200
    assert apply_waiting() == 0
    assert (gift(reference).state, balance(fund_id), receipts()) == (GiftState.PAID, (1200, 0), 1)
    assert problems() == []


def test_expired_after_paid_and_paid_after_expired(app: Flask, browser: Browser) -> None:
    fund_id = fund()
    reference = give(browser)
    expired = event(app, EXPIRED, at_stripe(reference, **OVER))
    deliver(app, expired)
    apply_waiting()
    assert gift(reference).state == GiftState.EXPIRED
    # The donor paid after all, and Stripe says so: money that came counts.
    paid = at_stripe(reference, **PAID)
    deliver(app, event(app, COMPLETED, paid))
    apply_waiting()
    assert gift(reference).state == GiftState.PAID
    # A late event of the expiry, and even a session that says expired again: paid is final.
    at_stripe(reference, **OVER)
    deliver(app, {**expired, "id": "evt_late"})
    apply_waiting()
    assert (gift(reference).state, balance(fund_id), receipts()) == (GiftState.PAID, (1200, 0), 1)
    assert problems() == []


def test_the_event_of_an_expiry_is_believed_no_more_than_the_session(app: Flask, browser: Browser) -> None:
    """Out of order: the expiry arrives while the session, asked again, is paid."""
    reference = give(browser)
    session = at_stripe(reference, **PAID)
    deliver(app, event(app, EXPIRED, {**session, **OVER}))
    apply_waiting()
    assert gift(reference).state == GiftState.PAID


def test_complete_but_unpaid_is_not_paid(app: Flask, browser: Browser) -> None:
    fund_id = fund()
    reference = give(browser)
    session = at_stripe(reference, status="complete", payment_status="unpaid")
    deliver(app, event(app, COMPLETED, {**session, "payment_status": "paid"}))  # the event may say what it likes
    apply_waiting()
    assert (gift(reference).state, balance(fund_id), receipts()) == (GiftState.STARTED, (0, 0), 0)


@pytest.mark.parametrize("changed", [{"amount_total": 1500}, {"amount_total": 1199}, {"currency": "eur"}])
def test_a_payment_of_another_amount_is_never_counted(
    app: Flask, browser: Browser, fundraiser: Browser, changed: dict[str, Any]
) -> None:
    fund_id = fund()
    reference = give(browser)
    deliver(app, event(app, COMPLETED, at_stripe(reference, **PAID, **changed)))
    apply_waiting()
    assert (gift(reference).state, balance(fund_id), receipts()) == (GiftState.STARTED, (0, 0), 0)
    assert states() == [StripeEventState.FAILED]
    page = fundraiser.page("/giving/events")
    assert "was paid where the gift is 1200 gbp" in page
    assert "could not be applied" in fundraiser.page("/giving")


def test_another_session_cannot_pay_a_gift(app: Flask, browser: Browser) -> None:
    first, second = give(browser), give(Browser(app))
    session = at_stripe(second, **PAID, metadata={"gift": first})
    with transaction() as work:
        work.execute(update(Gift).where(Gift.reference == second).values(checkout_session_id=None))
    deliver(app, event(app, COMPLETED, session))
    apply_waiting()
    assert states() == [StripeEventState.FAILED]
    assert gift(first).state == GiftState.STARTED


def test_a_webhook_that_outruns_our_own_note_finds_its_gift(app: Flask, browser: Browser) -> None:
    """Stripe can say "paid" before the request that opened the page has kept its id."""
    fund_id = fund()
    reference = give(browser)
    session = at_stripe(reference, **PAID)
    with transaction() as work:
        work.execute(update(Gift).values(checkout_session_id=None, checkout_url=None))
    deliver(app, event(app, COMPLETED, session))
    apply_waiting()
    assert gift(reference).state == GiftState.PAID
    assert gift(reference).checkout_session_id == session["id"]
    assert balance(fund_id) == (1200, 0)
    assert problems() == []


def test_what_is_not_ours_is_ignored(app: Flask, browser: Browser) -> None:
    session = at_stripe(give(browser), **PAID, metadata={}, client_reference_id=None)
    with transaction() as work:
        work.execute(update(Gift).values(checkout_session_id=None))
    deliver(app, event(app, COMPLETED, session))
    deliver(app, event(app, "charge.succeeded", {"id": "ch_1", "object": "charge"}))
    deliver(app, event(app, "x" * 300, {}))
    apply_waiting()
    assert states() == [StripeEventState.IGNORED] * 3


def test_nothing_personal_is_kept_of_an_event(app: Flask, browser: Browser) -> None:
    deliver(app, event(app, COMPLETED, at_stripe(give(browser), **PAID)))
    assert "ann@example.org" not in json.dumps(db.session.scalars(select(StripeEvent.payload)).one())


@pytest.mark.parametrize("created", [-1, 10**18, "now", None, True])
def test_a_strange_moment_holds_nobody_up(app: Flask, browser: Browser, created: Any) -> None:
    reference = give(browser)
    deliver(app, event(app, COMPLETED, at_stripe(reference, **PAID), created=created))
    apply_waiting()
    assert gift(reference).state == GiftState.PAID


def test_an_event_is_tried_again_later_and_given_up_at_last(
    app: Flask, browser: Browser, fundraiser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = give(browser)
    deliver(app, event(app, COMPLETED, at_stripe(reference, **PAID)))

    def down(_id: str) -> gateway.Checkout:
        raise gateway.StripeUnavailable("APIConnectionError")

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "retrieve_checkout", down)
        waits = []
        for _ in range(inbox.TRIES):
            assert apply_waiting() == 1
            assert apply_waiting() == 0  # not due again yet
            row = db.session.scalars(select(StripeEvent)).one()
            waits.append((row.due_at - now()).total_seconds())
            _make_due()
    assert waits[:-1] == sorted(waits[:-1])
    assert states() == [StripeEventState.FAILED]
    page = fundraiser.page("/giving/events")
    assert "APIConnectionError" in page
    event_id = db.session.scalars(select(StripeEvent.id)).one()
    fundraiser.send(f"/giving/events/{event_id}/retry")
    assert apply_waiting() == 1
    assert gift(reference).state == GiftState.PAID
    assert "Nothing waits" in fundraiser.page("/giving/events")
    fundraiser.send(f"/giving/events/{event_id}/retry", status=409)
    fundraiser.send("/giving/events/evt_none/retry", status=404)
    assert problems() == []


def _make_due() -> None:
    with transaction() as session:
        session.execute(update(StripeEvent).values(due_at=now()))


def test_an_event_that_breaks_us_does_not_stop_the_others(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = give(browser), give(Browser(app), email="b@example.org")
    deliver(app, event(app, COMPLETED, at_stripe(first, **PAID)))
    deliver(app, event(app, COMPLETED, at_stripe(second, **{**PAID, "payment_intent": "pi_2"})))
    retrieve: Callable[[str], gateway.Checkout] = gateway.retrieve_checkout
    broken = gift(first).checkout_session_id

    def breaks(checkout_id: str) -> gateway.Checkout:
        if checkout_id == broken:
            raise ZeroDivisionError
        return retrieve(checkout_id)

    monkeypatch.setattr(gateway, "retrieve_checkout", breaks)
    assert apply_waiting() == 2
    assert (gift(first).state, gift(second).state) == (GiftState.STARTED, GiftState.PAID)


def test_a_delivery_that_failed_comes_again(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in for Stripe sends again what the webhook did not take; the worker asks it to."""
    from logistics.practice_stripe import store
    from logistics.practice_stripe.models import PracticeEvent

    reference = give(browser)
    with monkeypatch.context() as patched:
        patched.setattr(inbox.receive, "function", _broken)
        patched.setattr(app, "testing", False)
        store.pay(checkout_id=gift(reference).checkout_session_id or "")
        assert apply_waiting() == 0
    with transaction() as session:
        session.execute(update(PracticeEvent).values(due_at=now()))
    assert apply_waiting() == 1
    assert gift(reference).state == GiftState.PAID


def _broken(*_args: Any, **_kwargs: Any) -> bool:
    raise RuntimeError("no")


def test_production_has_no_stand_in_and_hides_giving_without_a_key(
    shared_app: Flask, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "basicConfig", lambda **_how: None)  # the other tests' logs stay as they are
    settings: Settings = shared_app.extensions["shoreline_settings"]
    app = create_app(
        Settings(
            database_url=settings.database_url,
            secret_key=conftest.SECRET,
            base_url="https://charity.example",
            instance=tmp_path,
            production=True,
            testing=True,
        )
    )
    assert "shoreline_practice_stripe" not in app.extensions
    client = app.test_client()

    def ask(path: str, **how: Any) -> int:
        return client.open(path, base_url="https://charity.example", **how).status_code

    assert ask("/give") == 404
    assert ask("/give/thanks") == 404
    assert ask("/practice-stripe/checkout/cs_test_1") == 404
    body = json.dumps({"id": "evt_1", "type": COMPLETED, "livemode": False})
    from stripe import WebhookSignature

    header = {"Stripe-Signature": WebhookSignature.generate_signature_header(body, "")}
    assert ask("/stripe/webhook", method="POST", data=body, headers=header) == 400
