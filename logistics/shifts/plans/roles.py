"""Roles: making, changing, closing and opening them, and what each requires."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from ... import names
from ...audit import record
from ...commands import command
from ...db import insert_into
from ...errors import Invalid, msg
from ...people.qualification_models import Qualification
from ..models import Role, RoleQualification

LONGEST_DESCRIPTION = 500
LONGEST_BRING = 300
LONGEST_CATEGORY = 20


@dataclass(frozen=True)
class Terms:
    """What a role is, and what it requires: `qualifications` are ids; `minors` says whether 16 and 17 is old enough.

    `categories` are, with the id of a licence among them, the category that it must be of.
    """

    name: str
    name_fr: str = ""
    description: str = ""
    description_fr: str = ""
    bring: str = ""
    bring_fr: str = ""
    hard: bool = False
    minors: bool = False
    qualifications: tuple[int, ...] = ()
    categories: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Required:
    """A qualification that a role requires, with the category that a licence must be of, if the role names one."""

    id: int
    name: str
    name_fr: str | None
    takes_detail: bool
    category: str


@command
def create(session: Session, *, actor_id: int, terms: Terms) -> int:
    """Make a role and return its id. Raises Invalid with the field to blame."""
    role = Role()
    _describe(session, role, terms)
    session.add(role)
    session.flush()
    _require(session, role, terms)
    record(session, actor_id, "role.created", "role", role.id)
    return role.id


@command
def edit(session: Session, *, actor_id: int, role_id: int, terms: Terms) -> int:
    """Change what a role is and requires, and return its id. Raises NotFound, and Invalid with the field to blame.

    Who is on a shift of it stays, whether or not they have what it requires from now on.
    """
    role = names.lock(session, Role, role_id)
    _describe(session, role, terms)
    _require(session, role, terms)
    record(session, actor_id, "role.changed", "role", role.id, qualifications=sorted(terms.qualifications))
    return role.id


@command
def close(session: Session, *, actor_id: int, role_id: int) -> int:
    """Offer a role no more for new shifts, and return its id; its shifts stay. Raises NotFound."""
    return names.close(session, names.lock(session, Role, role_id), actor_id)


@command
def reopen(session: Session, *, actor_id: int, role_id: int) -> int:
    """Offer a closed role again, and return its id. Raises NotFound."""
    return names.reopen(session, names.lock(session, Role, role_id), actor_id)


def get(session: Session, role_id: int) -> Role:
    """Return a role. Raises NotFound."""
    return names.get(session, Role, role_id)


def search(words: str = "") -> Select[Any]:
    """Return the query for every role so named, those in use first, each by name."""
    return names.search(Role, words)


def open_roles(session: Session, *, also: int | None = None) -> Sequence[Role]:
    """Return the roles in use by name; `also` is the id of one to offer even if closed."""
    return names.open_ones(session, Role, also=also)


def required_by(session: Session, role_ids: Sequence[int]) -> dict[int, list[Required]]:
    """Return what each of these roles requires, in one statement; one that requires nothing is left out."""
    found: dict[int, list[Required]] = defaultdict(list)
    thing = Qualification
    rows = session.execute(
        select(RoleQualification.role_id, thing.id, thing.name, thing.name_fr, thing.takes_detail)
        .add_columns(RoleQualification.detail)
        .join(Qualification, Qualification.id == RoleQualification.qualification_id)
        .where(RoleQualification.role_id.in_(role_ids))
        .order_by(Qualification.name_key)
    )
    for role_id, *required in rows:
        found[role_id].append(Required(*required))
    return dict(found)


def _describe(session: Session, role: Role, terms: Terms) -> None:
    names.rename(session, role, terms.name, terms.name_fr)
    role.description = names.kept(terms.description, LONGEST_DESCRIPTION, "description")
    role.description_fr = names.kept(terms.description_fr, LONGEST_DESCRIPTION, "description_fr") or None
    role.bring = names.kept(terms.bring, LONGEST_BRING, "bring")
    role.bring_fr = names.kept(terms.bring_fr, LONGEST_BRING, "bring_fr") or None
    role.hard, role.minors = terms.hard, terms.minors


def _require(session: Session, role: Role, terms: Terms) -> None:
    wanted, categories = terms.qualifications, _categories(terms)
    rows = session.execute(select(Qualification.id, Qualification.takes_detail).where(Qualification.id.in_(wanted)))
    known = {row.id: row.takes_detail for row in rows}
    if set(known) != set(wanted):
        raise Invalid(msg("Choose from the list."), "qualifications")
    session.execute(
        delete(RoleQualification).where(
            RoleQualification.role_id == role.id, RoleQualification.qualification_id.not_in(wanted)
        )
    )
    for number in wanted:
        detail = {"detail": categories.get(number, "") if known[number] else ""}
        new = insert_into(session)(RoleQualification).values(role_id=role.id, qualification_id=number, **detail)
        session.execute(new.on_conflict_do_update(index_elements=["role_id", "qualification_id"], set_=detail))


def _categories(terms: Terms) -> dict[int, str]:
    """Return the categories that are named, by the id of their licence. Raises Invalid at the field of one."""
    found = {}
    for number, text in terms.categories:
        field = f"category_{number}"
        category = names.kept(text, LONGEST_CATEGORY, field)
        if any(character.isspace() or character in ",;/+" for character in category):
            raise Invalid(msg("Name one category, such as B."), field)
        if category and number not in terms.qualifications:
            raise Invalid(msg("Tick the qualification too, or leave its category empty."), field)
        found[number] = category
    return found
