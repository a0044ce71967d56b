"""Reading how one person stands towards what roles require: the values that `standing.why_not` decides by."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    ScalarSelect,
    Select,
    String,
    bindparam,
    case,
    exists,
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


class Kind(IntEnum):
    """What a row of a statement tells about how someone stands."""

    PERSON = 10
    UNAGREED = 11
    MINORS = 12
    NEED = 13


# The columns of these rows, each with what stands there when a kind of row knows nothing of it.
NOTHING: dict[str, ColumnElement[Any]] = {
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


def _tell(kind: IntEnum, known: Mapping[str, Any]) -> Select[Any]:
    columns = (known.get(name, nothing).label(name) for name, nothing in NOTHING.items())
    return select(literal_column(str(kind.value), Integer).label("kind"), *columns)


@cache
def _statement(one_role: bool) -> CompoundSelect[Any]:
    """Make the statement for all roles, or for one, once: to make it costs more than to run it."""
    return union_all(*parts(_tell, one_role)).order_by("kind", "key", "id")


def worked() -> ScalarSelect[int]:
    """Return how many shifts the person of the statement has worked."""
    worked = select(func.count()).where(SignUp.person_id == _PERSON_ID, SignUp.state == _written(SignUpState.ATTENDED))
    return worked.scalar_subquery()


def parts(tell: Callable[[IntEnum, Mapping[str, Any]], Select[Any]], one_role: bool = False) -> list[Select[Any]]:
    """Return the parts of a statement that tell how `person_id` stands towards all roles, or towards `role_id`.

    `tell` makes a row of a kind from the columns it knows, those of NOTHING; `standing_of` reads what comes of it.
    """
    newest = select(AgreementText.kind, func.max(AgreementText.version).label("version"))
    newest_text = newest.group_by(AgreementText.kind).subquery()
    agreed = (Agreement.person_id == _PERSON_ID) & (Agreement.kind == newest_text.c.kind)
    held = (HeldQualification.qualification_id == Qualification.id) & (HeldQualification.person_id == _PERSON_ID)
    of_roles = [RoleQualification.role_id == bindparam("role_id", type_=Integer)] if one_role else [true()]
    minors = [Role.id == bindparam("role_id", type_=Integer)] if one_role else [true()]
    consents = Person.guardian_consent_at.is_not(None)
    need = {
        "id": Qualification.id,
        "role_id": RoleQualification.role_id,
        "name": Qualification.name,
        "name_fr": Qualification.name_fr,
        "key": Qualification.name_key,
        "number": holds_in_sql(),
        "day": HeldQualification.expires_on,
        "category": category_in_sql(),
        "detail": HeldQualification.detail,
    }
    return [
        tell(Kind.PERSON, {"name": Person.age_group, "flag": consents, "number": worked()}).where(
            Person.id == _PERSON_ID
        ),
        tell(Kind.UNAGREED, {"name": newest_text.c.kind})
        .select_from(newest_text)
        .outerjoin(Agreement, agreed & (Agreement.version == newest_text.c.version))
        .where(Agreement.person_id.is_(None)),
        tell(Kind.MINORS, {"role_id": Role.id}).where(Role.minors.is_(True), *minors),
        tell(Kind.NEED, need)
        .select_from(RoleQualification)
        .join(Qualification, Qualification.id == RoleQualification.qualification_id)
        .outerjoin(HeldQualification, held)
        .where(Qualification.on_the_day.is_(False), Qualification.closed_at.is_(None), *of_roles),
    ]


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
    return standing_of(person_id, session.execute(_statement(role_id is not None), values))


def standing_of(person_id: int, rows: Iterable[Any]) -> Standing:
    """Return how a person stands by the rows of `parts`."""
    found: dict[int, list[Any]] = {kind: [] for kind in Kind}
    for row in rows:
        found[row[0]].append(row)
    needs: dict[int, list[Need]] = defaultdict(list)
    for row in found[Kind.NEED]:
        needs[row.role_id].append(need_of(row, row.number, row.day))
    me = found[Kind.PERSON][0] if found[Kind.PERSON] else None
    return Standing(
        person_id,
        age_group=me.name if me else None,
        guardian_consents=bool(me.flag) if me else False,
        worked=me.number if me else 0,
        unagreed=tuple(row.name for row in found[Kind.UNAGREED]),
        needs=dict(needs),
        open_to_minors=frozenset(row.role_id for row in found[Kind.MINORS]),
    )


def crew_in_sql(shift_id: Any) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    """Return how many newcomers and experienced people are on a shift besides the person, as `crews_of` counts."""
    others = select(func.count()).where(
        SignUp.shift_id == shift_id, SignUp.state.in_(map(_written, HAS_A_PLACE)), SignUp.person_id != _PERSON_ID
    )
    before = aliased(SignUp)
    attended = (before.person_id == SignUp.person_id) & (before.state == _written(SignUpState.ATTENDED))
    often = select(func.count()).where(attended).correlate(SignUp).scalar_subquery()
    newcomers = others.where(~exists().where(attended).correlate(SignUp))
    experienced = others.where(often >= literal_column(str(EXPERIENCED_AFTER), Integer))
    return newcomers.scalar_subquery(), experienced.scalar_subquery()


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
