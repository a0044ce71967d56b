"""What must hold of convoys and stays."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ..day_models import Stay
from ..group_models import Convoy, ConvoyMember
from ..models import HOLDS_PLACES, SignUp


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant."""
    yield from _members(session)
    yield from _places(session)
    yield from _stays(session)


def _members(session: Session) -> Iterator[str]:
    members = func.count(ConvoyMember.person_id)
    for number, size, counted in session.execute(
        select(Convoy.id, Convoy.size, members)
        .join(ConvoyMember, ConvoyMember.convoy_id == Convoy.id)
        .group_by(Convoy.id, Convoy.size)
        .having(members > Convoy.size)
        .order_by(Convoy.id)
    ):
        yield f"convoy {number} is of {size} people, but has {counted} members"
    led_by = (ConvoyMember.convoy_id == Convoy.id) & (ConvoyMember.person_id == Convoy.leader_id)
    for number in session.scalars(
        select(Convoy.id).outerjoin(ConvoyMember, led_by).where(ConvoyMember.person_id.is_(None)).order_by(Convoy.id)
    ):
        yield f"convoy {number} has a leader who is not one of it"


def _places(session: Session) -> Iterator[str]:
    """Only a convoy's leader holds more than their own place for it, and all together not more than it is of."""
    for shift, person, number in session.execute(
        select(SignUp.shift_id, SignUp.person_id, Convoy.id)
        .join(Convoy, Convoy.id == SignUp.convoy_id)
        .where(SignUp.places > 1, SignUp.person_id != Convoy.leader_id, SignUp.state.in_(HOLDS_PLACES))
        .order_by(SignUp.shift_id, SignUp.person_id)
    ):
        yield f"person {person} holds several places on shift {shift} for convoy {number}, which they do not lead"
    held = func.sum(SignUp.places)
    for shift, number, size, counted in session.execute(
        select(SignUp.shift_id, Convoy.id, Convoy.size, held)
        .join(Convoy, Convoy.id == SignUp.convoy_id)
        .where(SignUp.state.in_(HOLDS_PLACES))
        .group_by(SignUp.shift_id, Convoy.id, Convoy.size)
        .having(held > Convoy.size)
        .order_by(SignUp.shift_id, Convoy.id)
    ):
        yield f"convoy {number} is of {size} people, but holds {counted} places on shift {shift}"


def _stays(session: Session) -> Iterator[str]:
    other = aliased(Stay)
    for person, first, second in session.execute(
        select(Stay.person_id, Stay.id, other.id)
        .join(other, (other.person_id == Stay.person_id) & (other.id > Stay.id))
        .where(Stay.arrives_on <= other.leaves_on, other.arrives_on <= Stay.leaves_on)
        .order_by(Stay.person_id, Stay.id, other.id)
    ):
        yield f"person {person} has stays {first} and {second}, which overlap"
