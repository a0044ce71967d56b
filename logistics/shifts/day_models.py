"""Volunteers' days: when they are here, what they would like to do, who stands in the hall, and letters on their hours."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base
from ..people.models import Person
from .models import Role


class Stay(Base):
    """A volunteer's days here, from arrival to departure, both included."""

    __tablename__ = "stay"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    arrives_on: Mapped[date]
    leaves_on: Mapped[date]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("leaves_on >= arrives_on", name="leaves_after_arriving"),
        Index("ix_stay_person_id_arrives_on", "person_id", "arrives_on"),
    )


class RoleWish(Base):
    """A role that a volunteer would like to do: what their list shows first, and what call-outs ask them for."""

    __tablename__ = "role_wish"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)

    role: Mapped[Role] = relationship(lazy="raise")


class Presence(Base):
    """Who is at a site on a day, with a booking or without."""

    __tablename__ = "presence"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    day: Mapped[date]
    arrived_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("site_id", "day", "person_id"),
        Index("ix_presence_person_id", "person_id"),
    )


class CalledOut(Base):
    """That a person was asked to fill in on a shift that is short: nobody is asked twice for one shift."""

    __tablename__ = "called_out"

    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]


class HoursLetter(Base):
    """A letter on the hours someone volunteered. Whoever has its code can see that it is genuine.

    It keeps the name it was issued to, whatever the account is called later; that goes when the account does.
    """

    __tablename__ = "hours_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str | None] = mapped_column(String(100))
    first_day: Mapped[date]
    last_day: Mapped[date]
    shifts: Mapped[int]
    minutes: Mapped[int]
    issued_at: Mapped[datetime]

    __table_args__ = (Index("ix_hours_letter_person_id", "person_id"),)
