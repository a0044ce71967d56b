"""Who may take a shift: how old, qualified for its role, agreed to what is to be agreed to, and its mix of people."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import Conflict, Message, msg, name_of
from ..people.models import AgeGroup, Person
from ..people.qualification_models import Agreement, AgreementText, HeldQualification, Qualification
from .models import TAKES_A_PLACE, RoleQualification, Shift, SignUp, SignUpState

EXPERIENCED_AFTER = 3  # shifts worked


class NotYet(Conflict):
    """The person can't take the shift as things stand; `unlock` is the path of the page where they can change that."""

    def __init__(self, message: Message, unlock: str = "") -> None:
        """Keep the way to put it right, if there is one."""
        super().__init__(message)
        self.unlock = unlock


def refuse(session: Session, person: Person, shift: Shift) -> None:
    """Raise NotYet when this (locked) person may not take this shift (its role loaded, its row held)."""
    _refuse_age(person, shift)
    _refuse_unagreed(session, person)
    _refuse_unqualified(session, person, shift)
    if shift.experienced_minimum or shift.newcomers_maximum is not None:
        _refuse_mix(session, person, shift)


def _refuse_age(person: Person, shift: Shift) -> None:
    if person.age_group is None:
        raise NotYet(msg("Say that you are 18 or over, or 16 or 17, before your first shift."), "/my/details")
    if person.age_group == AgeGroup.MINOR and not shift.role.minors:
        raise NotYet(msg("This role is for people of 18 or over."))
    if person.age_group == AgeGroup.MINOR and person.guardian_consent_at is None:
        raise NotYet(
            msg("A coordinator has to see your parent's or guardian's consent first. Write to them."), "/my/details"
        )


def _refuse_unagreed(session: Session, person: Person) -> None:
    newest = (
        select(AgreementText.kind, func.max(AgreementText.version).label("version"))
        .group_by(AgreementText.kind)
        .subquery()
    )
    missing = session.scalar(
        select(newest.c.kind)
        .outerjoin(
            Agreement,
            (Agreement.person_id == person.id)
            & (Agreement.kind == newest.c.kind)
            & (Agreement.version == newest.c.version),
        )
        .where(Agreement.person_id.is_(None))
        .limit(1)
    )
    if missing is not None:
        raise NotYet(
            msg("Read and agree to what every volunteer agrees to, before your first shift."), "/my/agreements"
        )


def _refuse_unqualified(session: Session, person: Person, shift: Shift) -> None:
    rows = session.execute(
        select(Qualification, HeldQualification)
        .join(RoleQualification, RoleQualification.qualification_id == Qualification.id)
        .outerjoin(
            HeldQualification,
            (HeldQualification.qualification_id == Qualification.id) & (HeldQualification.person_id == person.id),
        )
        .where(RoleQualification.role_id == shift.role_id, Qualification.on_the_day.is_(False))
        .order_by(Qualification.name_key)
    )
    day = shift.ends_at.astimezone(ZoneInfo("UTC")).date()
    for qualification, held in rows:
        if not holds(qualification, held, day):
            raise NotYet(msg("This role needs: %(what)s.", what=name_of(qualification)), "/my/qualifications")


def holds(qualification: Qualification, held: HeldQualification | None, day: date) -> bool:
    """Return whether what someone has of a qualification counts on a day."""
    if held is None or not (held.confirmed_at or qualification.self_declared):
        return False
    return held.expires_on is None or held.expires_on >= day


def _refuse_mix(session: Session, person: Person, shift: Shift) -> None:
    crew = dict.fromkeys(_on(session, shift), 0) | {person.id: 0}
    crew |= worked(session, list(crew))
    experience = crew.pop(person.id)
    others = list(crew.values())
    if experience == 0 and shift.newcomers_maximum is not None and others.count(0) >= shift.newcomers_maximum:
        raise NotYet(msg("This shift has as many newcomers as it can look after. Choose another for your first."))
    missing = shift.experienced_minimum - sum(count >= EXPERIENCED_AFTER for count in others)
    # `filled` counts this person already: their place was taken first.
    if experience < EXPERIENCED_AFTER and shift.maximum - shift.filled < missing:
        raise NotYet(msg("The places left on this shift are kept for people who have done a few shifts."))


def _on(session: Session, shift: Shift) -> list[int]:
    query = select(SignUp.person_id).where(SignUp.shift_id == shift.id, SignUp.state.in_(TAKES_A_PLACE))
    return list(session.scalars(query))


def worked(session: Session, person_ids: list[int]) -> dict[int, int]:
    """Return how many shifts each of these people has worked; who has worked none is left out."""
    rows = session.execute(
        select(SignUp.person_id, func.count())
        .where(SignUp.person_id.in_(person_ids), SignUp.state == SignUpState.ATTENDED)
        .group_by(SignUp.person_id)
    )
    return {row[0]: row[1] for row in rows}
