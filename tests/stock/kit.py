"""A small warehouse to test in, and short names for what tests do there."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from logistics.db import db, transaction
from logistics.distributions import service as distributions
from logistics.distributions.models import Distribution, DistributionState
from logistics.stock import checks, leaving, packing_lists, receiving, returning
from logistics.stock.aisle.models import AisleAct
from logistics.stock.models import INSIDE, Availability, Box, Level, Location, Movement, PackingLine, Size

from .. import make


@dataclass(frozen=True)
class Depot:
    """One warehouse with two shelves, one product, its sizes by label, and who works there."""

    warehouse_id: int
    shelf: int
    other_shelf: int
    product_id: int
    sizes: dict[str, int]
    actor_id: int

    @property
    def size(self) -> int:
        """The first size, for what needs no other."""
        return next(iter(self.sizes.values()))


def depot(*labels: str, has_best_before: bool = False) -> Depot:
    warehouse = make.warehouse()
    product = make.product("Joggers", sizes=labels or ("One size",), has_best_before=has_best_before)
    product_id = product.id
    sizes = db.session.execute(select(Size.label, Size.id).where(Size.product_id == product_id).order_by(Size.position))
    by_label = {each.label: each.id for each in sizes}
    return Depot(
        warehouse.id,
        make.shelf(warehouse, "C4").id,
        make.shelf(warehouse, "D1").id,
        product_id,
        by_label,
        make.person("coordinator", name="Salma").id,
    )


def receive(at: Depot, quantity: int, *, size: str = "", shelf: int = 0, **more: object) -> str:
    """Receive a new box and return its code. Without a date, somebody looked and saw that there is none on it."""
    more.setdefault("undated", "best_before" not in more)
    return receiving.receive_new_box(
        actor_id=at.actor_id,
        size_id=at.sizes[size] if size else at.size,
        quantity=quantity,
        location_id=shelf or at.shelf,
        **more,
    )


def distribution(at: Depot, starts_at: datetime | None = None, **fields: object) -> int:
    """Make a distribution packed from this warehouse and return its id."""
    made = make.distribution(starts_at=starts_at, **{"created_by": at.actor_id, **fields}).id
    packing_lists.set_warehouse(actor_id=at.actor_id, distribution_id=made, warehouse_id=at.warehouse_id)
    return made


def plan(at: Depot, distribution_id: int, total: int, profile: dict[str, int] | None = None) -> int:
    """Put a total of the product on a packing list; `profile` is by label."""
    return packing_lists.set_item(
        actor_id=at.actor_id,
        distribution_id=distribution_id,
        product_id=at.product_id,
        per_person_hundredths=None,
        groups=[],
        total=total,
        profile={str(at.sizes[label]): share for label, share in (profile or {}).items()},
    )


def planned(at: Depot, total: int, starts_at: datetime | None = None) -> int:
    """Make a distribution with a packing list of this total and return its id."""
    made = distribution(at, starts_at)
    plan(at, made, total)
    return made


def leave(at: Depot, distribution_id: int) -> None:
    """The van leaves, as operations does it."""
    with transaction() as session:
        found = distributions.lock(session, distribution_id)
        distributions.start_packing(session, found, at.actor_id)
        distributions.advance(session, found, DistributionState.OUT, at.actor_id)
        leaving.release(session, distribution_id, at.actor_id)


def cancel(at: Depot, distribution_id: int) -> None:
    """The distribution is called off, as operations does it."""
    with transaction() as session:
        found = distributions.lock(session, distribution_id)
        distributions.advance(session, found, DistributionState.CANCELLED, at.actor_id)
        leaving.put_everything_back(session, distribution_id, at.actor_id)


def come_back(
    at: Depot, distribution_id: int, counts: dict[int, tuple[int, int, int]], shelf: int | None = None
) -> None:
    """Lines are counted after the return."""
    with transaction() as session:
        returning.record_return(
            session,
            distribution_id=distribution_id,
            actor_id=at.actor_id,
            counts=counts,
            shelf_id=shelf or at.shelf,
        )


def stock(at: Depot, size: str = "", warehouse_id: int = 0) -> tuple[int, int]:
    """What is on hand and allocated."""
    db.session.rollback()
    found = db.session.get(Availability, (warehouse_id or at.warehouse_id, at.sizes[size] if size else at.size))
    return (found.on_hand, found.allocated) if found else (0, 0)


def expired(at: Depot, size: str = "", warehouse_id: int = 0) -> int:
    """How many of what is on hand are past their date."""
    db.session.rollback()
    found = db.session.get(Availability, (warehouse_id or at.warehouse_id, at.sizes[size] if size else at.size))
    return found.expired if found else 0


def line(at: Depot, distribution_id: int, size: str = "") -> PackingLine:
    """A packing line as it now stands."""
    db.session.rollback()
    size_id = at.sizes[size] if size else at.size
    return db.session.scalars(
        select(PackingLine).where(PackingLine.distribution_id == distribution_id, PackingLine.size_id == size_id)
    ).one()


def allocated(at: Depot, *distribution_ids: int) -> list[int]:
    """What each of these distributions is promised."""
    return [line(at, each).allocated for each in distribution_ids]


def level(code: str, location_id: int) -> int:
    """How many of a box are at a location."""
    db.session.rollback()
    return (
        db.session.scalar(select(Level.quantity).join(Box).where(Box.code == code, Level.location_id == location_id))
        or 0
    )


def van(distribution_id: int) -> int:
    """The id of a distribution's van."""
    db.session.rollback()
    return db.session.scalars(select(Location.id).where(Location.distribution_id == distribution_id)).one()


def site_of(shelf_id: int) -> int:
    """The warehouse of a shelf."""
    db.session.rollback()
    site_id = db.session.get_one(Location, shelf_id).warehouse_id
    db.session.rollback()
    assert site_id
    return site_id


def state(distribution_id: int) -> str:
    """A distribution's state."""
    db.session.rollback()
    return db.session.get_one(Distribution, distribution_id).state


def brought(movement: Movement) -> Counter[int]:
    """How many more of each size are in the house, on its shelves, vans and ways, since the act of a movement."""
    first, more = movement.group_id or movement.id, Counter[int]()
    of_it = or_(Movement.id == first, Movement.group_id == first)
    for place, sign in ((Movement.to_id, 1), (Movement.from_id, -1)):
        rows = select(Box.size_id, func.sum(Movement.quantity)).join(Box, Box.id == Movement.box_id)
        inside = place.in_(select(Location.id).where(Location.kind.in_(INSIDE)))
        for size_id, number in db.session.execute(rows.where(of_it, inside).group_by(Box.size_id)):
            more[size_id] += sign * int(number)
    return more


def counted_again(key: str) -> int:
    """How many more are in the house since counts were kept for which an act of the aisle, by its key, came too late."""
    by_key = select(Movement).join(AisleAct, AisleAct.movement_id == Movement.id)
    movements = db.session.scalars(by_key.where(AisleAct.key.startswith(f"{key}@"))).all()
    return sum(brought(movement).total() for movement in movements)


def sound() -> None:
    """Assert that nothing in stock is off."""
    db.session.rollback()
    found = list(checks.problems(db.session))
    db.session.rollback()
    assert found == []
