"""Every invariant of transfers, broken by SQL: `flask verify` names it."""

import pytest
from flask import Flask

from logistics.stock import checks as all_checks
from logistics.stock.transfers.checks import CHECKS

from .. import make
from . import kit
from .test_transfers import line_ids, missing, prepare, receive, sent
from .unguarded import found_after, unbroken


def world() -> dict[str, int]:
    """One transfer that is closed, one on the way, and one that waits."""
    at = kit.depot("S", "M")
    there = make.shelf(make.warehouse("Depot in Dunkirk"), "Z1").id
    first, second, third = (kit.receive(at, 20, size="S") for _ in range(3))
    closed, open_one, waits = sent(at, there, first), sent(at, there, second), prepare(at, there, third)
    receive(at, closed, there, l0=15)
    missing(at, closed, 0, 5)
    receive(at, open_one, there, l0=4)
    kit.sound()
    return {
        "closed": line_ids(closed)[0],
        "open": line_ids(open_one)[0],
        "waits": line_ids(waits)[0],
        "closed_transfer": closed,
        "open_transfer": open_one,
        "there": there,
    }


BROKEN = [
    ("UPDATE transfer_line SET received = 3 WHERE id = :open", "are 20, 4, 0, 0 by its movements, not 20, 3, 0, 0"),
    ("UPDATE transfer_line SET returned = 1 WHERE id = :open", "are 20, 4, 0, 0 by its movements, not 19, 4, 0, 0"),
    ("UPDATE transfer_line SET missing = 4 WHERE id = :closed", "are 20, 15, 5, 0 by its movements, not 20, 15, 4, 0"),
    ("UPDATE transfer_line SET extra = 1 WHERE id = :closed", "by its movements, not 20, 15, 5, 1"),
    ("UPDATE transfer_line SET received = 1 WHERE id = :waits", "are 0, 0, 0, 0 by its movements, not 0, 1, 0, 0"),
    ("UPDATE movement SET transfer_line_id = :waits WHERE transfer_line_id = :open", "not 20, 4, 0, 0"),
    (
        "UPDATE level SET quantity = 3 WHERE location_id = 0 AND quantity > 0",
        "3 are between warehouses, but transfers have 16",
    ),
    ("UPDATE transfer_line SET received = 5 WHERE id = :open", "16 are between warehouses, but transfers have 15"),
    ("UPDATE transfer SET state = 'on_the_way' WHERE id = :closed_transfer", "is on_the_way, but 0 are on the way"),
    ("UPDATE transfer SET state = 'closed' WHERE id = :open_transfer", "is closed, but 16 are on the way"),
    (
        "UPDATE transfer_line SET shelf_id = :there WHERE id = :waits",
        "its shelf is not in the warehouse that it leaves",
    ),
    ("UPDATE transfer_line SET shelf_id = 0 WHERE id = :waits", "its shelf is not in the warehouse that it leaves"),
]


@pytest.mark.parametrize(("statement", "named"), BROKEN)
def test_what_is_broken_is_named(app: Flask, statement: str, named: str) -> None:
    found = found_after(statement, world(), all_checks.problems)
    assert any(named in each for each in found), found
    kit.sound()


def test_every_check_is_broken_above(app: Flask) -> None:
    """No check that no statement above sets off."""
    assert unbroken(CHECKS, (statement for statement, _ in BROKEN), world()) == set()
