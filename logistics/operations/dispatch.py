"""The van leaves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..commands import command
from ..distributions import service as distributions
from ..distributions.models import Distribution, DistributionState
from ..errors import Conflict, msg
from ..shifts import crew
from ..stock import leaving
from ..stock.models import PackingLine


@dataclass(frozen=True)
class Missing:
    """What is missing when the van leaves: people to the crew's minimum, and units planned but not packed."""

    crew: int
    goods: int

    def __bool__(self) -> bool:
        """Return whether anything is missing."""
        return bool(self.crew or self.goods)

    def within(self, accepted: "Missing") -> bool:
        """Return whether no more is missing than somebody has seen and accepted."""
        return self.crew <= accepted.crew and self.goods <= accepted.goods


def missing(session: Session, distribution_id: int) -> Missing:
    """Return what is missing for a distribution to leave as planned, in two queries."""
    to_pack = PackingLine.planned - PackingLine.packed
    goods = session.scalar(select(func.sum(to_pack)).where(PackingLine.distribution_id == distribution_id, to_pack > 0))
    return Missing(crew.crew_of(session, [distribution_id])[distribution_id].short, int(goods or 0))


@command
def dispatch(
    session: Session,
    *,
    actor_id: int,
    distribution_id: int,
    crew_short: int | None = None,
    not_packed: int | None = None,
    day_ends: datetime | None = None,
    early: bool | None = None,
) -> int:
    """Send the van off with what is packed; what was promised and not packed is free for others again.

    `crew_short` and `not_packed` are what the page said was missing: more than that by now is refused, so that
    nobody sends off a van other than the one they saw. `early` is whether the page said that its day has not come, and
    `day_ends` when this day ends by the clock on the wall. None is not checked. One that has goods to take must have
    been packed first; one with nothing to take leaves from `planned`. Raises NotFound and Conflict.
    """
    distribution = distributions.lock(session, distribution_id)
    lacking = missing(session, distribution_id)
    _start(session, distribution, lacking, actor_id)
    distributions.advance(session, distribution, DistributionState.OUT, actor_id)
    accepted = Missing(
        lacking.crew if crew_short is None else crew_short, lacking.goods if not_packed is None else not_packed
    )
    if not lacking.within(accepted):
        raise Conflict(msg("More is missing than when you opened the page. Look again, then decide."))
    if early is False and day_ends is not None and distribution.starts_at >= day_ends:
        raise Conflict(msg("It is planned for another day. Look again, then decide."))
    leaving.release(session, distribution_id, actor_id)
    return distribution_id


def _start(session: Session, distribution: Distribution, lacking: Missing, actor_id: int) -> None:
    """Let one with nothing to take leave without having been packed."""
    if distribution.state != DistributionState.PLANNED:
        return
    if lacking.goods:
        raise Conflict(msg("Nothing is packed yet. Pack first, or take off the packing list what stays here."))
    distributions.start_packing(session, distribution, actor_id)
