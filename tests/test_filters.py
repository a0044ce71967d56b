"""How figures look in each language."""

from datetime import date

import pytest
from flask import Flask

from logistics.errors import Name
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


@pytest.mark.parametrize(
    ("language", "on", "shown", "short"),
    [
        ("en", date(2020, 12, 1), "Tuesday 1 December 2020", "1 Dec 2020"),
        ("fr", date(2020, 12, 1), "mardi 1er décembre 2020", "1er déc. 2020"),
        ("fr", date(2020, 12, 11), "vendredi 11 décembre 2020", "11 déc. 2020"),
    ],
)
def test_day(app: Flask, language: str, on: date, shown: str, short: str) -> None:
    with app.test_request_context(), speaking(language):
        assert (filters.day(on), filters.short_day(on)) == (shown, short)


def test_the_order_of_names(app: Flask) -> None:
    things = [Name("Belts", "Ceintures"), Name("Candles", "Écharpes"), Name("Apples", "Bougies"), Name("Zoo", None)]
    with app.test_request_context(), speaking("fr"):
        assert list(map(filters.named, filters.by_name(things))) == ["Bougies", "Ceintures", "Écharpes", "Zoo"]
    with app.test_request_context(), speaking("en"):
        assert list(map(filters.named, filters.by_name(things))) == ["Apples", "Belts", "Candles", "Zoo"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (2.5, "2.5"), (2500, "2,500"), (10_000.0, "10k"), (400_000, "400k"), (10_500, "10,500")],
)
def test_a_number_that_a_scale_has_room_for(app: Flask, value: float, shown: str) -> None:
    with app.test_request_context(), speaking("en"):
        assert filters.short_number(value) == shown


@pytest.mark.parametrize(("language", "shown"), [("en", "0.5"), ("fr", "0,5")])
def test_half_of_one(app: Flask, language: str, shown: str) -> None:
    with app.test_request_context(), speaking(language):
        assert filters.number(0.5) == shown
