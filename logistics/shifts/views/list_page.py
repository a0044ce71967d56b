"""The flat list of shifts as the first page and the list's own page show it, and what an address asks of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from flask import current_app, request
from markupsafe import Markup
from sqlalchemy import select

from ...clock import midnight, now
from ...db import db
from ...paging import PAGE_SIZE
from ...web import filters
from ...web.asked import day_asked, id_asked, number_in, searched
from .. import listing, own
from ..models import Role
from ..qualifying import requirements, standing
from ..wanted import Wanted
from . import rows


@dataclass(frozen=True)
class Asked:
    """What the address of a list asks for. With `mine` it is cut to one's days and wishes; see also `Wanted.free`."""

    words: str = ""
    role_id: int | None = None
    site_id: int | None = None
    day: date | None = None
    mine: bool = False
    free: bool = False
    size: int = PAGE_SIZE

    @property
    def narrowed(self) -> bool:
        """Return whether the reader has chosen to see only some."""
        return bool(self.words or self.role_id or self.site_id or self.day or self.free or self.size != PAGE_SIZE)


@dataclass(frozen=True)
class Shown:
    """A page of the list: what was found, drawn by day (`days`), and what of it is cut to fit.

    `first_step` is what keeps the reader from every shift, and is to be put right before anything else.
    """

    found: listing.ShiftList
    days: Markup
    fitting: own.Fitting
    first_step: standing.Why | None

    @property
    def next_shift(self) -> listing.Mine | None:
        """Return the reader's next shift."""
        return next((shift for shift in self.found.mine if shift.on_it), None)


def asked() -> Asked:
    """Return what this request's address asks for; nonsense asks for nothing."""
    size = number_in(request.args.get("per_page"))
    return Asked(
        searched(),
        id_asked("role") or None,
        id_asked("site") or None,
        day_asked("day"),
        request.args.get("for") == "me",
        request.args.get("can") == "1",
        size if size in listing.PAGE_SIZES else PAGE_SIZE,
    )


def wanted(ask: Asked, person_id: int | None, since: datetime | None = None, until: datetime | None = None) -> Wanted:
    """Return which shifts an address asks of a list, or of what goes from `since` until `until`, for a reader.

    One query if it is to be cut to their days and wishes, and four at most if to what they can take.
    """
    return _chosen(ask, person_id, since, until)[0]


def _chosen(
    ask: Asked,
    person_id: int | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Wanted, own.Fitting | None]:
    """Return which shifts an address asks for, and to what of the reader's they are cut, if to anything."""
    fits = own.fitting(db.session, person_id, filters.local_date(now())) if ask.mine and person_id is not None else None
    if since is None and ask.day:
        since, until = _whole_days(ask.day, ask.day)
    if fits and fits.first_day and fits.last_day:
        arrives, leaves = _whole_days(fits.first_day, fits.last_day)
        since, until = max(since or now(), arrives), min(until or leaves, leaves)
    which = Wanted(
        ask.role_id,
        ask.site_id,
        since,
        until,
        ask.words,
        person_id=person_id or 0,
        wished=fits is not None and bool(fits.role_ids),
        free=ask.free and person_id is not None,
    )
    if which.free and person_id is not None:
        which = replace(which, since=max(which.since or now(), now()))
        which = _takeable(which, requirements.read(db.session, person_id))
    return which, fits


def show(ask: Asked, number: int, person_id: int | None, level: int = 2) -> Shown:
    """Read and draw a page of the list for a reader (none when signed out), in one to five queries.

    `level` is that of the days' headings.
    """
    which, fits = _chosen(ask, person_id)
    found = listing.read(db.session, which, number, ask.size, stands=person_id is not None)
    first_step = standing.first_step(found.standing, now()) if found.standing else None
    crews = {} if first_step else found.crews  # who may take none is told of no mix
    drawn = rows.by_day(found, rows.Reader(found, found.standing, crews, first_step), level)
    return Shown(found, drawn, fits or own.Fitting(), first_step)


def _takeable(which: Wanted, reader: standing.Standing) -> Wanted:
    """Return what is asked for without what the reader may not take, as it stands on the day of each shift."""
    roles = db.session.scalars(select(Role.id).order_by(Role.id)).all()
    which = replace(which, not_yet=tuple(each for each in roles if standing.why_not_role(reader, each, now())))
    expiring = [role_id for role_id, needs in reader.needs.items() if any(need.expires_on for need in needs)]
    mixed = reader.worked < standing.EXPERIENCED_AFTER  # others upset no mix
    if not expiring and not mixed:
        return which
    found = listing.doubtful(db.session, which, expiring, mixed)
    asked = [row.id for row in found if standing.demands_mix(row)] if mixed else []
    crews = requirements.crews_of(db.session, asked, reader.person_id)
    not_these = (row.id for row in found if standing.why_not(reader, row, crews.get(row.id, standing.NOBODY)))
    return replace(which, not_these=tuple(not_these))


def _whole_days(first: date, last: date) -> tuple[datetime, datetime]:
    return midnight(first, zone()), midnight(last + timedelta(days=1), zone())


def zone() -> tzinfo:
    """Return the zone of the clock on the wall."""
    found: tzinfo = current_app.extensions["shoreline_settings"].timezone
    return found
