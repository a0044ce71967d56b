"""Calling a distribution off: goods go back, the crew is told, the record stays."""

from sqlalchemy.orm import Session

from ..commands import command
from ..distributions import service as distributions
from ..distributions.models import DistributionState
from ..errors import Invalid, msg
from ..shifts import crew
from ..stock import leaving

LONGEST_REASON = 300


@command
def cancel(session: Session, *, actor_id: int, distribution_id: int, reason: str) -> int:
    """Cancel a distribution that has not left: packed goods go back into their boxes, the rest is freed.

    Returns how many shifts were called off. Raises NotFound; Conflict once the van is out; Invalid without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(msg("Say why, for whoever looks back later."), "reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(msg("Use %(max)s characters or fewer.", max=LONGEST_REASON), "reason")
    distribution = distributions.lock(session, distribution_id)
    distributions.advance(session, distribution, DistributionState.CANCELLED, actor_id)
    distribution.cancelled_because = reason
    called_off = crew.cancel_shifts(session, distribution_id, actor_id)
    leaving.put_everything_back(session, distribution_id, actor_id)
    return called_off
