"""What a distribution should take: its packing list, changed until the van leaves; saving it promises stock."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..audit import record_on
from ..commands import command
from ..distributions import service as distributions
from ..distributions.models import BEFORE_OUT, GROUPS, Distribution, Site, SiteKind
from ..errors import Conflict, Invalid, NotFound, msg
from .allocating import Promise, promise, serve
from .labels import called, told
from .ledger import MOST, lock_all, lock_availability
from .lines import items_of, lines_of, list_of
from .lookup import open_warehouse, product_with_sizes
from .models import PackingItem, PackingLine, PackingList, Product
from .planning import LEFT, plan_lines
from .sheets import ItemPreview, ItemView, LineView, preview, sheet
from .splitting import people, split, total_for
from .stand_ins.swaps import swaps_of

__all__ = [
    "ItemPreview",
    "ItemView",
    "LineView",
    "preview",
    "recount",
    "remove_item",
    "serve_list",
    "set_item",
    "set_warehouse",
    "sheet",
]


@command
def set_warehouse(session: Session, *, actor_id: int | None, distribution_id: int, warehouse_id: int) -> int:
    """Choose the warehouse that a distribution is packed from; return its id.

    What was promised from another is freed there and promised here as far as it goes. Raises NotFound, Invalid at
    `warehouse_id`, and Conflict once anything is packed or the van has left.
    """
    distribution = _before_out(session, distribution_id)
    site = open_warehouse(session, warehouse_id)
    packing_list = list_of(session, distribution_id)
    if packing_list is None:
        packing_list = _start_list(session, distribution, site)
    elif packing_list.warehouse_id == site.id:
        return site.id
    else:
        _change_warehouse(session, packing_list, site.id)
    record_on(session, actor_id, "packing_list.changed", distribution_id, warehouse=site.name)
    return site.id


@command
def set_item(
    session: Session,
    *,
    actor_id: int | None,
    distribution_id: int,
    product_id: int,
    per_person_hundredths: int | None,
    groups: Sequence[str],
    total: int,
    profile: Mapping[str, int],
    version: int | None = None,
) -> int:
    """Put a product on a distribution's packing list, or plan it anew; return the list's new version.

    Either so many per person of some groups (`per_person_hundredths`; `total` is then worked out from the people
    expected), or a `total`. `profile` maps size id (as text) to its share; with no share above 0 the product's own
    profile holds. `version` is that of the list the page showed (None: not asked). Raises NotFound; Invalid with
    the field to blame; Conflict when the list was changed meanwhile or the van has left.
    """
    distribution = _before_out(session, distribution_id)
    product = product_with_sizes(session, product_id)
    packing_list = list_of(session, distribution_id) or _start_list(session, distribution, _only_warehouse(session))
    if version is not None and version != packing_list.version:
        raise Conflict(msg("Someone changed this packing list meanwhile. Look at what is there now, then repeat."))
    item = _item(session, distribution_id, product_id)
    if item is None:
        if product.closed_at is not None:
            raise Invalid(msg("This product is not given out any more."), "product_id")
        item = PackingItem(distribution_id=distribution_id, product_id=product_id)
        session.add(item)
    item.per_person_hundredths = per_person_hundredths
    item.groups = _groups(groups, per_person_hundredths)
    item.total = _total(distribution, item, total)
    item.profile = _profile(product, profile)
    session.flush()
    size_ids = [size.id for size in product.sizes]
    lock_availability(session, packing_list.warehouse_id, size_ids)
    planned = split(item.total, item.profile)
    plan_lines(session, packing_list, item, product, {int(size_id): n for size_id, n in planned.items()})
    serve(session, packing_list.warehouse_id, size_ids, asking=distribution_id)
    packing_list.version += 1
    record_on(session, actor_id, "packing_list.changed", distribution_id, quantity=item.total, **told(product))
    return packing_list.version


@command
def remove_item(session: Session, *, actor_id: int | None, distribution_id: int, product_id: int) -> int:
    """Take a product off a distribution's packing list, freeing what was promised; return the list's new version.

    Raises NotFound when it is not on it, and Conflict when some of it is packed or the van has left.
    """
    _before_out(session, distribution_id)
    packing_list, item = list_of(session, distribution_id), _item(session, distribution_id, product_id)
    if packing_list is None or item is None:
        raise NotFound(msg("This product is not on the packing list any more."))
    product = product_with_sizes(session, product_id)
    size_ids = [size.id for size in product.sizes]
    swaps = swaps_of(session, distribution_id)
    if any(swaps.touch(size_id) for size_id in size_ids):
        raise Conflict(
            msg("%(product)s has a stand-in here, or is one. Take that back first.", product=called(product))
        )
    lock_availability(session, packing_list.warehouse_id, size_ids)
    lines = lines_of(session, distribution_id, size_ids)
    packed = sum(line.packed for line in lines)
    if packed:
        raise Conflict(
            msg(
                "%(packed)s of %(product)s are packed already. Put them back first.",
                packed=packed,
                product=called(product),
            )
        )
    promise(
        session,
        packing_list.warehouse_id,
        [Promise(line.id, line.size_id, -line.allocated) for line in lines if line.allocated],
    )
    session.execute(delete(PackingLine).where(PackingLine.item_id == item.id))
    session.delete(item)
    session.flush()
    serve(session, packing_list.warehouse_id, size_ids)
    packing_list.version += 1
    record_on(session, actor_id, "packing_list.changed", distribution_id, quantity=0, **told(product))
    return packing_list.version


def recount(session: Session, distribution_id: int, actor_id: int | None) -> None:
    """Plan anew what is counted per person, after the people expected have changed (a step).

    What is packed already stays planned, and what stands in stays too, even where fewer people would need less.
    Nothing once the van has left.
    """
    distribution, packing_list = distributions.lock(session, distribution_id), list_of(session, distribution_id)
    if packing_list is None or distribution.state not in BEFORE_OUT:
        return
    items = [item for item in items_of(session, distribution_id) if item.per_person_hundredths is not None]
    products = {item.id: product_with_sizes(session, item.product_id) for item in items}
    size_ids = {size.id for product in products.values() for size in product.sizes}
    size_ids |= {line.size_id for line in lines_of(session, distribution_id)}
    lock_availability(session, packing_list.warehouse_id, size_ids)
    lines = {line.size_id: line for line in lines_of(session, distribution_id, size_ids)}
    swaps = swaps_of(session, distribution_id)
    for item in items:
        wished = {int(size): n for size, n in split(_total(distribution, item, 0), item.profile).items()}
        kept = {size: line.kept for size, line in lines.items() if line.item_id == item.id}
        asked = {
            size.id: max(0, wished.get(size.id, 0), kept.get(size.id, 0) - swaps.net(size.id))
            for size in products[item.id].sizes
        }
        item.total = sum(asked.values())
        plan_lines(session, packing_list, item, products[item.id], asked)
    serve(session, packing_list.warehouse_id, size_ids, asking=distribution_id)
    packing_list.version += 1
    if items:
        record_on(
            session, actor_id, "packing_list.recounted", distribution_id, quantity=sum(item.total for item in items)
        )


def serve_list(session: Session, distribution_id: int) -> None:
    """Give a distribution what is available of its list: it may have been over, and is ahead again (a step)."""
    distribution, packing_list = distributions.lock(session, distribution_id), list_of(session, distribution_id)
    if packing_list is not None and distribution.state in BEFORE_OUT:
        size_ids = [line.size_id for line in lines_of(session, distribution_id)]
        serve(session, packing_list.warehouse_id, size_ids, asking=distribution_id)


def _before_out(session: Session, distribution_id: int) -> Distribution:
    """Lock a distribution whose list may still be changed."""
    distribution = distributions.lock(session, distribution_id)
    if distribution.state not in BEFORE_OUT:
        raise Conflict(LEFT)
    return distribution


def _start_list(session: Session, distribution: Distribution, site: Site) -> PackingList:
    packing_list = PackingList(distribution_id=distribution.id, warehouse_id=site.id, version=1)
    session.add(packing_list)
    session.flush()
    return packing_list


def _only_warehouse(session: Session) -> Site:
    """Return the warehouse that is meant when nobody chose: the only one. Raises Invalid at `warehouse_id`."""
    open_ones = session.scalars(
        select(Site).where(Site.kind == SiteKind.WAREHOUSE, Site.closed_at.is_(None)).limit(2)
    ).all()
    if len(open_ones) != 1:
        raise Invalid(msg("Choose first which warehouse it is packed from."), "warehouse_id")
    return open_ones[0]


def _change_warehouse(session: Session, packing_list: PackingList, warehouse_id: int) -> None:
    old, distribution_id = packing_list.warehouse_id, packing_list.distribution_id
    size_ids = [line.size_id for line in lines_of(session, distribution_id)]
    lock_all(session, [(site, size_id) for site in (old, warehouse_id) for size_id in size_ids])
    lines = lines_of(session, distribution_id)
    if any(line.packed for line in lines):
        raise Conflict(msg("Some of it is packed already. Put that back before packing from another warehouse."))
    promise(session, old, [Promise(line.id, line.size_id, -line.allocated) for line in lines if line.allocated])
    packing_list.warehouse_id = warehouse_id
    packing_list.version += 1
    session.flush()
    serve(session, old, size_ids)
    serve(session, warehouse_id, size_ids, asking=distribution_id)


def _item(session: Session, distribution_id: int, product_id: int) -> PackingItem | None:
    return next((item for item in items_of(session, distribution_id) if item.product_id == product_id), None)


def _groups(groups: Sequence[str], per_person_hundredths: int | None) -> list[str]:
    """Return the groups in their usual order; none when a total is meant."""
    if set(groups) - set(GROUPS):
        raise Invalid(msg("Choose among the groups that are shown."), "groups")
    if per_person_hundredths is None:
        return []
    if not groups:
        raise Invalid(msg("Choose who gets it."), "groups")
    return [group for group in GROUPS if group in groups]


def _total(distribution: Distribution, item: PackingItem, total: int) -> int:
    """Return the total that is meant: as given, or worked out from the people expected."""
    field = "total"
    if item.per_person_hundredths is not None:
        field = "per_person_hundredths"
        if not 1 <= item.per_person_hundredths <= 100_000:
            raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least="0.01", most=1000), field)
        total = total_for(item.per_person_hundredths, people(distribution.expected, item.groups))
    if not 0 <= total <= MOST:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=0, most=MOST), field)
    return total


def _profile(product: Product, profile: Mapping[str, int]) -> dict[str, int]:
    """Return the share of each size of the product, by size id as text."""
    known = {str(size.id) for size in product.sizes}
    if set(profile) - known or any(not 0 <= share <= MOST for share in profile.values()):
        raise Invalid(msg("Give each size a share of 0 or more."), "profile")
    if not any(profile.values()):
        profile = {str(size.id): size.share for size in product.sizes}
    return {str(size.id): profile.get(str(size.id), 0) for size in product.sizes}
