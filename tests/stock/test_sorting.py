"""Sorting into boxes, and throwing out, as the services do it."""

from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.commands import Token
from logistics.db import db, transaction
from logistics.errors import Conflict, DomainError, Invalid, NotFound
from logistics.stock import undoing
from logistics.stock.arriving import deliveries, discards, sorting, tally, trace
from logistics.stock.arriving.models import Discard
from logistics.stock.models import Box, Movement, Product

from .. import make
from ..racing import race, refused
from . import arriving, kit


def put(at: kit.Depot, quantity: int | None = 5, **more: object) -> dict[str, object]:
    """Put into a new box on the first shelf, unless told."""
    given = {"actor_id": at.actor_id, "warehouse_id": at.warehouse_id, "size_id": at.size, "location_id": at.shelf}
    return sorting.put(**{**given, "quantity": quantity, **more})


def throw(at: kit.Depot, quantity: int = 1, reason: str = "torn", **more: object) -> int:
    return discards.throw_out(
        actor_id=at.actor_id, warehouse_id=at.warehouse_id, reason=reason, quantity=quantity, **more
    )


def today(at: kit.Depot) -> tally.Tally:
    db.session.rollback()
    return tally.today(db.session, at.actor_id, at.warehouse_id, now() - timedelta(hours=1))


def open_codes(at: kit.Depot, actor_id: int = 0) -> dict[int, str]:
    db.session.rollback()
    lately = now() - tally.LATELY
    found = tally.open_boxes(db.session, actor_id or at.actor_id, at.warehouse_id, at.product_id, lately)
    return {size_id: row.code for size_id, row in found.items()}


