"""Who may take a shift: how old, qualified for its role, agreed to what is to be agreed to, and its mix of people.

What decides is `standing.why_not`, for the list of shifts too; here it is asked where a place is taken.
"""

from sqlalchemy.orm import Session

from ...errors import Conflict
from ...people.models import Person
from ..models import Shift
from . import requirements, standing
from .standing import NOBODY, Why


class NotYet(Conflict):
    """The person can't take the shift as things stand; `unlock` is the path of the page where they can change that.

    It is empty when there is nothing that they can do about it by themselves. `why` says more for a page.
    """

    def __init__(self, why: Why) -> None:
        """Keep the way to put it right, if there is one."""
        super().__init__(why.reason)
        self.why, self.unlock = why, why.unlock


def refuse(session: Session, person: Person, shift: Shift) -> None:
    """Raise NotYet when this (locked) person may not take this shift, whose row is held and has their place taken."""
    refuse_role(session, person, shift)
    refuse_mix(session, person, shift)


def refuse_role(session: Session, person: Person, shift: Shift) -> None:
    """Raise NotYet when this (locked) person may not take a shift of this role, as far as it lies with them."""
    why = standing.why_not_role(requirements.read(session, person.id, shift.role_id), shift.role_id, shift.ends_at)
    if why is not None:
        raise NotYet(why)


def refuse_mix(session: Session, person: Person, shift: Shift) -> None:
    """Raise NotYet when this person would upset the mix of this shift, whose row is held and has their place taken."""
    if not standing.demands_mix(shift):
        return
    theirs = requirements.read(session, person.id, shift.role_id)
    crew = requirements.crews_of(session, [shift.id], without=person.id).get(shift.id, NOBODY)
    why = standing.why_not_mix(theirs, shift, crew, left=shift.maximum - shift.filled)
    if why is not None:
        raise NotYet(why)
