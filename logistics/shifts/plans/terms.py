"""What can be set of a shift, and what makes sense: one place for a shift made by hand, by a pattern, or changed."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ...clock import now
from ...distributions.models import Site, SiteKind
from ...errors import Invalid, msg, nmsg
from ..models import Role, Shift
from ..rules import MOST_CANCEL_HOURS, USUAL

LONGEST = timedelta(hours=24)
FURTHEST = timedelta(days=730)
LATE_ENTRY = timedelta(days=1)  # as for distributions: older is a mistyped date
MOST_PLACES = 1000


@dataclass(frozen=True)
class Terms:
    """Who does what, where, when, with how many and with whom.

    Whoever takes themselves off less than `cancel_hours` before it starts is asked why. `experienced_minimum` of its
    places are kept for people who have done a few shifts; of those who never did one it takes `newcomers_maximum`
    (none: any number).
    """

    role_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime
    minimum: int
    maximum: int
    notes: str = ""
    cancel_hours: int = USUAL.cancel_hours
    experienced_minimum: int = 0
    newcomers_maximum: int | None = None


TIME_AND_PLACE = frozenset({"site_id", "starts_at", "ends_at"})  # what the crew must be told of
WORK = frozenset({"role_id", "notes"})  # and this too


def terms_of(shift: Shift) -> Terms:
    """Return what is set of a shift."""
    return Terms(**{field.name: getattr(shift, field.name) for field in fields(Terms)})


def differing(shift: Shift, terms: Terms) -> list[str]:
    """Return the names of what these terms would change of a shift, sorted."""
    return sorted(name for name, value in asdict(terms).items() if getattr(shift, name) != value)


def check(terms: Terms) -> None:
    """Raise Invalid, with the field to blame, when terms make no sense in themselves."""
    if terms.ends_at <= terms.starts_at:
        raise Invalid(msg("It has to end after it starts."), "ends_at")
    if terms.ends_at - terms.starts_at > LONGEST:
        raise Invalid(msg("A shift lasts 24 hours at most."), "ends_at")
    if terms.starts_at > now() + FURTHEST:
        raise Invalid(msg("That is more than two years away. Check the year."), "starts_at")
    check_places(terms.minimum, terms.maximum)
    _check_range(terms.cancel_hours, 0, MOST_CANCEL_HOURS, "cancel_hours")
    if not 0 <= terms.experienced_minimum <= terms.maximum:
        raise Invalid(msg("It can't be more people than the shift has places."), "experienced_minimum")
    if terms.newcomers_maximum is not None:
        _check_range(terms.newcomers_maximum, 0, MOST_PLACES, "newcomers_maximum")


def check_places(minimum: int, maximum: int) -> None:
    """Raise Invalid, with the field to blame, when a shift can't have so few or so many places."""
    _check_range(minimum, 0, MOST_PLACES, "minimum")
    _check_range(maximum, 1, MOST_PLACES, "maximum")
    if maximum < minimum:
        raise Invalid(msg("This can't be fewer than it takes at least."), "maximum")


def check_not_past(starts_at: datetime) -> None:
    """Raise Invalid when a shift would start on a day that is past."""
    if starts_at < now() - LATE_ENTRY:
        raise Invalid(msg("That day has passed. Choose another day."), "starts_at")


def check_room(shift: Shift, maximum: int) -> None:
    """Raise Invalid when a (locked) shift has more places taken than it would have."""
    if not has_room(shift, maximum):
        raise Invalid(
            nmsg(
                "%(num)d person has signed up already, so it can't be fewer.",
                "%(num)d people have signed up already, so it can't be fewer.",
                shift.filled - shift.extra,
            ),
            "maximum",
        )


def has_room(shift: Shift, maximum: int) -> bool:
    """Return whether all who are on a shift have their place with this maximum; those let in beyond it stay so."""
    return maximum >= shift.filled - shift.extra


def check_site(site: Site, distribution_id: int | None) -> None:
    """Raise Invalid when a shift of no distribution is not at a warehouse."""
    if distribution_id is None and site.kind != SiteKind.WAREHOUSE:
        raise Invalid(
            msg("Choose a warehouse. A shift at a meeting point is added from its distribution's page."), "site_id"
        )


def open_role(session: Session, role_id: int) -> Role:
    """Return a role that is used. Raises Invalid."""
    role = session.get(Role, role_id)
    if role is None or role.closed_at is not None:
        raise Invalid(msg("Choose a role that is still used."), "role_id")
    return role


def open_site(session: Session, site_id: int) -> Site:
    """Return a site that is open. Raises Invalid."""
    site = session.get(Site, site_id)
    if site is None or site.closed_at is not None:
        raise Invalid(msg("Choose a site that is open."), "site_id")
    return site


def _check_range(number: int, least: int, most: int, field: str) -> None:
    if not least <= number <= most:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=least, most=most), field)
