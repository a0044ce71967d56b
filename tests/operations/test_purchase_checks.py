"""Every invariant of purchases, broken by SQL: `flask verify` names it."""

import pytest
from flask import Flask
from sqlalchemy import text

from logistics import verify
from logistics.operations import checks, purchasing

from ..breaking import unsaid, without_checks
from ..giving.helpers import fund
from ..stock import kit
from .test_purchases import buy, come, line, line_ids

TABLES = ("purchase", "purchase_line", "spend", "movement", "box")


def world() -> dict[str, int]:
    """One purchase of which some came, and one that was taken back."""
    at = kit.depot("S", "M")
    winter = fund("Winter", given=500_00)
    came, off = buy(at, winter), buy(at, winter, line(at, price=100))
    come(at, came, 60)
    purchasing.withdraw_purchase(actor_id=at.actor_id, purchase_id=off)
    return {
        "came": came,
        "off": off,
        "line": line_ids(came)[0],
        "off_line": line_ids(off)[0],
        "other_size": at.sizes["M"],
    }


BROKEN = [
    "UPDATE purchase_line SET price = 801 WHERE id = :line",
    "UPDATE purchase SET carriage = 5 WHERE id = :came",
    "UPDATE purchase SET currency = 'eur' WHERE id = :came",
    "UPDATE purchase SET withdrawn_at = NULL WHERE id = :off",
    "DELETE FROM purchase_line WHERE id = :off_line",
    "UPDATE purchase_line SET packs = 4 WHERE id = :line",
    "UPDATE movement SET reason = 'donated' WHERE purchase_line_id = :line",
    "UPDATE box SET size_id = :other_size",
    "UPDATE movement SET purchase_line_id = :off_line",
]


@pytest.mark.parametrize("statement", BROKEN)
def test_what_is_broken_is_named(app: Flask, statement: str) -> None:
    ids = world()
    with without_checks(*TABLES) as session:
        assert list(checks.problems(session)) == []
        session.execute(text(statement), ids)
        assert list(checks.problems(session))


def test_every_sentence_is_said(app: Flask) -> None:
    ids, said = world(), []
    for statement in [*BROKEN, "DELETE FROM purchase WHERE id = :off"]:
        with without_checks(*TABLES) as session:
            if statement.startswith("DELETE FROM purchase "):
                session.execute(text("DELETE FROM purchase_line WHERE purchase_id = :off"), ids)
            session.execute(text(statement), ids)
            said += checks.problems(session)
    assert unsaid(said, checks) == []


def test_verify_looks_at_them(app: Flask) -> None:
    assert checks in verify.PARTS
