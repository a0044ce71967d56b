"""Stock and its value as it stood at the end of any day: what is on hand now, less what was added since."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from ...clock import midnight
from ...db import stream
from ...distributions.models import Site
from ...money import Currency
from ...paging import Page, paginate
from ..models import Availability, Box, Level, Location, LocationKind, Movement, Product, Size, Unit
from ..purchases.models import Purchase, PurchaseLine
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
    """All of it: how many pieces, its value in pence (and what was bought in euros, in cents), how many have none.

    What stands in boxes that were bought is worth what its size cost on average in all purchases until that day; the
    rest is worth what it would cost to buy today.
    """

    pieces: int
    value: int
    euros: int
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
    unvalued = func.sum(there.c.quantity - there.c.bought).filter(
        there.c.unit_cost.is_(None), there.c.unit == Unit.PIECE
    )
    row = session.execute(select(pieces, func.sum(there.c.value), func.sum(there.c.euros), unvalued)).one()
    return Total(*(int(number or 0) for number in row))


# Written into the SQL itself, for else the index of bought boxes would not be seen to fit.
_BOUGHT: ColumnElement[bool] = Box.source == literal_column(f"'{LocationKind.BOUGHT}'")


def _bought(day: date, zone: tzinfo) -> Any:
    """Return the query of what stood in bought boxes at the end of a day: warehouse_id, size_id, quantity."""
    source, target, after = aliased(Location), aliased(Location), midnight(day + flows.DAY, zone)
    since = func.coalesce(Movement.at, Movement.at) >= after  # by no index: from bought boxes, not from all that moved
    parts = [
        select(Location.warehouse_id, Box.size_id, Level.quantity)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .where(_BOUGHT, Location.warehouse_id.is_not(None)),
        select(target.warehouse_id, Box.size_id, -Movement.quantity)
        .join(Movement, Movement.box_id == Box.id)
        .join(target, target.id == Movement.to_id)
        .where(_BOUGHT, since, target.warehouse_id.is_not(None)),
        select(source.warehouse_id, Box.size_id, Movement.quantity)
        .join(Movement, Movement.box_id == Box.id)
        .join(source, source.id == Movement.from_id)
        .where(_BOUGHT, since, source.warehouse_id.is_not(None)),
    ]
    every_part = union_all(*parts).subquery()
    return (
        select(every_part.c.warehouse_id, every_part.c.size_id, _big(func.sum(every_part.c.quantity)).label("quantity"))
        .group_by(every_part.c.warehouse_id, every_part.c.size_id)
        .subquery()
    )


def _costs(day: date) -> Any:
    """Return the query of what sizes cost in purchases until a day: size_id, units, and what was paid in each currency."""
    amount = _big(PurchaseLine.packs) * PurchaseLine.price
    return (
        select(
            PurchaseLine.size_id,
            _big(func.sum(PurchaseLine.packs * PurchaseLine.pack_size)).label("units"),
            *(
                _big(func.sum(case((Purchase.currency == currency, amount), else_=0))).label(currency)
                for currency in (Currency.GBP, Currency.EUR)
            ),
        )
        .join(Purchase, Purchase.id == PurchaseLine.purchase_id)
        .where(Purchase.bought_on <= day, Purchase.withdrawn_at.is_(None))
        .group_by(PurchaseLine.size_id)
        .subquery()
    )


def _big(number: Any) -> Any:
    return cast(number, BigInteger)


def _rows(session: Session, wanted: AsOf, zone: tzinfo) -> Select[*tuple[Any, ...]]:
    after = flows.net_after(session, wanted.day, zone).subquery()
    net = (
        select(after.c.warehouse_id, after.c.size_id, func.sum(after.c.net).label("net"))
        .group_by(after.c.warehouse_id, after.c.size_id)
        .subquery()
    )
    then = Availability.on_hand - func.coalesce(net.c.net, 0)
    in_boxes, cost = _bought(wanted.day, zone), _costs(wanted.day)
    there = func.coalesce(in_boxes.c.quantity, 0)
    # Without a purchase on record nobody knows what bought goods cost: they are valued as the others.
    bought = case((cost.c.units.is_(None), 0), (there > then, then), else_=there)
    value = (then - bought) * func.coalesce(_big(Product.unit_cost), 0) + func.coalesce(
        bought * cost.c[Currency.GBP] // cost.c.units, 0
    )
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
            bought.label("bought"),
            value.label("value"),
            func.coalesce(bought * cost.c[Currency.EUR] // cost.c.units, 0).label("euros"),
        )
        .select_from(Availability)
        .join(Size, Size.id == Availability.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(Site, Site.id == Availability.warehouse_id)
        .outerjoin(net, (net.c.warehouse_id == Availability.warehouse_id) & (net.c.size_id == Availability.size_id))
        .outerjoin(
            in_boxes,
            (in_boxes.c.warehouse_id == Availability.warehouse_id) & (in_boxes.c.size_id == Availability.size_id),
        )
        .outerjoin(cost, cost.c.size_id == Availability.size_id)
        .where(then > 0)
        .order_by(Product.name_key, Product.gender, Product.id, Size.position, Size.id, Site.name_key, Site.id)
    )
    if wanted.warehouse_id:
        query = query.where(Availability.warehouse_id == wanted.warehouse_id)
    for term in wanted.search.terms:
        query = query.where(or_(named_like(term), Size.label_key == term.key))
    return query
