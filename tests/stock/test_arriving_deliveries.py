"""What comes to the warehouse: expected, here, sorted. Its lines are not stock."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.outbox.models import OutboxMessage
from logistics.stock import receiving
from logistics.stock.arriving import deliveries, lines, stop_signs
from logistics.stock.arriving.models import DeliveryLine, DeliveryState
from logistics.stock.models import Movement

from . import arriving, kit


def mails() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def test_what_comes_unannounced_waits_to_be_sorted_and_is_no_stock(app: Flask) -> None:
    at = kit.depot()
    number = arriving.came(
        at, arriving.line("Winter coats", 6), arriving.line("Mixed", 2, "pallet", row=1), arriving.line("Shoes", 3)
    )
    assert arriving.lines_of(number)[0] == ("Winter coats", 6, "bag", 6)
    assert deliveries.waiting(db.session, at.warehouse_id) == {"bag": 9, "pallet": 2}
    assert [each.id for each in deliveries.open_ones(db.session, at.warehouse_id)] == [number]
    assert deliveries.open_ones(db.session, at.warehouse_id + 1) == []
    assert kit.stock(at) == (0, 0)
    assert db.session.scalar(select(func.count(Movement.id))) == 0
    kit.sound()
    deliveries.mark_sorted(actor_id=at.actor_id, delivery_id=number)
    deliveries.mark_sorted(actor_id=at.actor_id, delivery_id=number)
    assert deliveries.waiting(db.session) == {}
    assert deliveries.open_ones(db.session, at.warehouse_id) == []
    kit.sound()
    deliveries.sort_again(actor_id=at.actor_id, delivery_id=number)
    assert deliveries.waiting(db.session) == {"bag": 9, "pallet": 2}
    kit.sound()


def test_an_announced_delivery_comes_with_more_and_less_than_was_said(app: Flask) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point)
    reference = arriving.announce(point, slot, given=[arriving.line("Tents", 10, "piece"), arriving.line(row=1)])
    number = arriving.found(reference).id
    tents = db.session.scalars(select(DeliveryLine.id).where(DeliveryLine.what == "Tents")).one()
    deliveries.mark_arrived(
        actor_id=at.actor_id, delivery_id=number, came={str(tents): 7}, more=[arriving.line("Toys", 1, "box")]
    )
    assert arriving.lines_of(number) == [
        ("Tents", 10, "piece", 7),
        ("Blankets", 6, "bag", 6),
        ("Toys", 1, "box", 1),
    ]
    assert arriving.booked(slot) == 1
    kit.sound()
    with pytest.raises(Conflict, match="has come already"):
        deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=number, came={})
    with pytest.raises(Conflict, match="has come already"):
        deliveries.call_off(actor_id=at.actor_id, delivery_id=number)


def test_an_arrival_written_down_by_mistake_is_taken_back_unless_some_is_sorted(app: Flask) -> None:
    at = kit.depot()
    point = arriving.point(at)
    number = arriving.found(arriving.announce(point, arriving.slot(point))).id
    deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=number, came={})
    deliveries.take_back_arrival(actor_id=at.actor_id, delivery_id=number)
    assert arriving.lines_of(number) == [("Blankets", 6, "bag", None)]
    kit.sound()
    deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=number, came={})
    receiving.receive_new_box(actor_id=at.actor_id, size_id=at.size, quantity=3, location_id=at.shelf)
    with db.engine.begin() as connection:
        connection.execute(Movement.__table__.update().values(delivery_id=number))
    with pytest.raises(Conflict, match="sorted already"):
        deliveries.take_back_arrival(actor_id=at.actor_id, delivery_id=number)
    with pytest.raises(Conflict, match="was announced"):
        deliveries.take_back_arrival(actor_id=at.actor_id, delivery_id=arriving.came(at))


def test_one_called_off_frees_its_place_and_is_told_once(app: Flask) -> None:
    at = kit.depot()
    point = arriving.point(at)
    slot = arriving.slot(point, capacity=1)
    number = arriving.found(arriving.announce(point, slot)).id
    for _ in range(2):
        deliveries.call_off(actor_id=at.actor_id, delivery_id=number)
    assert arriving.booked(slot) == 0
    assert mails() == ["delivery_booked", "delivery_called_off"]
    for action in (deliveries.mark_sorted, deliveries.sort_again):
        with pytest.raises(Conflict, match="not here"):
            action(actor_id=at.actor_id, delivery_id=number)
    with pytest.raises(Conflict, match="was called off"):
        deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=number, came={})
    assert arriving.found(arriving.announce(point, slot)).state == DeliveryState.ANNOUNCED
    kit.sound()


def test_what_cannot_be_meant_is_refused_at_its_field(app: Flask) -> None:
    at = kit.depot()
    for wrong, field in (
        (arriving.line("", 6), "what_0"),
        (arriving.line("x" * 201, 6), "what_0"),
        (arriving.line(amount=0, row=2), "amount_2"),
        (arriving.line(amount=-5), "amount_0"),
        (arriving.line(amount=10**12), "amount_0"),
        (arriving.line(measure="tonne"), "measure_0"),
        (arriving.line(product_id=999_999), "what_0"),
    ):
        with pytest.raises(Invalid) as refused:
            arriving.came(at, wrong)
        assert refused.value.field == field
    for bad in (0, 2**40, -1):
        with pytest.raises(NotFound):
            deliveries.mark_sorted(actor_id=at.actor_id, delivery_id=bad)
    number = arriving.came(at)
    with pytest.raises(Conflict):
        deliveries.mark_arrived(actor_id=at.actor_id, delivery_id=number, came={})


def test_what_is_typed_nearly_like_something_unwanted_warns(app: Flask) -> None:
    at = kit.depot()
    stop_signs.stop(actor_id=at.actor_id, product_id=at.product_id)

    def unwanted(*typed: str) -> list[str]:
        given = [{"row": 0, "what": what, "product_id": None, "amount": 1, "measure": "bag"} for what in typed]
        with transaction() as session:
            return [product.name for product in lines.stopped(session, given)]

    assert unwanted("jogger") == unwanted("Tents", "two bags", "Jogers") == ["Joggers"]
    assert unwanted("Tents", "joggers and tents", "") == []
