"""Forward from boxes or a delivery: to which distributions their contents went, and what else became of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from ...distributions.models import Distribution
from ..models import OUTSIDE_IDS, Box, Level, Location, LocationKind, Movement
from . import origins
from .origins import Kind, Origin
from .walking import EVER, FOREVER, NEVER, Starts, forwards, kept, reached, steps

HANDED_OUT, WRITTEN_OFF = OUTSIDE_IDS[LocationKind.HANDED_OUT], OUTSIDE_IDS[LocationKind.WRITTEN_OFF]


@dataclass(frozen=True)
class Went:
    """What went from one box to one distribution: so many units packed for it and not brought back, so many handed out.

    `sure` is False where the box also held other goods by then.
    """

    box_id: int
    distribution_id: int
    title: str
    starts_at: datetime
    packed: int
    handed_out: int
    sure: bool


@dataclass(frozen=True)
class Destinations:
    """What became of goods. `given`, `lost` and `here` count units of boxes that may hold other goods, too."""

    went: list[Went]
    given: int
    lost: int
    here: int
    boxes: Mapping[int, Any]
    sure: Mapping[int, bool]
    cut: bool


def of_box(session: Session, box_id: int) -> Destinations:
    """Return where all that was ever in a box went. Six queries."""
    starts = select(Box.id.label("box_id"), NEVER.label("bound")).where(Box.id == box_id)
    return _of(session, starts, Origin(Kind.BOX, box_id=box_id), stop_at=box_id)


def of_delivery(session: Session, delivery_id: int) -> Destinations:
    """Return where what came with a delivery went. Six queries."""
    starts = (
        select(Movement.box_id.label("box_id"), func.min(Movement.id).label("bound"))
        .where(Movement.delivery_id == delivery_id, kept(Movement))
        .group_by(Movement.box_id)
    )
    return _of(session, starts, Origin(Kind.DELIVERY, delivery_id=delivery_id))


def _of(session: Session, starts: Starts, origin: Origin, *, stop_at: int = 0) -> Destinations:
    forth = forwards(starts)
    walk, box = steps(session, forth), reached(forth)
    left = session.execute(_departures(box)).all()
    here = session.scalar(
        select(func.coalesce(func.sum(Level.quantity), 0))
        .join(box, box.c.box_id == Level.box_id)
        .join(Location, Location.id == Level.location_id)
        .where(Location.kind.in_((LocationKind.SHELF, LocationKind.TRANSIT)))
    )
    gone = [row for row in left if row.distribution_id is not None and row.packed > 0]
    back = origins.of_nodes(session, _nodes(walk.box_ids, {row.last for row in gone}), stop_at=stop_at)
    sure = {node: back.of.get(node, {}).get(origin, False) for node in back.of}
    return Destinations(
        went=[
            Went(
                row.box_id,
                row.distribution_id,
                row.title,
                row.starts_at,
                int(row.packed),
                int(row.handed_out),
                sure.get((row.box_id, row.last), False),
            )
            for row in gone
        ],
        given=sum(int(row.given) for row in left),
        lost=sum(int(row.lost) for row in left),
        here=int(here or 0),
        boxes={box_id: row for box_id, row in back.boxes.items() if box_id in walk.box_ids},
        sure={box_id: sure.get((box_id, FOREVER), False) for box_id in walk.box_ids},
        cut=walk.cut or back.walk.cut,
    )


def _nodes(box_ids: Collection[int], movement_ids: Collection[int]) -> Starts:
    """Return the nodes to walk back from: boxes with all that they held, and as they were when something was packed."""
    all_of_it = select(Box.id.label("box_id"), EVER.label("bound")).where(Box.id.in_(box_ids))
    packed = select(Movement.box_id.label("box_id"), Movement.id.label("bound")).where(Movement.id.in_(movement_ids))
    return union_all(all_of_it, packed)


def _departures(box: Any) -> Select[Any]:
    """Return the query of what left the boxes of a walk for each distribution (or for none), there less back."""
    source, target = aliased(Location), aliased(Location)
    quantity = Movement.quantity
    on, off = target.kind == LocationKind.VAN, source.kind == LocationKind.VAN
    packed = func.sum(
        case(
            (and_(on, source.kind == LocationKind.SHELF), quantity),
            (and_(off, target.kind == LocationKind.SHELF), -quantity),
            else_=0,
        )
    )
    handed_out = func.sum(
        case(
            (and_(off, Movement.to_id == HANDED_OUT), quantity),
            (and_(on, Movement.from_id == HANDED_OUT), -quantity),
            else_=0,
        )
    )
    apart = and_(~on, ~off)
    given = func.sum(
        case(
            (and_(apart, Movement.to_id == HANDED_OUT), quantity),
            (and_(apart, Movement.from_id == HANDED_OUT), -quantity),
            else_=0,
        )
    )
    lost = func.sum(
        case((Movement.to_id == WRITTEN_OFF, quantity), (Movement.from_id == WRITTEN_OFF, -quantity), else_=0)
    )
    van = func.coalesce(target.distribution_id, source.distribution_id)
    sums = (
        select(
            box.c.box_id,
            van.label("distribution_id"),
            packed.label("packed"),
            handed_out.label("handed_out"),
            given.label("given"),
            lost.label("lost"),
            func.max(case((and_(on, source.kind == LocationKind.SHELF), Movement.id))).label("last"),
        )
        .select_from(box)
        .join(Movement, (Movement.box_id == box.c.box_id) & (Movement.id > box.c.bound))
        .join(source, source.id == Movement.from_id)
        .join(target, target.id == Movement.to_id)
        .group_by(box.c.box_id, van)
        .subquery()
    )
    return (
        select(sums, Distribution.title, Distribution.starts_at)
        .outerjoin(Distribution, Distribution.id == sums.c.distribution_id)
        .order_by(Distribution.starts_at.desc(), sums.c.box_id)
    )
