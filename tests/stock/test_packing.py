"""Picking and packing, and undoing it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import as_if, now
from logistics.db import db
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock.models import Movement
from logistics.stock.packing import pack, pack_all, pick_list, put_back
from logistics.web.filters import today

from .. import make
from . import kit


def pack_one(at: kit.Depot, made: int, code: str, quantity: int, shelf: int = 0) -> int:
    return pack(
        actor_id=at.actor_id,
        distribution_id=made,
        size_id=at.size,
        code=code,
        from_id=shelf or at.shelf,
        quantity=quantity,
    )


def picks(made: int) -> list[tuple[str, str, int]]:
    db.session.rollback()
    return [(pick.code, pick.shelf, pick.take) for pick in pick_list(db.session, made)]


def test_the_oldest_best_before_goes_first_then_the_fullest_box_and_what_is_expired_stays(app: Flask) -> None:
    at = kit.depot(has_best_before=True)
    kit.receive(at, 50, code="expired", best_before=today() - timedelta(days=1))
    kit.receive(at, 10, code="small")
    kit.receive(at, 30, code="full", shelf=at.other_shelf)
    kit.receive(at, 10, code="later", best_before=today() + timedelta(days=9))
    kit.receive(at, 10, code="today", best_before=today())
    made = kit.planned(at, 55)
    assert picks(made) == [("TODAY", "C4", 10), ("LATER", "C4", 10), ("FULL", "D1", 30), ("SMALL", "C4", 5)]
    assert pack_all(actor_id=at.actor_id, distribution_id=made) == 55
    assert picks(made) == []
    with pytest.raises(Conflict, match="There is nothing to pack"):
        pack_all(actor_id=at.actor_id, distribution_id=made)
    with pytest.raises(Conflict, match="past its best-before"):
        pack_one(at, made, "expired", 1)
    kit.plan(at, made, 70)
    assert (kit.line(at, made).allocated, picks(made)) == (5, [("SMALL", "C4", 5)])
    assert pack_all(actor_id=at.actor_id, distribution_id=made) == 5
    with pytest.raises(Conflict, match="There is nothing to pack"):
        pack_all(actor_id=at.actor_id, distribution_id=made)
    kit.sound()


def test_what_is_past_its_date_and_not_marked_yet_is_not_picked(app: Flask) -> None:
    """In the moments after midnight: it is promised still, and stays on the shelf."""
    at = kit.depot(has_best_before=True)
    kit.receive(at, 10, best_before=today())
    made = kit.planned(at, 10)
    with as_if(now() + timedelta(days=1)):
        assert picks(made) == []
        with pytest.raises(Conflict, match="What is left to pack is past its best-before"):
            pack_all(actor_id=at.actor_id, distribution_id=made)


def test_packing_uses_up_the_promise_and_brings_the_distribution_to_packing(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 100)
    made = kit.planned(at, 60)
    assert pack_one(at, made, code.lower(), 25) == 25
    assert pack_one(at, made, code, 10) == 35
    assert kit.state(made) == "packing"
    line = kit.line(at, made)
    assert (line.planned, line.allocated, line.packed) == (60, 25, 35)
    assert kit.stock(at) == (65, 25)
    assert kit.level(code, kit.van(made)) == 35
    told = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "distribution.packed").order_by(AuditLine.id)
    ).first()
    assert told is not None
    assert (told.actor_id, told.distribution_id) == (at.actor_id, made)
    assert told.details == {
        "code": code,
        "quantity": 25,
        "product": "Joggers",
        "size": "One size",
        "shelf": "C4",
    }
    kit.sound()


def test_extras_may_be_packed_while_available(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 100)
    made = kit.planned(at, 20)
    kit.planned(at, 70)
    with pytest.raises(Conflict, match="Only 30 of Joggers One size can be packed") as refused:
        pack_one(at, made, code, 31)
    assert refused.value.field == "quantity"
    assert pack_one(at, made, code, 30) == 30
    line = kit.line(at, made)
    assert (line.planned, line.allocated, line.packed) == (20, 0, 30)
    assert kit.stock(at) == (70, 70)
    kit.sound()


def test_packing_everything_is_one_group_of_movements(app: Flask) -> None:
    at = kit.depot("S", "M")
    for size in at.sizes:
        kit.receive(at, 10, size=size)
    made = kit.distribution(at)
    kit.plan(at, made, 24)
    assert pack_all(actor_id=at.actor_id, distribution_id=made) == 20
    first, second = db.session.scalars(select(Movement).where(Movement.reason == "packed").order_by(Movement.id))
    assert (first.group_id, second.group_id) == (None, first.id)
    told = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "distribution.packed_all").order_by(AuditLine.id)
    ).one()
    assert told.details == {"quantity": 20, "boxes": 2}
    kit.sound()


def test_what_cannot_be_packed(app: Flask) -> None:
    at = kit.depot("S", "M")
    code, other = kit.receive(at, 10, size="S"), kit.receive(at, 10, size="M")
    far = make.shelf(make.warehouse()).id
    away = kit.receive(at, 10, size="S", shelf=far)
    made = kit.distribution(at)
    with pytest.raises(Conflict, match="There is nothing to pack"):
        pack_all(actor_id=None, distribution_id=made)
    kit.plan(at, made, 5, {"S": 1})
    with pytest.raises(Conflict, match="Joggers M is not on the packing list"):
        pack(actor_id=None, distribution_id=made, size_id=at.sizes["M"], code=other, from_id=at.shelf, quantity=1)
    with pytest.raises(Invalid, match="holds Joggers M, not this"):
        pack_one(at, made, other, 1)
    with pytest.raises(Invalid, match="in another warehouse"):
        pack_one(at, made, away, 1, far)
    with pytest.raises(Conflict, match="Only 0 are on shelf D1"):
        pack_one(at, made, code, 1, at.other_shelf)
    for quantity in (0, -1, 10**9):
        with pytest.raises(Invalid):
            pack_one(at, made, code, quantity)
    with pytest.raises(NotFound):
        pack_one(at, made, "nothing", 1)
    with pytest.raises(NotFound):
        pack_one(at, 10**6, code, 1)
    assert kit.state(made) == "planned"
    with pytest.raises(Conflict, match="There is nothing on the packing list"):
        pack_all(actor_id=None, distribution_id=make.distribution().id)
    kit.leave(at, made)
    for late in (lambda: pack_one(at, made, code, 1), lambda: pack_all(actor_id=None, distribution_id=made)):
        with pytest.raises(Conflict, match="van has left"):
            late()
    cancelled = kit.planned(at, 1)
    kit.cancel(at, cancelled)
    with pytest.raises(Conflict, match="cancelled"):
        pack_one(at, cancelled, code, 1)
    kit.sound()


def test_putting_back_undoes_a_packing_and_gives_the_promise_back(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    made = kit.planned(at, 30)
    short = kit.planned(at, 40, now() + timedelta(hours=1))  # earlier, and short
    pack_one(at, made, code, 30)
    assert put_back(actor_id=at.actor_id, distribution_id=made, code=code, to_id=at.shelf, quantity=12) == 18
    line = kit.line(at, made)
    assert (line.allocated, line.packed) == (12, 18)
    assert kit.allocated(at, short) == [20]
    assert kit.level(code, at.shelf) == 32
    told = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "distribution.put_back").order_by(AuditLine.id)
    ).one()
    assert (told.distribution_id, told.details["quantity"], told.details["code"]) == (made, 12, code)
    kit.sound()


def test_extras_put_back_go_to_whoever_is_short(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    made = kit.planned(at, 30)
    pack_one(at, made, code, 50)
    short = kit.planned(at, 40)
    put_back(actor_id=None, distribution_id=made, code=code, to_id=at.other_shelf, quantity=25)
    assert kit.allocated(at, made, short) == [5, 20]
    kit.sound()


def test_what_cannot_be_put_back(app: Flask) -> None:
    at = kit.depot()
    code, unpacked = kit.receive(at, 50), kit.receive(at, 5)
    far = make.shelf(make.warehouse()).id
    made = kit.planned(at, 30)

    def back(**other: object) -> None:
        put_back(
            **{
                "actor_id": None,
                "distribution_id": made,
                "code": code,
                "to_id": at.shelf,
                "quantity": 1,
                **other,
            }
        )

    with pytest.raises(Conflict, match="only while the distribution is being packed"):
        back()
    pack_one(at, made, code, 10)
    with pytest.raises(Conflict, match="Only 10 of this box are on the van"):
        back(quantity=11)
    with pytest.raises(Conflict, match="Only 0 of this box are on the van"):
        back(code=unpacked)
    for wrong, field in (({"quantity": 0}, "quantity"), ({"to_id": far}, "to_id"), ({"to_id": 3}, "to_id")):
        with pytest.raises(Invalid) as refused:
            back(**wrong)
        assert refused.value.field == field
    kit.leave(at, made)
    with pytest.raises(Conflict):
        back()
    kit.sound()
