"""What must hold of who came."""

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ...clock import now
from ..day_models import Presence
from ..models import TAKES_A_PLACE, Shift, SignUp, SignUpState


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of attendance."""
    yield from _contradictions(session)
    yield from _backwards(session)
    yield from _leads(session)


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


def _leads(session: Session) -> Iterator[str]:
    """The lead of a shift still to come is on it: they see whom to call for its crew."""
    on_it = exists().where(
        SignUp.shift_id == Shift.id, SignUp.person_id == Shift.lead_id, SignUp.state.in_(TAKES_A_PLACE)
    )
    for shift, person in session.execute(
        select(Shift.id, Shift.lead_id)
        .where(Shift.lead_id.is_not(None), Shift.starts_at > now(), Shift.cancelled_at.is_(None), ~on_it)
        .order_by(Shift.id)
    ):
        yield f"person {person} leads shift {shift}, and is not on it"
