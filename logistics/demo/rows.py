"""Writing many rows at once, for what the demo makes by the thousand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ..db import Base


def add_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows in batches and return their ids, in the order given."""
    ids: list[int] = []
    statement = insert(model).returning(model.__table__.c.id, sort_by_parameter_order=True)
    for start in range(0, len(rows), 2000):
        ids += session.scalars(statement, rows[start : start + 2000])
    return ids


def add_keyed_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that carry their own keys."""
    for start in range(0, len(rows), 2000):
        session.execute(insert(model), rows[start : start + 2000])
