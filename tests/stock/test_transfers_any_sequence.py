"""Any sequence of sending, receiving, explaining and undoing, beside promises and counts, keeps the books."""

import random
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.db import db
from logistics.errors import DomainError
from logistics.stock.checks import problems
from logistics.stock.counting import correct
from logistics.stock.dividing import split_box
from logistics.stock.models import INSIDE, Level, Location
from logistics.stock.transfers import arriving, listing, preparing, sending
from logistics.stock.transfers.models import Transfer, TransferLine

from .. import make
from ..conftest import empty_tables
from . import kit

STEPS = 120
DONE: Counter[str] = Counter()


class Between:
    """Two warehouses with a shelf each, a few boxes of one size, and distributions that are promised some."""

    def __init__(self, app: Flask) -> None:
        empty_tables(app)
        self.at = kit.depot()
        second = make.warehouse()
        self.warehouses = [self.at.warehouse_id, second.id]
        self.shelves = [self.at.shelf, make.shelf(second).id]
        self.codes = [
            kit.receive(self.at, 40),
            kit.receive(self.at, 25),
            kit.receive(self.at, 30, shelf=self.shelves[1]),
        ]
        self.inside = 95
        kit.planned(self.at, 20)

    def send(self, box: int, quantity: int, place: int) -> None:
        code, source, goal = self.code(box), self.warehouses[place], self.warehouses[1 - place]
        there = kit.level(code, self.shelves[place])
        if not there:
            return
        made = preparing.prepare(actor_id=None, from_id=source, to_id=goal, codes=[code])
        number = self.line(made).id
        preparing.change_line(actor_id=None, transfer_id=made, line_id=number, quantity=quantity)
        on_hand, allocated = kit.stock(self.at, warehouse_id=source)
        assert self.tried(sending.send, transfer_id=made) == (quantity <= min(there, on_hand - allocated))

    def receive(self, one: int, quantity: int) -> None:
        if made := self.sent(one):
            line, shelf = self.line(made), self.arrives_on(made)
            said = {str(line.id): {"arrived": quantity, "seen": line.left}}
            fits = 0 < quantity <= line.left
            assert self.tried(arriving.receive, transfer_id=made, shelf_id=shelf, arrived=said) == fits

    def explain(self, one: int, quantity: int) -> None:
        if made := self.sent(one):
            line = self.line(made)
            which = {"transfer_id": made, "line_id": line.id, "seen": line.left}
            if self.tried(arriving.explain, quantity=quantity, reason="lost", **which):
                self.inside -= quantity

    def find_more(self, one: int, quantity: int) -> None:
        if made := self.sent(one):
            which = {"transfer_id": made, "line_id": self.line(made).id, "shelf_id": self.arrives_on(made)}
            if self.tried(arriving.find_more, quantity=quantity, reason="found", **which):
                self.inside += quantity

    def take_back(self, one: int) -> None:
        if made := self.sent(one):
            assert self.tried(sending.take_back, transfer_id=made) == (self.line_left_before > 0)

    def undo(self, one: int, which: int) -> None:
        if made := self.sent(one):
            acts = [row for row in listing.happened(db.session, made) if row.reason != "undone" and not row.undone_by]
            db.session.rollback()
            if acts:
                act = acts[which % len(acts)]
                if self.tried(arriving.undo, transfer_id=made, movement_id=act.act):
                    self.inside += {"lost": 1, "found": -1}.get(act.reason, 0) * act.quantity

    def plan(self, total: int) -> None:
        kit.planned(self.at, total)

    def split(self, box: int, place: int, quantity: int) -> None:
        what = {"code": self.code(box), "from_id": self.shelves[place], "to_id": self.shelves[place]}
        if len(self.codes) < 8:
            try:
                self.codes.append(split_box(actor_id=None, quantity=quantity, **what))
            except DomainError:
                return

    def count(self, box: int, place: int, counted: int) -> None:
        code, shelf = self.code(box), self.shelves[place]
        seen = kit.level(code, shelf)
        correct(actor_id=None, code=code, location_id=shelf, seen=seen, counted=counted, reason="miscounted")
        self.inside += counted - seen

    def code(self, box: int) -> str:
        return self.codes[box % len(self.codes)]

    def sent(self, one: int) -> int:
        """A transfer that was sent, the latest first; 0 when none was. It remembers what of it is on the way."""
        db.session.rollback()
        gone = db.session.scalars(
            select(Transfer.id).where(Transfer.sent_at.is_not(None)).order_by(Transfer.id.desc())
        ).all()
        made = gone[one % min(len(gone), 3)] if gone else 0
        self.line_left_before = self.line(made).left if made else 0
        return made

    def line(self, made: int) -> TransferLine:
        db.session.rollback()
        (line,) = preparing.lines_of(db.session, made)
        db.session.expunge_all()
        return line

    def arrives_on(self, made: int) -> int:
        return self.shelves[self.warehouses.index(db.session.get_one(Transfer, made).to_id)]

    def tried(self, act: Any, **what: Any) -> bool:
        """Do something that may be refused; say whether it was done."""
        db.session.rollback()
        try:
            act(actor_id=None, **what)
        except DomainError:
            return False
        DONE[act.__name__] += 1
        return True

    def nothing_is_off(self) -> None:
        db.session.rollback()
        assert list(problems(db.session)) == []
        total = select(func.sum(Level.quantity)).join(Location, Location.id == Level.location_id)
        assert (db.session.scalar(total.where(Location.kind.in_(INSIDE))) or 0) == self.inside
        db.session.rollback()


@pytest.mark.parametrize("seed", range(2))
def test_any_sequence_keeps_the_books(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    between = Between(app)
    many, acts = db.engine.dialect.name == "sqlite", (between.send, between.receive, between.explain, between.undo)
    rare = (between.find_more, between.take_back, between.plan, between.split, between.count)
    DONE.clear()
    for _ in range(STEPS if many else STEPS // 3):
        act = chance.choice((*acts, *acts, *rare))
        numbers = {"box": 9, "one": 9, "which": 9, "place": 1, "quantity": 30, "counted": 30, "total": 15}
        names = act.__code__.co_varnames[1 : act.__code__.co_argcount]
        act(**{name: chance.randint(1 if numbers[name] == 30 else 0, numbers[name]) for name in names})
        between.nothing_is_off()
    assert not many or {"send", "receive", "explain", "find_more", "take_back", "undo"} <= set(DONE)
