"""What must hold of who came."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..day_models import Presence
from ..models import SignUp, SignUpState


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of attendance."""
    yield from _contradictions(session)
    yield from _backwards(session)


def _contradictions(session: Session) -> Iterator[str]:
    for shift, person in session.execute(
        select(SignUp.shift_id, SignUp.person_id)
        .where(SignUp.state == SignUpState.NO_SHOW, SignUp.arrived_at.is_not(None))
        .order_by(SignUp.shift_id, SignUp.person_id)
    ):
        yield f"person {person} did not come to shift {shift}, and arrived there"


def _backwards(session: Session) -> Iterator[str]:
    for shift, person in session.execute(
        select(SignUp.shift_id, SignUp.person_id)
        .where(SignUp.left_at < SignUp.arrived_at)
        .order_by(SignUp.shift_id, SignUp.person_id)
    ):
        yield f"person {person} left shift {shift} before arriving"
    for site, person in session.execute(
        select(Presence.site_id, Presence.person_id)
        .where(Presence.left_at < Presence.arrived_at)
        .order_by(Presence.site_id, Presence.person_id)
    ):
        yield f"person {person} left site {site} before arriving"
