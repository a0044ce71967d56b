"""What is below its minimum now, and so how many are needed up to its target.

What counts is what is free: on hand, less what is past its date, less what is promised; and what is on its way there from
another warehouse. A season's numbers come before those for all year. What a warehouse lacks and what the whole charity lacks is the same goods: the larger one is needed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ...distributions.models import Site
from ...web.filters import today
from ..models import Availability, Box, Product, Size
from ..splitting import split
from ..transfers.models import Transfer, TransferLine, TransferState
from .models import Season, StockTarget, season_of

FREE = Availability.on_hand - Availability.expired - Availability.allocated


@dataclass(frozen=True)
class Below:
    """A product of which less is free than there should be, in one warehouse or over all (`warehouse` is None)."""

    product: Product
    warehouse: Site | None
    season: str
    minimum: int
    target: int
    free: int
    coming: int  # on the way there

    @property
    def lacking(self) -> int:
        """Return how many are missing to the target."""
        return self.target - self.free - self.coming


def below(session: Session) -> list[Below]:
    """Return what is below its minimum today, by product and place, in one query. Closed products are no matter."""
    free, coming = func.coalesce(func.sum(FREE), 0), _coming()
    rows = session.execute(
        select(Product, Site, StockTarget.season, StockTarget.minimum, StockTarget.target, free, coming)
        .select_from(StockTarget)
        .join(Product, Product.id == StockTarget.product_id)
        .join(Size, Size.product_id == Product.id)
        .outerjoin(Site, Site.id == StockTarget.warehouse_id)
        .outerjoin(
            Availability,
            and_(
                Availability.size_id == Size.id,
                or_(StockTarget.warehouse_id.is_(None), Availability.warehouse_id == StockTarget.warehouse_id),
            ),
        )
        .where(*_in_force(), Product.closed_at.is_(None), Site.closed_at.is_(None))
        .group_by(StockTarget.id, Product.id, Site.id)
        .having(free + coming < StockTarget.minimum)
        .order_by(
            Product.category, Product.name_key, Product.gender, Product.id, Site.name_key.is_not(None), Site.name_key
        )
    )
    return [
        Below(product, site, season, low, high, int(there), int(underway))
        for product, site, season, low, high, there, underway in rows
    ]


def _coming() -> Any:
    """Return how many of a target's product are on the way to where it holds, of what is not past its date."""
    size = aliased(Size)
    return (
        select(func.coalesce(func.sum(TransferLine.left), 0))
        .join(Transfer, Transfer.id == TransferLine.transfer_id)
        .join(Box, Box.id == TransferLine.box_id)
        .join(size, size.id == Box.size_id)
        .where(
            Transfer.state == TransferState.ON_THE_WAY,
            Box.expired.is_(False),
            size.product_id == Product.id,
            or_(StockTarget.warehouse_id.is_(None), Transfer.to_id == StockTarget.warehouse_id),
        )
        .correlate(Product, StockTarget)
        .scalar_subquery()
    )


def _in_force() -> tuple[Any, ...]:
    """Return the conditions that a target is today's: its season's, or all year's where the season has none."""
    season = season_of(today())
    other = aliased(StockTarget)
    seasonal = select(other.id).where(
        other.product_id == StockTarget.product_id,
        other.warehouse_id.is_not_distinct_from(StockTarget.warehouse_id),
        other.season == season,
    )
    return (or_(StockTarget.season == season, and_(StockTarget.season == Season.ALL_YEAR, ~seasonal.exists())),)


def lacking(session: Session) -> list[tuple[Size, Product, int]]:
    """Return how many of each size are missing to the targets of what is below its minimum, in two queries.

    A product that nobody should send is not among them. The number is split by size so that each comes near its share
    of the target by the default profile: most goes to the size that lacks most.
    """
    wanted = [one for one in below(session) if one.product.stopped_at is None]
    if not wanted:
        return []
    products = {one.product.id: one.product for one in wanted}
    sizes, free = _by_size(session, products)
    found = []
    for product_id, product in products.items():
        for size, number in _missing([one for one in wanted if one.product.id == product_id], sizes[product_id], free):
            found.append((size, product, number))
    return found


def _by_size(session: Session, product_ids: Iterable[int]) -> tuple[dict[int, list[Size]], dict[tuple[int, int], int]]:
    """Return products' sizes in their order, and what is free of each by warehouse and size id, over all under 0."""
    sizes: dict[int, list[Size]] = defaultdict(list)
    free: dict[tuple[int, int], int] = defaultdict(int)
    rows = session.execute(
        select(Size, Availability.warehouse_id, FREE)
        .outerjoin(Availability, Availability.size_id == Size.id)
        .where(Size.product_id.in_(list(product_ids)))
        .order_by(Size.product_id, Size.position, Size.id)
    )
    for size, warehouse_id, number in rows:
        if size not in sizes[size.product_id][-1:]:
            sizes[size.product_id].append(size)
        if warehouse_id is not None:
            free[warehouse_id, size.id] += number
            free[0, size.id] += number
    return sizes, free


def _missing(
    wanted: Sequence[Below], sizes: Sequence[Size], free: dict[tuple[int, int], int]
) -> list[tuple[Size, int]]:
    """Return what one product lacks by size: what its warehouses do together, or the charity, whichever is more."""
    shares = {str(size.id): size.share for size in sizes}
    everywhere: dict[str, int] = defaultdict(int)
    by_warehouse: dict[str, int] = defaultdict(int)
    for one in wanted:
        place = one.warehouse.id if one.warehouse else 0
        parts = spread(one.lacking, one.target, shares, {key: free[place, int(key)] for key in shares})
        for key, number in parts.items():
            (by_warehouse if place else everywhere)[key] += number
    larger = max(everywhere, by_warehouse, key=lambda parts: sum(parts.values()))
    return [(size, larger[str(size.id)]) for size in sizes if larger[str(size.id)]]


def spread(lacking: int, target: int, shares: dict[str, int], free: dict[str, int]) -> dict[str, int]:
    """Split what is missing by size, after how far each is from its share of the target; the parts add up to it."""
    goal = split(target, shares)
    return split(lacking, {key: max(0, goal[key] - free[key]) for key in shares})
