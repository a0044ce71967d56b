"""Many at once, with real threads and connections: money is counted once and never spent twice.

Each race has a companion that takes its guard away and sees it fail.
"""

import threading
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from logistics.commands import Command
from logistics.db import db, transaction
from logistics.errors import Conflict
from logistics.giving import spending, webhook
from logistics.giving.gateway import Checkout
from logistics.giving.models import Fund, FundBalance, Gift, GiftState, Spend, StripeEvent
from logistics.giving.webhook import apply_waiting
from logistics.outbox.models import OutboxMessage

from .. import make
from ..browsing import Browser
from ..racing import race
from .helpers import FORM, balance, deliver, event, fund, gift, give, problems
from .test_webhook import COMPLETED, PAID, at_stripe

THREADS = 16


def at_once(app: Flask, work: Callable[[int], Any], count: int = THREADS) -> list[Any]:
    """Run `work(n)` for n below `count`, all at once; return what each gave."""
    return race(app, *(partial(work, number) for number in range(count)))


def receipts() -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxMessage)) or 0


def test_the_same_webhook_sixteen_times_at_once_counts_once(app: Flask, browser: Browser) -> None:
    fund_id = fund()
    reference = give(browser)
    paid = event(app, COMPLETED, at_stripe(reference, **PAID))
    answers = at_once(app, lambda _n: deliver(app, paid).status_code)
    assert answers == [200] * THREADS
    assert db.session.scalar(select(func.count()).select_from(StripeEvent)) == 1
    assert sum(at_once(app, lambda _n: apply_waiting())) == 1
    assert (gift(reference).state, balance(fund_id), receipts()) == (GiftState.PAID, (1200, 0), 1)
    assert problems() == []


def sixteen_events_applied_at_once(app: Flask, browser: Browser) -> tuple[str, int]:
    """Sixteen events, each with an id of its own, that all say the same gift is paid."""
    fund_id = fund()
    reference = give(browser)
    session = at_stripe(reference, **PAID)
    for _ in range(THREADS):
        deliver(app, event(app, COMPLETED, session))
    at_once(app, lambda _n: apply_waiting())
    apply_waiting()
    return reference, fund_id


def test_sixteen_events_of_one_payment_count_once(app: Flask, browser: Browser) -> None:
    reference, fund_id = sixteen_events_applied_at_once(app, browser)
    assert (gift(reference).state, balance(fund_id), receipts()) == (GiftState.PAID, (1200, 0), 1)
    assert problems() == []


def test_without_its_guard_a_payment_counts_more_than_once(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always(session: Session, gift: Gift, checkout: Checkout, paid_at: Any) -> bool:
        session.execute(update(Gift).where(Gift.id == gift.id).values(state=GiftState.PAID, paid_at=paid_at))
        return True

    monkeypatch.setattr(webhook, "_becomes_paid", always)
    _reference, fund_id = sixteen_events_applied_at_once(app, browser)
    assert balance(fund_id)[0] > 1200
    assert receipts() > 1
    assert any("the paid gifts add up to 1200" in problem for problem in problems())


def test_a_new_donor_and_a_new_balance_made_many_times_at_once(app: Flask) -> None:
    fund_id = fund()
    keys = [f"k{n}" for n in range(8)]
    answers = at_once(app, lambda n: Browser(app).send("/give", {**FORM, "key": keys[n]}).status_code, 8)
    assert answers == [303] * 8
    references = db.session.scalars(select(Gift.reference)).all()
    assert len(references) == 8
    assert len(set(db.session.scalars(select(Gift.donor_id)))) == 1
    for number, reference in enumerate(references):
        deliver(app, event(app, COMPLETED, at_stripe(reference, **{**PAID, "payment_intent": f"pi_{number}"})))
    at_once(app, lambda _n: apply_waiting(), 8)
    apply_waiting()
    assert balance(fund_id) == (8 * 1200, 0)
    assert problems() == []


def one_form_sent_eight_times(app: Flask) -> list[str]:
    """The same browser sends the same form eight times at once; return where it is sent on to."""
    fund()
    browser = Browser(app)
    with browser.session_transaction() as session:
        session["browser"] = "the-same"
    cookie = browser.get_cookie("shoreline")
    assert cookie is not None

    def send(_number: int) -> str:
        twin = Browser(app)
        twin.set_cookie("shoreline", cookie.value)
        return twin.send("/give", {**FORM, "key": "pressed-often"}).location or ""

    return at_once(app, send, 8)


def test_the_same_form_sent_many_times_at_once_is_one_gift(app: Flask) -> None:
    pages = one_form_sent_eight_times(app)
    assert len(set(pages)) == 1
    assert "/practice-stripe/checkout/" in pages[0]
    assert db.session.scalar(select(func.count()).select_from(Gift)) == 1


def test_without_its_guard_the_same_form_is_many_gifts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Command, "once", lambda self, _token: self)
    assert len(set(one_form_sent_eight_times(app))) == 8
    assert db.session.scalar(select(func.count()).select_from(Gift)) == 8


