"""Who stands in the warehouse, with a booking or without: signed in and out by the QR on its wall.

One row for each person, site and day. It counts until they leave, or for `STAYS`, since people forget to sign out;
so someone who comes before midnight is still here after it.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...people.models import Person
from .. import signing
from ..day_models import Presence
from . import attendance, codes

STAYS = timedelta(hours=16)


@command
def arrive(session: Session, *, actor_id: int, key: str, day: date) -> int:
    """Write down that the actor is at the site whose wall has this code, on `day` by its clock; return the site's id.

    Their shifts there, for which it is time, are begun with it. Again changes nothing; after leaving, they are back.
    Raises NotFound for a code that hangs nowhere.
    """
    site_id = codes.site_of(session, key).id
    signing.lock_person(session, actor_id)
    if open_one(session, actor_id, site_id) is None:
        _begin(session, actor_id, site_id, day)
        record(session, actor_id, "site.person_arrived", "site", site_id, person_id=actor_id)
    attendance.arrive_at(session, actor_id, actor_id, site_id)
    return site_id


@command
def leave(session: Session, *, actor_id: int, key: str) -> int:
    """Write down that the actor leaves the site whose wall has this code, and return the site's id.

    The shifts there that they are on end for them. Again changes nothing. Raises NotFound.
    """
    site_id = codes.site_of(session, key).id
    _end(session, actor_id, actor_id, site_id)
    return site_id


@command
def send_home(session: Session, *, actor_id: int, site_id: int, person_id: int) -> int:
    """Write down, as staff, that someone has left a site: who forgot to sign out. Return the site's id."""
    _end(session, actor_id, person_id, site_id)
    return site_id


@command
def begin_shifts(session: Session, *, actor_id: int, site_id: int, person_id: int) -> int:
    """Write down, as staff, that someone who is at a site has arrived on their shifts there for which it is time.

    For who is put on a shift while standing there. Return the site's id.
    """
    signing.lock_person(session, person_id)
    if open_one(session, person_id, site_id) is not None:
        attendance.arrive_at(session, actor_id, person_id, site_id)
    return site_id


def open_one(session: Session, person_id: int, site_id: int) -> Presence | None:
    """Return the presence of someone who is at a site now."""
    return session.scalars(
        select(Presence)
        .where(Presence.person_id == person_id, Presence.site_id == site_id, here_now())
        .order_by(Presence.arrived_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def here_now() -> ColumnElement[bool]:
    """Return the condition of being here: arrived not too long ago, and not left."""
    since = now() - STAYS
    recent = Presence.day >= since.date() - timedelta(days=1)  # wherever the clock is; this is what the index knows
    return recent & Presence.left_at.is_(None) & (Presence.arrived_at > since)


def here(session: Session, site_id: int, most: int = 500) -> Sequence[tuple[int, str]]:
    """Return the ids and names of those who are at a site, by name, at most so many."""
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Presence, Presence.person_id == Person.id)
        .where(Presence.site_id == site_id, here_now())
        .order_by(Person.name, Person.id)
        .limit(most)
    )
    return [(number, name) for number, name in rows]


def _begin(session: Session, person_id: int, site_id: int, day: date) -> None:
    """Make today's presence of a locked person, or take up the one that ended."""
    today = session.scalars(
        select(Presence).where(Presence.person_id == person_id, Presence.site_id == site_id, Presence.day == day)
    ).one_or_none()
    if today is None:
        session.add(Presence(person_id=person_id, site_id=site_id, day=day, arrived_at=now()))
    elif today.arrived_at > now() - STAYS:
        today.left_at = None
    else:
        today.arrived_at, today.left_at = now(), None


def _end(session: Session, actor_id: int, person_id: int, site_id: int) -> None:
    signing.lock_person(session, person_id)
    found = open_one(session, person_id, site_id)
    if found is not None:
        found.left_at = now()
        record(session, actor_id, "site.person_left", "site", site_id, person_id=person_id)
    attendance.leave_from(session, actor_id, person_id, site_id)
