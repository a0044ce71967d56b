"""Taking guards away on purpose, to show that they are what holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text

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
