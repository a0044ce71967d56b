"""Reading what a phone sends: each act is what it should be, or says why not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ...commands import LONGEST_KEY
from ...errors import Invalid, msg
from ..lookup import LONGEST_NOTE
from .models import Kind

MOST_AT_ONCE = 50  # acts in one sending
LONGEST_CODE = 300  # what a box may be called by, also an address that was scanned
YEARS = range(2020, 2101)
UNREADABLE = msg("What was sent could not be read.")


@dataclass(frozen=True)
class Act:
    """One act as a phone sends it. Ids are 0 and texts empty where the kind needs none.

    `made_at` is the moment as the phone says it; `expected` is what its screen showed when somebody counted.
    `discarded` says why it shall not be done after all.
    """

    kind: Kind
    code: str
    made_at: datetime
    shelf_id: int = 0
    to_id: int = 0
    quantity: int = 0
    counted: int = 0
    expected: int = 0
    reason: str = ""
    source: str = ""
    note: str = ""
    best_before: date | None = None
    discarded: str = ""


@dataclass(frozen=True)
class Sent:
    """What came in one sending: whose acts they are, of which warehouse's copy, and each act as it came."""

    person_id: int
    warehouse_id: int
    acts: list[Any]


def sent(body: bytes) -> Sent:
    """Read one sending. Raises Invalid when it is no such thing."""
    try:
        found = json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise Invalid(UNREADABLE) from None
    if not isinstance(found, dict) or not isinstance(found.get("acts"), list):
        raise Invalid(UNREADABLE)
    if len(found["acts"]) > MOST_AT_ONCE:
        raise Invalid(msg("Send at most %(most)d at once.", most=MOST_AT_ONCE))
    return Sent(_number(found, "person"), _number(found, "warehouse"), found["acts"])


def key_of(found: Any) -> str:
    """Return an act's idempotency key. Raises Invalid."""
    key = found.get("key") if isinstance(found, dict) else None
    if not isinstance(key, str) or not 8 <= len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Invalid(UNREADABLE)
    return key


def act(found: Mapping[str, Any]) -> Act:
    """Read one act. Raises Invalid with the field to blame; what only the ledger can know is asked where it is done."""
    kind = found.get("kind")
    if not isinstance(kind, str) or kind not in set(Kind):
        raise Invalid(msg("Choose what shall be done."), "kind")
    return Act(
        kind=Kind(kind),
        code=_text(found, "code", LONGEST_CODE),
        made_at=moment(found, "made_at"),
        shelf_id=_number(found, "shelf"),
        to_id=_number(found, "to"),
        quantity=_number(found, "quantity"),
        counted=_number(found, "counted"),
        expected=_number(found, "expected"),
        reason=_text(found, "reason", 20),
        source=_text(found, "source", 20),
        note=_text(found, "note", LONGEST_NOTE),
        best_before=_day(found),
        discarded=_text(found, "discarded", LONGEST_NOTE),
    )


def moment(found: Mapping[str, Any], name: str) -> datetime:
    """Return a moment in UTC. Raises Invalid."""
    try:
        said = datetime.fromisoformat(_text(found, name, 40))
    except ValueError:
        raise Invalid(UNREADABLE, name) from None
    if said.tzinfo is None or said.year not in YEARS:
        raise Invalid(UNREADABLE, name)
    return said.astimezone(UTC)


def _refused(_constant: str) -> None:
    """Refuse NaN and the infinities, which are no JSON."""
    raise ValueError


def _number(found: Mapping[str, Any], name: str) -> int:
    """Return a whole number that both databases hold; 0 when it is not named."""
    value = found.get(name, 0)
    if type(value) is not int or not -(2**31) < value < 2**31:  # True is an int, too
        raise Invalid(msg("Enter a whole number."), name)
    return value


def _text(found: Mapping[str, Any], name: str, longest: int) -> str:
    value = found.get(name, "")
    if not isinstance(value, str):
        raise Invalid(UNREADABLE, name)
    value = value.strip()
    if len(value) > longest:
        raise Invalid(msg("Use %(max)s characters or fewer.", max=longest), name)
    if any((not c.isprintable() and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise Invalid(msg("This has characters that cannot be stored. Type it again."), name)
    return value


def _day(found: Mapping[str, Any]) -> date | None:
    text = _text(found, "best_before", 10)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(msg("Enter a date, such as 2026-11-24."), "best_before") from None
    if not 2000 <= day.year <= 2100:
        raise Invalid(msg("Enter a year between 2000 and 2100."), "best_before")
    return day
