"""Box codes: how they are written, and making the next free one."""

import re
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..clock import now
from ..db import insert_into
from ..errors import Conflict, Invalid, msg
from .freshness import is_past
from .models import Box

LONGEST_CODE = 40
WRITTEN = re.compile(r"\w(?:[\w .+-]*[\w+-])?")  # what can be typed, printed on a label and put in an address


def canonical(code: str) -> str:
    """Return a code as it is kept: in capitals, without outer spaces, so that "a12 " finds box A12.

    Raises Invalid at `code` when it is empty, too long, or has characters that an address cannot hold.
    """
    kept = code.strip().upper()
    if not kept:
        raise Invalid(msg("Enter the box's code."), "code")
    if len(kept) > LONGEST_CODE:
        raise Invalid(msg("A box's code has %(max)s characters at most.", max=LONGEST_CODE), "code")
    if not WRITTEN.fullmatch(kept):
        raise Invalid(msg("A box's code is made of letters, digits, spaces and . + - _"), "code")
    return kept


def add_box(session: Session, code: str, **values: Any) -> tuple[int, str]:
    """Add a box under this code, or under the next free number when it is empty; return its id and code.

    It is born expired when its `best_before` has passed, unless `expired` says how it stands.
    Two that want one code at the same moment wait for each other here, and the second gets another or is refused.
    Raises Conflict when the code is taken.
    """
    values.setdefault("expired", is_past(values.get("best_before")))
    if code:
        code = canonical(code)
        box_id = _take(session, code, values)
        if box_id is None:
            raise Conflict(msg("There is a box %(code)s already.", code=code), "code")
        return box_id, code
    number = session.scalar(select(func.max(Box.id))) or 0
    while True:
        number += 1
        code = f"{number:04}"
        box_id = _take(session, code, values)
        if box_id is not None:
            return box_id, code


def _take(session: Session, code: str, values: dict[str, Any]) -> int | None:
    """Insert a box unless its code is taken; return its id, or None."""
    made = insert_into(session)(Box).values(code=code, created_at=now(), **values)
    box_id: int | None = session.scalar(made.on_conflict_do_nothing(index_elements=["code"]).returning(Box.id))
    return box_id
