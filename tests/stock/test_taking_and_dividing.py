"""Taking out of a box, splitting it, putting two together, and undoing what was done."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock.counting import correct
from logistics.stock.dividing import merge_boxes, split_box
from logistics.stock.models import Box, Movement
from logistics.stock.moving import move_box
from logistics.stock.packing import pack
from logistics.stock.taking import take_out
from logistics.stock.undoing import undo

from .. import make
from . import kit


def last() -> int:
    db.session.rollback()
    return db.session.scalars(select(Movement.id).order_by(Movement.id.desc())).first() or 0


def box(code: str) -> Box:
    db.session.rollback()
    return db.session.scalars(select(Box).where(Box.code == code)).one()


def test_what_is_taken_out_is_handed_out(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    assert take_out(actor_id=at.actor_id, code=code, location_id=at.shelf, quantity=3, note="for Ana") == code
    assert (kit.level(code, at.shelf), kit.stock(at)) == (47, (47, 0))
    kit.sound()


def test_what_is_promised_is_not_taken_out(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    kit.planned(at, 48)
    with pytest.raises(Conflict, match="Only 2 can leave"):
        take_out(actor_id=None, code=code, location_id=at.shelf, quantity=3)
    kit.sound()


def test_a_part_becomes_a_box_of_its_own_though_all_is_promised(app: Flask) -> None:
    at = kit.depot(has_best_before=True)
    code = kit.receive(at, 50, best_before=date(2030, 1, 1))
    kit.planned(at, 50)
    part = split_box(
        actor_id=at.actor_id, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=20, new_code="part 1"
    )
    assert part == "PART 1"
    assert (kit.level(code, at.shelf), kit.level(part, at.other_shelf), kit.stock(at)) == (30, 20, (50, 50))
    assert (box(part).best_before, box(part).source) == (date(2030, 1, 1), "donated")
    kit.sound()


def test_a_part_for_another_warehouse_leaves_only_what_is_free(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    kit.planned(at, 40)
    far = make.shelf(make.warehouse()).id
    with pytest.raises(Conflict, match="Only 10 can leave"):
        split_box(actor_id=None, code=code, from_id=at.shelf, to_id=far, quantity=11)
    split_box(actor_id=None, code=code, from_id=at.shelf, to_id=far, quantity=10)
    assert kit.stock(at) == (40, 40)
    kit.sound()


def test_two_boxes_become_one_with_the_earlier_date(app: Flask) -> None:
    at = kit.depot(has_best_before=True)
    code = kit.receive(at, 30, best_before=date(2030, 1, 1))
    other = kit.receive(at, 5, shelf=at.other_shelf, best_before=date(2031, 1, 1))
    kit.planned(at, 35)
    assert merge_boxes(actor_id=at.actor_id, code=code, from_id=at.shelf, into=other, quantity=30) == other
    assert (kit.level(code, at.shelf), kit.level(other, at.other_shelf), kit.stock(at)) == (0, 35, (35, 35))
    assert box(other).best_before == date(2030, 1, 1)
    kit.sound()


def test_unlike_boxes_stay_apart(app: Flask) -> None:
    at = kit.depot("S", "M")
    small, medium = kit.receive(at, 5, size="S"), kit.receive(at, 5, size="M")
    ends = {"actor_id": None, "code": small, "from_id": at.shelf, "quantity": 1}
    for into, refusal in ((medium, "another size"), (small.lower(), "this same box")):
        with pytest.raises(Invalid, match=refusal) as refused:
            merge_boxes(**ends, into=into)
        assert refused.value.field == "into"
    with pytest.raises(NotFound) as missing:
        merge_boxes(**ends, into="nowhere")
    assert missing.value.field == "into"
    with pytest.raises(Conflict, match="Only 5 are on shelf"):
        split_box(**{**ends, "quantity": 6}, to_id=at.shelf)
    with pytest.raises(Conflict, match=f"There is a box {medium} already"):
        split_box(**ends, to_id=at.shelf, new_code=medium)
    kit.sound()


@pytest.mark.parametrize("how", ["take", "move", "split", "merge", "receive", "correct"])
def test_everything_done_to_a_box_can_be_undone_once(app: Flask, how: str) -> None:
    at = kit.depot()
    code, other = kit.receive(at, 50), kit.receive(at, 7)
    first = last()
    ends = {"actor_id": at.actor_id, "code": code, "from_id": at.shelf, "quantity": 20}
    if how == "take":
        take_out(actor_id=at.actor_id, code=code, location_id=at.shelf, quantity=20)
    elif how == "move":
        move_box(**ends, to_id=at.other_shelf)
    elif how == "split":
        split_box(**ends, to_id=at.other_shelf)
    elif how == "merge":
        merge_boxes(**ends, into=other)
    elif how == "correct":
        correct(actor_id=None, code=code, location_id=at.shelf, seen=50, counted=30, reason="damaged")
    movement = first if how == "receive" else last()
    if how == "receive":
        assert undo(actor_id=at.actor_id, movement_id=movement) == other
        assert (kit.level(other, at.shelf), kit.stock(at)) == (0, (50, 0))
    else:
        undo(actor_id=at.actor_id, movement_id=movement)
        assert (kit.level(code, at.shelf), kit.level(other, at.shelf), kit.stock(at)) == (50, 7, (57, 0))
    with pytest.raises(Conflict, match="undone already"):
        undo(actor_id=at.actor_id, movement_id=movement)
    with pytest.raises(Conflict, match="can't be undone here"):
        undo(actor_id=at.actor_id, movement_id=last())
    kit.sound()


def test_what_left_meanwhile_or_is_promised_is_not_undone(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    received = last()
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=1)
    with pytest.raises(Conflict, match="Only 49 are on shelf"):
        undo(actor_id=None, movement_id=received)
    undo(actor_id=None, movement_id=last())
    kit.planned(at, 1)
    with pytest.raises(Conflict, match="Only 49 can leave"):
        undo(actor_id=None, movement_id=received)
    kit.sound()


def test_what_comes_back_by_undoing_goes_to_whoever_is_short(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=20)
    taken, made = last(), kit.planned(at, 45)
    assert kit.line(at, made).allocated == 30
    undo(actor_id=None, movement_id=taken)
    assert kit.line(at, made).allocated == 45
    kit.sound()


def test_what_a_distribution_did_is_undone_there(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    made = kit.planned(at, 5)
    pack(actor_id=None, distribution_id=made, size_id=at.size, code=code, from_id=at.shelf, quantity=5)
    with pytest.raises(Conflict, match="can't be undone here"):
        undo(actor_id=None, movement_id=last())
    with pytest.raises(NotFound):
        undo(actor_id=None, movement_id=2**40)
