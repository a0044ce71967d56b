"""Accounts in a real browser: from registering to the second lock, and what an admin does with them."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import expect

from logistics import worker
from logistics.clock import now
from logistics.web.security import limiter

from .. import make
from .checking import check
from .conftest import OpenBrowser
from .steps import WIDTHS

PASSWORD = "kettle ladder norway"


@pytest.fixture(autouse=True)
def fresh_limits(app: Flask) -> None:
    limiter.reset()


def newest_link(app: Flask) -> str:
    """Let the worker send what waits, and return the link in the newest mail."""
    folder = app.extensions["shoreline_settings"].instance / "mail"
    before = set(folder.glob("*.eml"))
    worker.run(app, once=True)
    (path,) = set(folder.glob("*.eml")) - before
    body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]
    found = re.search(r"http\S+/(?:register|reset)/\S+", body.get_content())
    assert found
    return found.group()


@WIDTHS
def test_from_registering_to_the_second_lock(app: Flask, open_browser: OpenBrowser, width: int) -> None:
    page = open_browser(width=width)
    page.goto("/register")
    check(page)
    page.get_by_label("Your name").fill("Amina")
    page.get_by_label("Email").fill("amina@example.org")
    page.get_by_label("Password").fill("password1234")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    check(page)
    page.goto(newest_link(app))
    check(page)
    page.get_by_role("button", name="Yes, confirm my address").click()
    check(page)

    page.goto("/my")  # to sign in first, and then back here
    page.get_by_label("Email").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Amina")).to_be_visible()
    check(page)

    page.get_by_role("link", name="Set it up").click()
    check(page)
    page.get_by_role("button", name="Set it up").click()
    check(page)
    picture = page.get_by_role("img", name="QR code")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    totp = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
    page.get_by_label("Code", exact=True).fill(totp.at(now()))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    check(page)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    check(page)

    page.get_by_label("Email").fill("amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    check(page)
    page.get_by_label("Code").fill(totp.at(now() + timedelta(seconds=30)))
    page.get_by_role("button", name="Sign in").click()
    page.goto("/my/authenticator/change")
    check(page)
    page.goto("/my/password")
    check(page)


@WIDTHS
def test_an_admin_sets_an_empty_installation_up(app: Flask, open_browser: OpenBrowser, width: int) -> None:
    page = open_browser(make.person("admin", name="Ada"), width=width)
    page.goto("/admin")
    expect(page.get_by_role("heading", name="Next: a warehouse")).to_be_visible()
    check(page)
    page.goto("/admin/people")
    check(page)
    page.get_by_role("link", name="Invite someone").click()
    page.get_by_label("Name").fill("Joe")
    page.get_by_label("Email").fill("joe@example.org")
    page.get_by_label("Warehouse").check()
    check(page)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("invited", exact=True)).to_be_visible()
    check(page)
    for path in ("/admin/audit", "/admin/privacy"):
        page.goto(path)
        check(page)

    joe = open_browser(width=width)
    joe.goto(newest_link(app))
    check(joe)
    joe.get_by_label("New password").fill(PASSWORD)
    joe.get_by_role("button", name="Set the password").click()
    expect(joe.get_by_text("Your new password is set")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_public_pages_of_accounts(open_browser: OpenBrowser, language: str) -> None:
    page = open_browser(language=language)
    for path in ("/privacy", "/reset", "/reset/sent", "/reset/spent", "/sign-out"):
        page.goto(path)
        check(page)
