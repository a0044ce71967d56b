"""Sites: making, changing, closing and opening them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Conflict, Invalid, NotFound, msg
from ..names import key_of
from .models import BEFORE_OUT, Distribution, DistributionState, Site, SiteKind

LONGEST_NAME = 80
LONGEST_PLACE = 500
UNDER_WAY = (*BEFORE_OUT, DistributionState.OUT)


@command
def create(session: Session, *, actor_id: int, kind: str, name: str, name_fr: str, place: str) -> int:
    """Make a warehouse or a meeting point and return its id. Raises Invalid with the field to blame."""
    if kind not in set(SiteKind):
        raise Invalid(msg("Choose what kind of site it is."), "kind")
    site = Site(kind=kind, name=name, name_key="")
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
    site = lock(session, site_id)
    _describe(session, site, name, name_fr, place)
    record(session, actor_id, "site.changed", "site", site.id, fields=["name", "name_fr", "place"])
    return site.id


@command
def close(session: Session, *, actor_id: int, site_id: int) -> int:
    """Offer a site no more for anything new, and return its id; what took place there keeps its name.

    Raises NotFound, and Conflict while a distribution is still to take place there.
    """
    site = lock(session, site_id)
    if site.closed_at is not None:
        return site.id
    busy = select(Distribution.id).where(Distribution.site_id == site_id, Distribution.state.in_(UNDER_WAY)).limit(1)
    if session.scalar(busy):
        raise Conflict(msg("A distribution is still to take place there. Move or cancel it first."))
    site.closed_at = now()
    record(session, actor_id, "site.closed", "site", site.id)
    return site.id


@command
def reopen(session: Session, *, actor_id: int, site_id: int) -> int:
    """Offer a closed site again, and return its id. Raises NotFound."""
    site = lock(session, site_id)
    if site.closed_at is not None:
        site.closed_at = None
        record(session, actor_id, "site.reopened", "site", site.id)
    return site.id


def get(session: Session, site_id: int) -> Site:
    """Return a site. Raises NotFound."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound(msg("There is no such site."))
    return site


def lock(session: Session, site_id: int) -> Site:
    """Lock a site's row and return it as it now stands. Raises NotFound."""
    site = session.scalars(
        select(Site).where(Site.id == site_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one_or_none()
    if site is None:
        raise NotFound(msg("There is no such site."))
    return site


def search(words: str = "") -> Select[Any]:
    """Return the query for every site so named: warehouses first, the open before the closed, each by name."""
    query = select(Site).order_by(Site.kind.desc(), Site.closed_at.is_not(None), Site.name_key, Site.id)
    if words:
        query = query.where(
            Site.name.icontains(words, autoescape=True) | Site.name_fr.icontains(words, autoescape=True)
        )
    return query


def open_sites(session: Session, kind: SiteKind | None = None, *, also: int | None = None) -> Sequence[Site]:
    """Return the open sites by name, of one kind if given; `also` is the id of one to offer even if closed."""
    query = select(Site).where(Site.closed_at.is_(None) | (Site.id == (also or 0))).order_by(Site.name_key, Site.id)
    return session.scalars(query if kind is None else query.where(Site.kind == kind)).all()


def _describe(session: Session, site: Site, name: str, name_fr: str, place: str) -> None:
    key = key_of(name, LONGEST_NAME)
    with session.no_autoflush:
        if session.scalar(select(Site.id).where(Site.name_key == key, Site.id != (site.id or 0))):
            raise Invalid(msg("There is a site of this name already."), "name")
    if len(name_fr.strip()) > LONGEST_NAME:
        raise Invalid(msg("Use %(max)d characters or fewer.", max=LONGEST_NAME), "name_fr")
    if len(place.strip()) > LONGEST_PLACE:
        raise Invalid(msg("Use %(max)d characters or fewer.", max=LONGEST_PLACE), "place")
    site.name, site.name_key = name.strip(), key
    site.name_fr, site.place = name_fr.strip() or None, place.strip()
