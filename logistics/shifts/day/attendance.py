"""Who came: when they arrived and left, or that they did not come.

A sign-up's standing follows from `state`, `arrived_at` and `left_at`. Of whom nothing is written down the sign-up stays
confirmed and reads as "not recorded": nobody is a no-show unless someone says so. Places are not touched, since all
of these hold theirs.
"""

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import now
from ...commands import command
from ...db import db
from ...errors import Conflict, NotFound, msg
from .. import signing
from ..models import TAKES_A_PLACE, Shift, SignUp, SignUpState
from . import codes, leads

OPENS = timedelta(minutes=60)  # before the start, arriving can be written down
CLOSES = timedelta(hours=2)  # after the end, the worker settles who came
LOOKS_BACK = timedelta(days=7)  # for shifts to settle, should the worker have stood still


class Standing(StrEnum):
    """Where one person stands on one shift."""

    EXPECTED = "expected"  # once the shift is over: not recorded
    HERE = "here"
    LEFT = "left"
    NO_SHOW = "no_show"


class Mark(StrEnum):
    """What someone writes down. Each names where the person then stands, so that to repeat it changes nothing."""

    ARRIVED = "arrived"  # also: came back after leaving
    LEFT = "left"
    COMPLETED = "completed"  # was there from start to end
    NO_SHOW = "no_show"
    UNRECORDED = "unrecorded"  # takes back all that was written down


_LEADS_TO = {
    Mark.ARRIVED: Standing.HERE,
    Mark.LEFT: Standing.LEFT,
    Mark.COMPLETED: Standing.LEFT,
    Mark.NO_SHOW: Standing.NO_SHOW,
    Mark.UNRECORDED: Standing.EXPECTED,
}
_FROM = {
    Mark.ARRIVED: {Standing.EXPECTED, Standing.NO_SHOW, Standing.LEFT},
    Mark.LEFT: {Standing.HERE},
    Mark.COMPLETED: {Standing.EXPECTED, Standing.HERE, Standing.NO_SHOW},
    Mark.NO_SHOW: {Standing.EXPECTED},
    Mark.UNRECORDED: {Standing.HERE, Standing.LEFT, Standing.NO_SHOW},
}


def standing(state: str, arrived_at: datetime | None, left_at: datetime | None) -> Standing:
    """Return where someone who has a place stands."""
    if state == SignUpState.NO_SHOW:
        return Standing.NO_SHOW
    if arrived_at is None:
        return Standing.LEFT if state == SignUpState.ATTENDED else Standing.EXPECTED
    return Standing.HERE if left_at is None else Standing.LEFT


@command
def mark(session: Session, *, actor_id: int, shift_id: int, person_id: int, what: str, seen: str = "") -> str:
    """Write down, as staff or as the shift's lead, how someone stands; return how they now stand.

    `seen` is the standing that the page showed: when another has been written down since, nothing changes. Raises
    NotFound; NotAllowed; Conflict, also when the person is on another shift by now; `signing.Clash` among those.
    """
    shift, sign_up = _hold(session, shift_id, person_id)
    leads.refuse_stranger(session, actor_id, shift)
    return _write(session, actor_id, shift, sign_up, _known(what), seen)


@command
def check_in(session: Session, *, actor_id: int, key: str, what: str) -> str:
    """Write down, by the code in a shift's QR, that the actor is here or leaves; return how they now stand.

    Raises NotFound for a code that is no shift's (any more); Conflict when they are not on it, before it opens
    (`OPENS`), or when it is over.
    """
    shift_id = codes.shift_of(session, key)
    mark = _known(what)
    if mark not in (Mark.ARRIVED, Mark.LEFT):
        raise NotFound(msg("There is no such step."))
    shift, sign_up = _hold(session, shift_id, actor_id)
    if mark == Mark.ARRIVED and shift.ends_at <= now():
        raise Conflict(msg("This shift is over. If you were there, tell its lead: they can still write it down."))
    return _write(session, actor_id, shift, sign_up, mark, "")


def arrive_at(session: Session, actor_id: int, person_id: int, site_id: int) -> None:
    """Write down that a (locked) person has arrived on their shifts at a site for which it is time. A step."""
    for shift_id in _own_shifts(session, person_id, site_id):
        shift, sign_up = _hold(session, shift_id, person_id)
        if standing_of(sign_up) == Standing.EXPECTED and shift.ends_at > now():
            _write(session, actor_id, shift, sign_up, Mark.ARRIVED, "")


def leave_from(session: Session, actor_id: int, person_id: int, site_id: int) -> None:
    """Write down that a (locked) person has left the shifts at a site on which they are. A step."""
    for shift_id in _own_shifts(session, person_id, site_id):
        shift, sign_up = _hold(session, shift_id, person_id)
        if standing_of(sign_up) == Standing.HERE:
            _write(session, actor_id, shift, sign_up, Mark.LEFT, "")


def close_due() -> int:
    """Settle shifts that ended a while ago (`CLOSES`): who arrived has attended. Return how many people (for the worker).

    Nobody is said to have left: on a van's head count who did not come back stays missing until someone says more.
    """
    due = db.session.scalar(_due(now()).limit(1))
    db.session.rollback()
    return 0 if due is None else _close()


