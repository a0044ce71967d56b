"""Reading how many people at once stand towards some roles, in four statements; `standing.why_not` decides by it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ...people.models import Person
from ...people.qualification_models import Agreement, AgreementText, HeldQualification, Qualification
from ..models import Role, RoleQualification, SignUp, SignUpState
from .requirements import category_in_sql, holds_in_sql, need_of
from .standing import Need, Standing, why_not_role


def of_many(session: Session, person_ids: Sequence[int], role_ids: Sequence[int]) -> dict[int, Standing]:
    """Return how each of these people stands towards these roles (see `requirements.read` for one of them)."""
    unagreed, needs = _unagreed(session, person_ids), _needs(session, person_ids, role_ids)
    minors = frozenset(session.scalars(select(Role.id).where(Role.id.in_(role_ids), Role.minors.is_(True))))
    worked = select(func.count()).where(SignUp.person_id == Person.id, SignUp.state == SignUpState.ATTENDED)
    rows = session.execute(
        select(Person.id, Person.age_group, Person.guardian_consent_at, worked.scalar_subquery().label("worked")).where(
            Person.id.in_(person_ids)
        )
    )
    return {
        row.id: Standing(
            row.id,
            age_group=row.age_group,
            guardian_consents=row.guardian_consent_at is not None,
            worked=row.worked,
            unagreed=tuple(unagreed[row.id]),
            needs=needs[row.id],
            open_to_minors=minors,
        )
        for row in rows
    }


def unfit(session: Session, person_ids: Sequence[int], role_id: int, ends_at: datetime) -> list[int]:
    """Return those of these people who may not do a role on a shift that ends then, whatever they have agreed to.

    For who is on a shift whose role changes: an agreement that is due is due for the old role as well.
    """
    found = of_many(session, person_ids, [role_id]) if person_ids else {}
    return [number for number, each in found.items() if why_not_role(replace(each, unagreed=()), role_id, ends_at)]


def _unagreed(session: Session, person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return, by person, the kinds of text whose newest version they have not agreed to."""
    newest = (
        select(AgreementText.kind, func.max(AgreementText.version).label("version"))
        .group_by(AgreementText.kind)
        .subquery()
    )
    agreed = and_(
        Agreement.person_id == Person.id, Agreement.kind == newest.c.kind, Agreement.version == newest.c.version
    )
    found: dict[int, list[str]] = defaultdict(list)
    for person_id, kind in session.execute(
        select(Person.id, newest.c.kind)
        .select_from(Person)
        .join(newest, newest.c.kind.is_not(None))
        .outerjoin(Agreement, agreed)
        .where(Person.id.in_(person_ids), Agreement.person_id.is_(None))
        .order_by(Person.id, newest.c.kind)
    ):
        found[person_id].append(kind)
    return found


def _needs(session: Session, person_ids: Sequence[int], role_ids: Sequence[int]) -> dict[int, dict[int, list[Need]]]:
    """Return, by person and role, the qualifications it requires, but for what is got on the shift's own day."""
    held = and_(HeldQualification.qualification_id == Qualification.id, HeldQualification.person_id == Person.id)
    found: dict[int, dict[int, list[Need]]] = defaultdict(lambda: defaultdict(list))
    for row in session.execute(
        select(
            Person.id.label("person_id"),
            RoleQualification.role_id,
            Qualification.id,
            Qualification.name,
            Qualification.name_fr,
            holds_in_sql().label("holds"),
            HeldQualification.expires_on,
            category_in_sql().label("category"),
            HeldQualification.detail,
        )
        .select_from(Person)
        .join(RoleQualification, RoleQualification.role_id.in_(role_ids))
        .join(Qualification, Qualification.id == RoleQualification.qualification_id)
        .outerjoin(HeldQualification, held)
        .where(Person.id.in_(person_ids), Qualification.on_the_day.is_(False), Qualification.closed_at.is_(None))
        .order_by(Person.id, Qualification.name_key)
    ):
        found[row.person_id][row.role_id].append(need_of(row, row.holds, row.expires_on))
    return found
