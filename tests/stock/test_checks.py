"""Every invariant of stock, broken by SQL: `flask verify` names it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from logistics.clock import now
from logistics.db import db
from logistics.stock.checks import CHECKS, problems
from logistics.stock.dividing import split_box
from logistics.stock.labelling import blanks
from logistics.stock.models import Box, Movement, PackingItem
from logistics.stock.moving import move_box
from logistics.stock.packing import pack, pack_all
from logistics.stock.undoing import undo

from . import kit
from .unguarded import found_after, unbroken


def world() -> dict[str, Any]:
    """A warehouse with a bit of everything: short, packing, out, half counted, closed."""
    at, soon = kit.depot("S", "M"), now() + timedelta(days=1)
    code = kit.receive(at, 100, size="S")
    kit.receive(at, 38, size="M")
    ids = {"warehouse": at.warehouse_id, "shelf": at.shelf, "s": at.sizes["S"], "m": at.sizes["M"]}
    for name, total in (("closed", 10), ("out", 20), ("packing", 60)):
        ids[name] = kit.distribution(at, soon)
        kit.plan(at, ids[name], total, {"S": 1})
        pack(
            actor_id=None,
            distribution_id=ids[name],
            size_id=ids["s"],
            code=code,
            from_id=at.shelf,
            quantity=10,
        )
    for name in ("closed", "out"):
        kit.leave(at, ids[name])
    line = kit.line(at, ids["closed"], "S").id
    kit.come_back(at, ids["closed"], {line: (5, 3, 2)})
    ids["short"] = kit.distribution(at, soon)
    kit.plan(at, ids["short"], 60, {"M": 1})
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE distribution SET state = 'closed' WHERE id = :closed"), ids)
    db.session.rollback()
    ids["box"] = db.session.scalars(select(Box.id).where(Box.code == code)).one()
    ids["movement"] = db.session.scalars(select(Movement.id).order_by(Movement.id)).first() or 0
    ids["line"], ids["short_line"] = kit.line(at, ids["packing"], "S").id, kit.line(at, ids["short"], "M").id
    ids["closed_line"], ids["out_line"] = line, kit.line(at, ids["out"], "S").id
    ids["item"] = db.session.scalars(select(PackingItem.id).where(PackingItem.distribution_id == ids["packing"])).one()
    ids["van"], ids["closed_van"] = kit.van(ids["out"]), kit.van(ids["closed"])
    other = kit.receive(at, 2, size="M")
    db.session.rollback()
    ids["other_box"] = db.session.scalars(select(Box.id).where(Box.code == other)).one()
    split_box(actor_id=None, code=other, from_id=at.shelf, to_id=at.shelf, quantity=1)
    move_box(actor_id=None, code=other, from_id=at.shelf, to_id=at.other_shelf, quantity=1)
    db.session.rollback()
    undo(actor_id=None, movement_id=db.session.scalars(select(Movement.id).order_by(Movement.id.desc())).first() or 0)
    moment = blanks.make_blanks(actor_id=None, count=2)
    ids["blank"] = blanks.blanks_of(db.session, datetime.fromisoformat(moment))[0]
    kit.sound()
    return ids


BROKEN = [
    ("UPDATE level SET quantity = quantity + 1 WHERE box_id = :box AND location_id = :shelf", "its level says 74"),
    ("UPDATE level SET quantity = quantity + 1 WHERE box_id = :box AND location_id = :shelf", "add up to 1, not to 0"),
    ("UPDATE level SET quantity = quantity + 1 WHERE box_id = :box AND location_id = :shelf", "74 are on its shelves"),
    ("UPDATE movement SET quantity = 99 WHERE id = :movement", "its movements add up to 72, but its level says 73"),
    ("DELETE FROM movement WHERE id = :movement", "its movements add up to -27"),
    ("DELETE FROM level WHERE box_id = :box AND location_id = :shelf", "its level says 0"),
    ("UPDATE movement SET quantity = 0 WHERE id = :movement", "moves nothing, or goes nowhere"),
    ("UPDATE movement SET from_id = to_id WHERE id = :movement", "moves nothing, or goes nowhere"),
    ("UPDATE level SET quantity = -5 WHERE box_id = :box AND location_id = :shelf", "its level is -5"),
    ("UPDATE level SET outside = (1 = 1) WHERE location_id = :shelf", "differ on whether that is outside"),
    ("UPDATE location SET outside = (1 = 1) WHERE id = :shelf", "counted as outside when it is inside"),
    ("UPDATE availability SET on_hand = on_hand + 1 WHERE size_id = :s", "73 are on its shelves, but 74"),
    ("DELETE FROM availability WHERE size_id = :s", "73 are on its shelves, but 0"),
    ("UPDATE availability SET allocated = allocated + 1 WHERE size_id = :s", "promised 50, but 51"),
    (
        "UPDATE availability SET allocated = on_hand + 1 WHERE size_id = :s",
        "74 are allocated of 73 on hand, of which 0 are past",
    ),
    ("UPDATE availability SET allocated = -1 WHERE size_id = :s", "-1 are allocated of 73"),
    ("UPDATE availability SET expired = -1 WHERE size_id = :s", "of which -1 are past their date"),
    ("UPDATE availability SET expired = 24 WHERE size_id = :s", "50 are allocated of 73 on hand, of which 24 are past"),
    ("UPDATE availability SET expired = 3 WHERE size_id = :s", "0 are on its shelves in boxes past their date, but 3"),
    ("UPDATE box SET expired = (1 = 1) WHERE id = :box", "73 are on its shelves in boxes past their date, but 0"),
    ("UPDATE box SET expired = (1 = 1) WHERE id = :box", "is marked as past its date, but it is not"),
    (
        "UPDATE box SET expired = (1 = 1), best_before = '2999-01-01' WHERE id = :box",
        "is marked as past its date, but it is not",
    ),
    ("UPDATE box SET best_before = '2020-01-01' WHERE id = :box", "is past its date and was not marked"),
    ("UPDATE packing_line SET allocated = allocated - 1 WHERE id = :line", "promised 49, but 50"),
    ("UPDATE packing_line SET allocated = allocated - 1 WHERE id = :line", "is short of 1 while 23 are available"),
    ("UPDATE availability SET on_hand = on_hand + 5 WHERE size_id = :m", "is short of 20 while 5 are available"),
    ("UPDATE packing_line SET allocated = 1 WHERE id = :out_line", "is promised 1, but distribution"),
    ("UPDATE packing_line SET allocated = 99 WHERE id = :line", "promised more than it still needs"),
    ("UPDATE packing_line SET planned = -1 WHERE id = :line", "or has a number below 0"),
    ("UPDATE packing_line SET packed = 11 WHERE id = :line", "10 went onto the van, but its packing line says 11"),
    ("UPDATE packing_line SET packed = 11 WHERE id = :line", "10 are on the van, but packed less what was counted"),
    ("DELETE FROM packing_line WHERE id = :out_line", "10 went onto the van, but its packing line says 0"),
    ("UPDATE level SET quantity = 9 WHERE location_id = :van", "9 are on the van, but packed less"),
    ("UPDATE packing_line SET lost = 3 WHERE id = :closed_line", "do not add up to what was packed"),
    ("UPDATE packing_line SET lost = NULL WHERE id = :closed_line", "do not add up to what was packed"),
    ("UPDATE packing_line SET handed_out = -1, lost = 8 WHERE id = :closed_line", "do not add up to what was packed"),
    ("UPDATE packing_line SET handed_out = 6, lost = 1 WHERE id = :closed_line", "handed out is 5 by its movements"),
    ("UPDATE packing_line SET came_back = 4, lost = 1 WHERE id = :closed_line", "came back is 3 by its movements"),
    ("UPDATE packing_line SET handed_out = 4, lost = 3 WHERE id = :closed_line", "lost is 2 by its movements, but 3"),
    ("UPDATE packing_item SET total = 61 WHERE id = :item", "its total is 61, but its lines plan 60"),
    ("DELETE FROM packing_line WHERE item_id = :item", "its total is 60, but its lines plan 0"),
    ("UPDATE packing_line SET distribution_id = :short WHERE id = :line", "does not fit its item"),
    ("UPDATE level SET quantity = 4 WHERE location_id = :closed_van", "is closed, but 4 are on its van"),
    ("UPDATE distribution SET state = 'cancelled' WHERE id = :packing", "is cancelled, but 10 are on its van"),
    ("UPDATE movement SET quantity = 4 WHERE reason = 'split' AND to_id = 5", "are left over in converted"),
    ("UPDATE movement SET quantity = 3 WHERE reverses_id IS NOT NULL", "is not its reverse"),
    (
        "UPDATE box SET code = (SELECT lower(code) FROM box WHERE id = :box) || ' ' WHERE id = :other_box",
        "2 boxes have the",
    ),
    ("UPDATE label SET code = (SELECT code FROM box WHERE id = :box) WHERE code = :blank", "both a box's own and a"),
    ("UPDATE label SET box_id = :box WHERE code = :blank", "is on a box without a moment when it was put there"),
]


@pytest.mark.parametrize(("statement", "named"), BROKEN, ids=[named for _, named in BROKEN])
def test_what_is_broken_is_named(app: Flask, statement: str, named: str) -> None:
    found = found_after(statement, world(), problems)
    assert any(named in each for each in found), found
    kit.sound()


def test_every_check_is_broken_above(app: Flask) -> None:
    """No check that no statement above sets off."""
    assert unbroken(CHECKS, (statement for statement, _ in BROKEN), world()) == set()


def test_an_empty_van_that_was_packed_again_is_in_order(app: Flask) -> None:
    at = kit.depot()
    kit.receive(at, 5)
    made = kit.planned(at, 5)
    pack_all(actor_id=None, distribution_id=made)
    kit.sound()
    kit.cancel(at, made)
    kit.sound()
