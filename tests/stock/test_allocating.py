"""Who is promised what: the earliest distribution that is short, and nothing twice."""

from datetime import timedelta

from flask import Flask

from logistics.clock import now
from logistics.db import transaction
from logistics.stock.allocating import serve

from . import kit


def test_the_earliest_is_served_first_whenever_it_was_planned(app: Flask) -> None:
    at, start = kit.depot(), now() + timedelta(days=1)
    late = kit.planned(at, 30, start + timedelta(days=2))
    early = kit.planned(at, 30, start)
    second = kit.planned(at, 30, start)
    kit.receive(at, 50)
    assert kit.allocated(at, early, second, late) == [30, 20, 0]
    kit.receive(at, 25)
    assert kit.allocated(at, early, second, late) == [30, 30, 15]
    kit.sound()


def test_what_is_promised_is_not_taken_by_an_earlier_one_planned_later(app: Flask) -> None:
    at, start = kit.depot(), now() + timedelta(days=1)
    kit.receive(at, 40)
    late = kit.planned(at, 30, start + timedelta(days=2))
    early = kit.planned(at, 30, start)
    assert kit.allocated(at, late, early) == [30, 10]
    assert kit.stock(at) == (40, 40)
    kit.sound()


def test_each_size_and_each_warehouse_is_promised_for_itself(app: Flask) -> None:
    at = kit.depot("S", "M")
    kit.receive(at, 10, size="S")
    kit.receive(at, 1, size="M")
    made = kit.distribution(at)
    kit.plan(at, made, 8, {"S": 1, "M": 1})
    assert [kit.line(at, made, size).allocated for size in at.sizes] == [4, 1]
    assert (kit.stock(at, "S"), kit.stock(at, "M")) == ((10, 4), (1, 1))
    kit.sound()


def test_serving_makes_the_rows_it_locks_and_may_be_repeated(app: Flask) -> None:
    at = kit.depot("S", "M")
    for _ in range(2):
        with transaction() as session:
            serve(session, at.warehouse_id, list(at.sizes.values()))
    assert kit.stock(at, "S") == (0, 0)
    kit.sound()


def test_one_that_leaves_gives_up_its_promises_to_the_next(app: Flask) -> None:
    at, start = kit.depot(), now() + timedelta(days=1)
    kit.receive(at, 30)
    first, second = kit.planned(at, 30, start), kit.planned(at, 20, start + timedelta(hours=1))
    kit.leave(at, first)
    assert kit.allocated(at, first, second) == [0, 20]
    kit.cancel(at, second)
    assert kit.stock(at) == (30, 0)
    kit.sound()


def test_one_that_is_over_is_given_nothing_that_arrives_and_keeps_what_it_has(app: Flask) -> None:
    at = kit.depot()
    kit.receive(at, 10)
    over = kit.planned(at, 30, now() - timedelta(days=1))
    ahead = kit.planned(at, 20, now() + timedelta(days=1))
    assert kit.allocated(at, over, ahead) == [10, 0]  # somebody wrote it down late
    kit.receive(at, 50)
    assert kit.allocated(at, over, ahead) == [10, 20]
    assert kit.stock(at) == (60, 30)
    kit.sound()
    kit.plan(at, over, 25)
    assert kit.allocated(at, over, ahead) == [25, 20]
    kit.sound()
