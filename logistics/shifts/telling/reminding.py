"""What the worker mails of its own accord: a reminder the evening before a shift, and thanks the morning after.

Each goes once, however many workers run: a sign-up is locked, looked at again and marked in the transaction that
writes its mail, and one that another worker has locked is left to that worker.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from ...clock import midnight, now
from ...commands import command
from ...config import Settings
from ...db import db
from ...people.models import Person
from ..models import Shift, SignUp, SignUpState
from . import mail

EVENING = time(17)  # by the clock on the wall: from then on, those of tomorrow are reminded
MORNING = time(9)  # from then on, those of yesterday are thanked
THANKED_WITHIN = timedelta(days=7)  # attendance may be written down some days late, but old shifts thank nobody
BATCH = 50
DAY = timedelta(days=1)

Helped = Callable[[Session, int], tuple[int, int, int] | None]  # shifts, items and people of a person's shifts


def send_due(settings: Settings, helped: Helped = lambda _session, _person_id: None) -> int:
    """Write the reminders and thanks that are due, some of each, and return how many sign-ups that were.

    `helped` says what someone's shifts helped with, which only a part above this one knows (`operations.impact`).
    """
    done = 0
    if _any(_unreminded(now(), settings)):
        done += remind(settings=settings)
    if _any(_unthanked(now(), settings)):
        done += thank(settings=settings, helped=helped)
    return done


@command
def remind(session: Session, *, settings: Settings) -> int:
    """Remind some of those whose shift is tomorrow, or today if nobody did yesterday; return how many."""
    claimed = _claim(session, _unreminded(now(), settings), {"reminded_at": now()})
    for sign_up in claimed:
        mail.reminder(session, sign_up.person, sign_up.shift)
    return len(claimed)


@command
def thank(session: Session, *, settings: Settings, helped: Helped) -> int:
    """Thank some of those who came; return for how many shifts. Several shifts on one day are one thank-you."""
    claimed = _claim(session, _unthanked(now(), settings), {"thanked_at": now()})
    last = {(each.person_id, each.shift.starts_at.astimezone(settings.timezone).date()): each for each in claimed}
    for sign_up in last.values():
        mail.thanks(session, sign_up.person, sign_up.shift, helped(session, sign_up.person_id))
    return len(claimed)


def _any(which: ColumnElement[bool]) -> bool:
    """Look without writing: a worker that is idle must not keep SQLite's one writer busy."""
    try:
        return db.session.scalar(_found(which).limit(1)) is not None
    finally:
        db.session.rollback()


def _found(which: ColumnElement[bool]) -> Select[Any]:
    """Return the query for sign-ups of people who can be mailed, in the order of their shifts."""
    reachable = and_(Person.disabled_at.is_(None), Person.deleted_at.is_(None))
    return (
        select(SignUp.id)
        .join(SignUp.shift)
        .join(SignUp.person)
        .where(Shift.cancelled_at.is_(None), reachable, which)
        .order_by(Shift.starts_at, SignUp.person_id, SignUp.id)
    )


def _claim(session: Session, which: ColumnElement[bool], values: dict[str, datetime]) -> Sequence[SignUp]:
    """Mark some sign-ups that no other worker is marking now, and return them with all that a mail says."""
    locked = _found(which).limit(BATCH).with_for_update(of=SignUp, key_share=True, skip_locked=True)
    ids = session.scalars(locked).all()
    session.execute(
        update(SignUp).where(SignUp.id.in_(ids)).values(values).execution_options(synchronize_session=False)
    )
    return session.scalars(
        select(SignUp)
        .join(SignUp.shift)
        .where(SignUp.id.in_(ids))
        .options(
            joinedload(SignUp.person),
            contains_eager(SignUp.shift).options(joinedload(Shift.role), joinedload(Shift.site)),
        )
        .order_by(Shift.starts_at, SignUp.id)
        .execution_options(populate_existing=True)
    ).all()


def _unreminded(at: datetime, settings: Settings) -> ColumnElement[bool]:
    """Return the condition for who is to be reminded now.

    Whoever booked, or had their place confirmed, after the evening's reminders were due has just been told all of it
    by the confirmation. Who was reminded of a shift that has since moved to a later day is reminded again.
    """
    due = [
        and_(
            Shift.starts_at > first,
            Shift.starts_at < last,
            SignUp.changed_at < since,
            or_(SignUp.reminded_at.is_(None), SignUp.reminded_at < since),
        )
        for first, last, since in _evenings(at, settings)
    ]
    return and_(SignUp.state == SignUpState.CONFIRMED, Person.wants_reminders, or_(*due))


def _evenings(at: datetime, settings: Settings) -> Iterator[tuple[datetime, datetime, datetime]]:
    """Yield from and before when shifts start that are to be reminded of by now, and since when that is due."""
    zone, today = settings.timezone, at.astimezone(settings.timezone).date()
    for day in (today, today + DAY):
        since = _wall(day - DAY, EVENING, settings)
        if since <= at:
            yield max(at, midnight(day, zone) - timedelta(microseconds=1)), midnight(day + DAY, zone), since


def _unthanked(at: datetime, settings: Settings) -> ColumnElement[bool]:
    today = at.astimezone(settings.timezone).date()
    last = today if at >= _wall(today, MORNING, settings) else today - DAY
    before = midnight(last, settings.timezone)
    return and_(
        SignUp.state == SignUpState.ATTENDED,
        SignUp.thanked_at.is_(None),
        Person.wants_thanks,
        Shift.ends_at <= before,
        Shift.ends_at > before - THANKED_WITHIN,
    )


def _wall(day: date, at: time, settings: Settings) -> datetime:
    return datetime.combine(day, at, settings.timezone).astimezone(UTC)
