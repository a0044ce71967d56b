"""How figures look in each language."""

import pytest
from flask import Flask

from logistics.web import filters
from logistics.web.i18n import speaking


@pytest.mark.parametrize(
    ("language", "minor", "currency", "shown"),
    [
        ("en", 1200, "gbp", "£12"),
        ("en", 125050, "gbp", "£1,250.50"),
        ("en", -5, "eur", "-€0.05"),
        ("fr", 1200, "gbp", "12\xa0£"),
        ("fr", 1250, "eur", "12,50\xa0€"),
    ],
)
def test_money(app: Flask, language: str, minor: int, currency: str, shown: str) -> None:
    with app.test_request_context(), speaking(language):
        assert filters.money(minor, currency) == shown


@pytest.mark.parametrize(("language", "shown"), [("en", "0.5"), ("fr", "0,5")])
def test_half_of_one(app: Flask, language: str, shown: str) -> None:
    with app.test_request_context(), speaking(language):
        assert filters.number(0.5) == shown
