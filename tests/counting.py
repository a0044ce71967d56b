"""Counting the queries that a page makes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from logistics.db import db


@contextmanager
def queries() -> Iterator[list[str]]:
    """Collect the statements sent to the database inside the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
