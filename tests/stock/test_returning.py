"""The van is back."""

from datetime import date, timedelta

import pytest
from flask import Flask

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock import leaving
from logistics.stock.models import OUTSIDE_IDS, LocationKind
from logistics.stock.packing import pack_all
from logistics.stock.packing_lists import sheet

from .. import make
from . import kit

HANDED_OUT, WRITTEN_OFF = OUTSIDE_IDS[LocationKind.HANDED_OUT], OUTSIDE_IDS[LocationKind.WRITTEN_OFF]


def out(at: kit.Depot, total: int) -> int:
    """A distribution with this much on its van, out."""
    made = kit.planned(at, total)
    pack_all(actor_id=at.actor_id, distribution_id=made)
    kit.leave(at, made)
    return made


def test_the_three_go_where_they_belong_and_the_earliest_best_before_was_handed_out(app: Flask) -> None:
    at, day = kit.depot(has_best_before=True), date(2099, 1, 1)
    kit.receive(at, 20, code="late", best_before=day + timedelta(days=1))
    kit.receive(at, 10, code="early", best_before=day)
    kit.receive(at, 30, code="none")
    made = out(at, 60)
    short = kit.planned(at, 100, now() + timedelta(days=9))
    line = kit.line(at, made).id
    kit.come_back(at, made, {line: (25, 30, 5)}, at.other_shelf)
    assert kit.level("EARLY", HANDED_OUT) == 10
    assert (kit.level("LATE", HANDED_OUT), kit.level("LATE", WRITTEN_OFF)) == (15, 5)
    assert kit.level("NONE", at.other_shelf) == 30
    assert kit.stock(at) == (30, 30)
    assert kit.allocated(at, short) == [30]
    db.session.rollback()
    assert leaving.on_the_van(db.session, made) == 0
    [item] = sheet(db.session, made)
    assert (item.handed_out, item.came_back, item.lost) == (25, 30, 5)
    kit.sound()


def test_lines_may_be_counted_in_several_goes_and_each_once(app: Flask) -> None:
    at = kit.depot("S", "M")
    for size in at.sizes:
        kit.receive(at, 10, size=size)
    made = out(at, 20)
    s, m = kit.line(at, made, "S").id, kit.line(at, made, "M").id
    kit.come_back(at, made, {s: (4, 6, 0)})
    db.session.rollback()
    assert leaving.on_the_van(db.session, made) == 10
    kit.sound()
    with pytest.raises(Conflict, match="counted already") as refused:
        kit.come_back(at, made, {s: (4, 6, 0), m: (10, 0, 0)})
    assert refused.value.field == f"line-{s}"
    with transaction() as session:
        session.get_one(kit.Distribution, made).state = "returned"
    kit.come_back(at, made, {m: (10, 0, 0)})
    assert kit.stock(at, "M") == (0, 0)
    kit.sound()


def test_what_does_not_add_up_is_refused_at_its_line(app: Flask) -> None:
    at = kit.depot()
    kit.receive(at, 10)
    made = out(at, 10)
    line = kit.line(at, made).id
    for numbers in ((5, 4, 0), (11, 0, 0), (11, -1, 0), (10**30, 0, 0)):
        with pytest.raises(Invalid) as refused:
            kit.come_back(at, made, {line: numbers})
        assert refused.value.field == f"line-{line}"
    with pytest.raises(Invalid, match="10 were packed, but these add up to 9"):
        kit.come_back(at, made, {line: (9, 0, 0)})
    with pytest.raises(NotFound):
        kit.come_back(at, made, {line + 1: (0, 0, 0)})
    other = make.shelf(make.warehouse()).id
    for shelf in (other, 1, 10**12):
        with pytest.raises(Invalid) as refused:
            kit.come_back(at, made, {line: (0, 10, 0)}, shelf)
        assert refused.value.field == "shelf_id"
    kit.sound()


def test_goods_are_counted_only_after_the_van_has_left(app: Flask) -> None:
    at = kit.depot()
    kit.receive(at, 10)
    made = kit.planned(at, 10)
    with pytest.raises(Conflict, match="after the van has left"):
        kit.come_back(at, made, {kit.line(at, made).id: (0, 0, 0)})


def test_a_line_of_which_nothing_was_packed_is_counted_as_nothing(app: Flask) -> None:
    at = kit.depot("S", "M")
    kit.receive(at, 10, size="S")
    made = out(at, 20)
    kit.come_back(at, made, {kit.line(at, made, "M").id: (0, 0, 0), kit.line(at, made, "S").id: (10, 0, 0)})
    assert kit.line(at, made, "M").handed_out == 0
    kit.come_back(at, made, {})
    kit.sound()
