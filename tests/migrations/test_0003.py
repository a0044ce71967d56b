"""Volunteers' tables come beside what is there: nothing that was kept before is lost or changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade
from tests.postgres import fresh_database

AT = "2026-11-01 09:00:00+00:00"
BEFORE = [
    "INSERT INTO person (id, email, name, language, password_hash, session_token, created_at)"
    f" VALUES (1, 'ada@example.org', 'Ada', 'fr', 'x', 'token', '{AT}')",
    "INSERT INTO person_access_role (person_id, role) VALUES (1, 'volunteer')",
    "INSERT INTO site (id, kind, name, name_key, place) VALUES (1, 'warehouse', 'House', 'house', '')",
    "INSERT INTO role (id, name, name_key, description) VALUES (1, 'Driver', 'driver', 'Drives')",
    "INSERT INTO shift (id, role_id, site_id, starts_at, ends_at, minimum, maximum, filled, notes, created_at, version)"
    f" VALUES (1, 1, 1, '{AT}', '2026-11-01 12:00:00+00:00', 1, 2, 1, 'Bring gloves', '{AT}', 3)",
    "INSERT INTO sign_up (id, shift_id, person_id, state, created_at, changed_at)"
    f" VALUES (1, 1, 1, 'confirmed', '{AT}', '{AT}')",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
    else:
        with fresh_database("migration") as address:
            yield address


@contextmanager
def connection(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as open_one:
        yield open_one
    engine.dispose()


def test_what_was_there_stays_as_it_was(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0003")
    with connection(url) as new:
        person = new.execute(text("SELECT * FROM person")).mappings().one()
        assert (person["name"], person["language"], person["age_group"]) == ("Ada", "fr", None)
        assert [bool(person[f"wants_{what}"]) for what in ("call_outs", "reminders", "thanks")] == [False, True, True]
        shift = new.execute(text("SELECT * FROM shift")).mappings().one()
        assert (shift["filled"], shift["extra"], shift["cancel_hours"], shift["version"]) == (1, 0, 24, 3)
        sign_up = new.execute(text("SELECT * FROM sign_up")).mappings().one()
        assert (sign_up["state"], sign_up["places"], sign_up["arrived_at"]) == ("confirmed", 1, None)
        assert new.execute(text("SELECT role FROM person_access_role")).scalar() == "volunteer"
        assert new.execute(text("SELECT description FROM role")).scalar() == "Drives"


@pytest.mark.parametrize(
    "nonsense",
    [
        "UPDATE shift SET filled = 3",
        "UPDATE shift SET extra = -1",
        "UPDATE sign_up SET places = 0",
        "UPDATE sign_up SET state = 'waiting'",
        "UPDATE sign_up SET state = 'offered'",
        f"UPDATE sign_up SET left_at = '{AT}'",
        "UPDATE person SET age_group = '12'",
    ],
)
def test_the_database_itself_refuses_nonsense(url: str, nonsense: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0003")
    with pytest.raises(IntegrityError), connection(url) as new:
        new.execute(text(nonsense))
    with connection(url) as new:
        new.execute(text("UPDATE shift SET extra = 1, filled = 3"))  # let in beyond the maximum, on purpose