@command
def _close(session: Session) -> int:
    at = now()
    closed = session.scalars(
        update(SignUp)
        .where(SignUp.id.in_(_due(at)), SignUp.state == SignUpState.CONFIRMED, SignUp.arrived_at.is_not(None))
        .values(state=SignUpState.ATTENDED, changed_at=at)
        .returning(SignUp.shift_id)
        .execution_options(synchronize_session=False)
    ).all()
    for shift_id, people in sorted(Counter(closed).items()):
        record(session, None, "shift.attendance_closed", "shift", shift_id, people=people)
    return len(closed)


def standing_of(sign_up: SignUp) -> Standing:
    """Return where the person of a sign-up stands."""
    return standing(sign_up.state, sign_up.arrived_at, sign_up.left_at)


def _known(what: str) -> Mark:
    try:
        return Mark(what)
    except ValueError:
        raise NotFound(msg("There is no such step.")) from None


def _hold(session: Session, shift_id: int, person_id: int) -> tuple[Shift, SignUp]:
    """Lock a person, a shift and the one's sign-up for the other. Raises NotFound, Conflict."""
    signing.lock_person(session, person_id)
    shift = signing.lock_shift(session, shift_id)
    sign_up = session.scalars(
        select(SignUp)
        .where(SignUp.shift_id == shift_id, SignUp.person_id == person_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if sign_up is None or sign_up.state not in TAKES_A_PLACE:
        raise Conflict(msg("This person is not on the shift, or not any more."))
    if shift.cancelled_at is not None:
        raise Conflict(msg("This shift has been called off."))
    return shift, sign_up


def _write(session: Session, actor_id: int, shift: Shift, sign_up: SignUp, what: Mark, seen: str) -> str:
    """Write a mark on a locked sign-up, unless it says so already; return how the person now stands."""
    stands, target, at = standing_of(sign_up), _LEADS_TO[what], now()
    if stands == target:
        return stands
    if stands not in _FROM[what] or (seen and seen != stands):
        raise Conflict(msg("Someone has written down something else in the meantime. Look again."))
    _refuse_too_early(shift, what, at)
    before = sign_up.state
    sign_up.arrived_at, sign_up.left_at = _times(shift, sign_up, what, at)
    sign_up.state = _state(shift, what, at)
    sign_up.changed_at = at
    if target in (Standing.EXPECTED, Standing.NO_SHOW):
        sign_up.minutes = sign_up.minutes_by = None
    if sign_up.state == SignUpState.CONFIRMED and before != SignUpState.CONFIRMED:
        signing.refuse_clash(session, sign_up.person_id, shift)
    # Without the distribution's id: twelve arrivals would drown what else happened on its timeline.
    record(
        session, actor_id, "shift.attendance_marked", "shift", shift.id, person_id=sign_up.person_id, mark=what.value
    )
    return target


def _refuse_too_early(shift: Shift, what: Mark, at: datetime) -> None:
    if what == Mark.ARRIVED and at < shift.starts_at - OPENS:
        raise Conflict(msg("It is too early: arriving is written down from an hour before the start."))
    if what == Mark.NO_SHOW and at < shift.starts_at:
        raise Conflict(msg("The shift has not begun: they may still come."))
    if what == Mark.COMPLETED and at < shift.ends_at:
        raise Conflict(msg("The shift is not over yet. Say “left” for someone who leaves now."))


def _times(shift: Shift, sign_up: SignUp, what: Mark, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return when the person arrived and left. Who is written down afterwards was there as planned."""
    if _LEADS_TO[what] in (Standing.EXPECTED, Standing.NO_SHOW):
        return None, None
    arrived_at = sign_up.arrived_at or (at if at < shift.ends_at else shift.starts_at)
    if what == Mark.ARRIVED:
        return arrived_at, None
    planned = what == Mark.COMPLETED or at > shift.ends_at + CLOSES
    return arrived_at, max(arrived_at, shift.ends_at if planned else at)


def _state(shift: Shift, what: Mark, at: datetime) -> SignUpState:
    if what == Mark.NO_SHOW:
        return SignUpState.NO_SHOW
    if what == Mark.UNRECORDED or (what == Mark.ARRIVED and at < shift.ends_at):
        return SignUpState.CONFIRMED
    return SignUpState.ATTENDED


def _own_shifts(session: Session, person_id: int, site_id: int) -> list[int]:
    """Return the shifts of a person at a site for which it is time, in id order."""
    at = now()
    found = session.scalars(
        select(Shift.id)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(
            SignUp.person_id == person_id,
            SignUp.state.in_(TAKES_A_PLACE),
            Shift.site_id == site_id,
            Shift.cancelled_at.is_(None),
            Shift.starts_at <= at + OPENS,
            Shift.ends_at > at - CLOSES,
        )
        .order_by(Shift.id)
    )
    return list(found)


def _due(at: datetime) -> Select[int]:
    return (
        select(SignUp.id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(
            Shift.starts_at > at - LOOKS_BACK,
            Shift.ends_at < at - CLOSES,
            SignUp.state == SignUpState.CONFIRMED,
            SignUp.arrived_at.is_not(None),
        )
    )
