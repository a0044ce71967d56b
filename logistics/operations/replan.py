"""A change of plan: the distribution, its shifts, and what was planned per person, in one go."""

from datetime import datetime

from sqlalchemy.orm import Session

from ..commands import command
from ..distributions import service as distributions
from ..shifts import crew
from ..stock import packing_lists


@command
def change(
    session: Session,
    *,
    actor_id: int,
    distribution_id: int,
    version: int,
    title: str,
    site_id: int,
    starts_at: datetime,
    ends_at: datetime,
    notes: str,
    expected: dict[str, int],
) -> int:
    """Change a distribution's plan; its shifts move along and are told; what is planned per person is recounted.

    Returns how many shifts moved. Raises what `distributions.service.change` raises, and Conflict when fewer
    people would mean fewer goods than are packed already.
    """
    crew.lock_crew(session, distribution_id)  # people come before the distribution in the order of locks
    changed = distributions.change(
        session,
        actor_id=actor_id,
        distribution_id=distribution_id,
        version=version,
        title=title,
        site_id=site_id,
        starts_at=starts_at,
        ends_at=ends_at,
        notes=notes,
        expected=expected,
    )
    moved = 0
    if changed.moved:
        moved = crew.move_shifts(
            session,
            distribution_id,
            actor_id,
            by=changed.moved_by,
            from_site_id=changed.old_site_id,
            to_site_id=changed.site_id,
        )
    if changed.recounted:
        packing_lists.recount(session, distribution_id, actor_id)
    else:
        packing_lists.serve_list(session, distribution_id)
    return moved
