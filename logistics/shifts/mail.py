"""What the crew is told by mail. Times go as ISO strings, so that each mail can say them in its reader's language.

The exact place is never mailed: the link leads to it, for those who are still on the shift.
"""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from ..outbox.service import enqueue
from ..people.models import Person
from .models import Shift


class Named(Protocol):
    """A thing with a name in one or two languages."""

    name: str
    name_fr: str | None


def confirmed(session: Session, person: Person, shift: Shift) -> None:
    """Tell someone that they are on a shift (its role and site loaded)."""
    _tell(session, "sign_up_confirmed", person, shift)


def cancelled(session: Session, person: Person, shift: Shift) -> None:
    """Tell someone that their shift will not take place."""
    _tell(session, "shift_cancelled", person, shift)


def changed(
    session: Session, person: Person, shift: Shift, *, old_starts_at: datetime, old_ends_at: datetime, old_site: Named
) -> None:
    """Tell someone that their shift is at another time or site, and what it was before."""
    old = _old(person, old_starts_at, old_ends_at, old_site)
    _tell(session, "shift_changed", person, shift, **old)


def released(
    session: Session,
    person: Person,
    shift: Shift,
    *,
    old_starts_at: datetime,
    old_ends_at: datetime,
    old_site: Named,
    other: Named,
) -> None:
    """Tell someone that their shift moved onto another of theirs (whose role is `other`), and so is theirs no more."""
    old = _old(person, old_starts_at, old_ends_at, old_site)
    _tell(session, "shift_released", person, shift, **old, other_role=_in(person.language, other))


def _old(person: Person, starts_at: datetime, ends_at: datetime, site: Named) -> dict[str, str]:
    return {
        "old_starts_at": starts_at.isoformat(),
        "old_ends_at": ends_at.isoformat(),
        "old_site": _in(person.language, site),
    }


def _tell(session: Session, kind: str, person: Person, shift: Shift, **more: str) -> None:
    enqueue(
        session,
        kind,
        person.email,
        person.language,
        person_id=person.id,
        name=person.name,
        role=_in(person.language, shift.role),
        site=_in(person.language, shift.site),
        starts_at=shift.starts_at.isoformat(),
        ends_at=shift.ends_at.isoformat(),
        path=f"/shifts/{shift.id}",
        **more,
    )


def _in(language: str, thing: Named) -> str:
    return (thing.name_fr if language == "fr" else None) or thing.name
