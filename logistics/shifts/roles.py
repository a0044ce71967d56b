"""Roles: making, changing, closing and opening them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from .. import names
from ..audit import record
from ..commands import command
from .models import Role

LONGEST_DESCRIPTION = 500


@command
def create(session: Session, *, actor_id: int, name: str, name_fr: str, description: str, description_fr: str) -> int:
    """Make a role and return its id. Raises Invalid with the field to blame."""
    role = Role()
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
    role = names.lock(session, Role, role_id)
    _describe(session, role, name, name_fr, description, description_fr)
    fields = ["name", "name_fr", "description", "description_fr"]
    record(session, actor_id, "role.changed", "role", role.id, fields=fields)
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


def _describe(session: Session, role: Role, name: str, name_fr: str, description: str, description_fr: str) -> None:
    names.rename(session, role, name, name_fr)
    role.description = names.kept(description, LONGEST_DESCRIPTION, "description")
    role.description_fr = names.kept(description_fr, LONGEST_DESCRIPTION, "description_fr") or None
