"""The aisle as an app that a phone keeps: its page names nobody, and all it is made of is there."""

import json
import re

import pytest
from flask import Flask

from logistics.config import LANGUAGES

from .. import make
from ..browsing import Browser
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot()


def worker(browser: Browser) -> tuple[str, list[str]]:
    """The version of the service worker, and the files that it keeps."""
    answer = browser.get("/sw.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] in ("no-cache", "no-store")
    text = answer.get_data(as_text=True)
    version, files = re.search(r'VERSION = "(\w+)"', text), re.search(r"FILES = (\[.*?\])", text)
    assert version is not None
    assert files is not None
    return version[1], json.loads(files[1])


def test_the_page_is_the_same_for_everyone_and_names_nobody(at: kit.Depot, app: Flask) -> None:
    kit.receive(at, 5)
    readers = [
        Browser(app).sign_in(make.person("warehouse", name="Joe Warehouse")),
        Browser(app).sign_in(make.person("coordinator", "admin", name="Salma Coordinator")),
    ]
    first, second = (reader.get("/stock/aisle") for reader in readers)
    assert first.get_data(as_text=True) == second.get_data(as_text=True)
    assert "Joe" not in first.get_data(as_text=True)
    policy = first.headers["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "'wasm-unsafe-eval'" in policy
    assert "unsafe-inline" not in policy


def test_what_was_said_on_another_page_is_not_kept_with_it(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    warehouse_staff.send(f"/stock/boxes/{code}/take-out", {"from": at.shelf, "quantity": "3"})
    assert "Taken out" not in warehouse_staff.page("/stock/aisle").split("<main", 1)[1].split("data-aisle", 1)[0]
    assert "Taken out: 3." in warehouse_staff.page(f"/stock/boxes/{code}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_the_page_is_made_of_is_kept(app: Flask, warehouse_staff: Browser, language: str) -> None:
    warehouse_staff.get(f"/language/{language}")
    page = warehouse_staff.page("/stock/aisle")
    asked = {
        *re.findall(r'<script src="([^"]+)"', page),
        *re.findall(r'rel="(?:stylesheet|icon)" href="([^"]+)"', page),
    }
    asked |= set(re.findall(r'data-(?:reader|wasm)="([^"]+)"', page))
    _version, files = worker(warehouse_staff)
    assert asked == set(files)
    for file in files:
        assert warehouse_staff.get(file).status_code == 200, file


def test_a_page_in_another_language_is_another_worker(warehouse_staff: Browser) -> None:
    version, files = worker(warehouse_staff)
    assert worker(warehouse_staff) == (version, files)
    warehouse_staff.get("/language/fr")
    assert worker(warehouse_staff)[0] != version


def test_it_can_be_installed(app: Flask) -> None:
    answer = Browser(app).get("/app.webmanifest")
    found = json.loads(answer.get_data())
    assert answer.mimetype == "application/manifest+json"
    assert (found["start_url"], found["scope"], found["display"]) == ("/stock/aisle", "/", "standalone")
    assert {icon["sizes"] for icon in found["icons"]} == {"192x192", "512x512"}
    for icon in found["icons"]:
        assert Browser(app).get(icon["src"]).status_code == 200
