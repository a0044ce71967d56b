"""What is planned and stock cannot meet."""

from datetime import timedelta

from flask import Flask

from logistics.clock import now
from logistics.db import db
from logistics.operations.board import totals
from logistics.stock.needs import needs

from .. import make
from . import kit


def short_of(*ids: int) -> dict[int, int]:
    return {number: goods.missing for number, goods in totals(db.session, ids).items()}


def test_needs_add_up_over_distributions_ahead_the_largest_first(app: Flask) -> None:
    at = kit.depot("S", "M")
    one, two = kit.distribution(at), kit.distribution(at)
    kit.plan(at, one, 30, {"S": 1, "M": 2})
    kit.plan(at, two, 7, {"S": 1})
    past = kit.distribution(at, now() - timedelta(days=1))
    kit.plan(at, past, 500)
    cancelled = kit.distribution(at)
    kit.plan(at, cancelled, 500)
    kit.cancel(at, cancelled)
    kit.receive(at, 4, size="S")
    bare = make.distribution().id
    db.session.rollback()
    assert [(each.product.name, each.size.label, each.short) for each in needs(db.session)] == [
        ("Joggers", "M", 20),
        ("Joggers", "S", 13),
    ]
    assert short_of(one, two, past, cancelled, bare) == {
        one: 26,
        two: 7,
        past: 500,
        cancelled: 0,
        bare: 0,
    }
    kit.receive(at, 100, size="M")
    kit.receive(at, 100, size="S")
    db.session.rollback()
    assert short_of(one, past) == {one: 0, past: 500}
    assert short_of() == {}
