"""The filters that a person keeps: theirs to have, and gone with their account."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ...errors import msg
from ...holding import Section, Whose
from .models import SavedFilter

FILTERS = Section(
    "filters",
    msg("Filters of the list of boxes that you keep"),
    {"name": msg("Name"), "query": msg("What it asks for"), "created_at": msg("When")},
    lambda whose: (
        select(SavedFilter.name, SavedFilter.query, SavedFilter.created_at)
        .where(SavedFilter.person_id == whose.id)
        .order_by(SavedFilter.id)
    ),
    frozenset({"saved_filter.person_id"}),
)


def forget(session: Session, whose: Whose) -> None:
    """Step: delete their filters."""
    session.execute(delete(SavedFilter).where(SavedFilter.person_id == whose.id))
