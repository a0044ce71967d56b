"""Roles: making, changing, closing and opening them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Invalid, NotFound, msg
from ..names import key_of
from .models import Role

LONGEST_NAME = 60
LONGEST_DESCRIPTION = 500


@command
def create(session: Session, *, actor_id: int, name: str, name_fr: str, description: str, description_fr: str) -> int:
    """Make a role and return its id. Raises Invalid with the field to blame."""
    role = Role(name=name, name_key="")
    _describe(session, role, name, name_fr, description, description_fr)
    session.add(role)
    session.flush()
    record(session, actor_id, "role.created", "role", role.id)
    return role.id


@command
def edit(
    session: Session, *, actor_id: int, role_id: int, name: str, name_fr: str, description: str, description_fr: str
) -> int:
    """Change what a role is called and is, and return its id. Raises NotFound, and Invalid with the field to blame."""
    role = _lock(session, role_id)
    _describe(session, role, name, name_fr, description, description_fr)
    record(
        session,
        actor_id,
        "role.changed",
        "role",
        role.id,
        fields=["name", "name_fr", "description", "description_fr"],
    )
    return role.id


@command
def close(session: Session, *, actor_id: int, role_id: int) -> int:
    """Offer a role no more for new shifts, and return its id; its shifts stay. Raises NotFound."""
    role = _lock(session, role_id)
    if role.closed_at is None:
        role.closed_at = now()
        record(session, actor_id, "role.closed", "role", role.id)
    return role.id


@command
def reopen(session: Session, *, actor_id: int, role_id: int) -> int:
    """Offer a closed role again, and return its id. Raises NotFound."""
    role = _lock(session, role_id)
    if role.closed_at is not None:
        role.closed_at = None
        record(session, actor_id, "role.reopened", "role", role.id)
    return role.id


def get(session: Session, role_id: int) -> Role:
    """Return a role. Raises NotFound."""
    role = session.get(Role, role_id)
    if role is None:
        raise NotFound(msg("There is no such role."))
    return role


def search(words: str = "") -> Select[Any]:
    """Return the query for every role so named, those in use first, each by name."""
    query = select(Role).order_by(Role.closed_at.is_not(None), Role.name_key, Role.id)
    if words:
        query = query.where(
            Role.name.icontains(words, autoescape=True) | Role.name_fr.icontains(words, autoescape=True)
        )
    return query


def open_roles(session: Session, *, also: int | None = None) -> Sequence[Role]:
    """Return the roles in use by name; `also` is the id of one to offer even if closed."""
    return session.scalars(
        select(Role).where(Role.closed_at.is_(None) | (Role.id == (also or 0))).order_by(Role.name_key, Role.id)
    ).all()


def _lock(session: Session, role_id: int) -> Role:
    role = session.scalars(
        select(Role).where(Role.id == role_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one_or_none()
    if role is None:
        raise NotFound(msg("There is no such role."))
    return role


def _describe(session: Session, role: Role, name: str, name_fr: str, description: str, description_fr: str) -> None:
    key = key_of(name, LONGEST_NAME)
    with session.no_autoflush:
        if session.scalar(select(Role.id).where(Role.name_key == key, Role.id != (role.id or 0))):
            raise Invalid(msg("There is a role of this name already."), "name")
    for field, text, longest in (
        ("name_fr", name_fr, LONGEST_NAME),
        ("description", description, LONGEST_DESCRIPTION),
        ("description_fr", description_fr, LONGEST_DESCRIPTION),
    ):
        if len(text.strip()) > longest:
            raise Invalid(msg("Use %(max)d characters or fewer.", max=longest), field)
    role.name, role.name_key, role.name_fr = name.strip(), key, name_fr.strip() or None
    role.description, role.description_fr = description.strip(), description_fr.strip() or None
