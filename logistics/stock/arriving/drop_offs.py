"""Drop-off points: making, changing, closing and opening them."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload

from ... import names
from ...audit import record
from ...commands import command
from ...distributions.models import Site, SiteKind
from ...errors import Invalid, NotFound, msg
from ...names import kept
from .models import Delivery, DeliveryState, DropOff

LONGEST_SLUG, LONGEST_ADDRESS, LONGEST_MAP, LONGEST_HOURS, LONGEST_TAKES = 80, 300, 500, 300, 5000
FIELDS = ("name", "name_fr", "slug", "warehouse_id", "address", "map_url", "hours", "hours_fr", "takes", "takes_fr")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@command
def create(session: Session, *, actor_id: int, answers: Mapping[str, Any]) -> int:
    """Make a drop-off point of the answers that FIELDS names, and return its id. Raises Invalid at the field."""
    point = DropOff()
    _describe(session, point, answers)
    session.add(point)
    session.flush()
    record(session, actor_id, "drop_off.created", "drop_off", point.id)
    return point.id


@command
def edit(session: Session, *, actor_id: int, drop_off_id: int, answers: Mapping[str, Any]) -> int:
    """Change a drop-off point, and return its id. What is announced there goes to its warehouse, also to another one.

    Raises NotFound, and Invalid at the field.
    """
    point = names.lock(session, DropOff, drop_off_id)
    _describe(session, point, answers)
    session.execute(
        update(Delivery)
        .where(Delivery.drop_off_id == drop_off_id, Delivery.state == DeliveryState.ANNOUNCED)
        .values(warehouse_id=point.warehouse_id)
    )
    record(session, actor_id, "drop_off.changed", "drop_off", drop_off_id, fields=list(FIELDS))
    return point.id


@command
def close(session: Session, *, actor_id: int, drop_off_id: int) -> int:
    """Take a drop-off point off the public list, and return its id. What is booked there stays expected."""
    return names.close(session, names.lock(session, DropOff, drop_off_id), actor_id)


@command
def reopen(session: Session, *, actor_id: int, drop_off_id: int) -> int:
    """Put a closed drop-off point on the public list again, and return its id. Raises NotFound."""
    return names.reopen(session, names.lock(session, DropOff, drop_off_id), actor_id)


def get(session: Session, drop_off_id: int) -> DropOff:
    """Return a drop-off point. Raises NotFound."""
    return names.get(session, DropOff, drop_off_id)


def by_slug(session: Session, slug: str) -> DropOff:
    """Return the drop-off point, open or closed, of a public page. Raises NotFound."""
    point = session.scalars(select(DropOff).where(DropOff.slug == slug)).one_or_none()
    if point is None:
        raise NotFound(DropOff.NO_SUCH)
    return point


def search(words: str = "") -> Select[Any]:
    """Return the query for every drop-off point so named with its warehouse: the open before the closed, by name."""
    return names.search(DropOff, words).options(joinedload(DropOff.warehouse))


def open_points() -> Select[Any]:
    """Return the query for the open drop-off points by name."""
    return search().where(DropOff.closed_at.is_(None))


def any_open(session: Session) -> bool:
    """Return whether goods can be brought anywhere."""
    return session.scalar(select(DropOff.id).where(DropOff.closed_at.is_(None)).limit(1)) is not None


def slug_of(name: str) -> str:
    """Return the address that a name gives: "Dépôt Nord" gives "depot-nord"; empty when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")


def _describe(session: Session, point: DropOff, answers: Mapping[str, Any]) -> None:
    names.rename(session, point, answers["name"], answers["name_fr"])
    point.slug = _free_slug(session, point, answers["slug"])
    point.warehouse_id = _warehouse(session, answers["warehouse_id"], point.warehouse_id)
    point.address = kept(answers["address"], LONGEST_ADDRESS, "address")
    if not point.address:
        raise Invalid(msg("Fill this in."), "address")
    point.map_url = checked_link(answers["map_url"])
    point.hours = kept(answers["hours"], LONGEST_HOURS, "hours")
    point.hours_fr = kept(answers["hours_fr"], LONGEST_HOURS, "hours_fr") or None
    point.takes = kept(answers["takes"], LONGEST_TAKES, "takes")
    point.takes_fr = kept(answers["takes_fr"], LONGEST_TAKES, "takes_fr") or None


def checked_link(text: str | None) -> str:
    """Return the address of a map, empty for none. Raises Invalid at `map_url` for what is no https:// address."""
    link = kept(text, LONGEST_MAP, "map_url")
    try:
        parts = urlsplit(link)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        good = False
    if link and (not good or any(ord(letter) < 33 or letter in '<>"\\' for letter in link)):
        raise Invalid(msg("Enter the whole address of a map, beginning with https://."), "map_url")
    return link


def _free_slug(session: Session, point: DropOff, text: str | None) -> str:
    slug = kept(text, LONGEST_SLUG, "slug") or slug_of(point.name)
    if not _SLUG.fullmatch(slug):
        raise Invalid(msg("Use small letters from a to z, digits, and hyphens between them."), "slug")
    with session.no_autoflush:
        if session.scalar(select(DropOff.id).where(DropOff.slug == slug, DropOff.id != (point.id or 0))):
            raise Invalid(msg("Another drop-off point has this address already."), "slug")
    return slug


def _warehouse(session: Session, warehouse_id: int, before: int | None) -> int:
    with session.no_autoflush:
        site = session.get(Site, warehouse_id) if 0 < warehouse_id < 2**31 else None
    if site is None or site.kind != SiteKind.WAREHOUSE or (site.closed_at is not None and site.id != before):
        raise Invalid(msg("Choose a warehouse."), "warehouse_id")
    return site.id
