"""Taking guards away on purpose, to show that they are what holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from logistics.db import db

Check = Callable[[Session], Iterator[str]]

STOCK_TABLES = (
    "level",
    "availability",
    "movement",
    "packing_line",
    "packing_item",
    "location",
    "box",
    "slot",
    "delivery",
    "delivery_line",
    "label",
    "transfer",
    "transfer_line",
    "stand_in",
    "substitution",
    "kit_recipe",
    "kit_part",
    "kit_box",
    "kit_act",
)


@contextmanager
def without_constraints(engine: Engine) -> Iterator[Connection]:
    """A transaction in which stock's CHECKs and foreign keys do not hold; it is rolled back in the end."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with engine.connect().execution_options(**options) as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            assert raw is not None
            try:
                raw.execute("PRAGMA ignore_check_constraints=ON")
                raw.execute("PRAGMA foreign_keys=OFF")
                yield connection
            finally:
                connection.rollback()
                raw.execute("PRAGMA ignore_check_constraints=OFF")
                raw.execute("PRAGMA foreign_keys=ON")
        else:
            drop_constraints(connection)
            yield connection
            connection.rollback()


def found_after(statement: str, ids: Mapping[str, Any], problems: Check) -> list[str]:
    """Return what is named as off once a statement has broken it; nothing of it stays."""
    with without_constraints(db.engine) as connection:
        assert connection.execute(text(statement), ids).rowcount >= 1
        with Session(bind=connection) as session:
            return list(problems(session))


def unbroken(checks: Iterable[Check], statements: Iterable[str], ids: Mapping[str, Any]) -> set[str]:
    """Return the names of the checks that none of these statements sets off."""
    silent = set(checks)
    for statement in statements:
        with without_constraints(db.engine) as connection:
            connection.execute(text(statement), ids)
            with Session(bind=connection) as session:
                silent -= {check for check in silent if list(check(session))}
    return {check.__name__ for check in silent}


def drop_constraints(connection: Connection) -> None:
    """Drop stock's CHECKs and foreign keys from a PostgreSQL database."""
    for table, name in _constraints(connection):
        connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}" CASCADE'))


def prepare_sqlite_badly(engine: Engine) -> None:
    """Stand in for `db.prepare_sqlite`: CHECKs are ignored, and no transaction asks to be the only writer."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "foreign_keys=ON", "ignore_check_constraints=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def _constraints(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE contype IN ('c', 'f') AND conrelid::regclass::text = ANY(:tables)"
        ),
        {"tables": list(STOCK_TABLES)},
    )
    return [(table, name) for table, name in rows]
