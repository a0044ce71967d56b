"""Kept filters come beside what is there: a name is one person's once, and everyone may have it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url

__all__ = ["url"]

KEPT = "INSERT INTO saved_filter (person_id, name, name_key, query, created_at) VALUES "
ANOTHER = (
    "INSERT INTO person (id, email, name, language, password_hash, session_token, created_at, wants_call_outs,"
    " wants_reminders, wants_thanks) SELECT 2, 'bea@example.org', 'Bea', 'en', 'x', 'other', created_at,"
    " wants_call_outs, wants_reminders, wants_thanks FROM person WHERE id = 1"
)


def test_a_name_is_one_persons_once(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0019")
    with connection(url) as old:
        assert old.execute(text("SELECT name FROM person")).scalar() == "Ada"
    upgrade(url, "0020")
    with connection(url) as new:
        assert new.execute(text("SELECT name FROM person")).scalar() == "Ada"
        new.execute(text(f"{KEPT} (1, 'Toys', 'toys', 'q=toys', '{AT}')"))
        new.execute(text(ANOTHER))
        new.execute(text(f"{KEPT} (2, 'Toys', 'toys', 'q=toys', '{AT}')"))
    with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
        new.execute(text(f"{KEPT} (1, 'TOYS', 'toys', 'q=x', '{AT}')"))
