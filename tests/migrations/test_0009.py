"""Rules for all shifts come with their defaults; a convoy that held for ever lapses now; and nothing is lost."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url

__all__ = ["url"]

SINCE = [
    "INSERT INTO convoy (id, name, leader_id, size, lapse_hours, join_hash, created_at)"
    f" VALUES (1, 'Ghent', 1, 3, 0, 'x', '{AT}')",
    "INSERT INTO convoy (id, name, leader_id, size, lapse_hours, join_hash, created_at)"
    f" VALUES (2, 'Lille', 1, 3, 48, 'y', '{AT}')",
    f"INSERT INTO convoy_member (convoy_id, person_id, joined_at, seats) VALUES (1, 1, '{AT}', 5)",
    "UPDATE sign_up SET convoy_id = 1, places = 2",
    "INSERT INTO qualification (id, name, name_key, description) VALUES (1, 'Licence', 'licence', '')",
    "INSERT INTO role_qualification (role_id, qualification_id) VALUES (1, 1)",
]


def test_rules_come_with_their_defaults_and_nothing_is_lost(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0008")
    with connection(url) as old:
        for statement in SINCE:
            old.execute(text(statement))
    upgrade(url, "0009")
    with connection(url) as new:
        assert new.execute(text("SELECT * FROM shift_rules")).one() == (1, 12, 1, 24)
        assert list(new.execute(text("SELECT lapse_hours FROM convoy ORDER BY id")).scalars()) == [1, 48]
        assert new.execute(text("SELECT convoy_id, seats FROM convoy_member")).one() == (1, 5)
        assert new.execute(text("SELECT convoy_id, places FROM sign_up")).one() == (1, 2)
        assert new.execute(text("SELECT role_id, qualification_id, detail FROM role_qualification")).one() == (1, 1, "")
    for wrong in (
        "INSERT INTO shift_rules (id) VALUES (2)",
        "UPDATE shift_rules SET offer_hours = 0",
        "UPDATE shift_rules SET hard_in_a_row = 8",
        "UPDATE convoy SET lapse_hours = 0",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(wrong))
