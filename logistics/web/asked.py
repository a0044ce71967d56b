"""What an address asks of a page: which words, which id, which day, which page of a list, and whether as CSV."""

from datetime import date

from flask import request

LONGEST_SEARCH = 100


def number_in(text: object) -> int:
    """Return a number as an address or a hidden field carries it; 0, which is no id and no version, when it is none."""
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def searched(name: str = "q") -> str:
    """Return the words that a list is searched for."""
    return request.args.get(name, "").strip()[:LONGEST_SEARCH]


def id_asked(name: str) -> int:
    """Return an id, 0 when there is none (which is nobody's)."""
    return number_in(request.args.get(name))


def day_asked(name: str) -> date | None:
    """Return a day, None when there is none or one that no list can have."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def page_number() -> int:
    """Return which page of a list is asked for, from 1."""
    return number_in(request.args.get("page")) or 1


def wants_csv() -> bool:
    """Return whether the list is asked for as a download."""
    return request.args.get("format") == "csv"
