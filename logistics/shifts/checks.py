"""What must hold of shifts and sign-ups."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from .models import TAKES_A_PLACE, Shift, SignUp, SignUpState


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of this part."""
    yield from _places(session)
    yield from _called_off(session)
    yield from _overlaps(session)
    yield from _repeats(session)


def _places(session: Session) -> Iterator[str]:
    taken = func.count(SignUp.id)
    for number, filled, counted in session.execute(
        select(Shift.id, Shift.filled, taken)
        .outerjoin(SignUp, (SignUp.shift_id == Shift.id) & SignUp.state.in_(TAKES_A_PLACE))
        .group_by(Shift.id, Shift.filled)
        .having(taken != Shift.filled)
        .order_by(Shift.id)
    ):
        yield f"shift {number} says {filled} places are taken, but {counted} people are on it"
    for number, filled, maximum in session.execute(
        select(Shift.id, Shift.filled, Shift.maximum).where(Shift.filled > Shift.maximum).order_by(Shift.id)
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
        .where(Shift.cancelled_at.is_not(None), SignUp.state == SignUpState.CONFIRMED)
        .group_by(Shift.id)
        .order_by(Shift.id)
    ):
        yield f"shift {number} was called off, but {people} people are still confirmed on it"


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
