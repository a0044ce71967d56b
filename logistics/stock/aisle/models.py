"""What was done in the aisle and sent when there was a signal again."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...commands import LONGEST_KEY
from ...db import Base, one_of

SIGNS = frozenset({"aisle_act.person_id"})  # see holding.Holding


class Kind(StrEnum):
    """What is done to a box in the aisle."""

    TAKE = "take"
    PUT = "put"
    MOVE = "move"
    COUNT = "count"


class AisleAct(Base):
    """One act of the aisle that is in the ledger.

    The ledger's own moment is when it was recorded; `made_at` is when it was done, by the phone's clock set to the
    server's. `key` is the phone's: kept as long as the act, so that also a phone that was off for a month sends
    nothing twice. A count that agreed has no movement.
    """

    __tablename__ = "aisle_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    kind: Mapped[str] = mapped_column(String(6))
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    made_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"), unique=True)

    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        one_of("kind", Kind),
        CheckConstraint("made_at <= recorded_at", name="made_before_recorded"),
        CheckConstraint("kind = 'count' OR movement_id IS NOT NULL", name="moves_something"),
        Index("ix_aisle_act_box_id", "box_id"),
        Index("ix_aisle_act_location_id", "location_id"),
    )
