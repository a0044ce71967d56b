"""Taking guards away on purpose, to show that they are what holds."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

STOCK_TABLES = ("level", "availability", "movement", "packing_line", "packing_item", "location", "box")


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
            for table, name in _constraints(connection):
                connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}" CASCADE'))
            yield connection
            connection.rollback()


def _constraints(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE contype IN ('c', 'f') AND conrelid::regclass::text = ANY(:tables)"
        ),
        {"tables": list(STOCK_TABLES)},
    )
    return [(table, name) for table, name in rows]
