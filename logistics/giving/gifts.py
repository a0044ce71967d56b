"""Gifts: starting one, its state, and finding them again. What makes a gift paid is in `giving.webhook`."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from .. import audit
from ..clock import midnight, now
from ..commands import command
from ..errors import Invalid, NotFound, msg
from ..money import Currency
from .funds import general_fund
from .inserting import insert_if_absent
from .models import Donor, Fund, Gift, GiftState

LEAST, MOST = 100, 2_500_000  # £1 to £25,000, in pence or cents
PAGE_OPEN = timedelta(hours=2)  # how long the payment page waits for its donor
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no two that look alike


def new_reference() -> str:
    """Return a gift's public name, such as "7KQF-M2WX-…": 98 random bits, easy to read over the telephone."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(5))


def check_amount(amount: int) -> None:
    """Raise `Invalid` for an amount that is not taken online."""
    if amount < LEAST:
        raise Invalid(msg("The smallest gift is £1, or €1."), field="amount")
    if amount > MOST:
        raise Invalid(
            msg(
                "Gifts on this page go up to £25,000, or €25,000. "
                "To give more, please write to us: we will find the best way together."
            ),
            field="amount",
        )


@command
def start_gift(
    session: Session, *, amount: int, currency: str, fund_id: int | None, name: str, email: str, language: str
) -> str:
    """Write down that someone wants to give, and return the gift's reference. No fund means the general one.

    Raises `Invalid` for an amount outside £1 to £25,000, and for a fund that is not offered.
    """
    check_amount(amount)
    fund = general_fund(session) if fund_id is None else _offered(session, fund_id)
    gift = Gift(
        reference=new_reference(),
        name=name,
        donor_id=_donor(session, name, email, language),
        fund_id=fund.id,
        amount=amount,
        currency=Currency(currency),
        language=language,
        created_at=now(),
    )
    session.add(gift)
    session.flush()
    audit.record(session, None, "gift.started", "gift", gift.id, amount=amount, currency=currency, fund_id=fund.id)
    return gift.reference


@command
def keep_checkout(session: Session, *, reference: str, checkout_id: str, url: str) -> str:
    """Keep the payment page that Stripe made for a gift, and return the address of the one that counts."""
    session.execute(
        update(Gift)
        .where(Gift.reference == reference, Gift.checkout_session_id.is_(None))
        .values(checkout_session_id=checkout_id)
    )
    session.execute(
        update(Gift)
        .where(Gift.reference == reference, Gift.checkout_session_id == checkout_id, Gift.checkout_url.is_(None))
        .values(checkout_url=url)
    )
    return session.scalars(select(Gift.checkout_url).where(Gift.reference == reference)).one() or url


@command
def give_up(session: Session, *, reference: str) -> bool:
    """Say that a gift has failed because its payment page never opened."""
    ended = session.execute(
        update(Gift)
        .where(Gift.reference == reference, Gift.state == GiftState.STARTED, Gift.checkout_session_id.is_(None))
        .values(state=GiftState.FAILED)
        .returning(Gift.id)
    ).first()
    if ended is not None:
        audit.record(session, None, "gift.failed", "gift", ended.id, reason="no payment page")
    return ended is not None


def gift_of(session: Session, reference: str) -> Gift:
    """Return a gift with its donor and fund. Raises `NotFound`."""
    gift = session.scalars(
        select(Gift).where(Gift.reference == reference).options(joinedload(Gift.donor), joinedload(Gift.fund))
    ).one_or_none()
    if gift is None:
        raise NotFound(msg("There is no such gift."))
    return gift


@dataclass(frozen=True)
class Wanted:
    """What a list of gifts is narrowed to. Days are inclusive, by the clock on the wall."""

    words: str = ""
    fund_id: int | None = None
    state: str = ""
    currency: str = ""
    first_day: date | None = None
    last_day: date | None = None


def gifts(wanted: Wanted, zone: tzinfo) -> Select[Gift]:
    """Return the query of the gifts wanted, newest first, each with its donor and fund."""
    query = (
        select(Gift)
        .join(Gift.donor)
        .options(contains_eager(Gift.donor), joinedload(Gift.fund))
        .order_by(Gift.created_at.desc(), Gift.id.desc())
    )
    if wanted.words:
        places = (Gift.reference, Gift.name, Donor.name, Donor.email)
        query = query.where(or_(*(place.icontains(wanted.words, autoescape=True) for place in places)))
    if wanted.fund_id is not None:
        query = query.where(Gift.fund_id == wanted.fund_id)
    if wanted.state:
        query = query.where(Gift.state == wanted.state)
    if wanted.currency:
        query = query.where(Gift.currency == wanted.currency)
    if wanted.first_day is not None:
        query = query.where(Gift.created_at >= midnight(wanted.first_day, zone))
    if wanted.last_day is not None:
        query = query.where(Gift.created_at < midnight(wanted.last_day + timedelta(days=1), zone))
    return query


def _offered(session: Session, fund_id: int) -> Fund:
    # Shared: the fund's purpose may not change while a gift to it begins.
    fund = session.scalars(select(Fund).where(Fund.id == fund_id).with_for_update(read=True)).one_or_none()
    if fund is None or fund.closed_at is not None:
        raise Invalid(msg("Choose one of the funds on the list."), field="fund")
    return fund


def _donor(session: Session, name: str, email: str, language: str) -> int:
    """Return the donor with this email; the first name that was given stays, whoever types the email again."""
    email = email.strip().lower()
    insert_if_absent(session, Donor, email=email, name=name, language=language, created_at=now())
    return session.scalars(select(Donor.id).where(Donor.email == email)).one()
