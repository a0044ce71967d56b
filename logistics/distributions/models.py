"""Sites, and the distributions that take place at them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base, one_of
from ..errors import msg
from ..names import Named

GROUPS = ("men", "women", "boys", "girls", "small_children")


class SiteKind(StrEnum):
    """A warehouse holds shelves; a meeting point is where a distribution takes place."""

    WAREHOUSE = "warehouse"
    MEETING_POINT = "meeting_point"


class Site(Named, Base):
    """A warehouse or a meeting point.

    `name` (and its French form) is public and, for a meeting point, vague on purpose. `place` says exactly
    where; it is shown only to coordinators and to the crew of a shift there.
    """

    __tablename__ = "site"
    NO_SUCH = msg("There is no such site.")
    NAME_TAKEN = msg("There is a site of this name already.")

    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(500), default="")
    wall_key: Mapped[str | None] = mapped_column(String(32), unique=True)  # in the QR code on its wall

    __table_args__ = (one_of("kind", SiteKind),)


class DistributionState(StrEnum):
    """planned → packing → out → returned → closed, or cancelled from any state before out."""

    PLANNED = "planned"
    PACKING = "packing"
    OUT = "out"
    RETURNED = "returned"
    CLOSED = "closed"
    CANCELLED = "cancelled"


BEFORE_OUT = (DistributionState.PLANNED, DistributionState.PACKING)


class Distribution(Base):
    """The event: a site, a time, people expected, and afterwards how many were served (anonymous counts)."""

    __tablename__ = "distribution"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=DistributionState.PLANNED)
    notes: Mapped[str] = mapped_column(Text, default="")
    expected_men: Mapped[int] = mapped_column(default=0)
    expected_women: Mapped[int] = mapped_column(default=0)
    expected_boys: Mapped[int] = mapped_column(default=0)
    expected_girls: Mapped[int] = mapped_column(default=0)
    expected_small_children: Mapped[int] = mapped_column(default=0)
    served_men: Mapped[int | None]
    served_women: Mapped[int | None]
    served_boys: Mapped[int | None]
    served_girls: Mapped[int | None]
    served_small_children: Mapped[int | None]
    debrief: Mapped[str] = mapped_column(Text, default="")
    ran_out_first: Mapped[str] = mapped_column(String(200), default="")
    cancelled_because: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)  # grows with each edit: a stale page is refused

    site: Mapped[Site] = relationship(lazy="raise")

    __table_args__ = (
        one_of("state", DistributionState),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        *(CheckConstraint(f"expected_{group} BETWEEN 0 AND 100000", name=f"expected_{group}") for group in GROUPS),
        *(CheckConstraint(f"served_{group} BETWEEN 0 AND 100000", name=f"served_{group}") for group in GROUPS),
        Index("ix_distribution_starts_at_id", "starts_at", "id"),
        Index("ix_distribution_state_starts_at", "state", "starts_at"),
        Index("ix_distribution_site_id", "site_id"),
    )

    @property
    def expected(self) -> dict[str, int]:
        """Return the people expected, by group."""
        return {group: getattr(self, f"expected_{group}") for group in GROUPS}

    @property
    def served(self) -> dict[str, int]:
        """Return the people served, by group; a group not counted yet is 0."""
        return {group: getattr(self, f"served_{group}") or 0 for group in GROUPS}
