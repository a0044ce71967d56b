"""Somebody chooses a stand-in for what a packing list is short of, or takes that back.

Planned units move from one line of the list to another, so that promises, picking and need follow by themselves.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record_on
from ...commands import command
from ...distributions import service as distributions
from ...distributions.models import BEFORE_OUT
from ...errors import Conflict, Invalid, msg
from ..allocating import serve
from ..labels import called, told, worded
from ..ledger import lock_availability
from ..lines import items_of, lines_of, list_to_pack
from ..lookup import check_quantity, product_with_sizes, size_by_id
from ..models import PackingItem, PackingLine, PackingList, Product, Size
from ..planning import LEFT, plan_lines
from .models import StandIn, Substitution
from .setting import fitting
from .swaps import swaps_of


@command
def choose(
    session: Session, *, actor_id: int | None, distribution_id: int, size_id: int, by_size_id: int, quantity: int
) -> int:
    """Take so many units of a stand-in instead of a size that is short; return how many stand in for it then.

    They are promised to this distribution. Raises NotFound, Invalid at `quantity` or `by_size_id`, and Conflict when
    fewer are short or available by now, or the van has left.
    """
    packing_list, size, by = _begin(session, distribution_id, size_id, by_size_id)
    check_quantity(quantity)
    products = [product_with_sizes(session, each.product_id) for each in (size, by)]
    _refuse_unless_set(session, distribution_id, size, by, products[1])
    stock = lock_availability(session, packing_list.warehouse_id, _sizes(products))[by_size_id]
    short = sum(line.planned - line.packed - line.allocated for line in lines_of(session, distribution_id, [size_id]))
    if quantity > short:
        raise Conflict(
            msg(
                "Only %(short)s of %(product)s %(size)s are short now. Somebody may have chosen a stand-in meanwhile.",
                short=max(0, short),
                product=called(size.product),
                size=worded(size.label),
            ),
            "quantity",
        )
    if quantity > stock.available:
        raise Conflict(
            msg(
                "Only %(available)s of %(product)s %(size)s are available now: somebody may have taken the others.",
                available=stock.available,
                product=called(by.product),
                size=worded(by.label),
            ),
            "quantity",
        )
    return _swap(session, packing_list, size, by, products, quantity, actor_id)


@command
def take_back(session: Session, *, actor_id: int | None, distribution_id: int, size_id: int, by_size_id: int) -> int:
    """Ask for a size itself again, as far as its stand-in is not packed; return how many that are.

    Raises NotFound, and Conflict when nothing stands in for it, all of that is packed, or the van has left.
    """
    packing_list, size, by = _begin(session, distribution_id, size_id, by_size_id)
    kept = _kept(session, distribution_id, size_id, by_size_id)
    if kept is None:
        raise Conflict(msg("Somebody took this back already."))
    products = [product_with_sizes(session, each.product_id) for each in (size, by)]
    lock_availability(session, packing_list.warehouse_id, _sizes(products))
    quantity = min(
        kept.quantity, sum(line.planned - line.kept for line in lines_of(session, distribution_id, [by_size_id]))
    )
    if not quantity:
        raise Conflict(
            msg(
                "All of %(product)s %(size)s is packed already. Put it back first.",
                product=called(by.product),
                size=worded(by.label),
            )
        )
    _swap(session, packing_list, size, by, products, -quantity, actor_id)
    return quantity


def _begin(session: Session, distribution_id: int, size_id: int, by_size_id: int) -> tuple[PackingList, Size, Size]:
    """Lock a distribution whose list may still be changed, and return its list and both sizes."""
    distribution = distributions.lock(session, distribution_id)
    if distribution.state not in BEFORE_OUT:
        raise Conflict(LEFT)
    return list_to_pack(session, distribution_id), size_by_id(session, size_id), size_by_id(session, by_size_id)


def _sizes(products: list[Product]) -> list[int]:
    return [size.id for product in products for size in product.sizes]


def _kept(session: Session, distribution_id: int, size_id: int, by_size_id: int) -> Substitution | None:
    return session.get(Substitution, (distribution_id, size_id, by_size_id), populate_existing=True)


def _refuse_unless_set(session: Session, distribution_id: int, size: Size, by: Size, product: Product) -> None:
    """Refuse what nobody said may stand in, and the way back, which is to take the other back."""
    allowed = session.get(StandIn, (size.product_id, by.product_id))
    if allowed is None or product.closed_at is not None or fitting(allowed, size, product.sizes) != by.id:
        raise Invalid(
            msg(
                "%(by)s %(by_size)s may not stand in for %(product)s %(size)s any more.",
                by=called(by.product),
                by_size=worded(by.label),
                product=called(size.product),
                size=worded(size.label),
            ),
            "by_size_id",
        )
    if _kept(session, distribution_id, by.id, size.id):
        raise Conflict(msg("It stands in the other way round already. Take that back first."))


def _swap(
    session: Session,
    packing_list: PackingList,
    size: Size,
    by: Size,
    products: list[Product],
    quantity: int,
    actor_id: int | None,
) -> int:
    """Move planned units to the stand-in's line (negative: back); return how many stand in then.

    The caller holds the locks of the distribution and of the availability of all sizes of both products.
    """
    distribution_id = packing_list.distribution_id
    asked = [_asked(session, distribution_id, product) for product in products]
    total = _write(session, distribution_id, size.id, by.id, quantity)
    for product, wanted in zip(products, asked, strict=True):
        plan_lines(session, packing_list, _item(session, distribution_id, product), product, wanted)
    _tidy(session, distribution_id, by.product_id)
    serve(session, packing_list.warehouse_id, _sizes(products), asking=distribution_id)
    packing_list.version += 1
    record_on(
        session,
        actor_id,
        "packing_list.stood_in" if quantity > 0 else "packing_list.stood_in_back",
        distribution_id,
        quantity=abs(quantity),
        size=size.label,
        by=by.product.name,
        by_gender=by.product.gender,
        by_size=by.label,
        **told(size.product),
    )
    return total


def _asked(session: Session, distribution_id: int, product: Product) -> dict[int, int]:
    """Return what was asked for of each size of a product, before anything stood in."""
    swaps = swaps_of(session, distribution_id)
    planned = {line.size_id: line.planned for line in lines_of(session, distribution_id)}
    return {size.id: planned.get(size.id, 0) - swaps.net(size.id) for size in product.sizes}


def _write(session: Session, distribution_id: int, size_id: int, by_size_id: int, quantity: int) -> int:
    kept = _kept(session, distribution_id, size_id, by_size_id)
    total = (kept.quantity if kept else 0) + quantity
    if kept is None:
        session.add(
            Substitution(distribution_id=distribution_id, size_id=size_id, by_size_id=by_size_id, quantity=quantity)
        )
    elif total:
        kept.quantity = total
    else:
        session.delete(kept)
    session.flush()
    return total


def _item(session: Session, distribution_id: int, product: Product) -> PackingItem:
    """Return a product's item on a packing list, made for a stand-in of which nothing was asked for."""
    for item in items_of(session, distribution_id):
        if item.product_id == product.id:
            return item
    item = PackingItem(
        distribution_id=distribution_id,
        product_id=product.id,
        groups=[],
        total=0,
        profile={str(size.id): size.share for size in product.sizes},
    )
    session.add(item)
    session.flush()
    return item


def _tidy(session: Session, distribution_id: int, product_id: int) -> None:
    """Take a stand-in off the list when nothing was asked for of it and nothing is left to stand in."""
    lines = select(PackingLine.id).where(PackingLine.item_id == PackingItem.id)
    for item in session.scalars(
        select(PackingItem).where(
            PackingItem.distribution_id == distribution_id,
            PackingItem.product_id == product_id,
            PackingItem.total == 0,
            PackingItem.per_person_hundredths.is_(None),
            ~lines.exists(),
        )
    ):
        session.delete(item)
    session.flush()
