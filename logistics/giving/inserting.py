"""Rows that two requests may want to make at the same moment."""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from ..db import Base, insert_into


def insert_if_absent(session: Session, model: type[Base], **values: Any) -> bool:
    """Insert a row unless one with the same unique key is there; return whether it was inserted.

    On both databases a second request waits here for the first to end.
    """
    statement = (
        insert_into(session)(model).values(values).on_conflict_do_nothing().returning(*inspect(model).primary_key)
    )
    return session.execute(statement).first() is not None
