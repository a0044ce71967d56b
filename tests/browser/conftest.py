"""A real browser against a real server: Chromium, and the application on a port of its own."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from logistics.cli import upgrade
from logistics.factory import create_app
from logistics.people.models import Person

from ..conftest import settings_for_tests
from .checking import Watched, bring_axe

# The shell comes first where it is installed: it draws no window around the page.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Nothing here may reach out: a browser's own calls home would fail slowly on a closed network.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = 360, 1280


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium from the system. Without one these tests are skipped, but never in continuous integration."""
    path = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Quiet(WSGIRequestHandler):
    """Keeps connections open, as a production server does, and writes no line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application, and a server of several threads in front of it at its BASE_URL."""
    instance = tmp_path_factory.mktemp("instance")
    url = f"sqlite:///{instance / 'test.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    upgrade(url)
    server = make_server("127.0.0.1", 0, Flask("before"), threaded=True, request_handler=Quiet)
    app = create_app(settings_for_tests(url, instance, f"http://127.0.0.1:{server.port}"))
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    server.server_close()


def address_of(app: Flask) -> str:
    """Where the application answers."""
    base_url: str = app.extensions["shoreline_settings"].base_url
    return base_url


def session_cookie(app: Flask, person: Person | None, language: str, **values: object) -> Any:
    """The cookie of a browser that speaks a language, and in which this person has signed in."""
    values["language"] = language
    if person is not None:
        values |= {"_user_id": person.session_token, "_fresh": True}
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    value = str(serializer.dumps(values))
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": address_of(app)}


def sign_in_again(page: Page, app: Flask, person: Person | None, language: str, values: dict[str, Any]) -> None:
    """Give a browser a new session, with these values in it besides."""
    page.context.add_cookies([session_cookie(app, person, language, **values)])


OpenBrowser = Callable[..., Page]


@pytest.fixture
def open_browser(shared_app: Flask, chromium: Browser) -> Iterator[OpenBrowser]:
    """Make a new browser window: `open_browser(person, width=PHONE, language="fr")` gives its page, signed in.

    Whatever a page writes to the console, throws, or is refused by the Content-Security-Policy fails the test.
    """
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []

    def make(person: Person | None = None, *, width: int = PHONE, language: str = "en") -> Page:
        context = chromium.new_context(
            base_url=address_of(shared_app),
            viewport={"width": width, "height": 900},
            locale=language,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        bring_axe(context)
        contexts.append(context)
        context.add_cookies([session_cookie(shared_app, person, language)])
        page = context.new_page()
        watched.append(Watched(page))
        return page

    yield make
    for context in contexts:
        context.close()
    assert [line for one in watched for line in one.complaints] == []
