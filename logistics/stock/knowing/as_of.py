"""Stock and its value as it stood at the end of any day: what is on hand now, less what was added since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from ...db import stream
from ...distributions.models import Site
from ...paging import Page, paginate
from ..models import Availability, Product, Size, Unit
from ..searching import ANYTHING, Search, named_like
from . import flows


@dataclass(frozen=True)
class AsOf:
    """Which stock is asked for: at the end of which day, of which warehouse (0: any), and of what."""

    day: date
    warehouse_id: int = 0
    search: Search = ANYTHING


@dataclass(frozen=True)
class Total:
    """All of it: how many pieces, what they would cost to buy today in pence, and how many have no known cost."""

    pieces: int
    value: int
    unvalued: int


def page(session: Session, wanted: AsOf, zone: tzinfo, number: int) -> Page[Any]:
    """Return one page of what was there, by product, size and warehouse."""
    return paginate(session, _rows(session, wanted, zone), number)


def every(session: Session, wanted: AsOf, zone: tzinfo) -> Iterator[Any]:
    """Yield all that was there, for a download."""
    return stream(session, _rows(session, wanted, zone))


def total(session: Session, wanted: AsOf, zone: tzinfo) -> Total:
    """Return what all of it comes to. Grams and millilitres have a value, but are no pieces."""
    there = _rows(session, wanted, zone).order_by(None).subquery()
    pieces = func.sum(there.c.quantity).filter(there.c.unit == Unit.PIECE)
    unvalued = func.sum(there.c.quantity).filter(there.c.unit_cost.is_(None), there.c.unit == Unit.PIECE)
    row = session.execute(select(pieces, func.sum(there.c.quantity * there.c.unit_cost), unvalued)).one()
    return Total(*(int(number or 0) for number in row))


def _rows(session: Session, wanted: AsOf, zone: tzinfo) -> Select[*tuple[Any, ...]]:
    after = flows.net_after(session, wanted.day, zone).subquery()
    net = (
        select(after.c.warehouse_id, after.c.size_id, func.sum(after.c.net).label("net"))
        .group_by(after.c.warehouse_id, after.c.size_id)
        .subquery()
    )
    then = Availability.on_hand - func.coalesce(net.c.net, 0)
    query = (
        select(
            Product.id.label("product_id"),
            Product.name,
            Product.name_fr,
            Product.gender,
            Product.unit,
            Product.unit_cost,
            Size.label,
            Site.name.label("warehouse"),
            Site.name_fr.label("warehouse_fr"),
            then.label("quantity"),
        )
        .select_from(Availability)
        .join(Size, Size.id == Availability.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(Site, Site.id == Availability.warehouse_id)
        .outerjoin(net, (net.c.warehouse_id == Availability.warehouse_id) & (net.c.size_id == Availability.size_id))
        .where(then > 0)
        .order_by(Product.name_key, Product.gender, Product.id, Size.position, Size.id, Site.name_key, Site.id)
    )
    if wanted.warehouse_id:
        query = query.where(Availability.warehouse_id == wanted.warehouse_id)
    for term in wanted.search.terms:
        query = query.where(or_(named_like(term), Size.label_key == term.key))
    return query
