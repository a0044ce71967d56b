"""Keeping filters of the list of boxes under names, each for whoever keeps it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ...names import key_of
from ...people.models import Person
from .models import SavedFilter

LONGEST_NAME, LONGEST_QUERY, MOST = 60, 1000, 50


@command
def save(session: Session, *, actor_id: int, name: str, query: str) -> int:
    """Keep a filter under a name, in place of the one that had it; return its id.

    Raises Invalid at `name`, and Conflict when somebody keeps MOST already.
    """
    key = key_of(name, LONGEST_NAME)
    if not query:
        raise Invalid(msg("Choose something first: this filter leaves nothing out."), "name")
    if len(query) > LONGEST_QUERY:
        raise Invalid(msg("This filter is too long to be kept."), "name")
    # Whoever saves twice at once waits here, and then replaces.
    session.execute(select(Person.id).where(Person.id == actor_id).with_for_update(key_share=True))
    found = session.scalars(
        select(SavedFilter).where(SavedFilter.person_id == actor_id, SavedFilter.name_key == key)
    ).one_or_none()
    if found is None:
        if (session.scalar(select(func.count()).where(SavedFilter.person_id == actor_id)) or 0) >= MOST:
            raise Conflict(msg("You keep %(most)d filters already. Delete one first.", most=MOST), "name")
        found = SavedFilter(person_id=actor_id, created_at=now())
        session.add(found)
    found.name, found.name_key, found.query = name.strip(), key, query
    session.flush()
    record(session, actor_id, "filter.saved", "filter", found.id)
    return found.id


@command
def delete(session: Session, *, actor_id: int, filter_id: int) -> int:
    """Delete a filter of one's own; return its id. Raises NotFound, also for somebody else's."""
    found = session.scalars(
        select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.person_id == actor_id)
    ).one_or_none()
    if found is None:
        raise NotFound(msg("There is no such filter."))
    session.delete(found)
    record(session, actor_id, "filter.deleted", "filter", filter_id)
    return filter_id


def kept_by(session: Session, person_id: int) -> Sequence[SavedFilter]:
    """Return the filters that a person keeps, by name."""
    return session.scalars(
        select(SavedFilter).where(SavedFilter.person_id == person_id).order_by(SavedFilter.name_key)
    ).all()
