"""`flask verify`: what is broken in any part is named, and says so to whoever runs it."""

import pytest
from flask import Flask
from sqlalchemy import text

from logistics import verify
from logistics.db import db, transaction

from .. import make
from ..giving.helpers import fund
from ..stock import kit as stock
from . import kit

BROKEN = {  # by part: what is done past the services, and a piece of the sentence that names it
    "people": (
        "INSERT INTO recovery_code (person_id, code_hash) VALUES (:person, 'x')",
        "recovery codes without an authenticator",
    ),
    "distributions": ("UPDATE distribution SET served_men = 5 WHERE id = :distribution", "says how many were served"),
    "shifts": ("UPDATE shift SET filled = 1 WHERE id = :shift", "says 1 places are taken, but sign-ups hold 0"),
    "stock": ("UPDATE level SET quantity = quantity + 7 WHERE box_id = (SELECT MIN(id) FROM box)", "7"),
    "operations": (
        "INSERT INTO spend (fund_id, amount, currency, what, spent_on, recorded_at)"
        " VALUES (:fund, 5, 'gbp', 'Tents', '2026-01-01', '2026-01-01 00:00:00+00')",
        "is for no distribution, and there is no purchase",
    ),
    "giving": ("INSERT INTO fund_balance (fund_id, currency, given, spent) VALUES (:fund, 'gbp', 5, 0)", "was given"),
}


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    """Something in each part, all of it in order."""
    plan = kit.plan()
    found = {
        "person": make.person().id,
        "distribution": plan.id,
        "shift": make.shift(kit.found(plan.id)).id,
        "fund": fund(),
    }
    kit.in_order()
    return found


@pytest.mark.parametrize("part", BROKEN)
def test_what_is_broken_in_a_part_is_named(ids: dict[str, int], part: str) -> None:
    statement, named = BROKEN[part]
    with transaction() as session:
        session.execute(text(statement), {name: value for name, value in ids.items() if f":{name}" in statement})
    found = list(verify.problems(db.session))
    assert any(named in problem for problem in found), found


def test_every_part_is_asked() -> None:
    assert {part.__name__.split(".")[1] for part in verify.PARTS} == set(BROKEN)


def test_the_command_prints_a_readable_list_and_fails(app: Flask, ids: dict[str, int]) -> None:
    answer = app.test_cli_runner().invoke(args=["verify"])
    assert (answer.exit_code, answer.output) == (0, "All is in order.\n")
    with transaction() as session:
        session.execute(text("UPDATE shift SET filled = 2"))
        session.execute(text("UPDATE availability SET on_hand = on_hand + 1"))
    answer = app.test_cli_runner().invoke(args=["verify"])
    assert answer.exit_code == 1
    assert f"shift {ids['shift']} says 2 places are taken" in answer.output
    assert len(answer.output.splitlines()) >= 3


def test_a_whole_day_leaves_all_in_order(app: Flask) -> None:
    depot = stock.depot("S", "M")
    stock.receive(depot, 30, size="S")
    stock.planned(depot, 40)
    kit.in_order()
