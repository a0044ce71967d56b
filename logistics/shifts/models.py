"""What is to be crewed, and who has said they will come."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, one_of
from ..distributions.models import Site
from ..errors import msg
from ..names import Named
from ..people.models import Person


class Role(Named, Base):
    """What one does on a shift: driver, team lead, line monitor. Not to be confused with an access role."""

    __tablename__ = "role"
    LONGEST_NAME = 60
    NO_SUCH = msg("There is no such role.")
    NAME_TAKEN = msg("There is a role of this name already.")

    name: Mapped[str] = mapped_column(String(60))
    name_fr: Mapped[str | None] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60), unique=True)
    description: Mapped[str] = mapped_column(String(500), default="")
    description_fr: Mapped[str | None] = mapped_column(String(500))


class Shift(Base):
    """Work to be crewed. `filled` counts confirmed sign-ups and is changed only by conditional update."""

    __tablename__ = "shift"

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    distribution_id: Mapped[int | None] = mapped_column(ForeignKey("distribution.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minimum: Mapped[int]
    maximum: Mapped[int]
    filled: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str] = mapped_column(Text, default="")
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    role: Mapped[Role] = relationship(lazy="raise")
    site: Mapped[Site] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("minimum >= 0 AND maximum >= 1 AND minimum <= maximum AND maximum <= 1000", name="places"),
        CheckConstraint("filled >= 0 AND filled <= maximum", name="filled"),
        Index("ix_shift_starts_at_id", "starts_at", "id"),
        Index("ix_shift_distribution_id", "distribution_id"),
        Index("ix_shift_role_id", "role_id"),
        Index("ix_shift_site_id", "site_id"),
    )


class SignUpState(StrEnum):
    """Where a sign-up stands."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


TAKES_A_PLACE = (SignUpState.CONFIRMED, SignUpState.ATTENDED, SignUpState.NO_SHOW)


class SignUp(Base):
    """One person on one shift. A cancelled one is kept; signing up again makes it confirmed again."""

    __tablename__ = "sign_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    shift: Mapped[Shift] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        one_of("state", SignUpState),
        Index("uq_sign_up_shift_id_person_id", "shift_id", "person_id", unique=True),
        Index("ix_sign_up_person_id_state", "person_id", "state"),
    )
