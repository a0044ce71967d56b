"""Back from boxes: what brought their contents, and whether that is sure or, where goods were mixed, only may be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from ..arriving.models import Delivery
from ..ledger import MovementReason
from ..models import OUTSIDE_IDS, Box, LocationKind, Movement
from ..purchases.models import PurchaseLine
from .walking import EVER, Node, Starts, Walk, backwards, boxes, kept, steps

CAME_FROM = (OUTSIDE_IDS[LocationKind.DONATED], OUTSIDE_IDS[LocationKind.BOUGHT])


class Kind(StrEnum):
    """How goods came: with a delivery or a purchase; given, bought or taken over without; or found when counted.

    `BOX` stands for whatever one box held, where that is what is followed.
    """

    DELIVERY = "delivery"
    PURCHASE = "purchase"
    DONATED = "donated"
    BOUGHT = "bought"
    IMPORTED = "imported"
    FOUND = "found"
    BOX = "box"


@dataclass(frozen=True)
class Origin:
    """One thing that brought goods. What came without delivery or purchase is known by the box it was put into."""

    kind: Kind
    delivery_id: int = 0
    purchase_id: int = 0
    box_id: int = 0


@dataclass(frozen=True)
class Arrival:
    """So many units that one origin put into a box, and when. `at` is when its delivery came, or else the first of them."""

    box_id: int
    origin: Origin
    quantity: int
    at: datetime


@dataclass(frozen=True)
class Origins:
    """What brought the contents of some nodes: for each its origins, each with whether that is sure."""

    of: Mapping[Node, Mapping[Origin, bool]]
    arrivals: Mapping[Origin, Arrival]
    walk: Walk
    boxes: Mapping[int, Any]


def of_nodes(session: Session, starts: Starts, *, stop_at: int = 0) -> Origins:
    """Return where the contents of nodes came from. `stop_at` is a box that is an origin itself. Three queries."""
    back = backwards(starts)
    walk = steps(session, back)
    channels: dict[Node, list[Arrival]] = defaultdict(list)
    for bound, arrival in _arrivals(session, back):
        channels[arrival.box_id, bound].append(arrival)
    finder = _Finder(walk, channels, stop_at)
    found = {node: finder.origins(node) for node in sorted(walk.nodes)}
    return Origins(found, _together(channels), walk, boxes(session, walk.box_ids))


def _together(channels: Mapping[Node, Iterable[Arrival]]) -> dict[Origin, Arrival]:
    """Return what each origin brought in all, its first box and moment; of a box's nodes the latest has all."""
    last: dict[tuple[int, Origin], Arrival] = {}
    for _node, arrivals in sorted(channels.items()):
        for each in arrivals:
            last[each.box_id, each.origin] = each
    found: dict[Origin, Arrival] = {}
    for each in sorted(last.values(), key=lambda each: (each.at, each.box_id)):
        known = found.get(each.origin)
        more = known.quantity if known else 0
        first = known or each
        found[each.origin] = Arrival(first.box_id, each.origin, each.quantity + more, first.at)
    return found


def of_box(box_id: int) -> Select[int, int]:
    """Return the start of a walk from all that one box ever held."""
    return select(Box.id.label("box_id"), EVER.label("bound")).where(Box.id == box_id)


def of_distribution(distribution_id: int) -> Select[int, int]:
    """Return the start of a walk from what was packed for a distribution: of each box, what it held by then."""
    return (
        select(Movement.box_id.label("box_id"), func.max(Movement.id).label("bound"))
        .where(Movement.distribution_id == distribution_id, Movement.reason == MovementReason.PACKED)
        .group_by(Movement.box_id)
    )


def _arrivals(session: Session, back: Any) -> Iterator[tuple[int, Arrival]]:
    """Yield what came from outside into each node of a walk, with the node's bound."""
    node = select(back.c.box_id, back.c.bound).distinct().subquery()
    rows = session.execute(
        select(
            node.c.box_id,
            node.c.bound,
            Movement.delivery_id,
            PurchaseLine.purchase_id,
            Movement.reason,
            func.sum(Movement.quantity),
            func.min(Movement.at),
            Delivery.arrived_at,
        )
        .select_from(node)
        .join(Movement, (Movement.box_id == node.c.box_id) & (Movement.id < node.c.bound))
        .outerjoin(Delivery, Delivery.id == Movement.delivery_id)
        .outerjoin(PurchaseLine, PurchaseLine.id == Movement.purchase_line_id)
        .where(Movement.from_id.in_(CAME_FROM), kept(Movement))
        .group_by(
            node.c.box_id,
            node.c.bound,
            Movement.delivery_id,
            PurchaseLine.purchase_id,
            Movement.reason,
            Delivery.id,
        )
    )
    for box_id, bound, delivery_id, purchase_id, reason, quantity, first, arrived_at in rows:
        origin = _origin(box_id, delivery_id, purchase_id, reason)
        yield bound, Arrival(box_id, origin, int(quantity), arrived_at or first)


