"""Letters that certify someone's hours, for a university or an employer.

A letter keeps no name: whoever has its code sees that it is genuine, and its dates, shifts and hours.
"""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import midnight, now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ..day_models import HoursLetter
from . import hours
from .hours import Period

LETTERS_OF_CODES = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is easily read as another
MOST_SHOWN = 20
NO_SUCH = msg("There is no such letter.")


@command
def issue(session: Session, *, actor_id: int, first_day: date, last_day: date, zone: tzinfo) -> str:
    """Certify the actor's hours from the first to the last day, and return the letter's code.

    The same hours of the same days give the same letter. Raises Invalid for days in the wrong order or to come, and
    Conflict when no shift was worked in them.
    """
    if last_day < first_day:
        raise Invalid(msg("The last day is before the first."), "last_day")
    if last_day > now().astimezone(zone).date():
        raise Invalid(msg("A letter tells only of what was done: choose a day until today."), "last_day")
    done = hours.total(session, actor_id, days(first_day, last_day, zone))
    if not done.shifts:
        raise Conflict(msg("No shift was worked in these days."), "first_day")
    known = session.scalar(
        select(HoursLetter.code).where(
            HoursLetter.person_id == actor_id,
            HoursLetter.first_day == first_day,
            HoursLetter.last_day == last_day,
            HoursLetter.shifts == done.shifts,
            HoursLetter.minutes == done.minutes,
        )
    )
    if known is not None:
        return known
    letter = HoursLetter(
        code=new_code(),
        person_id=actor_id,
        first_day=first_day,
        last_day=last_day,
        shifts=done.shifts,
        minutes=done.minutes,
        issued_at=now(),
    )
    session.add(letter)
    session.flush()
    record(session, actor_id, "letter.issued", "letter", letter.id)
    return letter.code


def new_code() -> str:
    """Return a code that nobody can guess: "K7QF-2M9X-4TRB"."""
    return "-".join("".join(secrets.choice(LETTERS_OF_CODES) for _letter in range(4)) for _group in range(3))


def days(first_day: date, last_day: date, zone: tzinfo) -> Period:
    """Return the period from the first moment of one day to the end of another, by the clock on the wall."""
    return midnight(first_day, zone), midnight(last_day + timedelta(days=1), zone)


def find(session: Session, code: str) -> HoursLetter | None:
    """Return the letter of a code, however it was typed; none when there is no such letter."""
    return session.scalars(select(HoursLetter).where(HoursLetter.code == code.strip().upper()[:20])).one_or_none()


def own(session: Session, person_id: int, code: str) -> HoursLetter:
    """Return someone's own letter. Raises NotFound for one that is not theirs."""
    letter = find(session, code)
    if letter is None or letter.person_id != person_id:
        raise NotFound(NO_SUCH)
    return letter


def latest(session: Session, person_id: int) -> Sequence[HoursLetter]:
    """Return someone's letters, the latest first."""
    return session.scalars(
        select(HoursLetter)
        .where(HoursLetter.person_id == person_id)
        .order_by(HoursLetter.issued_at.desc(), HoursLetter.id.desc())
        .limit(MOST_SHOWN)
    ).all()
