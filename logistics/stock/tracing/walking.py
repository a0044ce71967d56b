"""Walking from box to box along what was split, put together or made into kits, backwards and forwards in time.

Each such act is a group of movements through *converted*: what went in there came out of it. A transfer needs no step,
since a box stays the same box on its way. What was undone is left out, with what undid it.

A walk is a recursive query. Backwards it takes with each box the movement before which its contents count, forwards the
one after which they do: these only go down (or up), so that a walk ends, also where boxes were put into each other.
A box with such a bound is a `Node`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from ..models import OUTSIDE_IDS, Box, LocationKind, Movement, Product, Size

CONVERTED = OUTSIDE_IDS[LocationKind.CONVERTED]
DEEPEST = 20  # acts from one end to the other
MOST_STEPS = 1000  # what one page can show and more: a longer walk is cut, and says so
FOREVER = 2**31 - 1
EVER: ColumnElement[int] = literal_column(str(FOREVER), Integer)
NEVER: ColumnElement[int] = literal_column("-1", Integer)
_ZERO: ColumnElement[int] = literal_column("0", Integer)


Node = tuple[int, int]  # box id, bound
Starts = Select[int, int] | CompoundSelect[int, int]  # the query of nodes that a walk begins at


@dataclass
class Walk:
    """The steps of a walk: for each node the acts that lead on from it, and to which nodes; all nodes that were reached."""

    onward: dict[Node, dict[int, set[Node]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    nodes: set[Node] = field(default_factory=set)
    cut: bool = False

    @property
    def box_ids(self) -> set[int]:
        """Return the boxes that were reached."""
        return {box_id for box_id, _bound in self.nodes}


def kept(movement: Any) -> ColumnElement[bool]:
    """Return the condition that a movement neither was undone nor undoes another."""
    back = aliased(Movement)
    return and_(
        func.coalesce(movement.reverses_id, 0) == 0, ~exists(select(back.id).where(back.reverses_id == movement.id))
    )


def _converts(end: Any) -> ColumnElement[bool]:
    """Return the condition that a movement goes through converted.

    It is written so that no index fits: a database should look at a box's movements, and not at all that were ever
    converted. So is the condition on what a movement reverses, in `kept`.
    """
    found: ColumnElement[bool] = end + _ZERO == CONVERTED
    return found


def backwards(starts: Starts) -> CTE:
    """Return the walk back from boxes, each with the movement before which its contents count (`EVER`: all)."""
    into, out = aliased(Movement), aliased(Movement)
    walk, act = _begin(starts), func.coalesce(into.group_id, into.id)
    step = (
        select(out.box_id, out.id, walk.c.depth + 1, walk.c.box_id, walk.c.bound, act)
        .select_from(walk)
        .join(into, and_(into.box_id == walk.c.box_id, _converts(into.from_id), into.id < walk.c.bound, kept(into)))
        .join(out, and_(or_(out.id == act, out.group_id == act), _converts(out.to_id)))
        .where(out.box_id != into.box_id, walk.c.depth < DEEPEST)
    )
    return walk.union(step)


def forwards(starts: Starts) -> CTE:
    """Return the walk on from boxes, each with the movement after which its contents count (`NEVER`: all)."""
    into, out = aliased(Movement), aliased(Movement)
    walk, act = _begin(starts), func.coalesce(out.group_id, out.id)
    step = (
        select(into.box_id, into.id, walk.c.depth + 1, walk.c.box_id, walk.c.bound, act)
        .select_from(walk)
        .join(out, and_(out.box_id == walk.c.box_id, _converts(out.to_id), out.id > walk.c.bound, kept(out)))
        .join(into, and_(or_(into.id == act, into.group_id == act), _converts(into.from_id)))
        .where(into.box_id != out.box_id, walk.c.depth < DEEPEST)
    )
    return walk.union(step)


def _begin(starts: Starts) -> CTE:
    start = starts.subquery()
    nothing = cast(null(), Integer)
    columns = (_ZERO.label("depth"), *(nothing.label(name) for name in ("from_box", "from_bound", "act")))
    return select(start.c.box_id, start.c.bound, *columns).cte("walk", recursive=True)


def reached(walk: CTE) -> Any:
    """Return the boxes that a walk forwards reaches, each with the first of its bounds."""
    return select(walk.c.box_id, func.min(walk.c.bound).label("bound")).group_by(walk.c.box_id).subquery()


def steps(session: Session, walk: CTE) -> Walk:
    """Return the steps of a walk. One query."""
    found = Walk()
    columns = (walk.c.box_id, walk.c.bound, walk.c.from_box, walk.c.from_bound, walk.c.act)
    rows = session.execute(select(*columns).distinct().limit(MOST_STEPS + 1)).all()
    found.cut = len(rows) > MOST_STEPS
    for box_id, bound, from_box, from_bound, act in rows[:MOST_STEPS]:
        found.nodes.add((box_id, bound))
        if act is not None:
            found.onward[from_box, from_bound][act].add((box_id, bound))
    return found


def boxes(session: Session, box_ids: set[int]) -> dict[int, Any]:
    """Return what boxes are: rows of id, code, name, name_fr, gender, label and unit, by id."""
    rows: Sequence[Any] = session.execute(
        select(
            Box.id,
            Box.code,
            Product.name,
            Product.name_fr,
            Product.gender,
            Product.unit,
            Size.label,
        )
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .where(Box.id.in_(box_ids))
    ).all()
    return {row.id: row for row in rows}
