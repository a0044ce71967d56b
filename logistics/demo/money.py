"""Gifts that were paid and spends that were made, with the balances they add up to."""

import random
import secrets
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..giving.models import Donor, FundBalance, Gift, GiftState, Spend
from ..money import Currency
from . import content
from .rows import add_keyed_rows, add_rows
from .setting import Setting

AMOUNTS = (500, 700, 1200, 1200, 2000, 2500, 5000, 10000)


def add_gifts(
    session: Session, setting: Setting, count: int, days: int, at: datetime, chance: random.Random
) -> Counter[tuple[int, str]]:
    """Write paid gifts over the last `days` days; return what each fund was given, by currency, in minor units."""
    firsts, lasts = content.FIRST_NAMES, content.LAST_NAMES
    names = [f"{chance.choice(firsts)} {chance.choice(lasts)}" for _ in range(max(1, count * 2 // 3))]
    donors = add_rows(
        session,
        Donor,
        [
            {
                "email": f"donor{n:05}@example.org",
                "name": name,
                "language": "fr" if n % 4 == 0 else "en",
                "created_at": at - timedelta(days=days),
            }
            for n, name in enumerate(names, 1)
        ],
    )
    given: Counter[tuple[int, str]] = Counter()
    funds = list(setting.funds.values())
    rows = []
    for n in range(1, count + 1):
        fund, currency = chance.choice(funds), Currency.EUR if n % 5 == 0 else Currency.GBP
        amount = chance.choice(AMOUNTS)
        paid_at = at - timedelta(seconds=chance.uniform(600, days * 86400))
        given[fund, currency] += amount
        rows.append(
            {
                "reference": secrets.token_urlsafe(12),
                "name": names[n % len(donors)],
                "donor_id": donors[n % len(donors)],
                "fund_id": fund,
                "amount": amount,
                "currency": currency,
                "state": GiftState.PAID,
                "language": "en",
                "created_at": paid_at - timedelta(minutes=2),
                "paid_at": paid_at,
                "checkout_session_id": f"cs_demo_{n:07}",
                "payment_intent_id": f"pi_demo_{n:07}",
            }
        )
    add_rows(session, Gift, rows)
    return given


def add_spends(
    session: Session, setting: Setting, distributions: list[tuple[int, datetime]], given: Counter[tuple[int, str]]
) -> None:
    """Write a cost or two for each distribution from what was given, and then the balances of both."""
    spent: Counter[tuple[int, str]] = Counter()
    rows = []
    for number, (distribution_id, when) in enumerate(distributions):
        what, amount, fund_name = content.SPENDS[number % len(content.SPENDS)]
        fund = setting.funds[fund_name]
        key = (fund, str(Currency.GBP))
        if spent[key] + amount > given[key]:
            continue  # a fund never goes below zero
        spent[key] += amount
        rows.append(
            {
                "fund_id": fund,
                "distribution_id": distribution_id,
                "amount": amount,
                "currency": Currency.GBP,
                "what": what,
                "spent_on": when.date(),
                "recorded_at": when,
                "recorded_by": setting.accounts["fundraiser"],
            }
        )
    add_rows(session, Spend, rows)
    add_keyed_rows(
        session,
        FundBalance,
        [
            {"fund_id": fund, "currency": currency, "given": amount, "spent": spent[fund, currency]}
            for (fund, currency), amount in given.items()
        ],
    )
