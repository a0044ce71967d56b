"""What was mailed about shifts, for coordinators: to whom, and whether it was sent."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session

from ...errors import NotFound, msg
from ...outbox.models import MessageState, OutboxMessage
from ...people.models import Person
from ..models import SignUp

ABOUT_SHIFTS = OutboxMessage.about.like("shift:%")
STATES = {  # what a coordinator asks for, by the word in the address
    "sent": (MessageState.SENT,),
    "waiting": (MessageState.WAITING, MessageState.SENDING),
    "failed": (MessageState.FAILED,),
    "late": (MessageState.TOO_LATE,),
}


@dataclass(frozen=True)
class Wanted:
    """Which messages: of one shift, of one person, in one state, whose reader's name or address has these letters."""

    shift_id: int = 0
    person_id: int = 0
    state: str = ""
    search: str = ""


def query(wanted: Wanted) -> Select[OutboxMessage, str]:
    """Return the query for messages about shifts with their readers' names, the newest first."""
    found = (
        select(OutboxMessage, Person.name)
        .outerjoin(Person, Person.id == OutboxMessage.person_id)
        .where(_about(wanted.shift_id) if wanted.shift_id else ABOUT_SHIFTS)
        .order_by(OutboxMessage.id.desc())
    )
    if wanted.person_id:
        found = found.where(OutboxMessage.person_id == wanted.person_id)
    if wanted.state in STATES:
        found = found.where(OutboxMessage.state.in_(STATES[wanted.state]))
    if wanted.search:
        letters = wanted.search.lower()
        found = found.where(
            or_(
                func.lower(Person.name).contains(letters, autoescape=True),
                OutboxMessage.to_address.contains(letters, autoescape=True),
            )
        )
    return found


def _about(shift_id: int) -> ColumnElement[bool]:
    """Return the condition for a message about a shift: about it alone, or one that confirms it among several."""
    crew = select(SignUp.person_id).where(SignUp.shift_id == shift_id)
    together = (
        (OutboxMessage.kind == "sign_ups_confirmed")
        & OutboxMessage.person_id.in_(crew)
        & cast(OutboxMessage.params, String).contains(f'"/shifts/{shift_id}"', autoescape=True)
    )
    return or_(OutboxMessage.about == f"shift:{shift_id}", together)


def failed(session: Session) -> int:
    """Return how many messages about shifts could not be sent."""
    return (
        session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(ABOUT_SHIFTS, OutboxMessage.state == MessageState.FAILED)
        )
        or 0
    )


def check_about_shifts(session: Session, message_id: int) -> None:
    """Raise NotFound for a message that is not about a shift: those are no coordinator's business."""
    if session.scalar(select(OutboxMessage.id).where(OutboxMessage.id == message_id, ABOUT_SHIFTS)) is None:
        raise NotFound(msg("There is no such message."))
