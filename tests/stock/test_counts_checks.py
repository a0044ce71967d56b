"""Every invariant of stock-takes, broken by SQL: `flask verify` names it."""

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.stock import checks as all_checks
from logistics.stock.counts.checks import CHECKS
from logistics.stock.counts.models import StockCount

from . import kit
from .test_counts import begin, count, post
from .unguarded import found_after, unbroken


def world() -> dict[str, int]:
    """One stock-take that is posted, with two differences, and one that is open."""
    at = kit.depot()
    first, second = kit.receive(at, 20), kit.receive(at, 5)
    posted, running = begin(at), begin(at)
    for code, number in ((first, 17), (second, 6)):
        count(at, posted, code, number)
    count(at, running, first, 12)
    post(at, posted)
    db.session.rollback()
    fewer, more, still_open = db.session.scalars(select(StockCount.id).order_by(StockCount.id)).all()
    kit.sound()
    return {"fewer": fewer, "more": more, "open": still_open, "posted": posted, "elsewhere": at.other_shelf}


BROKEN = [
    ("UPDATE stock_count SET counted = 18 WHERE id = :fewer", "differs by -2, but its movement is not that: -3"),
    ("UPDATE stock_count SET expected = 4 WHERE id = :more", "differs by 2, but its movement is not that: 1"),
    (
        "UPDATE stock_count SET movement_id = (SELECT c.movement_id FROM stock_count c WHERE c.id = :more)"
        " WHERE id = :fewer",
        "is said to be the difference of 2 counts",
    ),
    (
        "UPDATE stock_count SET movement_id = (SELECT c.movement_id FROM stock_count c WHERE c.id = :more)"
        " WHERE id = :open",
        "has a movement, but stock-take",
    ),
    ("UPDATE stock_take SET state = 'abandoned' WHERE id = :posted", "has a movement, but stock-take"),
    ("UPDATE stock_count SET reason = NULL WHERE id = :more", "has a reason and no movement"),
    ("UPDATE stock_count SET movement_id = NULL WHERE id = :more", "has a reason and no movement"),
    ("UPDATE stock_count SET location_id = :elsewhere WHERE id = :open", "does not count"),
    ("UPDATE stock_count SET location_id = 1 WHERE id = :open", "does not count"),
]


@pytest.mark.parametrize(("statement", "named"), BROKEN)
def test_what_is_broken_is_named(app: Flask, statement: str, named: str) -> None:
    found = found_after(statement, world(), all_checks.problems)
    assert any(named in each for each in found), found
    kit.sound()


def test_every_check_is_broken_above(app: Flask) -> None:
    """No check that no statement above sets off."""
    assert unbroken(CHECKS, (statement for statement, _ in BROKEN), world()) == set()
