"""Counting while others move, and posting twice at once, on both databases."""

from functools import partial

from flask import Flask
from sqlalchemy import func, select

from logistics.db import db
from logistics.errors import Conflict
from logistics.stock.counts import posting, reviewing, takes
from logistics.stock.counts.models import StockCount
from logistics.stock.models import Movement
from logistics.stock.moving import move_box

from .. import make
from ..racing import race, refused
from . import kit
from .test_counts import begin, count, post


def move_out(at: kit.Depot, code: str) -> None:
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=1)


def test_a_count_is_of_one_moment_while_sixteen_others_move(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    take, people = begin(at), [make.person("warehouse").id for _ in range(4)]
    # Each counts what the ledger has on this shelf less two: whoever counts later sees fewer of either.
    answers = race(
        app,
        *[partial(move_out, at, code)] * 16,
        *[partial(count, at, take, code, 30, by=person) for person in people],
    )
    assert refused(answers, Conflict) == 0
    counts = db.session.scalars(select(StockCount)).all()
    assert len(counts) == 4
    assert all(34 <= each.expected <= 50 for each in counts)
    moved = {each.id: each.at for each in db.session.scalars(select(Movement).where(Movement.reason == "moved"))}
    for each in counts:
        assert each.expected == 50 - sum(at <= each.counted_at for at in moved.values())
    holds = max(counts, key=lambda each: each.counted_at)
    level = 34 + holds.counted - holds.expected
    held = {f"b{code.lower()}": holds.counter_id}
    db.session.rollback()
    post(at, take, **held)
    assert kit.level(code, at.shelf) == level
    kit.sound()


def test_a_stock_take_is_posted_once(app: Flask) -> None:
    at = kit.depot()
    codes = [kit.receive(at, 10) for _ in range(3)]
    take = begin(at)
    for code in codes:
        count(at, take, code, 7)
    answers = race(app, *[partial(post, at, take)] * 6)
    assert refused(answers, Conflict) == 5
    assert [kit.level(code, at.shelf) for code in codes] == [7, 7, 7]
    kit.sound()


def test_counting_posting_and_giving_up_at_once_end_in_one_of_them(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 10)
    for _ in range(3):
        take = begin(at)
        count(at, take, code, 10)
        rows = reviewing.read(db.session, take)
        seen, chosen = reviewing.fingerprint(rows), {rows[0].key: {"reason": "lost"}}
        db.session.rollback()
        answers = race(
            app,
            partial(posting.post, actor_id=None, stock_take_id=take, seen=seen, chosen=chosen),
            partial(count, at, take, code, 9, by=make.person("warehouse").id),
            partial(takes.abandon, actor_id=None, stock_take_id=take),
        )
        refused(answers, Conflict)
        assert (isinstance(answers[0], Exception)) or isinstance(answers[2], Exception)
        # What was counted before it was posted was seen; what came later was refused.
        assert isinstance(answers[0], Exception) or isinstance(answers[1], Exception)
    kit.sound()


def test_two_stock_takes_of_the_same_boxes_in_opposite_order(app: Flask) -> None:
    at = kit.depot("S", "M")
    boxes = [kit.receive(at, 10, size=size) for size in ("S", "M", "S", "M")]
    made = [begin(at) for _ in range(4)]
    for number, take in enumerate(made):
        for place, code in enumerate(boxes if number % 2 else boxes[::-1]):
            count(at, take, code, 11 if place % 2 else 9)
    answers = race(app, *[partial(post, at, take) for take in made])
    assert refused(answers, Conflict) == 0
    assert db.session.scalar(select(func.count()).select_from(StockCount).where(StockCount.movement_id.is_not(None)))
    kit.sound()
