"""How dates, times, money and two-language names look on a page."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask import Flask, current_app

from ..clock import now
from ..money import SYMBOLS, Currency, major
from .i18n import spoken


def _locale() -> str:
    return "fr" if spoken() == "fr" else "en_GB"


def zone() -> ZoneInfo:
    """Return the time zone of the charity's clock on the wall."""
    found: ZoneInfo = current_app.extensions["shoreline_settings"].timezone
    return found


@lru_cache(maxsize=4096)
def _day(value: date, pattern: str, locale: str) -> str:
    if locale == "fr" and value.day == 1:
        pattern = pattern.replace("d ", "d'er' ", 1)  # "1er décembre": French counts the first day of a month
    return format_date(value, pattern, locale=locale)


@lru_cache(maxsize=4096)
def _time(value: datetime, zone: ZoneInfo, locale: str) -> str:
    return format_time(value, "HH:mm", tzinfo=zone, locale=locale)


@lru_cache(maxsize=4096)
def _money(minor: int, currency: str, locale: str) -> str:
    # Not Babel's own currency format: in French it writes "£GB", for those who might take it for another pound.
    figure = format_decimal(major(minor), "#,##0.00" if minor % 100 else "#,##0", locale=locale)
    symbol = SYMBOLS[Currency(currency)]
    return f"{figure}\xa0{symbol}" if locale == "fr" else f"-{symbol}{figure[1:]}" if minor < 0 else f"{symbol}{figure}"


def local_date(value: datetime) -> date:
    """Return the day of a moment by the clock on the wall."""
    return value.astimezone(zone()).date()


def today() -> date:
    """Return the day it is by the clock on the wall."""
    return local_date(now())


def day(value: date | datetime) -> str:
    """Return "Tuesday 24 November" (with its year when that is not this one)."""
    value = local_date(value) if isinstance(value, datetime) else value
    pattern = "EEEE d MMMM" if value.year == local_date(now()).year else "EEEE d MMMM y"
    return _day(value, pattern, _locale())


def short_day(value: date | datetime) -> str:
    """Return "24 Nov" (with its year when that is not this one)."""
    value = local_date(value) if isinstance(value, datetime) else value
    return _day(value, "d MMM" if value.year == local_date(now()).year else "d MMM y", _locale())


def full_day(value: date | datetime) -> str:
    """Return "24 November 2026", for what is kept longer than this year."""
    return _day(local_date(value) if isinstance(value, datetime) else value, "d MMMM y", _locale())


def month(value: date) -> str:
    """Return "November 2026"."""
    return _day(value, "MMMM y", _locale())


def short_month(value: date) -> str:
    """Return "Nov", as a chart has room for."""
    return _day(value, "MMM", _locale()).rstrip(".")


def time(value: datetime) -> str:
    """Return "14:15", by the clock on the wall."""
    return _time(value.astimezone(UTC), zone(), _locale())


def when(starts_at: datetime, ends_at: datetime) -> str:
    """Return "14:15–16:45", with the end's day when it is another."""
    return _when(starts_at, ends_at, zone(), _locale())


@lru_cache(maxsize=4096)
def _when(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, locale: str) -> str:
    starts, ends = _time(starts_at.astimezone(UTC), zone, locale), _time(ends_at.astimezone(UTC), zone, locale)
    last = ends_at.astimezone(zone).date()
    if starts_at.astimezone(zone).date() == last:
        return f"{starts}–{ends}"
    return f"{starts}–{_day(last, 'd MMM', locale)} {ends}"


def stamp(value: datetime) -> str:
    """Return "2026-11-24 14:15", by the clock on the wall, as a spreadsheet reads it."""
    return value.astimezone(zone()).strftime("%Y-%m-%d %H:%M")


def money(minor: int, currency: str) -> str:
    """Return "£12", "£12.50" or "12,50 €"."""
    return _money(minor, currency, _locale())


def number(value: int | float) -> str:
    """Return a number with its language's thousands and decimals."""
    return str(value) if isinstance(value, int) and -1000 < value < 1000 else format_decimal(value, locale=_locale())


def short_number(value: int | float) -> str:
    """Return a round number as a chart's scale has room for: "400k" for 400,000."""
    if value == int(value) and value >= 10_000 and value % 1000 == 0:
        return f"{number(int(value) // 1000)}k"
    return number(int(value) if value == int(value) else value)


def named(thing: Any) -> str:
    """Return the name of a thing that may have a French one, in the page's language."""
    return either(thing.name, thing.name_fr)


def either(name: str, name_fr: str | None) -> str:
    """Return the one of a thing's two names that is in the page's language; French ones may be missing."""
    return (name_fr if _locale() == "fr" else None) or name


def sort_key(text: str) -> str:
    """Return what a text is sorted by: without case and accents, so that "Écharpes" stands under E."""
    return "".join(letter for letter in normalize("NFD", text.casefold()) if not combining(letter))


def by_name(things: Iterable[Any]) -> list[Any]:
    """Return things in the order of their names in the page's language, for a short list to choose from."""
    return sorted(things, key=lambda thing: sort_key(named(thing)))


def described(thing: Any) -> str:
    """Return the description of a thing that may have a French one, in the page's language."""
    return str((thing.description_fr if _locale() == "fr" else None) or thing.description)


def init_app(app: Flask) -> None:
    """Give every template these filters."""
    for function in (
        by_name,
        day,
        short_day,
        full_day,
        time,
        money,
        number,
        short_number,
        named,
        described,
        local_date,
    ):
        app.add_template_filter(function)
    app.add_template_global(when)
    app.add_template_global(either)
    app.add_template_global(now)
