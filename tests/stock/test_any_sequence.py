"""Any sequence of what people do with stock conserves goods, keeps every promise and leaves no shelf below zero."""

from collections import Counter
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Distribution
from logistics.errors import DomainError
from logistics.stock import moving, packing, packing_lists, receiving
from logistics.stock.checks import problems
from logistics.stock.counting import correct
from logistics.stock.models import Box, Level, Location, LocationKind, PackingLine

from .. import make
from ..conftest import empty_tables
from . import kit

QUANTITY = st.integers(1, 40)
LABELS = ("S", "M")
LABEL = st.sampled_from(LABELS)
SHELF = st.integers(0, 2)  # two in the first warehouse, one in the second


class Warehouse(RuleBasedStateMachine):
    """Two warehouses, one product in two sizes, and whoever works there in any order."""

    boxes = Bundle("boxes")
    distributions = Bundle("distributions")

    def __init__(self, app: Flask) -> None:
        super().__init__()
        empty_tables(app)

    @initialize()
    def open(self) -> None:
        self.at = kit.depot(*LABELS)
        second = make.warehouse()
        self.warehouses = [self.at.warehouse_id, second.id]
        self.shelves = [self.at.shelf, self.at.other_shelf, make.shelf(second).id]
        self.start = now() + timedelta(days=1)
        self.inside: Counter[str] = Counter()  # what should be on shelves and vans, by size

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

    @rule(target=distributions, day=st.integers(0, 3), warehouse=st.integers(0, 1), men=st.integers(0, 60))
    def announce(self, day: int, warehouse: int, men: int) -> int:
        made = make.distribution(starts_at=self.start + timedelta(days=day), expected_men=men).id
        packing_lists.set_warehouse(actor_id=None, distribution_id=made, warehouse_id=self.warehouses[warehouse])
        return made

    @rule(made=distributions, total=st.integers(0, 80), s=st.integers(0, 3), m=st.integers(0, 3))
    def plan(self, made: int, total: int, s: int, m: int) -> None:
        profile = {str(self.at.sizes["S"]): s, str(self.at.sizes["M"]): m}
        self.set_item(made, per_person_hundredths=None, groups=[], total=total, profile=profile)

    @rule(made=distributions, hundredths=st.integers(1, 300))
    def plan_per_person(self, made: int, hundredths: int) -> None:
        self.set_item(made, per_person_hundredths=hundredths, groups=["men"], total=0, profile={})

    def set_item(self, made: int, **what: Any) -> None:
        self.tried(packing_lists.set_item, distribution_id=made, product_id=self.at.product_id, **what)

    @rule(made=distributions)
    def strike(self, made: int) -> None:
        self.tried(packing_lists.remove_item, distribution_id=made, product_id=self.at.product_id)

    @rule(made=distributions, warehouse=st.integers(0, 1))
    def pack_elsewhere(self, made: int, warehouse: int) -> None:
        self.tried(packing_lists.set_warehouse, distribution_id=made, warehouse_id=self.warehouses[warehouse])

    @rule(made=distributions, men=st.integers(0, 60))
    def expect(self, made: int, men: int) -> None:
        with transaction() as session:
            session.get_one(Distribution, made).expected_men = men
            packing_lists.recount(session, made, None)

    @rule(made=distributions, box=boxes, shelf=SHELF, quantity=QUANTITY)
    def pack(self, made: int, box: tuple[str, str], shelf: int, quantity: int) -> None:
        """What is promised and there can always be packed."""
        there = kit.level(box[0], self.shelves[shelf])
        promised = self.promised(made, box[1]) if self.packed_from(made) == (shelf == 2) else 0
        open_still = kit.state(made) in ("planned", "packing")
        done = self.tried(
            packing.pack,
            distribution_id=made,
            size_id=self.at.sizes[box[1]],
            code=box[0],
            from_id=self.shelves[shelf],
            quantity=quantity,
        )
        assert done <= (quantity <= there and open_still)
        assert done or not (open_still and quantity <= min(there, promised))

    @rule(made=distributions)
    def pack_all(self, made: int) -> None:
        promised = sum(self.promised(made, label) for label in LABELS)
        open_still = kit.state(made) in ("planned", "packing")
        done = self.tried(packing.pack_all, distribution_id=made)
        assert done == bool(open_still and promised)
        assert not done or sum(self.promised(made, label) for label in LABELS) == 0

    @rule(made=distributions, box=boxes, shelf=SHELF, quantity=QUANTITY)
    def put_back(self, made: int, box: tuple[str, str], shelf: int, quantity: int) -> None:
        self.tried(
            packing.put_back,
            distribution_id=made,
            code=box[0],
            to_id=self.shelves[shelf],
            quantity=quantity,
        )

    @precondition(lambda self: self.inside.total() > 0)
    @rule(made=distributions)
    def leave(self, made: int) -> None:
        self.tried(lambda actor_id: kit.leave(self.at, made))

    @precondition(lambda self: self.inside.total() > 0)
    @rule(made=distributions)
    def cancel(self, made: int) -> None:
        self.tried(lambda actor_id: kit.cancel(self.at, made))

    @rule(made=distributions, label=LABEL, handed_out=st.integers(0, 100), lost=st.integers(0, 100))
    def come_back(self, made: int, label: str, handed_out: int, lost: int) -> None:
        """A line is counted: so many per cent handed out and, of the rest, lost."""
        line = db.session.scalars(self.line(made, label)).one_or_none()
        if line is None:
            return
        gave = line.packed * handed_out // 100
        gone = (line.packed - gave) * lost // 100
        counts = {line.id: (gave, line.packed - gave - gone, gone)}
        shelf = self.shelves[2 if self.packed_from(made) else 0]
        if self.tried(lambda actor_id: kit.come_back(self.at, made, counts, shelf)):
            self.inside[label] -= gave + gone

    def tried(self, act: Any, **what: Any) -> bool:
        """Do something that may be refused; say whether it was done."""
        try:
            act(actor_id=None, **what)
        except DomainError:
            return False
        return True

    def line(self, made: int, label: str) -> Any:
        db.session.rollback()
        return select(PackingLine).where(
            PackingLine.distribution_id == made, PackingLine.size_id == self.at.sizes[label]
        )

    def promised(self, made: int, label: str) -> int:
        line = db.session.scalars(self.line(made, label)).one_or_none()
        return line.allocated if line else 0

    def packed_from(self, made: int) -> bool:
        """Whether it is packed from the second warehouse."""
        db.session.rollback()
        return db.session.get_one(packing_lists.PackingList, made).warehouse_id == self.warehouses[1]

    @invariant()
    def nothing_is_off(self) -> None:
        db.session.rollback()
        assert list(problems(db.session)) == []

    @invariant()
    def goods_are_conserved(self) -> None:
        if not hasattr(self, "inside"):
            return
        db.session.rollback()
        found = db.session.execute(
            select(Box.size_id, func.sum(Level.quantity))
            .join(Level, Level.box_id == Box.id)
            .join(Location, Location.id == Level.location_id)
            .where(Location.kind.in_([LocationKind.SHELF, LocationKind.VAN]))
            .group_by(Box.size_id)
        )
        label = {size_id: label for label, size_id in self.at.sizes.items()}
        assert {label[size_id]: int(total) for size_id, total in found if total} == +self.inside

    def teardown(self) -> None:
        db.session.rollback()


def test_any_sequence_keeps_the_books(app: Flask) -> None:
    """Many sequences on SQLite; on PostgreSQL, which runs the same code, a few."""
    many = db.engine.dialect.name == "sqlite"
    run_state_machine_as_test(
        lambda: Warehouse(app),
        settings=settings(
            max_examples=30 if many else 8,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
