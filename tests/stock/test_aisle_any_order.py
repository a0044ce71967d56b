"""Whatever is done by several people without a signal, and in whatever order it is sent: the ledger tells what is there.

What is really on the shelves is kept beside the ledger. Two phones write down what is done, and send it when they may,
partly, twice, or long after others counted the same box. Once all is sent, the ledger and the shelves are the same:
whoever is asked about a count says that it holds.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from logistics.clock import as_if, now
from logistics.commands import Token
from logistics.db import db
from logistics.errors import Conflict
from logistics.stock.aisle import doing, standing
from logistics.stock.aisle.reading import act as read
from logistics.stock.checks import problems
from logistics.stock.lookup import box_by_code
from logistics.stock.taking import take_out

from .. import make
from ..conftest import empty_tables
from . import aisle, kit

PHONE = st.integers(0, 1)
SHELF = st.integers(0, 1)
QUANTITY = st.integers(1, 9)
DONE: Counter[str] = Counter()


class Aisle(RuleBasedStateMachine):
    """One box on two shelves, two phones, and somebody with a signal."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        empty_tables(app)
        self.at = kit.depot()
        self.shelves = [self.at.shelf, self.at.other_shelf]
        self.people = [make.person("warehouse").id for _ in range(2)]
        self.moment = now() - timedelta(days=2)
        self.code = ""
        self.there = [0, 0]  # what is really on the shelves
        self.queues: list[list[dict[str, Any]]] = [[], []]
        self.sent: list[tuple[int, dict[str, Any]]] = []

    def later(self) -> datetime:
        """Time goes on."""
        self.moment += timedelta(minutes=1)
        return self.moment

    @initialize(quantity=st.integers(5, 40))
    def receive(self, quantity: int) -> None:
        with as_if(self.later()):
            self.code = kit.receive(self.at, quantity)
        self.there[0] = quantity

    def write(self, phone: int, kind: str, shelf: int, **fields: Any) -> None:
        made = aisle.act(kind, self.code, moment=self.later(), shelf=self.shelves[shelf], **fields)
        self.queues[phone].append(made)

    @rule(phone=PHONE, kind=st.sampled_from(["take", "put", "move"]), shelf=SHELF, quantity=QUANTITY)
    def move_goods(self, phone: int, kind: str, shelf: int, quantity: int) -> None:
        """Somebody takes out, puts in or moves what is really there."""
        if kind != "put" and quantity > self.there[shelf]:
            return
        more = {"take": {"reason": "given"}, "put": {"source": "donated"}, "move": {"to": self.shelves[1 - shelf]}}
        self.write(phone, kind, shelf, quantity=quantity, **more[kind])
        self.there[shelf] += quantity if kind == "put" else -quantity
        if kind == "move":
            self.there[1 - shelf] += quantity

    @rule(phone=PHONE, shelf=SHELF)
    def count(self, phone: int, shelf: int) -> None:
        """Whoever counts sees what is there, whatever the phone shows."""
        self.write(phone, "count", shelf, counted=self.there[shelf], expected=0)

    @rule(shelf=SHELF, quantity=QUANTITY)
    def take_with_a_signal(self, shelf: int, quantity: int) -> None:
        if quantity <= min(self.there[shelf], kit.level(self.code, self.shelves[shelf])):
            with as_if(self.later()):
                take_out(actor_id=None, code=self.code, location_id=self.shelves[shelf], quantity=quantity)
            self.there[shelf] -= quantity

    @rule(phone=PHONE, some=st.integers(1, 4))
    def send(self, phone: int, some: int) -> None:
        """Some of a queue is sent; what is refused stays in front, as it does on a phone."""
        with as_if(self.later()):
            for _ in range(some):
                if not self.queues[phone] or not self.try_to_send(phone, self.queues[phone][0]):
                    return
                self.sent.append((phone, self.queues[phone].pop(0)))

    def try_to_send(self, phone: int, made: dict[str, Any]) -> bool:
        if made["kind"] == "count":
            self.decide(made)
        try:
            self.do(phone, made)
        except Conflict as refused:
            DONE[f"{made['kind']} refused"] += 1
            if refused.field != "overtaken":
                return False
            # Whoever counted before others did lets theirs hold.
            self.do(phone, {**made, "discarded": "Counted since"})
        DONE[made["kind"]] += 1
        return True

    def do(self, phone: int, made: dict[str, Any]) -> None:
        token = Token(f"person:{self.people[phone]}", made["key"])
        doing.once(db.session, actor_id=self.people[phone], token=token, act=read(made))

    def decide(self, made: dict[str, Any]) -> None:
        """Whoever counted is shown what the ledger has for that moment, and says that the count holds."""
        box_id, shelf_id = box_by_code(db.session, self.code).id, made["shelf"]
        then = standing.stood(db.session, box_id, shelf_id, read(made).made_at).quantity
        db.session.rollback()
        made |= {"expected": then, "reason": "miscounted"}

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """An answer was lost, so something is sent that is in the ledger already."""
        if self.sent:
            phone, made = data.draw(st.sampled_from(self.sent))
            before = [kit.level(self.code, shelf) for shelf in self.shelves]
            with as_if(self.later()):
                self.try_again(phone, made)
            assert [kit.level(self.code, shelf) for shelf in self.shelves] == before
            DONE["again"] += 1

    def try_again(self, phone: int, made: dict[str, Any]) -> None:
        try:
            self.do(phone, made)
        except Conflict:
            assert made["kind"] == "count"  # one that was discarded

    def teardown(self) -> None:
        """Everybody comes back to where there is a signal."""
        if not self.code:
            return
        for _ in range(sum(map(len, self.queues)) + 1):
            for phone in (0, 1):
                self.send(phone, 99)
        db.session.rollback()
        assert list(problems(db.session)) == []
        if not any(self.queues):
            assert [kit.level(self.code, shelf) for shelf in self.shelves] == self.there
            DONE["all sent"] += 1
        db.session.rollback()


def test_the_ledger_tells_what_is_there_in_whatever_order_it_is_sent(app: Flask) -> None:
    many = db.engine.dialect.name == "sqlite"
    DONE.clear()
    run_state_machine_as_test(
        lambda: Aisle(app),
        settings=settings(
            max_examples=16 if many else 4,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not many or {"take", "put", "move", "count", "again", "all sent"} <= set(DONE)
