"""Places held for a convoy without its leader: the new state is taken, any other still refused, and nothing is lost."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import BEFORE, connection, url

__all__ = ["url"]


def test_a_sign_up_can_be_held(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0007")
    with connection(url) as new:
        assert new.execute(text("SELECT state, places FROM sign_up")).one() == ("confirmed", 1)
        new.execute(text("UPDATE sign_up SET state = 'held'"))
    for wrong in ("state = 'lost'", "places = 0", "minutes = -1", "state = 'waiting'"):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(f"UPDATE sign_up SET {wrong}"))
