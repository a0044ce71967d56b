"""Sites: making, changing, closing and opening them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from .. import names
from ..audit import record
from ..commands import command
from ..errors import Conflict, Invalid, msg
from .models import BEFORE_OUT, Distribution, DistributionState, Site, SiteKind

LONGEST_PLACE = 500
UNDER_WAY = (*BEFORE_OUT, DistributionState.OUT)


@command
def create(session: Session, *, actor_id: int, kind: str, name: str, name_fr: str, place: str) -> int:
    """Make a warehouse or a meeting point and return its id. Raises Invalid with the field to blame."""
    if kind not in set(SiteKind):
        raise Invalid(msg("Choose what kind of site it is."), "kind")
    site = Site(kind=kind)
    _describe(session, site, name, name_fr, place)
    session.add(site)
    session.flush()
    record(session, actor_id, "site.created", "site", site.id)
    return site.id


@command
def edit(session: Session, *, actor_id: int, site_id: int, name: str, name_fr: str, place: str) -> int:
    """Change what a site is called and where it is, and return its id. A warehouse stays one: goods are there.

    Raises NotFound, and Invalid with the field to blame.
    """
    site = names.lock(session, Site, site_id)
    _describe(session, site, name, name_fr, place)
    record(session, actor_id, "site.changed", "site", site.id, fields=["name", "name_fr", "place"])
    return site.id


@command
def close(session: Session, *, actor_id: int, site_id: int) -> int:
    """Offer a site no more for anything new, and return its id; what took place there keeps its name.

    Raises NotFound, and Conflict while a distribution is still to take place there.
    """
    site = names.lock(session, Site, site_id)
    busy = select(Distribution.id).where(Distribution.site_id == site_id, Distribution.state.in_(UNDER_WAY)).limit(1)
    if site.closed_at is None and session.scalar(busy):
        raise Conflict(msg("A distribution is still to take place there. Move or cancel it first."))
    return names.close(session, site, actor_id)


@command
def reopen(session: Session, *, actor_id: int, site_id: int) -> int:
    """Offer a closed site again, and return its id. Raises NotFound."""
    return names.reopen(session, names.lock(session, Site, site_id), actor_id)


def get(session: Session, site_id: int) -> Site:
    """Return a site. Raises NotFound."""
    return names.get(session, Site, site_id)


def search(words: str = "") -> Select[Any]:
    """Return the query for every site so named: warehouses first, the open before the closed, each by name."""
    return names.search(Site, words, Site.kind.desc())


def open_sites(session: Session, kind: SiteKind | None = None, *, also: int | None = None) -> Sequence[Site]:
    """Return the open sites by name, of one kind if given; `also` is the id of one to offer even if closed."""
    return names.open_ones(session, Site, *([Site.kind == kind] if kind else []), also=also)


def _describe(session: Session, site: Site, name: str, name_fr: str, place: str) -> None:
    names.rename(session, site, name, name_fr)
    site.place = names.kept(place, LONGEST_PLACE, "place")
