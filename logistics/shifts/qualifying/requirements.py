"""Reading how one person stands towards what roles require: the values that `standing.why_not` decides by."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from ...people.models import Person
from ...people.qualification_models import Agreement, AgreementText, HeldQualification, Qualification
from ..models import HAS_A_PLACE, Role, RoleQualification, SignUp, SignUpState
from .standing import EXPERIENCED_AFTER, Crew, Holds, Need, Standing


class _Kind(IntEnum):
    """What a row of the one statement tells."""

    PERSON = 0
    UNAGREED = 1
    MINORS = 2
    NEED = 3


_NOTHING: dict[str, ColumnElement[Any]] = {
    "id": null().cast(Integer),
    "role_id": null().cast(Integer),
    "number": null().cast(Integer),
    "name": null().cast(String),
    "name_fr": null().cast(String),
    "key": null().cast(String),
    "flag": null().cast(Boolean),
    "day": null().cast(Date),
    "category": null().cast(String),
    "detail": null().cast(String),
}
_PERSON_ID: Any = bindparam("person_id", type_=Integer)


def _tell(kind: _Kind, **known: Any) -> Select[Any]:
    columns = (known.get(name, nothing).label(name) for name, nothing in _NOTHING.items())
    return select(literal_column(str(kind.value), Integer).label("kind"), *columns)


@cache
def _statement(one_role: bool) -> CompoundSelect[Any]:
    """Make the statement for all roles, or for one, once: to make it costs more than to run it."""
    worked = select(func.count()).where(SignUp.person_id == _PERSON_ID, SignUp.state == _written(SignUpState.ATTENDED))
    newest = select(AgreementText.kind, func.max(AgreementText.version).label("version"))
    newest_text = newest.group_by(AgreementText.kind).subquery()
    agreed = (Agreement.person_id == _PERSON_ID) & (Agreement.kind == newest_text.c.kind)
    held = (HeldQualification.qualification_id == Qualification.id) & (HeldQualification.person_id == _PERSON_ID)
    of_roles = [RoleQualification.role_id == bindparam("role_id", type_=Integer)] if one_role else [true()]
    minors = [Role.id == bindparam("role_id", type_=Integer)] if one_role else [true()]
    return union_all(
        _tell(
            _Kind.PERSON,
            name=Person.age_group,
            flag=Person.guardian_consent_at.is_not(None),
            number=worked.scalar_subquery(),
        ).where(Person.id == _PERSON_ID),
        _tell(_Kind.UNAGREED, name=newest_text.c.kind)
        .select_from(newest_text)
        .outerjoin(Agreement, agreed & (Agreement.version == newest_text.c.version))
        .where(Agreement.person_id.is_(None)),
        _tell(_Kind.MINORS, role_id=Role.id).where(Role.minors.is_(True), *minors),
        _tell(
            _Kind.NEED,
            id=Qualification.id,
            role_id=RoleQualification.role_id,
            name=Qualification.name,
            name_fr=Qualification.name_fr,
            key=Qualification.name_key,
            number=holds_in_sql(),
            day=HeldQualification.expires_on,
            category=category_in_sql(),
            detail=HeldQualification.detail,
        )
        .select_from(RoleQualification)
        .join(Qualification, Qualification.id == RoleQualification.qualification_id)
        .outerjoin(HeldQualification, held)
        .where(Qualification.on_the_day.is_(False), Qualification.closed_at.is_(None), *of_roles),
    ).order_by("kind", "key", "id")


def holds_in_sql() -> ColumnElement[int]:
    """Return how far a (possibly missing) held qualification counts, as a number of `Holds`; dates aside."""
    counts = Qualification.self_declared.is_(True) | HeldQualification.confirmed_at.is_not(None)
    return case(
        (HeldQualification.id.is_(None), _number(Holds.NOT)),
        (counts, _number(Holds.YES)),
        else_=_number(Holds.DECLARED),
    )


def category_in_sql() -> ColumnElement[str]:
    """Return the category that a role asks for; none where nobody is asked for theirs (any more)."""
    return case((Qualification.takes_detail.is_(True), RoleQualification.detail), else_=literal_column("''", String))


def need_of(row: Any, holds: int, expires_on: date | None) -> Need:
    """Return the need that a row tells."""
    return Need(row.id, row.name, row.name_fr, Holds(holds), expires_on, row.category, row.detail or "")


def _number(holds: Holds) -> ColumnElement[int]:
    return literal_column(str(holds.value), Integer)


def _written(state: SignUpState) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'", String)


def read(session: Session, person_id: int, role_id: int | None = None) -> Standing:
    """Return how a person stands towards every role, or towards one, in one statement.

    Someone unknown, and whoever is signed out, stands as a newcomer who has said nothing yet.
    """
    values = {"person_id": person_id} | ({} if role_id is None else {"role_id": role_id})
    found: dict[int, list[Any]] = {kind: [] for kind in _Kind}
    for row in session.execute(_statement(role_id is not None), values):
        found[row.kind].append(row)
    needs: dict[int, list[Need]] = defaultdict(list)
    for row in found[_Kind.NEED]:
        needs[row.role_id].append(need_of(row, row.number, row.day))
    standing = Standing(
        person_id,
        unagreed=tuple(row.name for row in found[_Kind.UNAGREED]),
        needs=dict(needs),
        open_to_minors=frozenset(row.role_id for row in found[_Kind.MINORS]),
    )
    for me in found[_Kind.PERSON]:
        standing = replace(standing, age_group=me.name, guardian_consents=bool(me.flag), worked=me.number)
    return standing


@cache
def _crews() -> Select[Any]:
    before = aliased(SignUp)
    worked = select(func.count()).where(
        before.person_id == SignUp.person_id, before.state == _written(SignUpState.ATTENDED)
    )
    return select(SignUp.shift_id, worked.scalar_subquery()).where(
        SignUp.shift_id.in_(bindparam("shift_ids", expanding=True)),
        SignUp.state.in_(HAS_A_PLACE),
        SignUp.person_id != bindparam("without", type_=Integer),
    )


def crews_of(session: Session, shift_ids: Sequence[int], without: int = 0) -> dict[int, Crew]:
    """Return how much the crews of these shifts have done before, in one statement (none for no shifts).

    Who is offered a place counts: it is kept for them, and falls to the likes of them again when they decline.
    `without` is the id of a person to leave out. A shift that nobody is on is left out.
    """
    if not shift_ids:
        return {}
    found: dict[int, list[int]] = defaultdict(list)
    for shift_id, count in session.execute(_crews(), {"shift_ids": list(shift_ids), "without": without}):
        found[shift_id].append(count)
    return {
        shift_id: Crew(counts.count(0), sum(count >= EXPERIENCED_AFTER for count in counts))
        for shift_id, counts in found.items()
    }


def lacking(session: Session, shifts: Sequence[Any]) -> dict[int, int]:
    """Return, by the ids of these shifts, how many people with experience each still needs; none is left out.

    One statement, if one of them asks for any. Each has an `id` and an `experienced_minimum`.
    """
    asking = [shift for shift in shifts if shift.experienced_minimum]
    crews = crews_of(session, [shift.id for shift in asking])
    missing = {each.id: each.experienced_minimum - crews.get(each.id, Crew()).experienced for each in asking}
    return {shift_id: count for shift_id, count in missing.items() if count > 0}
