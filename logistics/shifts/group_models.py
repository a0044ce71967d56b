"""Those who come together: convoys, whose leader books for people to be named later."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base
from ..people.models import Person


class Convoy(Base):
    """A group that comes together. Its places are held by its leader's sign-ups until someone opens the link.

    Places that nobody has taken `lapse_hours` before a shift go back to everyone.
    """

    __tablename__ = "convoy"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    leader_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    size: Mapped[int]
    lapse_hours: Mapped[int] = mapped_column(default=48)
    join_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    leader: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("size >= 1 AND size <= 50", name="size"),
        CheckConstraint("lapse_hours >= 1 AND lapse_hours <= 336", name="lapse_hours"),
        Index("ix_convoy_leader_id", "leader_id"),
    )


class ConvoyMember(Base):
    """Someone who has opened a convoy's link (its leader is one too). `seats` are those of the car they bring."""

    __tablename__ = "convoy_member"

    convoy_id: Mapped[int] = mapped_column(ForeignKey("convoy.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    joined_at: Mapped[datetime]
    seats: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("seats >= 0 AND seats <= 60", name="seats"),
        Index("ix_convoy_member_person_id", "person_id"),
    )
