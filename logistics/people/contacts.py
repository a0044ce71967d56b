"""What is kept about oneself for a shift's sake: how old one is (without a birth date), and whom to call.

Whom to call is seen by a shift's lead and coordinators around that shift only: see `shifts.day.contacts`.
"""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import names
from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Conflict, Invalid, msg
from .models import AgeGroup, Person
from .qualification_models import EmergencyContact
from .qualifications import lock_person

LONGEST_NAME, LONGEST_PHONE, LONGEST_RELATION = 100, 30, 60


@command
def say_age(session: Session, *, actor_id: int, age_group: str) -> None:
    """Say that one is 18 or over, or 16 or 17.

    Raises Invalid for anything else, and Conflict when one said 16 or 17 before: from then on staff decide.
    """
    person = lock_person(session, actor_id)
    wanted = _age_of(age_group)
    if person.age_group == AgeGroup.MINOR and wanted == AgeGroup.ADULT:
        raise Conflict(msg("You said that you are 16 or 17. Once you are 18, a coordinator changes it."), "age_group")
    _set_age(session, person, wanted, actor_id)


@command
def correct_age(session: Session, *, actor_id: int, person_id: int, age_group: str) -> int:
    """Change, as staff, what a person's age is taken to be, and return their id. Raises NotFound and Invalid."""
    _set_age(session, lock_person(session, person_id), _age_of(age_group), actor_id)
    return person_id


@command
def record_consent(session: Session, *, actor_id: int, person_id: int) -> int:
    """Record that staff have seen a guardian's consent for someone of 16 or 17; return the person's id.

    Raises NotFound, and Conflict for an adult. Doing it again changes nothing.
    """
    person = lock_person(session, person_id)
    if person.age_group != AgeGroup.MINOR:
        raise Conflict(msg("%(name)s has not said that they are 16 or 17.", name=person.name))
    if person.guardian_consent_at is None:
        person.guardian_consent_at, person.guardian_consent_by = now(), actor_id
        record(session, actor_id, "person.consent_recorded", "person", person_id)
    return person_id


@command
def withdraw_consent(session: Session, *, actor_id: int, person_id: int) -> int:
    """Record that a guardian consents no longer; return the person's id. Doing it again changes nothing."""
    person = lock_person(session, person_id)
    if person.guardian_consent_at is not None:
        person.guardian_consent_at = person.guardian_consent_by = None
        record(session, actor_id, "person.consent_withdrawn", "person", person_id)
    return person_id


@command
def set_contact(session: Session, *, actor_id: int, name: str, phone: str, relation: str) -> None:
    """Say whom to call in an emergency. Raises Invalid with the field to blame."""
    lock_person(session, actor_id)
    contact = session.get(EmergencyContact, actor_id) or EmergencyContact(person_id=actor_id)
    contact.name = _filled(name, LONGEST_NAME, "name")
    contact.phone = _filled(phone, LONGEST_PHONE, "phone")
    contact.relation = names.kept(relation, LONGEST_RELATION, "relation")
    contact.changed_at = now()
    session.add(contact)
    record(session, actor_id, "emergency_contact.changed", "person", actor_id)


@command
def remove_contact(session: Session, *, actor_id: int) -> None:
    """Keep nobody to call any more. Doing it again changes nothing."""
    lock_person(session, actor_id)
    contact = session.get(EmergencyContact, actor_id)
    if contact is not None:
        session.delete(contact)
        record(session, actor_id, "emergency_contact.removed", "person", actor_id)


def contact_of(session: Session, person_id: int) -> EmergencyContact | None:
    """Return whom to call for a person, for that person or for `shifts.day.contacts`, which keeps count of looks."""
    return session.get(EmergencyContact, person_id)


def without_consent() -> Select[Person]:
    """Return the query for those of 16 and 17 whose guardian's consent nobody has seen, the longest waiting first."""
    return (
        select(Person)
        .where(
            Person.age_group == AgeGroup.MINOR,
            Person.guardian_consent_at.is_(None),
            Person.disabled_at.is_(None),
            Person.deleted_at.is_(None),
        )
        .order_by(Person.created_at, Person.id)
    )


def _age_of(age_group: str) -> AgeGroup:
    if age_group not in set(AgeGroup):
        raise Invalid(msg("Choose one of the two."), "age_group")
    return AgeGroup(age_group)


def _set_age(session: Session, person: Person, wanted: AgeGroup, actor_id: int) -> None:
    if person.age_group == wanted:
        return
    person.age_group = wanted
    person.guardian_consent_at = person.guardian_consent_by = None
    record(session, actor_id, "person.changed", "person", person.id, fields=["age_group"])


def _filled(text: str, longest: int, field: str) -> str:
    kept = names.kept(text, longest, field)
    if not kept:
        raise Invalid(msg("Fill this in."), field)
    return kept
