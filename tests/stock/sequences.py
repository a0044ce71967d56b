"""A warehouse in which people receive, date, move, count, plan, pack, send out and bring back, in any order.

`test_any_sequence.py` adds what else they do, and runs it.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from sqlalchemy import func, select, update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import BEFORE_OUT, Distribution
from logistics.errors import DomainError
from logistics.stock import expiring, moving, packing, packing_lists, receiving
from logistics.stock.checks import problems
from logistics.stock.counting import correct
from logistics.stock.models import INSIDE, Box, Level, Location, LocationKind, PackingLine, PackingList
from logistics.web.filters import today

from .. import make
from ..conftest import empty_tables
from . import kit

QUANTITY = st.integers(1, 40)
LABELS = ("S", "M")
LABEL = st.sampled_from(LABELS)
SURE = st.integers(0, 2).map(lambda number: number == 0)  # ends a distribution: not too often
MIDNIGHT = -2  # days from now of a best-before that has passed, and that the worker has not seen
SHELF = st.integers(0, 2)  # two in the first warehouse, one in the second


class Warehouse(RuleBasedStateMachine):
    """Two warehouses, one product in two sizes, and whoever works there in any order."""

    boxes = Bundle("boxes")
    distributions = Bundle("distributions")

    def __init__(self, app: Flask) -> None:
        super().__init__()
        empty_tables(app)
        self.at = kit.depot(*LABELS)
        second = make.warehouse()
        self.warehouses = [self.at.warehouse_id, second.id]
        self.shelves = [self.at.shelf, self.at.other_shelf, make.shelf(second).id]
        self.start = now() + timedelta(days=1)
        self.inside: Counter[str] = Counter()  # what should be on shelves and vans, by size
        self.done: Counter[str] = DONE

    @initialize(target=boxes)
    def first_box(self) -> tuple[str, str]:
        return self.receive("S", 50, 0)

    @initialize(target=distributions)
    def first_distribution(self) -> int:
        made = self.announce(0, 0, 20)
        self.plan(made, 60, 2, 1, each=False)
        return made

    @rule(target=boxes, label=LABEL, quantity=st.integers(0, 60), shelf=SHELF)
    def receive(self, label: str, quantity: int, shelf: int) -> tuple[str, str]:
        code = kit.receive(self.at, quantity, size=label, shelf=self.shelves[shelf])
        self.inside[label] += quantity
        return code, label

    @rule(box=boxes, quantity=QUANTITY, shelf=SHELF)
    def receive_more(self, box: tuple[str, str], quantity: int, shelf: int) -> None:
        receiving.receive_into(actor_id=None, code=box[0], quantity=quantity, location_id=self.shelves[shelf])
        self.inside[box[1]] += quantity

    @rule(box=boxes, source=SHELF, goal=SHELF, quantity=QUANTITY)
    def move(self, box: tuple[str, str], source: int, goal: int, quantity: int) -> None:
        there = kit.level(box[0], self.shelves[source])
        done = self.tried(
            moving.move_box,
            code=box[0],
            from_id=self.shelves[source],
            to_id=self.shelves[goal],
            quantity=quantity,
        )
        same_warehouse = max(source, goal) < 2 and source != goal
        assert done <= (quantity <= there)
        assert done or not (same_warehouse and quantity <= there)

    @rule(box=boxes, shelf=SHELF, counted=st.integers(0, 60))
    def count(self, box: tuple[str, str], shelf: int, counted: int) -> None:
        """What was counted is always accepted, whatever was promised."""
        seen = kit.level(box[0], self.shelves[shelf])
        correct(
            actor_id=None,
            code=box[0],
            location_id=self.shelves[shelf],
            seen=seen,
            counted=counted,
            reason="miscounted",
        )
        self.inside[box[1]] += counted - seen

    @rule(box=boxes, days=st.sampled_from([9, 0, None, -1, MIDNIGHT]))
    def date(self, box: tuple[str, str], days: int | None) -> None:
        """Somebody reads the date on a box, or that there is none; or its day passes, and the worker comes."""
        day = None if days is None else today() + timedelta(days=days)
        if days != MIDNIGHT:
            expiring.set_best_before(actor_id=None, code=box[0], best_before=day, undated=day is None)
            return
        with transaction() as session:
            session.execute(update(Box).where(Box.code == box[0]).values(best_before=day))
        self.done["mark_due"] += expiring.mark_due()

    @rule(target=distributions, day=st.integers(0, 3), warehouse=st.sampled_from([0, 0, 1]), men=st.integers(0, 60))
    def announce(self, day: int, warehouse: int, men: int) -> int:
        made = make.distribution(starts_at=self.start + timedelta(days=day), expected_men=men).id
        assert self.tried(packing_lists.set_warehouse, distribution_id=made, warehouse_id=self.warehouses[warehouse])
        return made

    @rule(made=distributions, total=st.integers(0, 80), s=st.integers(0, 3), m=st.integers(0, 3), each=st.booleans())
    def plan(self, made: int, total: int, s: int, m: int, each: bool) -> None:
        """Plan a total, or as many hundredths for each person."""
        self.tried(
            packing_lists.set_item,
            distribution_id=made,
            product_id=self.at.product_id,
            per_person_hundredths=total or None if each else None,
            groups=["men"],
            total=total,
            profile={str(self.at.sizes["S"]): s, str(self.at.sizes["M"]): m},
        )

    @rule(made=distributions)
    def strike(self, made: int) -> None:
        """Take the product off the list."""
        self.tried(packing_lists.remove_item, distribution_id=made, product_id=self.at.product_id)

    @rule(made=distributions, what=st.sampled_from(["elsewhere", "expect"]), number=st.integers(0, 60))
    def plan_anew(self, made: int, what: str, number: int) -> None:
        """Pack from another warehouse, or expect other people."""
        if what == "elsewhere":
            warehouse = self.warehouses[number % 2]
            self.tried(packing_lists.set_warehouse, distribution_id=made, warehouse_id=warehouse)
        else:
            with transaction() as session:
                session.get_one(Distribution, made).expected_men = number
                packing_lists.recount(session, made, None)

    @rule(data=st.data(), more=st.integers(-20, 5))
    def pack(self, data: st.DataObject, more: int) -> None:
        """What is promised and there can always be packed; a few more may be refused."""
        made = self.one_that_is(data, *BEFORE_OUT, "out")
        places = self.places(made, LocationKind.SHELF)
        if not places:
            return
        code, label, shelf, there = data.draw(st.sampled_from(places))
        promised, open_still = self.promised(made, label), self.open_still(made)
        quantity = max(1, there + more)
        done = self.tried(
            packing.pack,
            distribution_id=made,
            size_id=self.at.sizes[label],
            code=code,
            from_id=shelf,
            quantity=quantity,
        )
        assert done <= (quantity <= there and open_still)
        assert done or not (open_still and quantity <= min(there, promised))

    @rule(data=st.data(), more=st.integers(-20, 1), elsewhere=st.booleans())
    def put_back(self, data: st.DataObject, more: int, elsewhere: bool) -> None:
        made = self.one_that_is(data, "packing", "out")
        places = self.places(made, LocationKind.VAN)
        if not places:
            return
        code, _, _, there = data.draw(st.sampled_from(places))
        shelf = self.shelves[2 if self.packed_from_second(made) else int(elsewhere)]
        quantity = max(1, there + more)
        packing_still = kit.state(made) == "packing"
        done = self.tried(packing.put_back, distribution_id=made, code=code, to_id=shelf, quantity=quantity)
        assert done == (packing_still and quantity <= there)

    @rule(made=distributions, sure=SURE)
    def cancel(self, made: int, sure: bool) -> None:
        if sure:
            open_still = self.open_still(made)
            assert self.tried(cancel, at=self.at, made=made) == open_still

    @rule(made=distributions, handed_out=st.integers(0, 100), lost=st.integers(0, 100), one=st.booleans())
    def go_on(self, made: int, handed_out: int, lost: int, one: bool) -> None:
        """A distribution takes its next step: packed, then out, then counted."""
        state = kit.state(made)
        if state in BEFORE_OUT:
            self.pack_all(made)
        if state == "packing":
            assert self.tried(leave, at=self.at, made=made)
        if state == "out":
            self.come_back(made, handed_out, lost, one)

    def pack_all(self, made: int) -> None:
        promised = sum(self.promised(made, label) for label in LABELS)
        assert self.tried(packing.pack_all, distribution_id=made) == bool(promised)
        assert sum(self.promised(made, label) for label in LABELS) == 0

    def come_back(self, made: int, handed_out: int, lost: int, one: bool) -> None:
        """One line or all are counted: so many per cent handed out and, of the rest, lost."""
        lines = [line for label in LABELS for line in [self.line(made, label)] if line][: 1 if one else 2]
        counts, gone = {}, Counter[str]()
        for line in lines:
            gave = line.packed * handed_out // 100
            missing = (line.packed - gave) * lost // 100
            counts[line.id] = (gave, line.packed - gave - missing, missing)
            gone[self.label[line.size_id]] = gave + missing
        shelf = self.shelves[2 if self.packed_from_second(made) else 0]
        if self.tried(come_back, at=self.at, made=made, counts=counts, shelf=shelf):
            self.inside -= gone

    def tried(self, act: Any, /, **what: Any) -> bool:
        """Do something that may be refused; say whether it was done."""
        try:
            act(actor_id=None, **what)
        except DomainError:
            return False
        self.done[act.__name__] += 1
        return True

    def one_that_is(self, data: st.DataObject, *states: str) -> int:
        """A distribution in one of these states, or 0."""
        db.session.rollback()
        found = db.session.scalars(
            select(Distribution.id).where(Distribution.state.in_(states)).order_by(Distribution.id)
        ).all()
        return data.draw(st.sampled_from(found)) if found else 0

    def places(self, made: int, kind: LocationKind) -> list[tuple[str, str, int, int]]:
        """Where goods are that this distribution could pack, or has on its van: code, size, location, how many."""
        db.session.rollback()
        packing_list = db.session.get(PackingList, made)
        if packing_list is None:
            return []
        here = [Location.distribution_id == made]
        if kind == "shelf":
            here = [Location.warehouse_id == packing_list.warehouse_id, Box.expired.is_(False)]
        rows = db.session.execute(
            select(Box.code, Box.size_id, Location.id, Level.quantity)
            .join(Level, Level.box_id == Box.id)
            .join(Location, Location.id == Level.location_id)
            .where(Location.kind == kind, *here, Level.quantity > 0)
            .order_by(Box.id, Location.id)
        )
        return [(code, self.label[size_id], place, quantity) for code, size_id, place, quantity in rows]

    def line(self, made: int, label: str) -> PackingLine | None:
        db.session.rollback()
        return db.session.scalars(
            select(PackingLine).where(PackingLine.distribution_id == made, PackingLine.size_id == self.at.sizes[label])
        ).one_or_none()

    def promised(self, made: int, label: str) -> int:
        line = self.line(made, label)
        return line.allocated if line else 0

    def open_still(self, made: int) -> bool:
        return kit.state(made) in BEFORE_OUT

    def packed_from_second(self, made: int) -> bool:
        db.session.rollback()
        return db.session.get_one(PackingList, made).warehouse_id == self.warehouses[1]

    @property
    def label(self) -> dict[int, str]:
        return {size_id: label for label, size_id in self.at.sizes.items()}

    @invariant()
    def nothing_is_off(self) -> None:
        db.session.rollback()
        assert list(problems(db.session)) == []

    @invariant()
    def goods_are_conserved(self) -> None:
        found = db.session.execute(
            select(Box.size_id, func.sum(Level.quantity))
            .join(Level, Level.box_id == Box.id)
            .join(Location, Location.id == Level.location_id)
            .where(Location.kind.in_(INSIDE))
            .group_by(Box.size_id)
        )
        there = {self.label[size_id]: int(total) for size_id, total in found if total}
        kept = {label: number for label, number in self.inside.items() if number}
        assert there == kept, (there, kept)

    def teardown(self) -> None:
        db.session.rollback()


DONE: Counter[str] = Counter()


def leave(*, actor_id: None, at: kit.Depot, made: int) -> None:
    kit.leave(at, made)


def cancel(*, actor_id: None, at: kit.Depot, made: int) -> None:
    kit.cancel(at, made)


def come_back(*, actor_id: None, at: kit.Depot, made: int, counts: dict[int, tuple[int, int, int]], shelf: int) -> None:
    kit.come_back(at, made, counts, shelf)
