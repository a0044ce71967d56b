"""Every invariant of kits, broken by SQL: `flask verify` names it."""

from datetime import timedelta

import pytest
from flask import Flask

from logistics.clock import now
from logistics.stock import checks as all_checks
from logistics.stock.kits.checks import CHECKS

from . import kit
from .kits import assemble, packs, recipe, take_apart
from .unguarded import found_after, unbroken


def world() -> dict[str, int]:
    """Kits put together, and one taken apart again."""
    at = packs()
    kit.receive(at.soap, 20, best_before=now().date() + timedelta(days=300))
    kit.receive(at.towel, 20)
    take_apart(at, assemble(at, 4), 1)
    kit.sound()
    return {"recipe": recipe(at), "towel": at.towel.size, "product": at.towel.product_id}


BROKEN = [
    ("UPDATE kit_act SET quantity = 5 WHERE NOT taken_apart", "-2 of size"),
    ("UPDATE kit_act SET quantity = 2 WHERE taken_apart", "are left over in converted"),
    ("UPDATE kit_part SET quantity = 3 WHERE size_id = :towel", "-8 of size"),
    ("DELETE FROM kit_act", "are left over in converted"),
    ("UPDATE movement SET quantity = 9 WHERE reason = 'assembled' AND to_id = 5", "are left over in converted"),
    ("UPDATE kit_act SET taken_apart = TRUE", "is said to begin something done with kits, but does not"),
    ("UPDATE movement SET reason = 'split' WHERE reason = 'taken_apart'", "is said to begin something done with kits"),
    ("UPDATE kit_recipe SET product_id = :product", "holds something else"),
    ("DELETE FROM kit_part WHERE recipe_id = :recipe", "has no parts"),
]


@pytest.mark.parametrize(("statement", "named"), BROKEN)
def test_it_is_named(app: Flask, statement: str, named: str) -> None:
    found = found_after(statement, world(), all_checks.problems)
    assert any(named in each for each in found), found
    kit.sound()


def test_every_check_is_broken_above(app: Flask) -> None:
    """No check that no statement above sets off."""
    assert unbroken(CHECKS, (statement for statement, _ in BROKEN), world()) == set()
