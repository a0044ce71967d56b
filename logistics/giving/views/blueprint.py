"""The blueprint that the pages of giving share, and how they read an address."""

from datetime import date

from flask import Blueprint, request

bp = Blueprint("giving", __name__)


def searched() -> str:
    """Return the words that a list is searched for."""
    return request.args.get("q", "").strip()[:100]


def day_asked(name: str) -> date | None:
    """Return a day in the address, None when it is none."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def wants_csv() -> bool:
    """Return whether the list is asked for as CSV."""
    return request.args.get("format") == "csv"
