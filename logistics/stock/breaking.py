"""Promises that can't be kept: taken from the latest distribution, whose coordinator is told."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit import record_on
from ..distributions.models import BEFORE_OUT, Distribution
from ..outbox.service import enqueue
from ..people.models import Person
from .allocating import Promise, promise
from .labels import told
from .models import Box, PackingLine, PackingList


def take_promises(session: Session, warehouse_id: int, box: Box, quantity: int) -> None:
    """Take back promises of a box's size, the latest distribution's first (`quantity` 0 or less: none).

    The caller holds the availability's lock. Each coordinator is told, and each timeline says it.
    """
    if quantity <= 0:
        return
    lines = session.execute(
        select(PackingLine.id, PackingLine.allocated, Distribution)
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .where(
            PackingList.warehouse_id == warehouse_id,
            PackingLine.size_id == box.size_id,
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
        taken.append(Promise(line_id, box.size_id, -fewer))
        _tell(session, distribution, box, fewer)
    promise(session, warehouse_id, taken)


def _tell(session: Session, distribution: Distribution, box: Box, quantity: int) -> None:
    """Tell whoever planned the distribution, in their language, and its timeline."""
    product, size = box.size.product, box.size.label
    record_on(
        session,
        None,
        "distribution.promise_taken",
        distribution.id,
        quantity=quantity,
        size=size,
        code=box.code,
        **told(product),
    )
    coordinator = session.get(Person, distribution.created_by) if distribution.created_by else None
    if coordinator is None or coordinator.disabled_at is not None:
        return
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
        size=size,
        quantity=quantity,
        path=f"/distributions/{distribution.id}",
        **what,
    )