def test_one_general_fund_is_made_however_many_give_first(app: Flask) -> None:
    at_once(app, lambda n: Browser(app).send("/give", {**FORM, "key": f"k{n}"}).status_code, 8)
    assert db.session.scalar(select(func.count()).select_from(Fund)) == 1
    assert db.session.scalar(select(func.count()).select_from(Gift)) == 8


def twenty_spends_of_a_tenth(app: Flask, before: Callable[[], None] = lambda: None) -> tuple[int, list[Any]]:
    """Twenty people spend £10 each of a fund that was given £100."""
    fund_id, distribution_id = fund(given=10_000), make.distribution().id
    actor_id = make.person("fundraiser").id

    def spend(_number: int) -> int:
        before()
        return spending.record_spend(
            actor_id=actor_id,
            fund_id=fund_id,
            distribution_id=distribution_id,
            amount=1000,
            currency="gbp",
            what="Fuel",
            spent_on=date(2026, 11, 24),
        )

    return fund_id, at_once(app, spend, 20)


def test_a_fund_is_never_spent_twice(app: Flask) -> None:
    fund_id, results = twenty_spends_of_a_tenth(app)
    assert sum(isinstance(result, int) for result in results) == 10
    assert sum(isinstance(result, Conflict) for result in results) == 10
    assert balance(fund_id) == (10_000, 10_000)
    assert db.session.scalar(select(func.sum(Spend.amount))) == 10_000


def test_without_its_guard_a_fund_is_overspent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one would do it alone: look what is left, then write the new sum."""
    seen, all_have_looked = threading.local(), threading.Barrier(20)

    def look() -> None:
        seen.spent = db.session.scalars(select(FundBalance.spent)).one()
        db.session.rollback()
        all_have_looked.wait()

    def write(session: Session, fund_id: int, currency: str, amount: int) -> bool:
        session.execute(update(FundBalance).values(spent=seen.spent + amount))
        return True

    monkeypatch.setattr(spending, "_take", write)
    fund_id, results = twenty_spends_of_a_tenth(app, look)
    assert sum(isinstance(result, int) for result in results) == 20
    assert any(
        f"fund {fund_id} in gbp" in problem and "the spends add up to 20000" in problem for problem in problems()
    )


def test_a_spend_taken_back_many_times_at_once_comes_back_once(app: Flask) -> None:
    fund_id, results = twenty_spends_of_a_tenth(app)
    spend_id = next(result for result in results if isinstance(result, int))
    actor_id = make.person("fundraiser").id
    taken = at_once(app, lambda _n: spending.withdraw_spend(actor_id=actor_id, spend_id=spend_id))
    assert taken.count(spend_id) == 1
    assert balance(fund_id) == (10_000, 9_000)
    with transaction() as session:  # the fund's £100 came from no gift in this test
        session.execute(update(FundBalance).values(given=0, spent=0))
        session.execute(update(Spend).values(withdrawn_at=func.coalesce(Spend.withdrawn_at, Spend.recorded_at)))
    assert problems() == []
