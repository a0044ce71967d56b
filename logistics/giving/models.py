"""Money in and money out. Amounts are integers of minor units (pence, cents) of their currency."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, one_of
from ..errors import msg
from ..money import Currency
from ..names import Named


class Fund(Named, Base):
    """What money is for: general, or restricted to a purpose. One fund is the default for gifts."""

    __tablename__ = "fund"
    NO_SUCH = msg("There is no such fund.")
    NAME_TAKEN = msg("Another fund has this name.")

    description: Mapped[str] = mapped_column(String(500), default="")
    description_fr: Mapped[str | None] = mapped_column(String(500))
    restricted: Mapped[bool] = mapped_column(default=True)


class FundBalance(Base):
    """One fund in one currency: the sum of its paid gifts, and of its spends; changed by conditional update."""

    __tablename__ = "fund_balance"

    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    given: Mapped[int] = mapped_column(BigInteger, default=0)
    spent: Mapped[int] = mapped_column(BigInteger, default=0)

    __table_args__ = (
        one_of("currency", Currency),
        CheckConstraint("given >= 0 AND spent >= 0 AND spent <= given", name="never_below_zero"),
    )


class Donor(Base):
    """One who gives; needs no account. Found again by email, kept in lower case."""

    __tablename__ = "donor"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"), Index("ix_donor_name", "name"))


class GiftState(StrEnum):
    """A gift counts only when paid, and paid is said only by a signed webhook."""

    STARTED = "started"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"


class Gift(Base):
    """Money given once, online. `reference` is its public name, in addresses and on receipts; nobody can guess it.

    `name` is what was typed for this gift and stands on its receipt: a stranger who types a donor's email
    does not change the donor's own name.
    """

    __tablename__ = "gift"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id"))
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10), default=GiftState.STARTED)
    language: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    checkout_session_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    checkout_url: Mapped[str | None] = mapped_column(Text)
    payment_intent_id: Mapped[str | None] = mapped_column(String(255), unique=True)

    donor: Mapped[Donor] = relationship(lazy="raise")
    fund: Mapped[Fund] = relationship(lazy="raise")

    __table_args__ = (
        one_of("state", GiftState),
        one_of("currency", Currency),
        CheckConstraint("amount BETWEEN 100 AND 2500000", name="amount"),  # £1 to £25,000
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_at"),
        Index("ix_gift_created_at_id", "created_at", "id"),
        Index("ix_gift_donor_id", "donor_id"),
        Index("ix_gift_fund_id_state", "fund_id", "state"),
    )


class Spend(Base):
    """Money out of a fund: for a distribution (fuel, van hire, cups), or without one, for a purchase of goods."""

    __tablename__ = "spend"

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id"))
    distribution_id: Mapped[int | None] = mapped_column(ForeignKey("distribution.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    what: Mapped[str] = mapped_column(String(200))
    spent_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]  # entered by mistake: kept, and no longer counted

    fund: Mapped[Fund] = relationship(lazy="raise")

    __table_args__ = (
        one_of("currency", Currency),
        CheckConstraint("amount > 0 AND amount <= 1000000000", name="amount"),
        Index("ix_spend_distribution_id", "distribution_id"),
        Index("ix_spend_fund_id_currency", "fund_id", "currency"),
        Index("ix_spend_recorded_at_id", "recorded_at", "id"),
    )


class StripeEventState(StrEnum):
    """Where an event in the inbox stands."""

    WAITING = "waiting"
    APPLIED = "applied"
    IGNORED = "ignored"
    FAILED = "failed"


class StripeEvent(Base):
    """The inbox of Stripe's webhook: the event's own id is the key, so a second delivery changes nothing.

    `payload` keeps of the event only what names it (`giving.inbox.receive`): what it is about is fetched again,
    and nobody's name or card is kept here. `due_at` moves on when a worker takes the event up, so that no other
    does meanwhile and it comes up again if that worker dies.
    """

    __tablename__ = "stripe_event"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=StripeEventState.WAITING)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (one_of("state", StripeEventState), Index("ix_stripe_event_state_due_at", "state", "due_at"))
