"""What people can do and have agreed to, as shifts ask for it."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, one_of
from ..errors import Message, msg
from ..names import Named
from .models import Person


class Qualification(Named, Base):
    """Something that roles can require: a driving licence, first aid, a warehouse tour, today's briefing.

    `days_valid` is how long it holds from the day it is confirmed, none for ever. One that is `on_the_day` (today's
    distribution briefing) is got on the shift's own day: it does not hinder signing up, and is asked for on arrival.
    """

    __tablename__ = "qualification"
    NO_SUCH: ClassVar[Message] = msg("There is no such qualification.")
    NAME_TAKEN: ClassVar[Message] = msg("There is a qualification of this name already.")

    description: Mapped[str] = mapped_column(String(500), default="")
    description_fr: Mapped[str | None] = mapped_column(String(500))
    self_declared: Mapped[bool] = mapped_column(default=False, server_default=false())  # else staff must confirm it
    on_the_day: Mapped[bool] = mapped_column(default=False, server_default=false())
    takes_detail: Mapped[bool] = mapped_column(default=False, server_default=false())  # say, a licence's category
    days_valid: Mapped[int | None]

    __table_args__ = (CheckConstraint("days_valid > 0", name="days_valid"),)


class HeldQualification(Base):
    """One qualification that one person has declared, or staff have confirmed. `expires_on` is its last day."""

    __tablename__ = "held_qualification"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    qualification_id: Mapped[int] = mapped_column(ForeignKey("qualification.id"))
    detail: Mapped[str] = mapped_column(String(60), default="")
    declared_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_on: Mapped[date | None]

    qualification: Mapped[Qualification] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])

    __table_args__ = (
        UniqueConstraint("person_id", "qualification_id"),
        Index("ix_held_qualification_qualification_id", "qualification_id"),
    )


class AgreementKind(StrEnum):
    """What is agreed to before the first shift."""

    CONDUCT = "conduct"
    INSURANCE = "insurance"


class AgreementText(Base):
    """One version of a text in one language, counted from 1. The newest version of a kind is the one to agree to."""

    __tablename__ = "agreement_text"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (
        one_of("kind", AgreementKind),
        UniqueConstraint("kind", "language", "version"),
        CheckConstraint("version > 0", name="version"),
    )


class Agreement(Base):
    """That a person agreed to a version of a text, and when."""

    __tablename__ = "agreement"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    agreed_at: Mapped[datetime]

    __table_args__ = (one_of("kind", AgreementKind),)


class EmergencyContact(Base):
    """Whom to call for a volunteer: for the lead of their shift and coordinators, around the shift only."""

    __tablename__ = "emergency_contact"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(30))
    relation: Mapped[str] = mapped_column(String(60), default="")
    changed_at: Mapped[datetime]
