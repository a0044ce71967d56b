"""Every invariant of slots and deliveries, broken by SQL: `flask verify` names it."""

import pytest
from flask import Flask

from logistics.stock import checks as all_checks
from logistics.stock.arriving import deliveries
from logistics.stock.arriving.checks import CHECKS

from . import arriving, kit
from .unguarded import found_after, unbroken


def world() -> dict[str, int]:
    """Two slots of two points, with a delivery in each state."""
    at = kit.depot()
    point = arriving.point(at)
    ids = {"slot": arriving.slot(point, 4), "elsewhere": arriving.slot(arriving.point(at, name="Library"))}
    for name in ("announced", "arrived", "sorted", "cancelled"):
        ids[name] = arriving.found(arriving.announce(point, ids["slot"])).id
    for name in ("arrived", "sorted"):
        deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=ids[name], came={})
    deliveries.mark_sorted(actor_id=at.actor_id, delivery_id=ids["sorted"])
    deliveries.call_off(actor_id=at.actor_id, delivery_id=ids["cancelled"])
    kit.sound()
    return ids


BROKEN = [
    ("UPDATE slot SET booked = booked + 1 WHERE id = :slot", "4 places are said to be booked, but 3 deliveries"),
    ("DELETE FROM delivery WHERE id = :sorted", "3 places are said to be booked, but 2 deliveries"),
    ("UPDATE slot SET booked = 5 WHERE id = :slot", "5 of 4 places are booked"),
    ("UPDATE slot SET booked = -1 WHERE id = :slot", "-1 of 4 places are booked"),
    ("UPDATE delivery SET slot_id = :elsewhere WHERE id = :announced", "a slot of another drop-off point"),
    ("UPDATE delivery SET drop_off_id = NULL WHERE id = :announced", "a slot of another drop-off point"),
    ("UPDATE delivery_line SET came = 3 WHERE delivery_id = :announced", "what came of it says otherwise"),
    ("UPDATE delivery_line SET came = NULL WHERE delivery_id = :sorted", "what came of it says otherwise"),
    ("UPDATE delivery SET state = 'sorted' WHERE id = :arrived", "is sorted, and its days say otherwise"),
    ("UPDATE delivery SET arrived_at = NULL WHERE id = :arrived", "is arrived, and its days say otherwise"),
    ("UPDATE delivery SET cancelled_at = NULL WHERE id = :cancelled", "is cancelled, and its days say otherwise"),
    ("UPDATE delivery SET forgotten_at = created_at WHERE id = :sorted", "still says who brought it"),
]


@pytest.mark.parametrize(("statement", "named"), BROKEN, ids=[named for _, named in BROKEN])
def test_what_is_broken_is_named(app: Flask, statement: str, named: str) -> None:
    found = found_after(statement, world(), all_checks.problems)
    assert any(named in each for each in found), found
    kit.sound()


def test_every_check_is_broken_above(app: Flask) -> None:
    """No check that no statement above sets off."""
    assert unbroken(CHECKS, (statement for statement, _ in BROKEN), world()) == set()