def test_what_is_sorted_names_its_delivery_and_stands_in_one_box(app: Flask) -> None:
    at = kit.depot()
    delivery = arriving.came(at)
    made = put(at, 5, delivery_id=delivery)
    assert (made["count"], made["new"]) == (5, True)
    code = str(made["code"])
    assert put(at, None, packs=6, pack_size=12, code=code, delivery_id=delivery) == {
        "code": code,
        "count": 72,
        "new": False,
    }
    assert kit.level(code, at.shelf) == 77
    columns = select(Movement.reason, Movement.quantity, Movement.delivery_id)
    found = db.session.execute(columns.order_by(Movement.id)).all()
    assert found == [("donated", 5, delivery), ("donated", 72, delivery)]
    assert db.session.scalar(select(Box.source)) == "donated"
    kit.sound()


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        ((None, None, None), "quantity"),
        ((0, None, None), "quantity"),
        ((-5, None, 12), "quantity"),
        ((10**12, None, None), "quantity"),
        ((3, 6, 12), "quantity"),
        ((None, 0, 12), "packs"),
        ((None, -1, 12), "packs"),
        ((None, 6, None), "pack_size"),
        ((None, 6, 1), "pack_size"),
        ((None, 6, 100_001), "pack_size"),
        ((None, 100_000, 12), "packs"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused(
    app: Flask, numbers: tuple[int | None, int | None, int | None], field: str
) -> None:
    at = kit.depot()
    with pytest.raises(Invalid) as error:
        put(at, numbers[0], packs=numbers[1], pack_size=numbers[2])
    assert error.value.field == field
    assert kit.stock(at) == (0, 0)


def test_what_is_not_of_this_table_is_refused_at_its_field(app: Flask) -> None:
    at = kit.depot("S", "M")
    elsewhere = make.warehouse()
    far = make.shelf(elsewhere, "Z9").id
    other_size = str(put(at, 1, size_id=at.sizes["M"])["code"])
    away = kit.receive(at, 3, shelf=far)
    there = arriving.came(at)
    deliveries.mark_sorted(actor_id=at.actor_id, delivery_id=there)
    cases: list[tuple[dict[str, object], type[DomainError], str | None]] = [
        ({"location_id": far}, Invalid, "location_id"),
        ({"location_id": 0}, Invalid, "location_id"),
        ({"location_id": 1}, Invalid, "location_id"),
        ({"code": other_size}, Invalid, "code"),
        ({"code": away}, Conflict, "code"),
        ({"code": "NEVER"}, NotFound, "code"),
        ({"code": other_size, "new": True}, Conflict, "code"),
        ({"warehouse_id": 999999}, Invalid, "warehouse_id"),
        ({"size_id": 999999}, Invalid, "size_id"),
        ({"delivery_id": there}, Conflict, None),
        ({"delivery_id": 999999}, Conflict, None),
        ({"delivery_id": 10**12}, Conflict, None),
        ({"warehouse_id": elsewhere.id, "location_id": far, "delivery_id": there}, Conflict, None),
    ]
    for more, kind, field in cases:
        with pytest.raises(kind) as error:
            put(at, 5, **more)
        assert error.value.field == field, more
    assert kit.stock(at, "S") == (0, 0)
    with transaction() as session:
        session.get_one(Product, at.product_id).closed_at = now()
    for attempt in (partial(put, at), partial(throw, at, product_id=at.product_id)):
        with pytest.raises(Invalid, match="not in use"):
            attempt()
    kit.sound()


def test_goods_with_a_date_keep_the_good_from_the_old(app: Flask) -> None:
    at = kit.depot(has_best_before=True)
    day = date.today()
    with pytest.raises(Invalid) as error:
        put(at)
    assert error.value.field == "best_before"
    code = str(put(at, 5, best_before=day + timedelta(days=90))["code"])
    with pytest.raises(Invalid):
        put(at, 5, code=code)
    put(at, 5, code=code, best_before=day + timedelta(days=30))
    put(at, 5, code=code, undated=True)
    db.session.rollback()
    assert db.session.scalar(select(Box.best_before)) == day + timedelta(days=30)
    with pytest.raises(Invalid, match="box of their own"):
        put(at, 5, code=code, best_before=day - timedelta(days=1))
    old = str(put(at, 2, best_before=day - timedelta(days=1))["code"])
    with pytest.raises(Conflict, match="past its date"):
        put(at, 5, code=old, best_before=day + timedelta(days=30))
    put(at, 1, code=old, best_before=day - timedelta(days=9))
    assert (kit.stock(at), kit.expired(at)) == ((18, 0), 3)
    assert open_codes(at) == {}  # what was used last is past its date
    kit.sound()


def test_the_open_box_is_the_one_used_last_where_it_stands_now(app: Flask) -> None:
    at = kit.depot("S", "M")
    small, medium = at.sizes["S"], at.sizes["M"]
    first = str(put(at, 5, size_id=small)["code"])
    put(at, 5, size_id=small)
    put(at, 1, size_id=small, code=first)
    last = str(put(at, 5, size_id=medium)["code"])
    assert open_codes(at) == {small: first, medium: last}
    assert open_codes(at, make.person("warehouse").id) == {}
    with transaction() as session:
        movement = session.scalars(select(Movement.id).order_by(Movement.id.desc()).limit(1)).one()
    undoing.undo(actor_id=at.actor_id, movement_id=movement)
    assert open_codes(at) == {small: first}


def test_the_tally_counts_what_was_sorted_and_thrown_out_and_not_undone(app: Flask) -> None:
    at = kit.depot()
    delivery = arriving.came(at)
    assert today(at).percent is None
    put(at, 46, delivery_id=delivery)
    put(at, 100)
    thrown = throw(at, 3, delivery_id=delivery)
    throw(at, 1, "conspicuous", product_id=at.product_id, delivery_id=delivery)
    with transaction() as session:
        wrong = session.scalars(select(Movement.id).where(Movement.quantity == 100)).one()
    undoing.undo(actor_id=at.actor_id, movement_id=wrong)
    seen = today(at)
    assert (seen.pieces, seen.discarded, seen.percent) == (46, 4, 8)
    became = trace.became(db.session, delivery, 1)
    assert [(row.quantity, row.name) for row in became.boxes.rows] == [(46, "Joggers")]
    assert (became.pieces, became.discarded, became.percent) == (46, 4, 8)
    assert became.discards == [("torn", 3), ("conspicuous", 1)]
    db.session.rollback()
    discards.withdraw(actor_id=at.actor_id, discard_id=thrown)
    with pytest.raises(Conflict):
        discards.withdraw(actor_id=at.actor_id, discard_id=thrown)
    with pytest.raises(NotFound):
        discards.withdraw(actor_id=at.actor_id, discard_id=10**12)
    assert today(at).discarded == 1
    actions = set(db.session.scalars(select(AuditLine.action)))
    assert {"goods.discarded", "goods.discard_withdrawn"} <= actions
    kit.sound()


@pytest.mark.parametrize(
    "wrong", [{"quantity": 0}, {"quantity": -5}, {"quantity": 10**12}, {"reason": "ugly"}, {"product_id": 999999}]
)
def test_what_cannot_be_thrown_out_is_refused(app: Flask, wrong: dict[str, object]) -> None:
    at = kit.depot()
    with pytest.raises(Invalid):
        throw(at, **wrong)
    assert db.session.scalar(select(Discard.id)) is None


def test_sixteen_sort_into_one_box_at_once(app: Flask) -> None:
    at = kit.depot()
    delivery = arriving.came(at)
    code = str(put(at, 1, delivery_id=delivery)["code"])
    answers = race(app, *[partial(put, at, 3, code=code, delivery_id=delivery)] * 16)
    assert refused(answers, Conflict) == 0
    assert kit.level(code, at.shelf) == 49
    assert today(at).pieces == 49
    kit.sound()


def test_the_same_form_sixteen_times_makes_one_box(app: Flask) -> None:
    at = kit.depot()
    given = {
        "actor_id": at.actor_id,
        "warehouse_id": at.warehouse_id,
        "size_id": at.size,
        "quantity": 5,
        "location_id": at.shelf,
    }
    answers = race(app, *[partial(sorting.put.once(Token("person:1", "k")), **given)] * 16)
    assert refused(answers, Conflict) == 0
    assert len({str(answer) for answer in answers}) == 1
    assert kit.stock(at) == (5, 0)


def test_a_delivery_is_not_called_back_while_it_is_sorted(app: Flask) -> None:
    """Whoever comes second sees what the first did: no box is of a delivery that is not here."""
    at = kit.depot()
    point = arriving.point(at)
    reference = arriving.announce(point, arriving.slot(point))
    delivery = arriving.found(reference).id
    for _ in range(3):
        deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=delivery, came={})
        runners = [
            *[partial(put, at, 1, delivery_id=delivery)] * 6,
            *[partial(throw, at, delivery_id=delivery)] * 2,
            *[partial(deliveries.take_back_arrival, actor_id=at.actor_id, delivery_id=delivery)] * 2,
        ]
        refused(race(app, *runners), Conflict)
        pieces = trace.became(db.session, delivery, 1)
        db.session.rollback()
        if arriving.found(reference).state == "announced":
            assert (pieces.pieces, pieces.discarded) == (0, 0)
        else:
            break
    kit.sound()


def test_the_database_itself_refuses_to_throw_out_nothing(app: Flask) -> None:
    at = kit.depot()
    throw(at)
    with pytest.raises(Exception, match="quantity"), db.engine.begin() as connection:
        connection.execute(text("UPDATE discard SET quantity = 0"))
