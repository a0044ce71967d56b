"""The books of giving: any sequence of gifts and spends balances, and what breaks them is named."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text, update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid
from logistics.giving import checks
from logistics.giving.funds import count_given
from logistics.giving.models import Donor, Fund, FundBalance, Gift, GiftState, Spend, StripeEvent
from logistics.giving.spending import record_spend, withdraw_spend
from logistics.money import LARGEST, parse_amount

from .. import make
from ..breaking import unsaid, without_checks
from ..conftest import empty_tables
from .helpers import fund, problems
from .test_spending import given as gift_paid


@given(st.integers(0, LARGEST))
def test_an_amount_written_out_is_read_back(minor: int) -> None:
    pounds, pence = divmod(minor, 100)
    forms = [f"{pounds}.{pence:02}", f"{pounds},{pence:02}", f"£{pounds}.{pence:02}", f"{pounds:,}.{pence:02}"]
    forms += [f"{pounds:,}.{pence:02}".replace(",", gap) for gap in (" ", "\u00a0", "\u202f")]
    if pence == 0:
        forms += [str(pounds), f"€{pounds}"]
    assert {parse_amount(form) for form in forms} == {minor}


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[£€]?\s?-?\d{0,12}[.,]?\d{0,4}[eE_ ]?\d?", fullmatch=True)))
def test_whatever_is_typed_is_an_amount_or_refused(typed: str) -> None:
    try:
        minor = parse_amount(typed)
    except Invalid:
        return
    assert type(minor) is int
    assert 0 <= minor <= LARGEST


@pytest.mark.parametrize("typed", ["10000000.01", "99999999999", "9" * 5000, "£9,999,999,999"])
def test_too_much_is_told_the_limit(typed: str) -> None:
    with pytest.raises(Invalid, match="Enter an amount of ten million at most"):
        parse_amount(typed)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["give", "spend", "withdraw"]),
        st.integers(0, 1),
        st.sampled_from(["gbp", "eur"]),
        st.integers(100, 5000),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_of_gifts_and_spends_balances(app: Flask, steps: list[tuple[str, int, str, int]]) -> None:
    empty_tables(app)
    funds = [fund("One"), fund("Two")]
    distribution_id, actor_id = make.distribution().id, make.person("fundraiser").id
    left: dict[tuple[int, str], int] = {}
    made: list[tuple[int, tuple[int, str], int]] = []
    for number, (step, which, currency, amount) in enumerate(steps):
        key = (funds[which], currency)
        if step == "give":
            _paid_gift(number, funds[which], currency, amount)
            left[key] = left.get(key, 0) + amount
        elif step == "withdraw" and made:
            spend_id, key, amount = made.pop(which % len(made))
            withdraw_spend(actor_id=actor_id, spend_id=spend_id)
            left[key] += amount
        elif step == "spend":
            values = {"fund_id": key[0], "currency": currency, "amount": amount, "distribution_id": distribution_id}
            try:
                spend_id = record_spend(actor_id=actor_id, what="Fuel", spent_on=date(2026, 11, 24), **values)
            except Conflict:
                assert amount > left.get(key, 0)
            else:
                assert amount <= left.get(key, 0)
                left[key] -= amount
                made.append((spend_id, key, amount))
        db.session.rollback()
        for (fund_id, in_currency), expected in left.items():
            row = db.session.get_one(FundBalance, (fund_id, in_currency))
            assert row.given - row.spent == expected >= 0
    assert problems() == []


def _paid_gift(number: int, fund_id: int, currency: str, amount: int) -> None:
    """A paid gift, as the webhook writes it."""
    with transaction() as session:
        donor = Donor(email=f"d{number}@example.org", name="D", language="en", created_at=now())
        session.add(donor)
        session.flush()
        session.add(
            Gift(
                reference=f"R{number}",
                name="D",
                donor_id=donor.id,
                fund_id=fund_id,
                amount=amount,
                currency=currency,
                state=GiftState.PAID,
                language="en",
                created_at=now(),
                paid_at=now(),
                checkout_session_id=f"cs_{number}",
            )
        )
        count_given(session, fund_id, currency, amount)


BREAKS: list[tuple[Any, str]] = [
    (update(FundBalance).values(given=99_999), "the balance says 99999 was given, the paid gifts add up to 2000"),
    (update(FundBalance).values(spent=1), "the balance says 1 was spent, the spends add up to 500"),
    (delete(FundBalance), "the balance says 0 was given, the paid gifts add up to 2000"),
    (update(Gift).values(amount=100), "500 was spent, more than the 100 that was given"),
    (update(Gift).values(checkout_session_id=None), "is paid without a Checkout session"),
    (update(Gift).values(paid_at=None), "is paid without the moment it was"),
    (update(Gift).values(state=GiftState.STARTED), "has a moment of payment and is not paid"),
    (update(Spend).values(withdrawn_at=now()), "the balance says 500 was spent, the spends add up to 0"),
    (update(Gift).values(state=GiftState.STARTED, paid_at=None), "said that gift"),
    (
        text(
            "INSERT INTO outbox_message (kind, to_address, language, params, state, created_at, due_at, attempts) "
            "SELECT kind, to_address, language, params, state, created_at, due_at, attempts FROM outbox_message"
        ),
        "has 2 receipts",
    ),
]


def test_whatever_breaks_the_books_is_named_and_every_sentence_is_said(app: Flask) -> None:
    """No statement above goes unnamed, and no check has a sentence that none of them brings out."""
    fund_id, distribution_id = fund(), make.distribution().id
    gift_paid(app, "20")
    record_spend(
        actor_id=make.person("fundraiser").id,
        fund_id=fund_id,
        distribution_id=distribution_id,
        amount=500,
        currency="gbp",
        what="Fuel",
        spent_on=date(2026, 11, 24),
    )
    assert problems() == []
    said: list[str] = []
    for statement, named in BREAKS:
        with without_checks("gift", "fund_balance") as session:
            session.execute(statement)
            found = list(checks.problems(session))
        assert any(named in each for each in found), (named, found)
        said += found
    assert unsaid(said, checks) == []
    assert problems() == []


REFUSED: list[Any] = [
    update(FundBalance).values(spent=FundBalance.given + 1),
    update(FundBalance).values(spent=-1),
    update(Gift).values(amount=99),
    update(Gift).values(amount=2_500_001),
    update(Gift).values(currency="usd"),
    update(Gift).values(state="refunded"),
    update(Gift).values(paid_at=None),
    update(Gift).values(state=GiftState.STARTED),
    update(Donor).values(email="ANN@example.org"),
    update(StripeEvent).values(state="lost"),
    insert(Fund).values(name="Twin", name_key="general fund", description="", restricted=False),
    insert(Spend).values(
        fund_id=1, distribution_id=1, amount=0, currency="gbp", what="x", spent_on=date(2026, 1, 1), recorded_at=now()
    ),
]


@pytest.mark.parametrize("statement", REFUSED, ids=range(len(REFUSED)))
def test_behind_the_service_the_database_refuses_too(app: Flask, statement: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    fund()
    gift_paid(app, "20")
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(statement)
    db.session.rollback()
    assert problems() == []
