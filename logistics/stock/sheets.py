"""Packing lists as pages show them: per product and size, what is planned, promised, packed and short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from ..distributions.models import Distribution
from .lookup import product_with_sizes
from .models import Availability, PackingItem, PackingLine, PackingList, Product, Size
from .splitting import people, split, total_for
from .stand_ins.models import Substitution
from .stand_ins.offers import substitutions
from .stand_ins.swaps import swaps_of

_AVAILABLE = Availability.on_hand - Availability.expired - Availability.allocated  # None where there is no row


@dataclass(frozen=True)
class LineView:
    """One size on a packing list, with what its warehouse has. `handed_out` and the rest are None until counted.

    `instead_of` is what it stands in for.
    """

    line_id: int
    size: Size
    planned: int
    allocated: int
    packed: int
    on_hand: int
    available: int
    handed_out: int | None
    came_back: int | None
    lost: int | None
    instead_of: Sequence[Substitution] = ()

    @property
    def short(self) -> int:
        """Return how many are planned, and neither packed nor promised."""
        return max(0, self.planned - self.packed - self.allocated)

    @property
    def extra(self) -> int:
        """Return how many are packed beyond what is planned."""
        return max(0, self.packed - self.planned)

    @property
    def counted(self) -> bool:
        """Return whether it was counted after the return."""
        return self.handed_out is not None


@dataclass(frozen=True)
class ItemView:
    """One product on a packing list, as it was asked for, with its lines in the order of the sizes.

    `product.sizes` is loaded, also those of which nothing is planned. `replaced` is what stands in for it.
    """

    item_id: int
    product: Product
    per_person_hundredths: int | None
    groups: list[str]
    total: int
    profile: dict[str, int]
    lines: list[LineView] = field(default_factory=list)
    replaced: list[Substitution] = field(default_factory=list)

    @property
    def allocated(self) -> int:
        """Return how many are promised and not yet packed, over all sizes."""
        return sum(line.allocated for line in self.lines)

    @property
    def packed(self) -> int:
        """Return how many are packed, over all sizes."""
        return sum(line.packed for line in self.lines)

    @property
    def short(self) -> int:
        """Return how many are short, over all sizes."""
        return sum(line.short for line in self.lines)

    @property
    def handed_out(self) -> int:
        """Return how many were handed out, over all sizes counted so far."""
        return sum(line.handed_out or 0 for line in self.lines)

    @property
    def came_back(self) -> int:
        """Return how many came back, over all sizes counted so far."""
        return sum(line.came_back or 0 for line in self.lines)

    @property
    def lost(self) -> int:
        """Return how many were lost, over all sizes counted so far."""
        return sum(line.lost or 0 for line in self.lines)


def sheet(session: Session, distribution_id: int, *, stand_ins: bool = True) -> list[ItemView]:
    """Return a packing list for a page, in four queries whatever its length; three without its `stand_ins`."""
    items = session.scalars(
        select(PackingItem)
        .where(PackingItem.distribution_id == distribution_id)
        .options(joinedload(PackingItem.product).selectinload(Product.sizes))
        .order_by(PackingItem.id)
    )
    views = {
        item.id: ItemView(item.id, item.product, item.per_person_hundredths, item.groups, item.total, item.profile)
        for item in items
    }
    swaps = substitutions(session, distribution_id) if stand_ins else []
    for item_id, line in _lines(session, distribution_id):
        views[item_id].lines.append(
            replace(line, instead_of=[each for each in swaps if each.by_size_id == line.size.id])
        )
    for view in views.values():
        view.replaced.extend(each for each in swaps if each.size.product_id == view.product.id)
    return list(views.values())


def _lines(session: Session, distribution_id: int) -> list[tuple[int, LineView]]:
    here = and_(Availability.warehouse_id == PackingList.warehouse_id, Availability.size_id == PackingLine.size_id)
    rows = session.execute(
        select(
            PackingLine.item_id,
            PackingLine.id,
            Size,
            PackingLine.planned,
            PackingLine.allocated,
            PackingLine.packed,
            Availability.on_hand,
            _AVAILABLE,
            PackingLine.handed_out,
            PackingLine.came_back,
            PackingLine.lost,
        )
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Size, Size.id == PackingLine.size_id)
        .outerjoin(Availability, here)
        .where(PackingLine.distribution_id == distribution_id)
        .order_by(Size.position, Size.id)
    )
    return [
        (
            item_id,
            LineView(
                line_id,
                size,
                planned,
                allocated,
                packed,
                on_hand=on_hand or 0,
                available=available or 0,
                handed_out=handed_out,
                came_back=came_back,
                lost=lost,
            ),
        )
        for (
            item_id,
            line_id,
            size,
            planned,
            allocated,
            packed,
            on_hand,
            available,
            handed_out,
            came_back,
            lost,
        ) in rows
    ]


@dataclass(frozen=True)
class LinePreview:
    """One size of a plan that is not saved yet. `available` counts what this distribution has promised already."""

    size: Size
    planned: int
    packed: int
    available: int

    @property
    def promised(self) -> int:
        """Return how many would be promised."""
        return max(0, min(self.available, self.planned - self.packed))

    @property
    def short(self) -> int:
        """Return how many would be short."""
        return max(0, self.planned - self.packed - self.available)


@dataclass(frozen=True)
class ItemPreview:
    """A plan that is not saved yet: its total and every size of the product."""

    product: Product
    total: int
    lines: list[LinePreview]

    @property
    def short(self) -> int:
        """Return how many would be short, over all sizes."""
        return sum(line.short for line in self.lines)


def preview(
    session: Session,
    distribution_id: int,
    product_id: int,
    *,
    per_person_hundredths: int | None,
    groups: Sequence[str],
    total: int,
    profile: Mapping[str, int],
    warehouse_id: int | None = None,
) -> ItemPreview:
    """Return what saving this item would plan and leave short, in a fixed number of queries.

    `warehouse_id` counts while the distribution has no packing list. The rest as for `set_item`; what it would
    refuse is for `set_item` to say: here a number that makes no sense counts as 0. Raises Invalid at `product_id`.
    """
    product = product_with_sizes(session, product_id)
    if per_person_hundredths is not None:
        expected = session.get_one(Distribution, distribution_id).expected
        known = [group for group in groups if group in expected]
        total = total_for(max(0, per_person_hundredths), people(expected, known))
    asked = {str(size.id): max(0, profile.get(str(size.id), 0)) for size in product.sizes}
    planned = split(max(0, total), asked if any(asked.values()) else {str(s.id): s.share for s in product.sizes})
    packing_list, swaps = session.get(PackingList, distribution_id), swaps_of(session, distribution_id)
    stock = _stock(session, distribution_id, packing_list.warehouse_id if packing_list else warehouse_id, product)
    return ItemPreview(
        product,
        max(0, total),
        [
            LinePreview(size, max(0, planned[str(size.id)] + swaps.net(size.id)), *stock.get(size.id, (0, 0)))
            for size in product.sizes
        ],
    )


def _stock(
    session: Session, distribution_id: int, warehouse_id: int | None, product: Product
) -> dict[int, tuple[int, int]]:
    """Return by size id how many this distribution has packed, and how many it could be promised."""
    mine = and_(PackingLine.size_id == Size.id, PackingLine.distribution_id == distribution_id)
    here = and_(Availability.size_id == Size.id, Availability.warehouse_id == (warehouse_id or 0))
    rows = session.execute(
        select(Size.id, PackingLine.packed, PackingLine.allocated, _AVAILABLE)
        .outerjoin(PackingLine, mine)
        .outerjoin(Availability, here)
        .where(Size.product_id == product.id)
    )
    return {size_id: (packed or 0, (available or 0) + (own or 0)) for size_id, packed, own, available in rows}
