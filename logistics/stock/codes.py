"""Box codes: how they are written, and making the next free one."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Select, delete, func, literal_column, select
from sqlalchemy.orm import Session

from ..clock import now
from ..db import insert_into
from ..errors import Conflict, Invalid, msg
from .freshness import is_past
from .labelling.models import Label
from .models import Box

LONGEST_CODE = 40
LOOKED_AT = 100  # numbers at a time
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


def codes_from(session: Session, start: str) -> Select[str]:
    """Return the query for the first code from a text on, letter by letter: if any begins with it, this one does.

    Found in an index. LIKE would not be: PostgreSQL plans a statement once for all that may be asked.
    """
    if session.get_bind().dialect.name == "postgresql":
        by_letter = Box.code.op("~>=~", is_comparison=True)(start)
        query = select(Box.code).where(by_letter).order_by(literal_column("box.code USING ~<~"))
    else:
        query = select(Box.code).where(Box.code >= start).order_by(Box.code)
    return query.limit(literal_column("1"))


def scanned(text: str) -> str:
    """Return the code in what was typed or scanned: a label's square holds an address that ends in /b/<code>.

    Scanners that act as keyboards press the keys of a QWERTY one. Where the computer expects AZERTY, "/b/0042"
    arrives as "!b!àà'é", which is read, too.
    """
    text = text.strip()
    if found := _ADDRESS.search(text):
        return unquote(found[1]).strip()
    if found := _ON_AZERTY.search(text):
        return unquote(found[1].translate(_QWERTY)).strip()
    return text


_ADDRESS = re.compile(r"/b/([^/?#\s]+)/?$", re.IGNORECASE)
_ON_AZERTY = re.compile(r"!b!([^!\s]+)$", re.IGNORECASE)
_QWERTY = str.maketrans("&é\"'(-è_çà)°:qawzQAWZ,?1234567890", "1234567890-_.aqzwAQZWmM!@#$%^&*()")


def add_box(session: Session, code: str, **values: Any) -> tuple[int, str]:
    """Add a box under this code, or under the next free number when it is empty; return its id and code.

    It is born expired when its `best_before` has passed, unless `expired` says how it stands.
    Two that want one code at the same moment wait for each other here, and the second gets another or is refused.
    The code of a blank label is free for whoever names it, and nobody else's. Raises Conflict when the code is taken.
    """
    values.setdefault("expired", is_past(values.get("best_before")))
    if not code:
        return _add_numbered(session, values)
    code = canonical(code)
    claim(session, [code])
    box_id = _take(session, code, values)
    release(session, [code])
    if box_id is None:
        raise Conflict(msg("There is a box %(code)s already.", code=code), "code")
    return box_id, code


def _add_numbered(session: Session, values: dict[str, Any]) -> tuple[int, str]:
    """Add a box under the next free number."""
    numbers = next_numbers(session)
    while True:
        code = next(numbers)
        if claim_new(session, [code]):
            box_id = _take(session, code, values)
            release(session, [code])
            if box_id is not None:
                return box_id, code


def _take(session: Session, code: str, values: dict[str, Any]) -> int | None:
    """Insert a box unless its code is taken; return its id, or None."""
    made = insert_into(session)(Box).values(code=code, created_at=now(), **values)
    box_id: int | None = session.scalar(made.on_conflict_do_nothing(index_elements=["code"]).returning(Box.id))
    return box_id


def claim(session: Session, codes: Collection[str]) -> None:
    """Hold codes for new boxes until `release`: as rows of `label`, so that labels and boxes wait for each other.

    A blank label becomes the claim. Raises Conflict when a code is on a label that is some box's already.
    """
    claiming = _labels(session, sorted(set(codes)))
    held = session.scalars(
        claiming.on_conflict_do_update(
            index_elements=["code"], set_={"made_at": Label.made_at}, where=Label.box_id.is_(None)
        ).returning(Label.code)
    ).all()
    if refused := sorted(set(codes) - set(held)):
        raise Conflict(msg("The label %(code)s is on another box already.", code=refused[0]), "code")


def claim_new(session: Session, codes: Sequence[str], made_by: int | None = None) -> list[str]:
    """Make labels of those of these codes that no label has; return those. A box may have one of them."""
    claiming = _labels(session, codes, made_by).on_conflict_do_nothing(index_elements=["code"])
    return sorted(session.scalars(claiming.returning(Label.code)), key=codes.index)


def release(session: Session, codes: Collection[str]) -> None:
    """End a claim: the box has the code now, and no label."""
    session.execute(delete(Label).where(Label.code.in_(codes)))


def _labels(session: Session, codes: Sequence[str], made_by: int | None = None) -> Any:
    made_at = now()
    rows = [{"code": code, "made_at": made_at, "made_by": made_by} for code in codes]
    return insert_into(session)(Label).values(rows)


def next_numbers(session: Session) -> Iterator[str]:
    """Yield numbers that neither a box nor a label has, from where they were last given out; somebody may take one."""
    number = _last_number(session)
    while True:
        some = [f"{number + further:04}" for further in range(1, LOOKED_AT + 1)]
        taken = select(Box.code).where(Box.code.in_(some)).union_all(select(Label.code).where(Label.code.in_(some)))
        known = set(session.scalars(taken))
        yield from (code for code in some if code not in known)
        number += LOOKED_AT


def _last_number(session: Session) -> int:
    """Return how many boxes there were, or the highest number of the newest labels, if that is higher."""
    newest = select(Label.code).order_by(Label.made_at.desc(), func.length(Label.code).desc(), Label.code.desc())
    boxes, label = session.execute(
        select(select(func.max(Box.id)).scalar_subquery(), newest.limit(1).scalar_subquery())
    ).one()
    return max(boxes or 0, int(label) if label and label.isascii() and label.isdigit() else 0)
