"""One's shifts as a calendar to subscribe to, at an address that nobody can guess.

Only a hash of the address's token is kept. Whoever has the address sees what mails say of one's shifts, and no exact
place; a new address makes the old one useless.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from ...audit import record
from ...calendars import Event, Status
from ...clock import now
from ...commands import command
from ...distributions.models import Site
from ...people.models import Person
from ..models import HAS_A_PLACE, Role, Shift, SignUp, SignUpState
from .mail import last_change, sequence, uid

PAST = timedelta(days=30)  # how long what is over, or called off, stays to be seen
LONGEST = 1000  # entries
GONE = (SignUpState.CANCELLED, SignUpState.HELD)  # they don't come themselves


@command
def make_address(session: Session, *, actor_id: int) -> str:
    """Give the actor's feed a new address and return its token, which is kept nowhere; the old one works no more."""
    token = secrets.token_urlsafe(32)
    session.get_one(Person, actor_id).calendar_hash = _hash(token)
    record(session, actor_id, "person.calendar_shared", "person", actor_id)
    return token


@command
def revoke_address(session: Session, *, actor_id: int) -> None:
    """Make the address of the actor's feed useless. Again changes nothing."""
    person = session.get_one(Person, actor_id)
    if person.calendar_hash is not None:
        person.calendar_hash = None
        record(session, actor_id, "person.calendar_withdrawn", "person", actor_id)


def owner_of(session: Session, token: str) -> Person | None:
    """Return whose feed has this address, if anyone's has."""
    return session.scalars(
        select(Person).where(
            Person.calendar_hash == _hash(token), Person.disabled_at.is_(None), Person.deleted_at.is_(None)
        )
    ).one_or_none()


def events_of(
    session: Session,
    person_id: int,
    *,
    base_url: str,
    host: str,
    titled: Callable[[Status, str, str | None], str],
    bringing: Callable[[str, str | None], str],
) -> Sequence[Event]:
    """Return the shifts of the last thirty days and all ahead, in one query.

    `titled` names one, and `bringing` says what to bring to it, in its reader's language.

    What someone is on no more, or was called off, stays for thirty days as cancelled, so that calendars drop it.
    """
    rows = session.execute(
        select(
            Shift.id,
            Shift.version,
            Shift.changed_at,
            Shift.starts_at,
            Shift.ends_at,
            Shift.cancelled_at,
            SignUp.state,
            SignUp.changed_at,
            Role.name,
            Role.name_fr,
            Role.bring,
            Role.bring_fr,
            Site.name,
            Site.name_fr,
        )
        .join(SignUp, SignUp.shift_id == Shift.id)
        .join(Role, Role.id == Shift.role_id)
        .join(Site, Site.id == Shift.site_id)
        .where(SignUp.person_id == person_id, _shown(now() - PAST))
        .order_by(Shift.starts_at, Shift.id)
        .limit(LONGEST)
    )
    found = []
    for row in rows:
        number, version, shift_changed_at, starts_at, ends_at, cancelled_at, state, changed_at, *names = row
        role, role_fr, bring, bring_fr, site, site_fr = names
        status = _status(state, cancelled_at)
        link = f"{base_url}/shifts/{number}"
        last = last_change(shift_changed_at, changed_at)
        found.append(
            Event(
                uid=f"{uid(number, person_id)}@{host}",
                sequence=sequence(version, last),
                changed_at=last,
                starts_at=starts_at,
                ends_at=ends_at,
                title=titled(status, role, role_fr),
                place=titled(Status.CONFIRMED, site, site_fr),
                text="\n".join(line for line in (bringing(bring, bring_fr), link) if line),
                link=link,
                status=status,
            )
        )
    return found


def _shown(since: datetime) -> ColumnElement[bool]:
    gone = and_(SignUp.state.in_(GONE), SignUp.changed_at > since)
    return and_(Shift.ends_at > since, or_(SignUp.state.in_(HAS_A_PLACE), gone))


def _status(state: str, cancelled_at: datetime | None) -> Status:
    if state in GONE or cancelled_at is not None:
        return Status.CANCELLED
    return Status.TENTATIVE if state == SignUpState.OFFERED else Status.CONFIRMED


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
