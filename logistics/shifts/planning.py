"""Making shifts and changing them: what coordinators do."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..distributions.models import Distribution, DistributionState, Site, SiteKind
from ..errors import Conflict, Invalid, NotFound, msg, nmsg
from . import moving
from .models import Role, Shift

LONGEST = timedelta(hours=24)
FURTHEST = timedelta(days=730)
LATE_ENTRY = timedelta(days=1)  # as for distributions: older is a mistyped date
MOST_PLACES = 1000
NO_SUCH = msg("There is no such shift.")


@dataclass(frozen=True)
class Terms:
    """What can be set of a shift: who does what, where, when, and with how many."""

    role_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    minimum: int
    maximum: int
    notes: str = ""


@command
def create(
    session: Session,
    *,
    actor_id: int,
    distribution_id: int | None,
    role_id: int,
    site_id: int,
    starts_at: datetime,
    ends_at: datetime,
    minimum: int,
    maximum: int,
    notes: str = "",
) -> int:
    """Make a shift, of a distribution or of a plain warehouse day, and return its id.

    Raises NotFound (distribution), Conflict when that is closed or was cancelled, Invalid with the field to blame.
    """
    terms = Terms(role_id, site_id, starts_at, ends_at, minimum, maximum, notes)
    _check(terms)
    _check_not_past(terms)
    _open_role(session, role_id)
    site = _open_site(session, site_id)
    if distribution_id is not None:
        _check_distribution(session, distribution_id)
    elif site.kind != SiteKind.WAREHOUSE:
        raise Invalid(
            msg("Choose a warehouse. A shift at a meeting point is added from its distribution's page."), "site_id"
        )
    made = Shift(distribution_id=distribution_id, created_at=now(), **asdict(terms))
    session.add(made)
    session.flush()
    record(session, actor_id, "shift.created", "shift", made.id, distribution_id=distribution_id)
    return made.id


@command
def edit(
    session: Session,
    *,
    actor_id: int,
    shift_id: int,
    version: int,
    role_id: int,
    site_id: int,
    starts_at: datetime,
    ends_at: datetime,
    minimum: int,
    maximum: int,
    notes: str = "",
) -> int:
    """Change a shift and return its id. Its crew is told when its time or site changes.

    Raises NotFound; Conflict when it was called off, is over, or someone changed it since the page was opened
    (`version`); Invalid with the field to blame, such as a maximum below the places already taken.
    """
    terms = Terms(role_id, site_id, starts_at, ends_at, minimum, maximum, notes)
    moving.lock_crew(session, [shift_id])
    shift = _lock(session, shift_id)
    if shift.cancelled_at is not None:
        raise Conflict(msg("This shift has been called off."))
    if shift.ends_at <= now():
        raise Conflict(msg("This shift is over: its record stays as it was."))
    if shift.version != version:
        raise Conflict(
            msg(
                "Someone changed this shift while you were editing. What you typed is still below: open the shift "
                "in another tab, compare, then edit again."
            )
        )
    _check(terms)
    if maximum < shift.filled:
        raise Invalid(
            nmsg(
                "%(num)d person has signed up already, so it can't be fewer.",
                "%(num)d people have signed up already, so it can't be fewer.",
                shift.filled,
            ),
            "maximum",
        )
    if starts_at != shift.starts_at:
        _check_not_past(terms)
    role = shift.role if role_id == shift.role_id else _open_role(session, role_id)
    site = shift.site if site_id == shift.site_id else _open_site(session, site_id)
    if shift.distribution_id is None and site.kind != SiteKind.WAREHOUSE:
        raise Invalid(
            msg("Choose a warehouse. A shift at a meeting point is added from its distribution's page."), "site_id"
        )
    fields = sorted(name for name, value in asdict(terms).items() if getattr(shift, name) != value)
    shift.role, shift.minimum, shift.maximum, shift.notes = role, minimum, maximum, notes
    shift.version += 1
    if {"starts_at", "ends_at", "site_id"} & set(fields):
        moving.move(session, [shift], [(starts_at, ends_at, site)], actor_id)
    if fields:
        record(
            session,
            actor_id,
            "shift.changed",
            "shift",
            shift.id,
            distribution_id=shift.distribution_id,
            fields=fields,
        )
    return shift.id


@command
def call_off(session: Session, *, actor_id: int, shift_id: int) -> int:
    """Cancel a shift, tell its crew, and return its id. Doing it again changes nothing.

    Raises NotFound, and Conflict when it is over.
    """
    shift = _lock(session, shift_id)
    if shift.cancelled_at is not None:
        return shift_id
    if shift.ends_at <= now():
        raise Conflict(msg("This shift is over: its record stays as it was."))
    moving.call_off(session, [shift], actor_id)
    return shift_id


def _lock(session: Session, shift_id: int) -> Shift:
    found = moving.lock_shifts(session, Shift.id == shift_id)
    if not found:
        raise NotFound(NO_SUCH)
    return found[0]


def _check(terms: Terms) -> None:
    if terms.ends_at <= terms.starts_at:
        raise Invalid(msg("It has to end after it starts."), "ends_at")
    if terms.ends_at - terms.starts_at > LONGEST:
        raise Invalid(msg("A shift lasts 24 hours at most."), "ends_at")
    if terms.starts_at > now() + FURTHEST:
        raise Invalid(msg("That is more than two years away. Check the year."), "starts_at")
    if not 0 <= terms.minimum <= MOST_PLACES:
        raise Invalid(msg("Enter a number from 0 to %(max)s.", max=MOST_PLACES), "minimum")
    if not 1 <= terms.maximum <= MOST_PLACES:
        raise Invalid(msg("Enter a number from 1 to %(max)s.", max=MOST_PLACES), "maximum")
    if terms.maximum < terms.minimum:
        raise Invalid(msg("This can't be fewer than it takes at least."), "maximum")


def _check_not_past(terms: Terms) -> None:
    if terms.starts_at < now() - LATE_ENTRY:
        raise Invalid(msg("That day has passed. Choose another day."), "starts_at")


def _open_role(session: Session, role_id: int) -> Role:
    role = session.get(Role, role_id)
    if role is None or role.closed_at is not None:
        raise Invalid(msg("Choose a role that is still used."), "role_id")
    return role


def _open_site(session: Session, site_id: int) -> Site:
    site = session.get(Site, site_id)
    if site is None or site.closed_at is not None:
        raise Invalid(msg("Choose a site that is open."), "site_id")
    return site


def _check_distribution(session: Session, distribution_id: int) -> None:
    """Hold the distribution's row while the shift is added, so that a cancellation at the same time finds the shift."""
    state = session.scalar(
        select(Distribution.state).where(Distribution.id == distribution_id).with_for_update(key_share=True)
    )
    if state is None:
        raise NotFound(msg("There is no such distribution."))
    if state in (DistributionState.CLOSED, DistributionState.CANCELLED):
        raise Conflict(msg("This distribution is over or was cancelled: no more shifts can be added."))
