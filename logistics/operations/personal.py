"""All that is held about a person, part by part: shown to them, and let go of when they delete their account."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from ..audit import record
from ..commands import command
from ..db import stream
from ..distributions import personal as distributions
from ..errors import NotFound, msg
from ..giving import personal as giving
from ..holding import Holding, Section, Whose
from ..people import personal as people
from ..people import roles
from ..people.models import Person
from ..shifts import personal as shifts
from ..stock import personal as stock

# In the order in which they are shown, and let go of: the account is emptied before coordinators are told of places
# given back, so that no name is written down again.
HOLDINGS: Sequence[Holding] = (
    people.HOLDING,
    shifts.HOLDING,
    giving.HOLDING,
    stock.HOLDING,
    distributions.HOLDING,
)
SECTIONS: Sequence[Section] = tuple(section for holding in HOLDINGS for section in holding.sections)


def whose(session: Session, person_id: int) -> Whose:
    """Return whose data to look for. Raises NotFound."""
    row = session.execute(
        select(Person.id, Person.email, Person.email_confirmed_at).where(
            Person.id == person_id, Person.deleted_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFound(msg("There is no such account."))
    return Whose(row.id, row.email, row.email_confirmed_at is not None)


def counts(session: Session, of: Whose) -> Mapping[str, int]:
    """Return how many rows each section has, by its key, in one query."""
    parts = [
        select(literal(section.key), select(func.count()).select_from(section.rows(of).subquery()).scalar_subquery())
        for section in SECTIONS
    ]
    return {row[0]: row[1] for row in session.execute(union_all(*parts))}


def rows(session: Session, section: Section, of: Whose) -> Iterator[dict[str, Any]]:
    """Yield what one section holds, row by row, by the names of its fields."""
    for row in stream(session, section.rows(of).add_columns(literal(1))):  # so that it is a row, even of one column
        yield dict(zip(section.fields, tuple(row)[:-1], strict=True))


def archive(
    session: Session,
    of: Whose,
    page: Callable[[Mapping[str, Any]], str],
    written: Callable[[Mapping[str, Any]], str],
    charity: str,
    at: datetime,
) -> bytes:
    """Return all of it as a ZIP: `data.json` for programs, and `data.html`, which `page` draws, for people.

    `written` puts a message into the words in which it was mailed.
    """
    held = {section.key: list(rows(session, section, of)) for section in SECTIONS}
    for message in held[people.MESSAGES.key]:
        message["text"] = written(message)
    told = {"held_by": charity, "as_of": at, **held}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(told, default=_plain, ensure_ascii=False, indent=1))
        file.writestr("data.html", page(held))
    return buffer.getvalue()


@command
def delete_account(session: Session, *, actor_id: int) -> None:
    """Delete the actor's account: what is personal goes, and hours worked stay as nobody's.

    Raises Conflict with the reason while it cannot go, and NotFound for one that is gone already.
    """
    roles.lock_admins(session)
    session.execute(select(Person.id).where(Person.id == actor_id).with_for_update())
    of = whose(session, actor_id)
    for holding in HOLDINGS:
        holding.refuse(session, of)
    for holding in HOLDINGS:
        holding.forget(session, of)
    record(session, actor_id, "person.deleted", "person", actor_id)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
