"""Dispatch and cancel, as far as goods go."""

from datetime import timedelta

from flask import Flask

from logistics.clock import now
from logistics.db import db
from logistics.stock import leaving
from logistics.stock.moving import move_box
from logistics.stock.packing import pack, pack_all, put_back

from .. import make
from . import kit


def pack_one(at: kit.Depot, made: int, code: str, quantity: int, shelf: int) -> None:
    pack(actor_id=None, distribution_id=made, size_id=at.size, code=code, from_id=shelf, quantity=quantity)


def test_leaving_frees_what_is_not_packed(app: Flask) -> None:
    at, start = kit.depot(), now() + timedelta(days=1)
    code = kit.receive(at, 100)
    made, later = kit.planned(at, 80, start), kit.planned(at, 50, start + timedelta(hours=3))
    assert kit.allocated(at, made, later) == [80, 20]
    pack_one(at, made, code, 60, at.shelf)
    kit.leave(at, made)
    assert kit.allocated(at, made, later) == [0, 40]
    db.session.rollback()
    assert (leaving.on_the_van(db.session, made), leaving.packed_total(db.session, made)) == (60, 60)
    assert (leaving.on_the_van(db.session, later), leaving.packed_total(db.session, later)) == (0, 0)
    kit.sound()


def test_cancelling_puts_goods_back_where_they_came_from(app: Flask) -> None:
    at = kit.depot()
    one, two = kit.receive(at, 40), kit.receive(at, 30, shelf=at.other_shelf)
    move_box(actor_id=None, code=one, from_id=at.shelf, to_id=at.other_shelf, quantity=15)
    made, other = kit.planned(at, 60), kit.planned(at, 30)
    pack_one(at, made, one, 20, at.shelf)
    pack_one(at, made, one, 10, at.other_shelf)
    pack_one(at, made, two, 25, at.other_shelf)
    put_back(actor_id=None, distribution_id=made, code=one, to_id=at.shelf, quantity=4)
    assert kit.allocated(at, made, other) == [9, 10]
    kit.cancel(at, made)
    assert (kit.level(one, at.shelf), kit.level(one, at.other_shelf)) == (25, 15)
    assert kit.level(two, at.other_shelf) == 30
    assert kit.stock(at) == (70, 30)
    assert kit.line(at, made).packed == 0
    kit.sound()


def test_goods_put_back_elsewhere_before_still_add_up(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 30)
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=10)
    made = kit.planned(at, 30)
    pack_all(actor_id=None, distribution_id=made)
    put_back(actor_id=None, distribution_id=made, code=code, to_id=at.other_shelf, quantity=25)
    kit.cancel(at, made)
    assert kit.level(code, at.shelf) + kit.level(code, at.other_shelf) == 30
    kit.sound()


def test_cancelling_what_has_nothing(app: Flask) -> None:
    at = kit.depot()
    bare, empty, planned = make.distribution().id, kit.distribution(at), kit.planned(at, 5)
    for each in (bare, empty, planned):
        kit.cancel(at, each)
        assert kit.state(each) == "cancelled"
    gone = make.distribution().id
    kit.leave(at, gone)
    kit.sound()
