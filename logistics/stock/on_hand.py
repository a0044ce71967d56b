"""What is on hand, promised, past its date and available: by warehouse, product and size."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from ..db import stream
from ..distributions.models import Site
from ..paging import Page, paginate
from .finding import STANDING
from .ledger import Stock
from .models import Availability, Product, Size, Unit
from .searching import ANYTHING, Search, named_like

_WAREHOUSE_COLUMNS = (Site.name.label("warehouse"), Site.name_fr.label("warehouse_fr"))
_PRODUCT_COLUMNS = (Product.name, Product.name_fr, Product.gender, Product.category)
_SIZE_COLUMNS = (
    Size.product_id,
    Size.id.label("size_id"),
    Size.label,
    Availability.warehouse_id,
    *STANDING,
)


@dataclass(frozen=True)
class StockFilter:
    """What stock is looked for. `warehouse_id` is 0 and `category` empty where any will do."""

    search: Search = ANYTHING
    warehouse_id: int = 0
    category: str = ""


@dataclass(frozen=True)
class StockRow:
    """One product in one warehouse: what is on hand, promised and past its date, and the same for each of its sizes."""

    product_id: int
    name: str
    name_fr: str | None
    gender: str
    warehouse: str
    warehouse_fr: str | None
    warehouse_id: int
    on_hand: int
    allocated: int
    expired: int
    sizes: Sequence[Any]

    @property
    def available(self) -> int:
        """Return what can be promised still."""
        return self.on_hand - self.expired - self.allocated


def find_stock(session: Session, wanted: StockFilter, number: int) -> Page[StockRow]:
    """Return one page of products in warehouses that hold some, by name, in three queries."""
    query = (
        _stock(
            wanted,
            Product.id,
            Product.name,
            Product.name_fr,
            Product.gender,
            Site.id.label("warehouse_id"),
            Site.name.label("warehouse"),
            Site.name_fr.label("warehouse_fr"),
            func.sum(Availability.on_hand).label("on_hand"),
            func.sum(Availability.allocated).label("allocated"),
            func.sum(Availability.expired).label("expired"),
        )
        .group_by(Product.id, Site.id)
        .order_by(Product.name_key, Product.gender, Product.id, Site.name_key)
    )
    page = paginate(session, query, number)
    sizes = _sizes(session, wanted, {row.id for row in page.rows})
    rows = [
        StockRow(
            row.id,
            row.name,
            row.name_fr,
            row.gender,
            row.warehouse,
            row.warehouse_fr,
            row.warehouse_id,
            row.on_hand,
            row.allocated,
            row.expired,
            sizes[row.id, row.warehouse_id],
        )
        for row in page.rows
    ]
    return Page(rows, page.number, page.total, page.size)


def _sizes(session: Session, wanted: StockFilter, product_ids: set[int]) -> dict[tuple[int, int], list[Any]]:
    sizes: dict[tuple[int, int], list[Any]] = defaultdict(list)
    query = _stock(wanted, *_SIZE_COLUMNS).where(Size.product_id.in_(product_ids)).order_by(Size.position, Size.id)
    for row in session.execute(query):
        sizes[row.product_id, row.warehouse_id].append(row)
    return sizes


def all_stock(session: Session, wanted: StockFilter) -> Iterator[Any]:
    """Yield every size in every warehouse that holds some, for a download."""
    query = _stock(wanted, *_WAREHOUSE_COLUMNS, *_PRODUCT_COLUMNS, *_SIZE_COLUMNS)
    yield from stream(
        session, query.order_by(Site.name_key, Product.name_key, Product.gender, Product.id, Size.position)
    )


def stock_total(session: Session, wanted: StockFilter) -> Stock:
    """Return how many pieces are on hand, promised and past their date (grams and millilitres are not added)."""
    sums = (func.sum(column) for column in (Availability.on_hand, Availability.allocated, Availability.expired))
    total = session.execute(_stock(wanted, *sums).where(Product.unit == Unit.PIECE)).one()
    return Stock(*(number or 0 for number in total))


def _stock(wanted: StockFilter, *columns: Any) -> Select[*tuple[Any, ...]]:
    query = (
        select(*columns)
        .select_from(Availability)
        .join(Size, Size.id == Availability.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(Site, Site.id == Availability.warehouse_id)
        .where(Availability.on_hand > 0)
    )
    if wanted.warehouse_id:
        query = query.where(Availability.warehouse_id == wanted.warehouse_id)
    if wanted.category:
        query = query.where(Product.category == wanted.category)
    for term in wanted.search.terms:
        query = query.where(or_(named_like(term), Size.label_key == term.key))
    return query
