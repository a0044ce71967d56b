"""Another version of what volunteers agree to: published, and told to those who agreed before they booked."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...clock import now
from ...commands import command
from ...people import agreements
from ...people.models import Person
from ..models import Shift, SignUp, SignUpState
from . import mail


@command
def publish(session: Session, *, actor_id: int, kind: str, texts: dict[str, str], shown: int) -> int:
    """Publish another version, and tell each who is on a shift to come that they are asked again; return its number.

    Raises as `agreements.publish` does.
    """
    version = agreements.publish.function(session, actor_id=actor_id, kind=kind, texts=texts, shown=shown)
    for person in _booked(session):
        mail.text_changed(session, person, kind)
    return version


def _booked(session: Session) -> Sequence[Person]:
    on_one = (
        select(SignUp.person_id)
        .join(SignUp.shift)
        .where(SignUp.state == SignUpState.CONFIRMED, Shift.starts_at > now(), Shift.cancelled_at.is_(None))
    )
    reachable = Person.disabled_at.is_(None), Person.deleted_at.is_(None)
    return session.scalars(select(Person).where(Person.id.in_(on_one), *reachable).order_by(Person.id)).all()
