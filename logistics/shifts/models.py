"""What is to be crewed, and who has said they will come."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..clock import now
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
    bring: Mapped[str] = mapped_column(String(300), default="", server_default="")  # what to bring, for reminders
    bring_fr: Mapped[str | None] = mapped_column(String(300))
    hard: Mapped[bool] = mapped_column(default=False, server_default=false())  # not for two days in a row
    minors: Mapped[bool] = mapped_column(default=False, server_default=false())  # open to those of 16 and 17


class RoleQualification(Base):
    """That a role requires a qualification: of a licence, a category if `detail` names one."""

    __tablename__ = "role_qualification"

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)
    qualification_id: Mapped[int] = mapped_column(ForeignKey("qualification.id"), primary_key=True)
    detail: Mapped[str] = mapped_column(String(20), default="", server_default="")


class Rules(Base):
    """What a charity decides for all its shifts, in the one row of its table.

    An offer from a waiting list stands for `offer_hours`, or less when the shift is near. A stay is proposed hard
    shifts on `hard_in_a_row` days at most. A new shift starts with these `cancel_hours` (see `Shift`).
    """

    __tablename__ = "shift_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_hours: Mapped[int] = mapped_column(default=12, server_default=text("12"))
    hard_in_a_row: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    cancel_hours: Mapped[int] = mapped_column(default=24, server_default=text("24"))

    __table_args__ = (
        CheckConstraint("id = 1", name="one"),
        CheckConstraint("offer_hours >= 1 AND offer_hours <= 168", name="offer_hours"),
        CheckConstraint("hard_in_a_row >= 1 AND hard_in_a_row <= 7", name="hard_in_a_row"),
        CheckConstraint("cancel_hours >= 0 AND cancel_hours <= 336", name="cancel_hours"),
    )


class Shift(Base):
    """Work to be crewed. `filled` counts the places that sign-ups hold and is changed only by conditional update.

    `extra` are places beyond the maximum, each let in by a coordinator on purpose.
    """

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
    extra: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    notes: Mapped[str] = mapped_column(Text, default="")
    cancel_hours: Mapped[int] = mapped_column(default=24, server_default=text("24"))  # later than that asks why
    experienced_minimum: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    newcomers_maximum: Mapped[int | None]  # of those who never worked a shift; none: as many as come
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    check_in_key: Mapped[str | None] = mapped_column(String(32), unique=True)  # in its QR code
    pattern_line_id: Mapped[int | None] = mapped_column(ForeignKey("pattern_line.id"))
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    role: Mapped[Role] = relationship(lazy="raise")
    site: Mapped[Site] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("minimum >= 0 AND maximum >= 1 AND minimum <= maximum AND maximum <= 1000", name="places"),
        CheckConstraint("filled >= 0 AND filled <= maximum + extra", name="filled"),
        CheckConstraint("extra >= 0 AND extra <= 1000", name="extra"),
        CheckConstraint("cancel_hours >= 0 AND cancel_hours <= 336", name="cancel_hours"),
        CheckConstraint("experienced_minimum >= 0 AND experienced_minimum <= maximum", name="experienced_minimum"),
        CheckConstraint("newcomers_maximum >= 0", name="newcomers_maximum"),
        Index("ix_shift_starts_at_id", "starts_at", "id"),
        Index("ix_shift_distribution_id", "distribution_id"),
        Index("ix_shift_role_id", "role_id"),
        Index("ix_shift_site_id", "site_id"),
        Index("ix_shift_pattern_line_id_starts_at", "pattern_line_id", "starts_at"),
    )

    def touch(self) -> None:
        """Note that this (locked) shift changes: pages that showed it are stale, calendars take it as newer."""
        self.version += 1
        self.changed_at = now()


class SignUpState(StrEnum):
    """Where a sign-up stands."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    HELD = "held"  # a convoy's places without a name, where its leader does not come themselves
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


TAKES_A_PLACE = (SignUpState.CONFIRMED, SignUpState.ATTENDED, SignUpState.NO_SHOW)  # the person is on the shift
HAS_A_PLACE = (*TAKES_A_PLACE, SignUpState.OFFERED)  # or one is kept free for them
HOLDS_PLACES = (*HAS_A_PLACE, SignUpState.HELD)  # what `Shift.filled` counts
LARGEST_PARTY = 50


class SignUp(Base):
    """One person on one shift. A cancelled one is kept; signing up again makes it confirmed again.

    `places` is how many places it holds, or waits for: one's own (unless it is held), and those of a convoy whose
    people are not named yet. One that waits does so since `waiting_since`; one that is offered holds its places until
    `offer_lapses_at`. Attendance is `arrived_at` and `left_at`, and `minutes` where staff have corrected what those say.
    """

    __tablename__ = "sign_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10))
    places: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    convoy_id: Mapped[int | None] = mapped_column(ForeignKey("convoy.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # staff who put them on the shift
    waiting_since: Mapped[datetime | None]
    offer_lapses_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(300))
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    minutes: Mapped[int | None]
    minutes_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reminded_at: Mapped[datetime | None]  # of the shift
    unnamed_reminded_at: Mapped[datetime | None]  # of places of a convoy that nobody has taken
    thanked_at: Mapped[datetime | None]

    shift: Mapped[Shift] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])

    @property
    def unnamed(self) -> int:
        """Return how many of its places are a convoy's and have no name yet."""
        return self.places if self.state == SignUpState.HELD else self.places - 1

    __table_args__ = (
        one_of("state", SignUpState),
        CheckConstraint(f"places >= 1 AND places <= {LARGEST_PARTY}", name="places"),
        CheckConstraint("state <> 'waiting' OR waiting_since IS NOT NULL", name="waiting_since"),
        CheckConstraint("state <> 'offered' OR offer_lapses_at IS NOT NULL", name="offer_lapses_at"),
        CheckConstraint("left_at IS NULL OR arrived_at IS NOT NULL", name="left_at"),
        CheckConstraint("minutes >= 0 AND minutes <= 2880", name="minutes"),
        Index("uq_sign_up_shift_id_person_id", "shift_id", "person_id", unique=True),
        Index("ix_sign_up_person_id_state", "person_id", "state"),
        Index("ix_sign_up_shift_id_state", "shift_id", "state"),
        Index("ix_sign_up_state_offer_lapses_at", "state", "offer_lapses_at"),
        Index("ix_sign_up_convoy_id", "convoy_id"),
    )
