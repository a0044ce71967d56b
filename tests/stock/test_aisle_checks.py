"""Every invariant of the aisle's acts, broken by SQL: `flask verify` names it."""

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.stock import checks as all_checks
from logistics.stock.aisle import doing
from logistics.stock.aisle.checks import CHECKS
from logistics.stock.aisle.models import AisleAct
from logistics.stock.aisle.reading import act as read

from .. import make
from . import kit
from .aisle import take
from .unguarded import found_after, unbroken


def world() -> dict[str, int]:
    """One act that is in the ledger."""
    at = kit.depot()
    code, other = kit.receive(at, 20), kit.receive(at, 20)
    sent = take(at, code, 5)
    doing.do(actor_id=at.actor_id, key=sent["key"], act=read(sent))
    db.session.rollback()
    done = db.session.scalars(select(AisleAct)).one()
    kit.sound()
    assert other != code
    return {"act": done.id, "box": done.box_id + 1, "shelf": at.other_shelf, "person": make.person().id}


BROKEN = [
    ("UPDATE aisle_act SET box_id = :box WHERE id = :act", "which is of another box, shelf or person"),
    ("UPDATE aisle_act SET location_id = :shelf WHERE id = :act", "which is of another box, shelf or person"),
    ("UPDATE aisle_act SET person_id = :person WHERE id = :act", "which is of another box, shelf or person"),
]


@pytest.mark.parametrize(("statement", "named"), BROKEN)
def test_what_is_broken_is_named(app: Flask, statement: str, named: str) -> None:
    found = found_after(statement, world(), all_checks.problems)
    assert any(named in each for each in found), found
    kit.sound()


def test_every_check_is_broken_above(app: Flask) -> None:
    """No check that no statement above sets off."""
    assert unbroken(CHECKS, (statement for statement, _ in BROKEN), world()) == set()
