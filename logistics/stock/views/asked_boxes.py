"""What an address asks of the list of boxes: from its query to a filter, to words, and to the same query in one form."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from flask_babel import gettext as _

from ...clock import midnight
from ...web.filters import short_day, today, zone
from ..models import Gender
from ..narrowing.asking import More, Origin, State
from ..narrowing.columns import known
from ..narrowing.words import AGES, ORIGINS, STATES
from ..words import for_whom, labelled

PLAIN = ("q", "warehouse", "shelf", "product", "size", "empty", "expired")
SELDOM = ("gender", "category", "label", "state", "source", "made", "still", "best", "undated")
NAMES = (*PLAIN, *SELDOM, "columns")  # all that narrows the list, or says how it is shown
KEPT = (*SELDOM, "columns")  # what the form on the list itself does not ask
LONGEST = 100


def more_asked(args: Mapping[str, str]) -> More | None:
    """Return what is asked for besides what the list itself asks; None when nothing is, which is nearly always."""
    if not any(name in args for name in SELDOM):
        return None
    found = More(
        gender=_one_of(args.get("gender", ""), Gender),
        category=args.get("category", "")[:60],
        size_key=args.get("label", "")[:40].casefold(),
        state=_one_of(args.get("state", ""), State),
        origin=_one_of(args.get("source", ""), Origin),
        made_before=_ago(args.get("made", "")),
        still_since=_ago(args.get("still", "")),
        best_until=_day(args.get("best", "")),
        undated=args.get("undated") == "1",
    )
    return found if found != More() else None


def told(args: Mapping[str, str]) -> list[str]:
    """Return in words what is asked for seldom: "women", "not moved for a month"."""
    more = more_asked(args) or More()
    made, still = _age(args.get("made", "")), _age(args.get("still", ""))
    said: list[Any] = [
        (for_whom(more.gender) or _("for anyone")) if more.gender else "",
        labelled(more.category),
        _("size %(size)s", size=labelled(args.get("label", "")[:40])) if more.size_key else "",
        STATES[State(more.state)] if more.state else "",
        ORIGINS[Origin(more.origin)] if more.origin else "",
        _("made at least %(time)s ago", time=AGES[made]) if made else "",
        _("not moved for %(time)s", time=AGES[still]) if still else "",
        _("best before %(day)s or earlier", day=short_day(more.best_until)) if more.best_until else "",
        _("without a date") if more.undated else "",
    ]
    return [str(each) for each in said if each]


def query_of(args: Mapping[str, Any]) -> str:
    """Return all that an address asks, as a query in one form: what is empty or unknown left out."""
    values = {name: str(args.get(name) or "").strip()[:LONGEST] for name in NAMES}
    values["columns"] = ".".join(known(str(args.get("columns") or "")))
    return urlencode({name: value for name, value in values.items() if value}, quote_via=quote)


def _one_of(text: str, kind: Any) -> str:
    return text if text in set(kind) else ""


def _age(text: str) -> int:
    return int(text) if text in {str(days) for days in AGES} else 0


def _ago(text: str) -> datetime | None:
    """Return the beginning of the day so many days ago: the same all day long, so that the query is, too."""
    return midnight(today() - timedelta(days=_age(text)), zone()) if _age(text) else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
