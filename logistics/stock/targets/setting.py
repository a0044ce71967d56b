"""Setting minimums and targets, of one product or of many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ...audit import record
from ...commands import command
from ...distributions.models import Site
from ...errors import Conflict, Invalid, NotFound, msg
from ..ledger import MOST
from ..lookup import open_warehouse
from ..models import Product
from .models import Season, StockTarget


@dataclass(frozen=True)
class Bounds:
    """A minimum and a target; None and None where nothing is said."""

    minimum: int | None = None
    target: int | None = None


@dataclass(frozen=True)
class Wish:
    """What a product's bounds shall be. `seen` is what the page showed them to be; None to set them whatever they are."""

    product_id: int
    bounds: Bounds
    seen: Bounds | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as `set_targets` takes it."""
        return asdict(self)


@command
def set_targets(
    session: Session, *, actor_id: int | None, warehouse_id: int, season: str, wishes: Sequence[Mapping[str, Any]]
) -> int:
    """Set minimums and targets in one warehouse (0: over all of them) and season; return how many changed.

    `wishes` are Wishes as plain values. A wish for neither number takes both away; a minimum alone is its own target.
    Raises NotFound, Invalid, and Conflict when somebody else set one meanwhile: at `minimum_<product id>` or
    `target_<product id>`.
    """
    if season not in set(Season):
        raise Invalid(msg("Choose when this holds."), "season")
    place = open_warehouse(session, warehouse_id).id if warehouse_id else None
    wanted = [_wish(wish) for wish in wishes]
    _lock(session, {wish.product_id for wish in wanted})
    kept = {
        row.product_id: row
        for row in session.scalars(
            select(StockTarget).where(
                StockTarget.product_id.in_([wish.product_id for wish in wanted]),
                StockTarget.warehouse_id.is_not_distinct_from(place),
                StockTarget.season == season,
            )
        )
    }
    changed = [wish.product_id for wish in wanted if _set(session, wish, kept.get(wish.product_id), place, season)]
    if changed:
        record(session, actor_id, "targets.set", "product", changed[0], products=changed, season=season, site=place)
    return len(changed)


def targets_of(session: Session, product_id: int) -> Sequence[StockTarget]:
    """Return a product's minimums and targets with their warehouses: those of the whole charity first."""
    return session.scalars(
        select(StockTarget)
        .outerjoin(Site, Site.id == StockTarget.warehouse_id)
        .where(StockTarget.product_id == product_id)
        .options(joinedload(StockTarget.warehouse))
        .order_by(Site.name_key.is_not(None), Site.name_key, StockTarget.season, StockTarget.id)
    ).all()


def _wish(given: Mapping[str, Any]) -> Wish:
    """Return a wish whose numbers can be kept."""
    product_id, seen = given["product_id"], given["seen"]
    minimum, target = given["bounds"]["minimum"], given["bounds"]["target"]
    at = {"minimum": f"minimum_{product_id}", "target": f"target_{product_id}"}
    for name, number in (("minimum", minimum), ("target", target)):
        if number is not None and not 0 <= number <= MOST:
            raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=0, most=MOST), at[name])
    if minimum is None and target is not None:
        raise Invalid(msg("Enter the minimum, too: below it, more is asked for."), at["minimum"])
    target = minimum if target is None else target
    if minimum is not None and target is not None and target < minimum:
        raise Invalid(msg("The target can’t be below the minimum."), at["target"])
    return Wish(product_id, Bounds(minimum, target), None if seen is None else Bounds(**seen))


def _lock(session: Session, product_ids: set[int]) -> None:
    """Lock products, in the order of ids. Raises NotFound."""
    query = select(Product.id).where(Product.id.in_(product_ids)).order_by(Product.id)
    if len(session.scalars(query.with_for_update(key_share=True)).all()) != len(product_ids):
        raise NotFound(msg("There is no such product."))


def _set(session: Session, wish: Wish, kept: StockTarget | None, place: int | None, season: str) -> bool:
    """Set one product's bounds and return whether that changed them. The product is locked."""
    stands = Bounds(kept.minimum, kept.target) if kept else Bounds()
    if wish.bounds in (stands, wish.seen):
        return False
    if wish.seen not in (None, stands):
        raise Conflict(
            msg("Somebody set this meanwhile. Look at the new numbers and enter yours again."),
            f"minimum_{wish.product_id}",
        )
    if wish.bounds == Bounds():
        session.delete(kept)
    elif kept is None:
        session.add(
            StockTarget(
                product_id=wish.product_id,
                warehouse_id=place,
                season=season,
                minimum=wish.bounds.minimum,
                target=wish.bounds.target,
            )
        )
    else:
        kept.minimum, kept.target = wish.bounds.minimum or 0, wish.bounds.target or 0
    return True
