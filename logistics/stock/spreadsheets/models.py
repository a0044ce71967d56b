"""What was matched once, so that the next file of the same kind is matched by itself."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, one_of


class MatchKind(StrEnum):
    """What a value of a file was matched with."""

    PRODUCT = "product"
    SIZE = "size"
    GENDER = "gender"
    SOURCE = "source"


class ImportMapping(Base):
    """Which column of a kind of file is what, under a name. `headings_key` tells files of the same kind.

    `columns` maps our fields to headings in their folded form.
    """

    __tablename__ = "import_mapping"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    headings_key: Mapped[str] = mapped_column(String(64), unique=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime]


class LearnedMatch(Base):
    """What a value of files means here. `context` is the gender of a product's name, or the product id of a size.

    `meaning` is the id of a product or a size, or a gender or source as we keep it.
    """

    __tablename__ = "learned_match"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    context: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    meaning: Mapped[str] = mapped_column(String(40))
    learned_at: Mapped[datetime]

    __table_args__ = (
        one_of("kind", MatchKind),
        UniqueConstraint("kind", "context", "key"),
    )
