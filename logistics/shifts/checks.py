"""What must hold of shifts and sign-ups."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ..clock import now
from . import places, turns
from .day import checks as day_checks
from .groups import checks as group_checks
from .models import HOLDS_PLACES, Shift, SignUp, SignUpState

STANDS = (SignUpState.CONFIRMED, SignUpState.OFFERED, SignUpState.HELD, SignUpState.WAITING)


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of this part."""
    yield from _places(session)
    yield from _called_off(session)
    yield from _overlaps(session)
    yield from _repeats(session)
    yield from _lines(session)
    yield from _passed_by(session)
    yield from group_checks.problems(session)
    yield from day_checks.problems(session)


def _places(session: Session) -> Iterator[str]:
    taken = func.coalesce(func.sum(SignUp.places), 0)
    for number, filled, counted in session.execute(
        select(Shift.id, Shift.filled, taken)
        .outerjoin(SignUp, (SignUp.shift_id == Shift.id) & SignUp.state.in_(HOLDS_PLACES))
        .group_by(Shift.id, Shift.filled)
        .having(taken != Shift.filled)
        .order_by(Shift.id)
    ):
        yield f"shift {number} says {filled} places are taken, but sign-ups hold {counted}"
    for number, filled, maximum in session.execute(
        select(Shift.id, Shift.filled, Shift.maximum + Shift.extra)
        .where(Shift.filled > Shift.maximum + Shift.extra)
        .order_by(Shift.id)
    ):
        yield f"shift {number} has {filled} people in {maximum} places"
    for number in session.scalars(
        select(Shift.id).where((Shift.minimum > Shift.maximum) | (Shift.ends_at <= Shift.starts_at)).order_by(Shift.id)
    ):
        yield f"shift {number} needs more people than it has places, or ends before it starts"


def _called_off(session: Session) -> Iterator[str]:
    for number, people in session.execute(
        select(Shift.id, func.count(SignUp.id))
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(Shift.cancelled_at.is_not(None), SignUp.state.in_(STANDS))
        .group_by(Shift.id)
        .order_by(Shift.id)
    ):
        yield f"shift {number} was called off, but {people} people still have a place or a turn on it"


def _overlaps(session: Session) -> Iterator[str]:
    mine, other, this, that = aliased(SignUp), aliased(SignUp), aliased(Shift), aliased(Shift)
    for person, first, second in session.execute(
        select(mine.person_id, this.id, that.id)
        .join(this, this.id == mine.shift_id)
        .join(other, (other.person_id == mine.person_id) & (other.shift_id > mine.shift_id))
        .join(that, that.id == other.shift_id)
        .where(
            mine.state == SignUpState.CONFIRMED,
            other.state == SignUpState.CONFIRMED,
            this.starts_at < that.ends_at,
            that.starts_at < this.ends_at,
        )
        .order_by(mine.person_id, this.id, that.id)
    ):
        yield f"person {person} is on shifts {first} and {second}, which overlap"


def _repeats(session: Session) -> Iterator[str]:
    for shift, person in session.execute(
        select(SignUp.shift_id, SignUp.person_id)
        .group_by(SignUp.shift_id, SignUp.person_id)
        .having(func.count() > 1)
        .order_by(SignUp.shift_id, SignUp.person_id)
    ):
        yield f"person {person} is signed up twice for shift {shift}"


def _lines(session: Session) -> Iterator[str]:
    for number in session.scalars(
        select(Shift.id).where(Shift.extra > 0, Shift.filled <= Shift.maximum).order_by(Shift.id)
    ):
        yield f"shift {number} lets in more than its maximum, though no more are on it"
    for number, party in session.execute(
        select(SignUp.shift_id, SignUp.places)
        .join(SignUp.shift)
        .where((SignUp.places > 1) | (SignUp.state == SignUpState.HELD), SignUp.convoy_id.is_(None))
        .order_by(SignUp.shift_id, SignUp.id)
    ):
        yield f"a sign-up of shift {number} holds {party} places without a convoy"
    for number in session.scalars(
        select(SignUp.shift_id)
        .where(
            (SignUp.state == SignUpState.WAITING) & SignUp.waiting_since.is_(None)
            | (SignUp.state == SignUpState.OFFERED) & SignUp.offer_lapses_at.is_(None)
        )
        .order_by(SignUp.shift_id, SignUp.id)
    ):
        yield f"someone waits for shift {number} without a turn, or is offered it without an end"
    for number in session.scalars(
        select(SignUp.shift_id)
        .join(SignUp.shift)
        .where(SignUp.state == SignUpState.OFFERED, SignUp.offer_lapses_at > Shift.starts_at)
        .order_by(SignUp.shift_id, SignUp.id)
    ):
        yield f"an offer of shift {number} outlives the shift's start"


def _passed_by(session: Session) -> Iterator[str]:
    """Whatever is free is offered to the first in line whom it suffices and who may have it, but near the shift."""
    for turn in turns.able(session, Shift.starts_at >= now() + places.NEAR):
        yield f"person {turn.person_id} waits for {turn.places} places of shift {turn.shift_id}, which has as many free"
