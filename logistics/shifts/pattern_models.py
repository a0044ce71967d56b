"""A day's pattern of shifts, to be laid over dates."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Base
from ..distributions.models import Site
from ..errors import Message, msg
from ..names import Named
from .models import Role


class Pattern(Named, Base):
    """A day's shifts under one name: "A distribution day", "Warehouse, weekdays"."""

    __tablename__ = "pattern"
    NO_SUCH: ClassVar[Message] = msg("There is no such pattern.")
    NAME_TAKEN: ClassVar[Message] = msg("There is a pattern of this name already.")

    created_at: Mapped[datetime]

    lines: Mapped[list["PatternLine"]] = relationship(lazy="raise", order_by="PatternLine.start_minute, PatternLine.id")


class PatternLine(Base):
    """One shift of a pattern: it begins `start_minute` after midnight on the clock on the wall.

    It ends when that clock shows `minutes` later, so that a night until 06:00 does so when the clocks change in it.
    Without a site it is at the site of the distribution that the pattern is laid over.
    """

    __tablename__ = "pattern_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    pattern_id: Mapped[int] = mapped_column(ForeignKey("pattern.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    start_minute: Mapped[int]
    minutes: Mapped[int]
    minimum: Mapped[int]
    maximum: Mapped[int]
    notes: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None]

    role: Mapped[Role] = relationship(lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("start_minute >= 0 AND start_minute < 1440", name="start_minute"),
        CheckConstraint("minutes >= 1 AND minutes <= 1440", name="minutes"),
        CheckConstraint("minimum >= 0 AND maximum >= 1 AND minimum <= maximum AND maximum <= 1000", name="places"),
        Index("ix_pattern_line_pattern_id", "pattern_id"),
    )
