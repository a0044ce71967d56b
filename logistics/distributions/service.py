"""Distributions: planning one, changing its plan, and the states it goes through.

What crosses into shifts and stock (shifts move along with the time, packed goods come back) is `operations`' business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..audit import record_on
from ..clock import now
from ..commands import command
from ..db import lock_row
from ..errors import Conflict, Invalid, Message, NotFound, msg
from .models import BEFORE_OUT, GROUPS, Distribution, DistributionState, Site, SiteKind

LONGEST = timedelta(hours=24)
FURTHEST = timedelta(days=730)
LATE_ENTRY = timedelta(days=1)  # one that happened yesterday may still be written down; older is a mistyped date
MOST_PEOPLE = 100_000

NEXT: dict[DistributionState, frozenset[DistributionState]] = {
    DistributionState.PLANNED: frozenset({DistributionState.PACKING, DistributionState.CANCELLED}),
    DistributionState.PACKING: frozenset({DistributionState.OUT, DistributionState.CANCELLED}),
    DistributionState.OUT: frozenset({DistributionState.RETURNED}),
    DistributionState.RETURNED: frozenset({DistributionState.CLOSED}),
    DistributionState.CLOSED: frozenset(),
    DistributionState.CANCELLED: frozenset(),
}
REFUSED: dict[DistributionState, Message] = {
    DistributionState.PACKING: msg("The van has left with this distribution's goods, so nothing more can be packed."),
    DistributionState.OUT: msg("Only a distribution that is being packed can leave."),
    DistributionState.RETURNED: msg("Only a distribution that is out can come back."),
    DistributionState.CLOSED: msg("Only a distribution that has come back can be closed."),
    DistributionState.CANCELLED: msg("The van has left: a distribution can be cancelled only before that."),
}
CANCELLED = msg("This distribution has been cancelled.")
NO_SUCH = msg("There is no such distribution.")


@dataclass(frozen=True)
class Changed:
    """What a change of plan was changed from, for whoever has to follow (shifts, packing list)."""

    distribution_id: int
    old_starts_at: datetime
    old_ends_at: datetime
    old_site_id: int
    old_expected: dict[str, int]
    starts_at: datetime
    site_id: int
    expected: dict[str, int]

    @property
    def moved_by(self) -> timedelta:
        """Return how much later (or, negative, earlier) it starts."""
        return self.starts_at - self.old_starts_at

    @property
    def moved(self) -> bool:
        """Return whether its start or its site is another."""
        return bool(self.moved_by) or self.site_id != self.old_site_id

    @property
    def recounted(self) -> bool:
        """Return whether the people expected are others."""
        return self.expected != self.old_expected


def get(session: Session, distribution_id: int) -> Distribution:
    """Return a distribution with its site loaded. Raises NotFound."""
    found = session.scalars(
        select(Distribution).where(Distribution.id == distribution_id).options(joinedload(Distribution.site))
    ).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def lock(session: Session, distribution_id: int) -> Distribution:
    """Lock a distribution's row until the transaction ends, and return it as it now stands. Raises NotFound.

    FOR NO KEY UPDATE: audit lines and sign-ups that refer to the distribution need not wait for it.
    """
    found = lock_row(session, Distribution, distribution_id)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def advance(session: Session, distribution: Distribution, to: DistributionState, actor_id: int | None) -> None:
    """Bring a locked distribution into its next state. Raises Conflict when that state cannot follow.

    Which states follow which is DESIGN's `planned → packing → out → returned → closed`, or `cancelled` before out.
    """
    state = DistributionState(distribution.state)
    if to not in NEXT[state]:
        raise Conflict(CANCELLED if state is DistributionState.CANCELLED else REFUSED[to])
    distribution.state = to
    distribution.version += 1
    record_on(session, actor_id, f"distribution.{to}", distribution.id, came_from=str(state))


def start_packing(session: Session, distribution: Distribution, actor_id: int | None) -> None:
    """See that a locked distribution is being packed: the first item packed starts it. Raises Conflict after that."""
    if distribution.state != DistributionState.PACKING:
        advance(session, distribution, DistributionState.PACKING, actor_id)


@command
def create(
    session: Session,
    *,
    actor_id: int,
    title: str,
    site_id: int,
    starts_at: datetime,
    ends_at: datetime,
    notes: str,
    expected: dict[str, int],
) -> int:
    """Plan a distribution and return its id. `expected` is people by group; a group left out is 0.

    Raises Invalid with the field to blame.
    """
    _check_times(starts_at, ends_at)
    _check_not_past(starts_at)
    made = Distribution(
        title=_title(title),
        site_id=_meeting_point(session, site_id).id,
        starts_at=starts_at,
        ends_at=ends_at,
        notes=notes,
        created_at=now(),
        created_by=actor_id,
    )
    _expect(made, expected)
    session.add(made)
    session.flush()
    record_on(session, actor_id, "distribution.created", made.id, starts_at=starts_at.isoformat())
    return made.id


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
) -> Changed:
    """Change the plan of a distribution (a step: locks it) and return what it was before.

    Raises NotFound; Conflict when someone changed it since the page was opened (`version`) or the van has left;
    Invalid with the field to blame.
    """
    distribution = lock(session, distribution_id)
    if distribution.state == DistributionState.CANCELLED:
        raise Conflict(CANCELLED)
    if distribution.state not in BEFORE_OUT:
        raise Conflict(msg("The van has left: the plan can't be changed any more."))
    if distribution.version != version:
        raise Conflict(
            msg(
                "Someone changed this distribution while you were editing. What you typed is still below: "
                "open the distribution in another tab, compare, then edit again."
            )
        )
    _check_times(starts_at, ends_at)
    if starts_at != distribution.starts_at:
        _check_not_past(starts_at)
    if site_id != distribution.site_id:
        _meeting_point(session, site_id)
    changed = Changed(
        distribution_id=distribution.id,
        old_starts_at=distribution.starts_at,
        old_ends_at=distribution.ends_at,
        old_site_id=distribution.site_id,
        old_expected=distribution.expected,
        starts_at=starts_at,
        site_id=site_id,
        expected={group: expected.get(group, 0) for group in GROUPS},
    )
    before = _plan(distribution)
    distribution.title, distribution.site_id, distribution.notes = _title(title), site_id, notes
    distribution.starts_at, distribution.ends_at = starts_at, ends_at
    _expect(distribution, expected)
    distribution.version += 1
    after = _plan(distribution)
    record_on(
        session,
        actor_id,
        "distribution.changed",
        distribution.id,
        fields=sorted(field for field in after if after[field] != before[field]),
        starts_at=starts_at.isoformat(),
    )
    return changed


def _plan(distribution: Distribution) -> dict[str, object]:
    fields = ("title", "site_id", "starts_at", "ends_at", "notes")
    return {field: getattr(distribution, field) for field in fields} | {"expected": distribution.expected}


def _title(title: str) -> str:
    title = title.strip()
    if not title:
        raise Invalid(msg("Say what is handed out."), "title")
    if len(title) > 100:
        raise Invalid(msg("Use %(max)s characters or fewer.", max=100), "title")
    return title


def _meeting_point(session: Session, site_id: int) -> Site:
    # FOR SHARE: the site cannot be closed at the same moment.
    site = session.scalars(select(Site).where(Site.id == site_id).with_for_update(read=True)).one_or_none()
    if site is None or site.kind != SiteKind.MEETING_POINT or site.closed_at is not None:
        raise Invalid(msg("Choose a meeting point that is open."), "site_id")
    return site


def _check_times(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid(msg("It has to end after it starts."), "ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(msg("A distribution lasts 24 hours at most."), "ends_at")
    if starts_at > now() + FURTHEST:
        raise Invalid(msg("That is more than two years away. Check the year."), "starts_at")


def _check_not_past(starts_at: datetime) -> None:
    if starts_at < now() - LATE_ENTRY:
        raise Invalid(msg("That day has passed. Choose another day."), "starts_at")


def _expect(distribution: Distribution, expected: Mapping[str, int]) -> None:
    for group in GROUPS:
        number = expected.get(group, 0)
        if not 0 <= number <= MOST_PEOPLE:
            raise Invalid(msg("Enter a number from 0 to %(max)s.", max=MOST_PEOPLE), f"expected_{group}")
        setattr(distribution, f"expected_{group}", number)
