"""What people want mail about, beyond what a place they have makes necessary."""

from enum import StrEnum

from sqlalchemy.orm import Session

from ..audit import record
from ..commands import command
from ..errors import Invalid, NotFound, msg
from .models import Person


class Topic(StrEnum):
    """What mail can be about that nobody need have. `Person` has a column `wants_<topic>` for each."""

    CALL_OUTS = "call_outs"
    REMINDERS = "reminders"
    THANKS = "thanks"


@command
def change(session: Session, *, actor_id: int, call_outs: bool, reminders: bool, thanks: bool) -> None:
    """Say what one wants mail about."""
    person = session.get_one(Person, actor_id)
    person.wants_call_outs, person.wants_reminders, person.wants_thanks = call_outs, reminders, thanks
    record(session, actor_id, "person.mail_chosen", "person", actor_id)


@command
def want(session: Session, *, person_id: int, topic: str, wanted: bool) -> None:
    """Stop or start mail on one topic for whoever holds a link from such a mail. Again changes nothing.

    Raises NotFound for an account that is gone, and Invalid for a topic that is none.
    """
    if topic not in set(Topic):
        raise Invalid(msg("There is no such kind of mail."))
    person = session.get(Person, person_id, with_for_update={"key_share": True})
    if person is None or person.deleted_at is not None:
        raise NotFound(msg("There is no such account."))
    if getattr(person, f"wants_{topic}") != wanted:
        setattr(person, f"wants_{topic}", wanted)
        record(session, person_id, "person.mail_chosen", "person", person_id, topic=topic, wanted=wanted)


def wants(person: Person, topic: str) -> bool:
    """Return whether someone wants mail on a topic."""
    return bool(getattr(person, f"wants_{Topic(topic)}"))
