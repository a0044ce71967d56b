"""What must hold of sites and distributions."""

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .models import GROUPS, Distribution, DistributionState, Site, SiteKind

COUNTED = (DistributionState.RETURNED, DistributionState.CLOSED)


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken invariant of this part."""
    early = or_(*(getattr(Distribution, f"served_{group}").is_not(None) for group in GROUPS))
    for number, state in session.execute(
        select(Distribution.id, Distribution.state)
        .where(early, Distribution.state.not_in(COUNTED))
        .order_by(Distribution.id)
    ):
        yield f"distribution {number} says how many were served, but it is {state}"

    for number, state in session.execute(
        select(Distribution.id, Distribution.state)
        .where(
            or_(Distribution.debrief != "", Distribution.ran_out_first != ""),
            Distribution.state.not_in((*COUNTED, DistributionState.CANCELLED)),  # a cancelled one says why
        )
        .order_by(Distribution.id)
    ):
        yield f"distribution {number} has a debrief, but it is {state}"

    for number, name in session.execute(
        select(Distribution.id, Site.name)
        .join(Distribution.site)
        .where(Site.kind != SiteKind.MEETING_POINT)
        .order_by(Distribution.id)
    ):
        yield f"distribution {number} takes place at {name}, which is no meeting point"

    for number in session.scalars(
        select(Distribution.id).where(Distribution.ends_at <= Distribution.starts_at).order_by(Distribution.id)
    ):
        yield f"distribution {number} ends before it starts"

    for number in session.scalars(select(Distribution.id).where(Distribution.version < 1).order_by(Distribution.id)):
        yield f"distribution {number} has a version below 1"
