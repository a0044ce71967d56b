"""A gift from the form to its receipt, through the front door, with the stand-in for Stripe behind it."""

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.db import db
from logistics.giving.models import Donor, Gift, GiftState, StripeEvent, StripeEventState
from logistics.giving.webhook import apply_waiting
from logistics.outbox.models import OutboxMessage
from logistics.practice_stripe import store

from ..browsing import Browser, text_of
from .helpers import FORM, balance, fund, gift, give, latest, payment_page, practice, press, problems


def test_twelve_pounds_from_the_form_to_the_receipt(app: Flask, browser: Browser, fundraiser: Browser) -> None:
    fund_id = fund()
    page = browser.page("/give")
    assert "Practice mode: no real money moves here." in page
    assert 'action="/give"' in page
    assert "monthly" not in page.lower()
    assert "gift aid" not in page.lower()
    reference = give(browser)
    assert gift(reference).state == GiftState.STARTED
    assert "waiting to hear" in text_of(browser.page(f"/give/thanks?gift={reference}"))

    path = payment_page(browser, reference)
    shown = text_of(browser.page(path))
    assert "Practice mode: no real money moves" in shown
    assert "£12" in shown
    back = press(browser, path, "pay")
    assert back.location == f"http://localhost/give/thanks?gift={reference}"

    # The signed webhook came, and is not applied before the worker does so.
    assert db.session.scalars(select(StripeEvent.state)).all() == [StripeEventState.WAITING]
    assert "waiting to hear" in text_of(browser.page(f"/give/thanks?gift={reference}"))
    assert apply_waiting() == 1
    assert apply_waiting() == 0

    paid = gift(reference)
    assert paid.state == GiftState.PAID
    assert paid.paid_at is not None
    assert paid.payment_intent_id is not None
    assert balance(fund_id) == (1200, 0)
    thanks = text_of(browser.page(f"/give/thanks?gift={reference}"))
    assert "your £12 has arrived" in thanks
    assert "Ann" not in thanks  # whoever holds the address sees the gift, not the giver

    receipt = db.session.scalars(select(OutboxMessage)).one()
    assert (receipt.kind, receipt.to_address, receipt.language) == ("gift_receipt", "ann@example.org", "en")
    assert receipt.params == {
        "reference": reference,
        "amount": 1200,
        "currency": "gbp",
        "fund": "General fund",
        "fund_fr": None,
        "name": "Ann Donor",
        "paid_at": paid.paid_at.isoformat(),
    }
    assert "Ann Donor" in fundraiser.page("/giving")
    assert "ann@example.org" in fundraiser.page(f"/giving/gifts/{reference}")
    gifts_lines = select(AuditLine.action).where(AuditLine.subject == "gift").order_by(AuditLine.id)
    actions = db.session.scalars(gifts_lines).all()
    assert actions == ["gift.started", "gift.paid"]
    assert problems() == []


def test_a_declined_card_takes_nothing_and_may_be_tried_again(app: Flask, browser: Browser) -> None:
    reference = give(browser)
    path = payment_page(browser, reference)
    assert "declined" in press(browser, path, "decline", 422).get_data(as_text=True)
    assert apply_waiting() == 0
    assert gift(reference).state == GiftState.STARTED
    press(browser, path, "pay")
    apply_waiting()
    assert gift(reference).state == GiftState.PAID
    assert "is paid" in browser.page(path)  # the page says so to whoever comes back to it


def test_coming_back_from_the_payment_page_keeps_what_was_typed(app: Flask, browser: Browser) -> None:
    reference = give(browser, amount="17.50", currency="eur", name="Zoé")
    path = payment_page(browser, reference)
    assert f'href="http://localhost/give?gift={reference}"' in browser.page(path)
    page = browser.page(f"/give?gift={reference}")
    assert "Nothing was taken" in page
    for typed in ('value="17.50"', 'value="Zoé"', 'value="ann@example.org"'):
        assert typed in page
    stranger = Browser(app).page(f"/give?gift={reference}")
    assert 'value="17.50"' in stranger
    assert "ann@example.org" not in stranger
    assert "Zoé" not in stranger


def test_a_page_left_open_expires(app: Flask, browser: Browser) -> None:
    reference = give(browser)
    with app.app_context():
        practice(app).apart(lambda: _expire(gift(reference).checkout_session_id or ""))
    apply_waiting()
    assert gift(reference).state == GiftState.EXPIRED
    assert "was not paid" in browser.page(f"/give/thanks?gift={reference}")
    assert "has closed" in browser.page(f"/practice-stripe/checkout/{gift(reference).checkout_session_id}")
    assert problems() == []


def _expire(checkout_id: str) -> None:
    from logistics.db import transaction

    with transaction() as session:
        store.expire(session, checkout_id)


@pytest.mark.parametrize("paid", [True, False])
def test_a_bank_payment_counts_only_when_the_bank_says_so(app: Flask, browser: Browser, paid: bool) -> None:
    fund_id = fund()
    reference = give(browser)
    checkout_id = gift(reference).checkout_session_id or ""
    store.pay(checkout_id=checkout_id, at_once=False)
    assert practice(app).deliver() == 1
    apply_waiting()
    assert gift(reference).state == GiftState.STARTED  # complete, and not paid yet
    assert balance(fund_id) == (0, 0)
    store.settle_later(checkout_id=checkout_id, paid=paid)
    apply_waiting()
    assert gift(reference).state == (GiftState.PAID if paid else GiftState.FAILED)
    assert balance(fund_id) == ((1200, 0) if paid else (0, 0))
    said = text_of(browser.page(f"/give/thanks?gift={reference}"))
    assert ("has arrived" if paid else "did not go through") in said
    assert problems() == []


def test_a_donor_is_found_again_and_keeps_the_first_name(app: Flask, browser: Browser) -> None:
    give(browser, name="Ann Donor", email="Ann@Example.org ")
    give(Browser(app), name="Someone Else", email="ann@example.ORG")
    donor = db.session.scalars(select(Donor)).one()
    assert (donor.email, donor.name) == ("ann@example.org", "Ann Donor")
    assert db.session.scalars(select(Gift.name).order_by(Gift.id)).all() == ["Ann Donor", "Someone Else"]


def test_the_same_form_sent_twice_is_one_gift(app: Flask, browser: Browser) -> None:
    form = {**FORM, "key": "pressed-twice"}
    first, second = browser.send("/give", form), browser.send("/give", form)
    assert first.location == second.location
    assert len(db.session.scalars(select(Gift)).all()) == 1
    browser.send("/give", {**form, "amount": "13"}, 409)
    assert len(db.session.scalars(select(Gift)).all()) == 1


def test_a_gift_to_a_chosen_fund_goes_there(app: Flask, browser: Browser) -> None:
    general, winter = fund(), fund("Winter appeal", restricted=True)
    assert "Winter appeal" in browser.page("/give")
    give(browser, fund=str(winter))
    assert latest().fund_id == winter
    give(browser)
    assert latest().fund_id == general


def test_french_donors_are_spoken_to_in_french(app: Flask, browser: Browser) -> None:
    browser.get("/language/fr")
    reference = give(browser)
    assert gift(reference).language == "fr"
    assert 'lang="fr"' in browser.page(payment_page(browser, reference))
