"""The places of a shift: taking them, giving them back, and offering what is freed to those who wait.

`Shift.filled` is the sum of `SignUp.places` over the sign-ups that hold places, offers among them: an offered place
is nobody else's. It changes by the conditional UPDATE of `take`, or on a row that the caller has locked.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from ..audit import record
from ..clock import now
from . import rules, turns
from .models import HOLDS_PLACES, Shift, SignUp, SignUpState
from .telling import mail

SHORTEST_OFFER = timedelta(minutes=30)
NEAR = 2 * SHORTEST_OFFER  # nearer to the shift than this, a free place is for whoever comes


_COUNT: Any = bindparam("count", type_=Integer)
_SEEN: Any = bindparam("seen", type_=Integer)
_TAKE = (
    update(Shift)
    .where(
        Shift.id == bindparam("shift_id"),
        Shift.filled + _COUNT <= Shift.maximum,
        Shift.cancelled_at.is_(None),
        Shift.starts_at > bindparam("at"),
        or_(_SEEN.is_(None), Shift.version == _SEEN),
    )
    .values(filled=Shift.filled + _COUNT)
    .returning(Shift.id)
    .execution_options(synchronize_session=False)
)


def take(session: Session, shift_id: int, places: int = 1, *, seen: int | None = None) -> bool:
    """Take places if there are as many on a shift that is still to come; say whether there were.

    With `seen`, only if the shift is still of this version.
    """
    values = {"shift_id": shift_id, "count": places, "seen": seen, "at": now()}
    return session.connection().execute(_TAKE, values).first() is not None


def take_beyond(session: Session, shift: Shift, places: int = 1) -> None:
    """Take places on a locked shift whether or not there are any; those beyond its maximum count as `extra`."""
    shift.filled += places
    shift.extra = max(shift.extra, shift.filled - shift.maximum)
    session.flush()


def release(session: Session, shift: Shift, places: int) -> None:
    """Give back places of a locked shift, and offer what is then free to those who wait, or tell them of it."""
    shift.filled -= places
    settle(session, shift)
    if places:
        _say_free(session, shift)


def take_off(session: Session, shift: Shift, mine: SignUp, reason: str = "") -> None:
    """Cancel a sign-up of a locked shift, and give back what it held."""
    held = mine.places if mine.state in HOLDS_PLACES else 0
    mine.state, mine.changed_at, mine.cancel_reason = SignUpState.CANCELLED, now(), reason or None
    mine.places, mine.convoy_id = 1, None
    mine.waiting_since = mine.offer_lapses_at = None
    step_down(shift, mine.person_id)
    release(session, shift, held)


def leave_held(session: Session, shift: Shift, mine: SignUp) -> None:
    """Give back someone's own place on a locked shift, and keep those that they hold there for a convoy's others."""
    mine.places -= 1
    mine.state, mine.changed_at = SignUpState.HELD, now()
    step_down(shift, mine.person_id)
    release(session, shift, 1)


def step_down(shift: Shift, person_id: int) -> None:
    """Let someone who is not on a locked shift any more lead it no longer: a lead sees whom to call for its crew."""
    if shift.lead_id == person_id:
        shift.lead_id = None


def settle(session: Session, shift: Shift) -> int:
    """Forget extra places of a locked shift that are no longer taken, and offer the free ones to those who wait.

    First come, first asked, of those who may take them (see `turns`). Return how many were asked.
    """
    shift.extra = min(shift.extra, max(0, shift.filled - shift.maximum))
    session.flush()
    until, asked = offer_until(shift.starts_at), 0
    while until is not None and shift.cancelled_at is None and shift.filled < shift.maximum:
        turn = next(iter(turns.able(session, SignUp.shift_id == shift.id)), None)
        if turn is None:
            break
        until = offer_until(shift.starts_at, rules.read(session).offer_stands) or until
        mine = _get(session, turn.sign_up_id)
        mine.state, mine.offer_lapses_at, mine.changed_at = SignUpState.OFFERED, until, now()
        shift.filled += mine.places
        session.flush()
        mail.offered(session, mine, shift)
        record(session, None, "shift.offered", "shift", shift.id, distribution_id=shift.distribution_id)
        asked += 1
    return asked


def _say_free(session: Session, shift: Shift) -> None:
    """Tell those who wait for a shift too near to keep a place that one is free: whoever signs up first has it."""
    if offer_until(shift.starts_at) is None and shift.starts_at > now():
        for turn in turns.able(session, SignUp.shift_id == shift.id):
            mail.place_free(session, _get(session, turn.sign_up_id), shift)


def offer_until(starts_at: datetime, stands: timedelta = rules.USUAL.offer_stands) -> datetime | None:
    """Return until when an offer made now stands: as long as offers do, or half the time to the shift if that is less.

    None when the shift is so near that nobody should wait for an answer.
    """
    left = (starts_at - now()) / 2
    return now() + min(stands, left) if left >= SHORTEST_OFFER else None


def recount(session: Session, shift: Shift) -> None:
    """Set `filled` of a locked shift from its sign-ups, after several of them changed at once."""
    session.flush()
    held = select(func.coalesce(func.sum(SignUp.places), 0)).where(
        SignUp.shift_id == shift.id, SignUp.state.in_(HOLDS_PLACES)
    )
    shift.filled = session.scalar(held) or 0
    settle(session, shift)


def of_convoy(session: Session, convoy_id: int, shift_id: int, *, but: int = 0) -> int:
    """Return how many places a convoy's people, all `but` one, hold on a shift."""
    held = select(func.coalesce(func.sum(SignUp.places), 0)).where(
        SignUp.shift_id == shift_id,
        SignUp.convoy_id == convoy_id,
        SignUp.person_id != but,
        SignUp.state.in_(HOLDS_PLACES),
    )
    return session.scalar(held) or 0


def _get(session: Session, sign_up_id: int) -> SignUp:
    """Return a sign-up as it now stands, with its person."""
    return session.get_one(SignUp, sign_up_id, options=[joinedload(SignUp.person)], populate_existing=True)
