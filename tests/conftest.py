"""One application for each database, made once; each test begins with empty tables."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from logistics import models  # noqa: F401 - fills the metadata
from logistics.cli import upgrade
from logistics.config import Settings
from logistics.db import Base, db
from logistics.factory import create_app
from logistics.pdf_signing import SigningKey

from . import make
from .browsing import Browser
from .postgres import fresh_database

SECRET = "only-for-tests-0123456789-abcdefghijklmnop"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of this test process's own."""
    with fresh_database("test") as url:
        yield url


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
        signing_key=SigningKey(instance / "signing.p12"),
        testing=True,
    )


@cache
def emptying() -> list[str]:
    """The statements that empty all tables, written once: every test runs them."""
    return [
        f"DELETE FROM {table.name}" + (" WHERE kind IN ('shelf', 'van')" if table.name == "location" else "")
        for table in reversed(Base.metadata.sorted_tables)
    ]


def empty_tables(app: Flask) -> None:
    """Delete every row but the places that the migrations make: the outside world's, and that between warehouses."""
    with app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("; ".join(emptying()))  # all in one trip
            return
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for statement in emptying():
            connection.exec_driver_sql(statement)


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
