"""Remembering what columns and values of files mean, and knowing it again."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...db import insert_into
from ...errors import Invalid, NotFound, msg
from ...names import key_of
from ..models import Gender, LocationKind, Product, Size
from ..searching import fold
from .headings import Field
from .models import ImportMapping, LearnedMatch, MatchKind

LONGEST_KEY, LONGEST_MAPPING = 200, 80
Learned = dict[tuple[str, str, str], str]  # what was learned, by kind, context and key


def heading_keys(headings: Sequence[str]) -> list[str]:
    """Return what each column is known by: its heading, folded; its place where that is empty or there twice."""
    folded = [fold(heading) for heading in headings]
    return [key if key and folded.index(key) == place else f"#{place + 1}" for place, key in enumerate(folded)]


def layout_key(headings: Sequence[str]) -> str:
    """Return what tells files of one kind from others: a digest of all their headings."""
    return hashlib.sha256("\n".join(heading_keys(headings)).encode()).hexdigest()


def value_key(text: str) -> str:
    """Return the form in which a value is known again."""
    return (fold(text) or text.casefold())[:LONGEST_KEY]


def mapping_of(session: Session, headings: Sequence[str]) -> ImportMapping | None:
    """Return how columns of such a file were matched before, if they were."""
    return session.scalars(
        select(ImportMapping).where(ImportMapping.headings_key == layout_key(headings))
    ).one_or_none()


def mapping_named(session: Session, name: str) -> ImportMapping:
    """Return a saved mapping. Raises NotFound at `mapping`."""
    found = session.scalars(
        select(ImportMapping).where(ImportMapping.name_key == name.strip().casefold())
    ).one_or_none()
    if found is None:
        raise NotFound(msg("There is no mapping of this name."), "mapping")
    return found


def remember_mapping(session: Session, headings: Sequence[str], name: str, columns: Mapping[Field, str]) -> int:
    """Step: keep how the columns of such files are matched, under a name; return its id. Raises Invalid at `name`.

    Who takes the name of another kind of file takes it away from that.
    """
    key = key_of(name, LONGEST_MAPPING)
    found = mapping_of(session, headings)
    taken = session.scalars(select(ImportMapping).where(ImportMapping.name_key == key)).one_or_none()
    if taken is not None and taken is not found:
        session.delete(taken)
        session.flush()
    if found is None:
        found = ImportMapping(headings_key=layout_key(headings))
        session.add(found)
    found.name, found.name_key, found.changed_at = name.strip(), key, now()
    found.columns = {str(what): heading for what, heading in columns.items()}
    session.flush()
    return found.id


@command
def learn(session: Session, *, actor_id: int | None, matches: Sequence[Mapping[str, Any]]) -> int:
    """Remember what values mean; return how many. See `teach`."""
    return teach(session, actor_id, matches)


def teach(session: Session, actor_id: int | None, matches: Sequence[Mapping[str, Any]]) -> int:
    """Step: remember what values mean (each a kind, context, text and meaning); return how many. Raises Invalid.

    What was learned otherwise before is learned anew.
    """
    for match in matches:
        kind, meaning = MatchKind(match["kind"]), str(match["meaning"])
        _check(session, kind, str(match["context"]), meaning)
        values = {
            "kind": kind,
            "context": str(match["context"]),
            "key": value_key(match["text"]),
            "meaning": meaning,
            "learned_at": now(),
        }
        insert = insert_into(session)(LearnedMatch).values(values)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["kind", "context", "key"],
                set_={"meaning": insert.excluded.meaning, "learned_at": insert.excluded.learned_at},
            )
        )
    if matches:
        record(session, actor_id, "imports.learned", "import", "values", values=len(matches))
    return len(matches)


def learned(session: Session) -> Learned:
    """Return all that was learned, in one query."""
    rows = session.execute(select(LearnedMatch.kind, LearnedMatch.context, LearnedMatch.key, LearnedMatch.meaning))
    return {(kind, context, key): meaning for kind, context, key, meaning in rows}


def _check(session: Session, kind: MatchKind, context: str, meaning: str) -> None:
    """Raise Invalid when a value can't mean that."""
    number = int(meaning) if meaning.isascii() and meaning.isdigit() and len(meaning) < 10 else 0
    match kind:
        case MatchKind.PRODUCT:
            fits = session.get(Product, number) is not None
        case MatchKind.SIZE:
            size = session.get(Size, number)
            fits = size is not None and str(size.product_id) == context
        case MatchKind.GENDER:
            fits = meaning in set(Gender)
        case MatchKind.SOURCE:
            fits = meaning in (LocationKind.DONATED, LocationKind.BOUGHT)
    if not fits:
        raise Invalid(msg("Choose what is meant."))
