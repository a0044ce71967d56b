"""Labels: every code that was printed or written, and the box it stands for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base


class Label(Base):
    """A printed code besides a box's own: blank until it is linked to a box, then another way to find it.

    No box's own code is ever a label's, and the other way round.
    """

    __tablename__ = "label"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    box_id: Mapped[int | None] = mapped_column(ForeignKey("box.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_label_box_id", "box_id"), Index("ix_label_made_at", "made_at"))
