"""Moving boxes between shelves."""

import pytest
from flask import Flask

from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock.moving import move_box

from .. import make
from . import kit


def test_part_of_a_box_moves_and_the_warehouse_has_as_much_as_before(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    kit.planned(at, 50)  # all of it is promised: it may move about all the same
    assert move_box(actor_id=at.actor_id, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=20) == code
    assert (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) == (30, 20)
    assert kit.stock(at) == (50, 50)
    kit.sound()


def test_what_is_promised_does_not_leave_the_warehouse(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 60)
    kit.planned(at, 12)
    elsewhere = make.warehouse()
    elsewhere_id, far = elsewhere.id, make.shelf(elsewhere).id
    with pytest.raises(Conflict) as refused:
        move_box(actor_id=None, code=code, from_id=at.shelf, to_id=far, quantity=49)
    assert str(refused.value) == ("Only 48 can leave: of the 60 in this warehouse, 12 are promised to distributions.")
    assert refused.value.field == "quantity"
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=far, quantity=48)
    assert kit.stock(at) == (12, 12)
    assert kit.stock(at, warehouse_id=elsewhere_id) == (48, 0)
    kit.sound()


def test_what_arrives_from_another_warehouse_goes_to_whoever_is_short_there(app: Flask) -> None:
    at = kit.depot()
    short = kit.planned(at, 30)
    far = make.shelf(make.warehouse()).id
    code = kit.receive(at, 40, shelf=far)
    move_box(actor_id=None, code=code, from_id=far, to_id=at.shelf, quantity=25)
    assert kit.line(at, short).allocated == 25
    kit.sound()


def test_what_cannot_be_moved(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 5)
    with pytest.raises(Conflict, match=r"Only 5 are on shelf C4\."):
        move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=6)
    with pytest.raises(Conflict, match=r"Only 0 are on shelf D1\."):
        move_box(actor_id=None, code=code, from_id=at.other_shelf, to_id=at.shelf, quantity=1)
    with pytest.raises(NotFound):
        move_box(actor_id=None, code="none", from_id=at.shelf, to_id=at.other_shelf, quantity=1)
    for wrong, field in (
        ({"to_id": at.shelf}, "to_id"),
        ({"to_id": 1}, "to_id"),
        ({"from_id": 10**20}, "from_id"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": -3}, "quantity"),
    ):
        with pytest.raises(Invalid) as refused:
            move_box(
                **{
                    "actor_id": None,
                    "code": code,
                    "from_id": at.shelf,
                    "to_id": at.other_shelf,
                    "quantity": 1,
                    **wrong,
                }
            )
        assert refused.value.field == field
    kit.sound()
