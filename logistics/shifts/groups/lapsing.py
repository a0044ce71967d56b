"""Places of convoys that nobody took: their leader is reminded, and then they go back to everyone.

The worker does both; several may run, and each place is asked for and given back once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, joinedload

from ...audit import record
from ...clock import now
from ...commands import command
from ...people.models import Person
from .. import moving, signing
from ..group_models import Convoy
from ..models import Shift, SignUp, SignUpState
from ..telling import mail
from . import convoys

WARNED_BEFORE = timedelta(days=1)
NOTICE = timedelta(hours=3)  # that a leader has for places held or left at the last moment, or half the time left
_UNNAMED: tuple[ColumnElement[bool], ...] = (
    or_((SignUp.state == SignUpState.CONFIRMED) & (SignUp.places > 1), SignUp.state == SignUpState.HELD),
    SignUp.convoy_id.is_not(None),
)


def due(limit: int) -> int:
    """Remind leaders and give back what lapses, at most `limit` of each; return how many (for the worker)."""
    return len(_remind(limit=limit)) + len(_lapse(limit=limit))


@command
def _remind(session: Session, *, limit: int) -> list[int]:
    reminded: list[int] = []
    for sign_up, lapse_hours in _waiting(session, SignUp.unnamed_reminded_at.is_(None)):
        if len(reminded) == limit:
            break
        starts_at = sign_up.shift.starts_at
        if now() < lapses_at(starts_at, lapse_hours) - WARNED_BEFORE or not _claim(session, sign_up.id):
            continue
        until = lapses_at(starts_at, lapse_hours, now())
        mail.unnamed_soon(session, sign_up.person, sign_up.shift, sign_up.unnamed, until)
        reminded.append(sign_up.id)
    return reminded


@command
def _lapse(session: Session, *, limit: int) -> list[int]:
    found = {
        (sign_up.shift_id, sign_up.person_id): lapse_hours
        for sign_up, lapse_hours in _waiting(session, SignUp.unnamed_reminded_at.is_not(None))
        if lapses_at(sign_up.shift.starts_at, lapse_hours, sign_up.unnamed_reminded_at) <= now()
    }
    lapsed: list[int] = []
    for shift in moving.lock_shifts(session, Shift.id.in_([each[0] for each in list(found)[:limit]])):
        for leader_id in sorted(person_id for shift_id, person_id in found if shift_id == shift.id):
            mine = signing.sign_up_of(session, leader_id, shift.id)
            if mine is not None and _lapses(mine, shift, found[shift.id, leader_id]):
                _give_up(session, shift, mine)
                lapsed.append(mine.id)
    return lapsed


def _lapses(mine: SignUp, shift: Shift, lapse_hours: int) -> bool:
    """Say it again of what is locked by now: another worker may have been here, or all places may have got names."""
    return (
        mine.state in convoys.HOLDING
        and mine.unnamed > 0
        and mine.convoy_id is not None
        and mine.unnamed_reminded_at is not None
        and lapses_at(shift.starts_at, lapse_hours, mine.unnamed_reminded_at) <= now() < shift.starts_at
    )


def _give_up(session: Session, shift: Shift, mine: SignUp) -> None:
    unnamed, convoy_id = mine.unnamed, mine.convoy_id or 0
    convoys.release_unnamed(session, shift, mine, unnamed)
    leader = session.get_one(Person, mine.person_id)
    mail.unnamed_lapsed(session, leader, shift, unnamed)
    convoys.tell_late(session, leader, shift, unnamed, lapsed=True)
    record(session, None, "convoy.lapsed", "convoy", convoy_id, shift_id=shift.id, places=unnamed)


def lapses_at(starts_at: datetime, lapse_hours: int, reminded_at: datetime | None = None) -> datetime:
    """Return when places without a name go back to everyone: some hours before the shift.

    Their leader has had `NOTICE` by then, or half the time that was left when they were reminded, if that was less.
    """
    at = starts_at - timedelta(hours=lapse_hours)
    return at if reminded_at is None else max(at, reminded_at + min(NOTICE, (starts_at - reminded_at) / 2))


def _waiting(session: Session, reminded: ColumnElement[bool]) -> Sequence[tuple[SignUp, int]]:
    """Return sign-ups with places that have no name, of shifts near enough that these may be due, and their hours."""
    soon = now() + timedelta(hours=convoys.MOST_LAPSE_HOURS) + WARNED_BEFORE
    query = (
        select(SignUp, Convoy.lapse_hours)
        .join(SignUp.shift)
        .join(Convoy, Convoy.id == SignUp.convoy_id)
        .where(*_UNNAMED, reminded, Shift.starts_at > now(), Shift.starts_at <= soon)
        .order_by(Shift.starts_at, SignUp.id)
        .options(
            joinedload(SignUp.person),
            joinedload(SignUp.shift).joinedload(Shift.role),
            joinedload(SignUp.shift).joinedload(Shift.site),
        )
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _claim(session: Session, sign_up_id: int) -> bool:
    """Mark places as reminded of; of two workers at once, one does."""
    claimed = session.execute(
        update(SignUp)
        .where(SignUp.id == sign_up_id, SignUp.unnamed_reminded_at.is_(None), *_UNNAMED)
        .values(unnamed_reminded_at=now())
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    )
    return claimed.first() is not None