def _origin(box_id: int, delivery_id: int | None, purchase_id: int | None, reason: str) -> Origin:
    if delivery_id is not None:
        return Origin(Kind.DELIVERY, delivery_id=delivery_id)
    if purchase_id is not None:
        return Origin(Kind.PURCHASE, purchase_id=purchase_id)
    return Origin(Kind(reason) if reason in set(Kind) else Kind.FOUND, box_id=box_id)


class _Finder:
    """Follows a walk back. A box into which things of several origins were put has each of them only perhaps."""

    def __init__(self, walk: Walk, arrivals: Mapping[Node, Iterable[Arrival]], stop_at: int) -> None:
        self._walk, self._arrivals, self._stop_at = walk, arrivals, stop_at
        self._known: dict[Node, dict[Origin, bool]] = {}

    def origins(self, node: Node) -> dict[Origin, bool]:
        """Return the origins of a node, each with whether that is sure."""
        if node[0] == self._stop_at:
            return {Origin(Kind.BOX, box_id=self._stop_at): True}
        if node not in self._known:
            channels = [{arrival.origin: True} for arrival in self._arrivals.get(node, ())]
            for sources in self._walk.onward.get(node, {}).values():
                # What goes into one act together is what it is made of (a kit's parts), and not a mix.
                channels.append({key: sure for each in sorted(sources) for key, sure in self.origins(each).items()})
            self._known[node] = _mixed([channel for channel in channels if channel])
        return self._known[node]


def _mixed(channels: list[dict[Origin, bool]]) -> dict[Origin, bool]:
    """Return the origins of a box into which these came one after the other."""
    if all(channel.keys() == channels[0].keys() and len(channel) == 1 for channel in channels[1:]):
        return {key: all(channel[key] for channel in channels) for key in (channels[0] if channels else ())}
    return {key: False for channel in channels for key in channel}


@dataclass(frozen=True)
class Source:
    """What one delivery or purchase, or one way without, had part in: so many units packed, in these boxes.

    `sure` is False where some of the boxes also held other goods: then the units are as many at most.
    """

    kind: Kind
    delivery_id: int
    purchase_id: int
    at: datetime
    quantity: int
    boxes: list[Any]
    sure: bool


def for_distribution(session: Session, distribution_id: int) -> list[Source]:
    """Return where the goods came from that were packed for a distribution, those of most units first. Four queries."""
    packed = _packed(session, distribution_id)
    if not packed:
        return []
    found = of_nodes(session, of_distribution(distribution_id))
    together: dict[tuple[Kind, int, int], list[tuple[int, Origin, bool]]] = defaultdict(list)
    for (box_id, bound), quantity in packed.items():
        for origin, sure in found.of.get((box_id, bound), {}).items():
            if quantity > 0:
                together[origin.kind, origin.delivery_id, origin.purchase_id].append((box_id, origin, sure))
    by_box = {box_id: quantity for (box_id, _bound), quantity in packed.items()}
    sources = [
        Source(
            kind,
            delivery_id,
            purchase_id,
            min(found.arrivals[origin].at for _box, origin, _sure in parts),
            sum(by_box[box_id] for box_id in {box_id for box_id, _origin, _sure in parts}),
            [found.boxes[box_id] for box_id in sorted({box_id for box_id, _origin, _sure in parts})],
            all(sure for _box, _origin, sure in parts),
        )
        for (kind, delivery_id, purchase_id), parts in together.items()
    ]
    return sorted(sources, key=lambda source: (-source.quantity, source.kind, source.at))


def _packed(session: Session, distribution_id: int) -> dict[Node, int]:
    """Return how many units of each box were packed and not put back, with the last movement that packed some."""
    on, off = Movement.reason == MovementReason.PACKED, Movement.reason == MovementReason.PUT_BACK
    rows = session.execute(
        select(
            Movement.box_id,
            func.max(case((on, Movement.id))),
            func.sum(case((on, Movement.quantity), (off, -Movement.quantity), else_=0)),
        )
        .where(Movement.distribution_id == distribution_id, or_(on, off))
        .group_by(Movement.box_id)
    )
    return {(box_id, last): int(quantity) for box_id, last, quantity in rows if last is not None}
