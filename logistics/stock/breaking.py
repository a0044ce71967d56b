"""Promises that can't be kept: taken from the latest distribution, whose coordinator is told."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit import record_on
from ..distributions.models import BEFORE_OUT, Distribution
from ..outbox.service import enqueue
from ..people.access import PERMISSIONS, Permission
from ..people.models import AccessRole, Person, PersonAccessRole
from .allocating import Promise, promise
from .labels import told
from .models import PackingLine, PackingList, Size


class Why(StrEnum):
    """Why a promise can't be kept: a count found less than was thought, or what is there is past its date."""

    COUNTED = "counted"
    EXPIRED = "expired"


# How a distribution's timeline is told; older lines know the first one.
_ACTIONS = {Why.COUNTED: "distribution.promise_taken", Why.EXPIRED: "distribution.promise_expired"}


def take_promises(session: Session, warehouse_id: int, size: Size, quantity: int, why: Why, code: str = "") -> None:
    """Take back promises of a size, the latest distribution's first (`quantity` 0 or less: none).

    `code` is that of the box to blame, where it is one. The caller holds the availability's lock. Each coordinator is
    told, and each timeline says it.
    """
    if quantity <= 0:
        return
    lines = session.execute(
        select(PackingLine.id, PackingLine.allocated, Distribution)
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(
            PackingList.warehouse_id == warehouse_id,
            PackingLine.size_id == size.id,
            PackingLine.allocated > 0,
            Distribution.state.in_(BEFORE_OUT),
        )
        .order_by(Distribution.starts_at.desc(), Distribution.id.desc())
    ).all()
    taken = []
    for line_id, allocated, distribution in lines:
        if quantity == 0:
            break
        fewer = min(allocated, quantity)
        quantity -= fewer
        taken.append(Promise(line_id, size.id, -fewer))
        _tell(session, distribution, size, fewer, why, code)
    promise(session, warehouse_id, taken)


def _tell(session: Session, distribution: Distribution, size: Size, quantity: int, why: Why, code: str) -> None:
    """Tell whoever planned the distribution, or else all who plan, and its timeline."""
    product = size.product
    record_on(
        session,
        None,
        _ACTIONS[why],
        distribution.id,
        quantity=quantity,
        size=size.label,
        code=code,
        **told(product),
    )
    planner = session.get(Person, distribution.created_by) if distribution.created_by else None
    readers = [planner] if planner is not None and planner.disabled_at is None else _planners(session)
    for person in readers:
        _write_to(session, person, distribution, size, quantity, why)


def _planners(session: Session) -> Sequence[Person]:
    """Return the coordinators; where there is none, whoever else may plan distributions."""
    roles = [role for role, allowed in PERMISSIONS.items() if Permission.PLAN_DISTRIBUTIONS in allowed]
    found = session.execute(
        select(Person, PersonAccessRole.role)
        .join(PersonAccessRole, PersonAccessRole.person_id == Person.id)
        .where(PersonAccessRole.role.in_(roles), Person.disabled_at.is_(None))
        .order_by(Person.id)
    ).all()
    coordinators = [person for person, role in found if role == AccessRole.COORDINATOR]
    return coordinators or [person for person, _role in found]


def _write_to(
    session: Session, coordinator: Person, distribution: Distribution, size: Size, quantity: int, why: Why
) -> None:
    """Write to someone in their language."""
    product = size.product
    french = coordinator.language == "fr" and product.name_fr
    what: dict[str, Any] = told(product) | ({"product": product.name_fr} if french else {})
    enqueue(
        session,
        "promise_taken",
        coordinator.email,
        coordinator.language,
        person_id=coordinator.id,
        distribution_id=distribution.id,
        title=distribution.title,
        size=size.label,
        quantity=quantity,
        why=str(why),
        path=f"/distributions/{distribution.id}",
        **what,
    )
