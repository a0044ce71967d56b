"""What the stories in a real browser share."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from logistics import verify
from logistics.clock import now
from logistics.db import db

from .checking import check
from .conftest import DESKTOP, PHONE

WIDTHS = pytest.mark.parametrize("width", [PHONE, DESKTOP])


def local(app: Flask, hours: float) -> str:
    """A time some hours from now as datetime-local takes it."""
    zone = app.extensions["shoreline_settings"].timezone
    return (now() + timedelta(hours=hours)).astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def press(page: Page, name: str) -> None:
    """Press a button or follow a link, and look at the page that it leads to."""
    target = page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True))
    target.first.click()
    page.wait_for_load_state()
    check(page)


def fill(page: Page, **answers: str) -> None:
    """Fill a form's fields, each by its name."""
    for name, value in answers.items():
        page.locator(f"#{name}").fill(value)


def nothing_is_off() -> None:
    db.session.rollback()
    assert list(verify.problems(db.session)) == []
