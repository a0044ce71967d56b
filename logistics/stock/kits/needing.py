"""Need of parts: kits that are short and can't be put together from what is available are a need of what is in them."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from ...distributions.listing import ahead
from ...distributions.models import Distribution
from ..models import Availability, PackingLine, PackingList, Product, Size
from . import recipes
from .models import KitPart, KitRecipe

SHORT: ColumnElement[int] = PackingLine.planned - PackingLine.packed - PackingLine.allocated
_FREE = func.coalesce(Availability.on_hand - Availability.expired - Availability.allocated, 0)


@dataclass(frozen=True)
class PartNeed:
    """What the kits that a distribution is short of take of one part, and how much its warehouse has available."""

    size: Size  # with its product
    needed: int
    available: int

    @property
    def short(self) -> int:
        """Return how many are missing."""
        return max(0, self.needed - self.available)


def kits() -> Select[int]:
    """Return the query for the ids of products that are kits."""
    return select(KitRecipe.product_id)


def lacked(session: Session) -> dict[int, tuple[Product, Size, int]]:
    """Return by size id the parts that distributions ahead lack in kits, in one query.

    What is available of a part in the warehouse that such a distribution is packed from is taken off: of that kits can
    be put together. What nobody should send is left out, kits as well as parts.
    """
    kit = aliased(Product)
    wanted = select(kit.id).where(kit.stopped_at.is_(None))
    needed = func.sum(SHORT * KitPart.quantity)
    rows = session.execute(
        _parts(select(Size, Product, needed, func.max(_FREE)))
        .where(ahead(), KitRecipe.product_id.in_(wanted), Product.stopped_at.is_(None))
        .group_by(PackingList.warehouse_id, Size.id, Product.id)
    )
    found: dict[int, int] = defaultdict(int)
    things: dict[int, tuple[Product, Size]] = {}
    for size, product, number, available in rows:
        things[size.id] = (product, size)
        found[size.id] += max(0, int(number) - int(available))
    return {size_id: (*things[size_id], number) for size_id, number in found.items() if number}


def of_distribution(session: Session, distribution_id: int) -> list[PartNeed]:
    """Return what the kits that a distribution is short of take of each part, in one query."""
    needed = func.sum(SHORT * KitPart.quantity)
    rows = session.execute(
        _parts(select(Size, Product, needed, func.max(_FREE)))
        .where(PackingLine.distribution_id == distribution_id)
        .group_by(Size.id, Product.id)
        .order_by(Product.name_key, Product.id, Size.position)
    )
    return [PartNeed(size, int(number), int(available)) for size, _product, number, available in rows]


def _parts(statement: Select[*tuple[Size, Product, int, int]]) -> Select[*tuple[Size, Product, int, int]]:
    """Read a statement on the parts of kits that packing lists are short of, with what their warehouse has of them."""
    kit_size = select(Size.id, Size.product_id).subquery()
    here = and_(Availability.warehouse_id == PackingList.warehouse_id, Availability.size_id == KitPart.size_id)
    return (
        statement.select_from(PackingLine)
        .join(PackingList, PackingList.distribution_id == PackingLine.distribution_id)
        .join(Distribution, Distribution.id == PackingLine.distribution_id)
        .join(kit_size, kit_size.c.id == PackingLine.size_id)
        .join(KitRecipe, and_(KitRecipe.product_id == kit_size.c.product_id, KitRecipe.id.in_(recipes.newest())))
        .join(KitPart, KitPart.recipe_id == KitRecipe.id)
        .join(Size, Size.id == KitPart.size_id)
        .join(Product, Product.id == Size.product_id)
        .outerjoin(Availability, here)
        .options(contains_eager(Size.product))
        .where(SHORT > 0)
    )
