"""Whose turn it is: who waits for a shift, and may have what is free of it, in the order in which they came.

Whoever may not take it yet, or brings a party for which there is no room, is passed over, and keeps their turn.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..people.models import Person
from .models import Shift, SignUp, SignUpState
from .qualifying import requirements, standing, standings

_WORK = (
    Shift.role_id,
    Shift.ends_at,
    Shift.maximum,
    Shift.filled,
    Shift.experienced_minimum,
    Shift.newcomers_maximum,
)


def able(session: Session, *which: ColumnElement[bool]) -> Sequence[Any]:
    """Return who could have now what they wait for, of these shifts, shift by shift and the first in line first.

    Each has `sign_up_id`, `shift_id`, `person_id` and `places`, and what `standing.Work` asks about the shift.
    """
    line = session.execute(
        select(SignUp.id.label("sign_up_id"), SignUp.shift_id, SignUp.person_id, SignUp.places, *_WORK)
        .join(SignUp.shift)
        .join(SignUp.person)
        .where(
            SignUp.state == SignUpState.WAITING,
            SignUp.places <= Shift.maximum - Shift.filled,
            Shift.cancelled_at.is_(None),
            Person.disabled_at.is_(None),
            *which,
        )
        .order_by(SignUp.shift_id, SignUp.waiting_since, SignUp.id)
    ).all()
    if not line:
        return []
    readers = standings.of_many(session, sorted({one.person_id for one in line}), sorted({one.role_id for one in line}))
    crews = requirements.crews_of(session, sorted({one.shift_id for one in line if standing.demands_mix(one)}))
    return [
        one
        for one in line
        if standing.why_not(readers[one.person_id], one, crews.get(one.shift_id, standing.NOBODY), one.places) is None
    ]
