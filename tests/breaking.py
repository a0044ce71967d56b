"""Breaking what must hold, past the CHECK constraints, to see that it is named."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from logistics.db import db


@contextmanager
def without_checks(table: str) -> Iterator[Session]:
    """A session in which a table's CHECKs do not hold; all it did is rolled back at the end, constraints and all."""
    db.session.rollback()
    options = {} if db.engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with db.engine.connect().execution_options(**options) as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA ignore_check_constraints=ON")
        else:
            names = text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = CAST(:t AS regclass)")
            for name in connection.scalars(names, {"t": table}).all():
                connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        try:
            yield Session(connection)
        finally:
            connection.rollback()
            if connection.dialect.name == "sqlite":
                raw.execute("PRAGMA ignore_check_constraints=OFF")
