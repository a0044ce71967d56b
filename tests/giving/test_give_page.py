"""The giving page: what it offers, what it refuses, and what a donor reads when Stripe is away."""

import re
from typing import Any

import pytest
import stripe
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.giving.models import Gift, GiftState
from logistics.money import Currency
from logistics.practice_stripe import api
from logistics.practice_stripe.params import ApiError
from logistics.practice_stripe.wiring import InProcessClient

from ..browsing import Browser, text_of
from .helpers import FORM, fund, give, latest


def gifts() -> list[Gift]:
    db.session.rollback()
    return list(db.session.scalars(select(Gift)))


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("12", 1200),
        ("12.50", 1250),
        ("12,50", 1250),
        ("£7", 700),
        (" 1,200.00 ", 120000),
        ("1", 100),
        ("25000", 2_500_000),
    ],
)
def test_amounts_as_people_type_them(app: Flask, browser: Browser, typed: str, pence: int) -> None:
    give(browser, amount=typed)
    assert latest().amount == pence


@pytest.mark.parametrize(
    "typed",
    ["", " ", "0", "0.99", "-5", "25000.01", "1e3", "12.345", "twelve", "🎁", "12\x00", "NaN", "1_000", "9" * 400, "٣"],
)
def test_amounts_that_are_refused_at_their_field(app: Flask, browser: Browser, typed: str) -> None:
    answer = browser.send("/give", {**FORM, "amount": typed}, 422)
    page = answer.get_data(as_text=True)
    assert 'id="amount-error"' in page
    assert 'value="Ann Donor"' in page  # nothing typed is lost
    assert 'value="ann@example.org"' in page
    assert gifts() == []


def test_the_bounds_are_said_in_words(app: Flask, browser: Browser) -> None:
    said = text_of(browser.send("/give", {**FORM, "amount": "30000"}, 422).get_data(as_text=True))
    assert "go up to £25,000" in said
    assert "write to us" in said
    assert "The smallest gift is £1" in text_of(browser.send("/give", {**FORM, "amount": "0.50"}, 422).text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "usd"),
        ("currency", "GBP"),
        ("frequency", "monthly"),
        ("frequency", ""),
        ("frequency", "ONCE"),
        ("fund", "999"),
        ("fund", "99999999999999999999"),
        ("fund", "-1"),
        ("fund", "x"),
        ("name", ""),
        ("name", "x" * 101),
        ("name", "A\x00nn"),
        ("email", ""),
        ("email", "ann"),
        ("email", "ann@"),
        ("email", "ann@example"),
        ("email", "é@example.org"),
        ("email", "a b@example.org"),
        ("email", f"{'a' * 300}@example.org"),
    ],
)
def test_what_is_refused(app: Flask, browser: Browser, field: str, value: str) -> None:
    browser.send("/give", {**FORM, field: value}, 422)
    assert gifts() == []


def test_a_form_without_the_hidden_fields_is_a_gift_once_in_pounds(app: Flask, browser: Browser) -> None:
    browser.send("/give", {"amount": "5", "name": "Ann", "email": "ann@example.org"})
    assert (latest().currency, latest().amount) == (Currency.GBP, 500)


def test_a_form_without_token_is_refused(app: Flask, browser: Browser) -> None:
    browser.send("/give", FORM, 400, csrf=False)
    assert gifts() == []


def test_a_chosen_amount_counts_in_its_currency_and_a_typed_one_before_it(app: Flask, browser: Browser) -> None:
    offered = {"offered_gbp": "7", "offered_eur": "9"}
    give(browser, amount="", **offered)
    assert (latest().amount, latest().currency) == (700, "gbp")
    give(browser, amount="", currency="eur", **offered)
    assert (latest().amount, latest().currency) == (900, "eur")
    give(browser, amount="33", **offered)
    assert latest().amount == 3300
    browser.send("/give", {**FORM, "amount": "", "offered_gbp": "", "offered_eur": "9"}, 422)


def test_a_closed_fund_is_not_offered(app: Flask, browser: Browser, fundraiser: Browser) -> None:
    fund()
    closed = fund("Summer appeal", restricted=True)
    fundraiser.send(f"/giving/funds/{closed}/close")
    assert "Summer appeal" not in browser.page("/give")
    browser.send("/give", {**FORM, "fund": str(closed)}, 422)


class Down:
    """A client of the stripe package that reaches nobody."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        raise self.error


def test_when_stripe_is_away_nothing_is_taken_and_nothing_lost(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(InProcessClient, "request", Down(stripe.APIConnectionError("down")))
        answer = browser.send("/give", {**FORM, "amount": "31", "key": "first-try"}, 503)
    page = answer.get_data(as_text=True)
    assert "Nothing was taken" in page
    for typed in ('value="31"', 'value="Ann Donor"', 'value="ann@example.org"'):
        assert typed in page
    assert latest().state == GiftState.FAILED
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    assert key.group(1) != "first-try"
    give(browser, amount="32", key=key.group(1))  # the same page, with another amount
    assert latest().state == GiftState.STARTED


def test_an_email_that_stripe_will_not_have_is_blamed_at_its_field(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = ApiError(400, "Invalid email address: ann@example.org", code="email_invalid", param="customer_email")
    monkeypatch.setattr(api.store, "make_checkout", Down(refusal))
    page = browser.send("/give", FORM, 422).get_data(as_text=True)
    assert 'id="email-error"' in page


def test_many_from_one_address_are_slowed(app: Flask, browser: Browser) -> None:
    answers = [browser.post("/give", data={**FORM, "amount": ""}).status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]
    assert browser.get("/give").status_code == 200


def test_thanks_for_no_gift_and_for_one_that_is_not_there(app: Flask, browser: Browser) -> None:
    assert "Thank you for giving" in browser.page("/give/thanks")
    browser.page("/give/thanks?gift=NONE", 404)
    browser.page(f"/give/thanks?gift={'9' * 5000}", 404)
    assert "Nothing was taken" not in browser.page("/give?gift=NONE")


def test_the_thanks_page_looks_again_by_itself_and_ever_more_rarely(app: Flask, browser: Browser) -> None:
    reference = give(browser)
    assert 'hx-trigger="load delay:2s"' in browser.page(f"/give/thanks?gift={reference}")
    part = browser.get(f"/give/thanks?gift={reference}&looks=9", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith("<section")
    assert 'hx-trigger="load delay:30s"' in part
    assert "looks=10" in part
    assert "hx-get" not in browser.page(f"/give/thanks?gift={reference}&looks=99")
