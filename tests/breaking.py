"""Breaking what must hold, past the CHECK constraints, to see that it is named."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType

from sqlalchemy import text
from sqlalchemy.orm import Session

from logistics.db import db


@contextmanager
def without_checks(*tables: str) -> Iterator[Session]:
    """A session in which these tables' CHECKs do not hold; all it did is rolled back, constraints and indexes too."""
    db.session.rollback()
    options = {} if db.engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with db.engine.connect().execution_options(**options) as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA ignore_check_constraints=ON")
        else:
            names = text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = CAST(:t AS regclass)")
            for table in tables:
                for name in connection.scalars(names, {"t": table}).all():
                    connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        try:
            yield Session(connection)
        finally:
            connection.rollback()
            if connection.dialect.name == "sqlite":
                raw.execute("PRAGMA ignore_check_constraints=OFF")


def unsaid(found: Iterable[str], *modules: ModuleType) -> list[str]:
    """Return the sentences that these modules of checks could yield, and that are not among those found."""
    said = list(found)
    return [
        sentence
        for module in modules
        for sentence in _sentences(module)
        if not any(re.fullmatch(sentence, each) for each in said)
    ]


def _sentences(module: ModuleType) -> Iterator[str]:
    """Yield a pattern for each sentence in a module's source."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Yield):
            assert isinstance(node.value, ast.JoinedStr | ast.Constant), "a check yields its sentence as it stands"
            parts = node.value.values if isinstance(node.value, ast.JoinedStr) else [node.value]
            yield "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts)
