"""Purchases: money out of a fund that becomes goods in boxes, and counts at what it cost."""

from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.commands import Token
from logistics.db import db, transaction
from logistics.errors import Conflict, DomainError, Invalid, NotFound
from logistics.giving import spending
from logistics.giving.models import FundBalance, Spend
from logistics.operations import checks, purchasing
from logistics.stock.dividing import merge_boxes, split_box
from logistics.stock.knowing import as_of
from logistics.stock.lookup import box_by_code
from logistics.stock.models import Movement, Product
from logistics.stock.purchases import receiving
from logistics.stock.purchases.models import Purchase, PurchaseLine
from logistics.stock.taking import take_out
from logistics.stock.tracing import origins
from logistics.stock.undoing import undo
from logistics.web.filters import today, zone

from ..giving.helpers import fund
from ..racing import race, refused
from ..stock import kit

BAGS = {"packs": 6, "pack_size": 12, "price": 800}  # 72 for £48


def line(at: kit.Depot, row: int = 0, **given: int) -> dict[str, int]:
    return {"row": row, "size_id": at.size, **BAGS, **given}


def buy(at: kit.Depot, fund_id: int, *lines: dict[str, int], **more: object) -> int:
    bought = list(lines or [line(at)])
    carriage = int(str(more.get("carriage", 0)))
    given = {
        "supplier": "Outdoor Shop",
        "currency": "gbp",
        "total": sum(each["packs"] * each["price"] for each in bought) + carriage,
        "bought_on": today(),
    }
    return purchasing.record_purchase(actor_id=at.actor_id, fund_id=fund_id, lines=bought, **{**given, **more})


def come(at: kit.Depot, purchase: int, quantity: int, place: int = 0, **more: object) -> list[str]:
    number = line_ids(purchase)[place]
    db.session.rollback()
    given = {"seen": left(purchase)[place], "location_id": at.shelf, "undated": True}
    db.session.rollback()
    return receiving.receive(
        actor_id=at.actor_id, purchase_id=purchase, line_id=number, quantity=quantity, **{**given, **more}
    )


def line_ids(purchase: int) -> list[int]:
    db.session.rollback()
    query = select(PurchaseLine.id).where(PurchaseLine.purchase_id == purchase).order_by(PurchaseLine.id)
    return list(db.session.scalars(query))


def left(purchase: int) -> list[int]:
    found = receiving.get(db.session, purchase)
    came = receiving.received(db.session, [each.id for each in found.lines])
    return [each.quantity - came.get(each.id, 0) for each in found.lines]


def spent(fund_id: int) -> int:
    db.session.rollback()
    return db.session.scalar(select(FundBalance.spent).where(FundBalance.fund_id == fund_id)) or 0


def sound() -> None:
    db.session.rollback()
    assert list(checks.problems(db.session)) == []
    kit.sound()


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


@pytest.fixture
def winter(at: kit.Depot) -> int:
    return fund("Winter", given=100_00)


def test_a_purchase_is_a_spend_and_comes_into_boxes_in_several_goes(at: kit.Depot, winter: int) -> None:
    purchase = buy(at, winter, carriage=350)
    assert spent(winter) == 51_50
    spend = db.session.scalars(select(Spend)).one()
    assert (spend.amount, spend.distribution_id, spend.what) == (51_50, None, "Outdoor Shop")
    first = come(at, purchase, 12, boxes=3)
    assert [kit.level(code, at.shelf) for code in first] == [12, 12, 12]
    assert come(at, purchase, 6, code=first[0].lower()) == [first[0]]
    assert left(purchase) == [30]
    sources = set(db.session.scalars(select(Movement.reason)))
    assert sources == {"bought"}
    come(at, purchase, 30)
    assert left(purchase) == [0]
    sound()


def test_the_lines_must_add_up_to_what_was_paid(at: kit.Depot, winter: int) -> None:
    for wrong in ({"total": 47_99}, {"carriage": 1, "total": 48_00}):
        with pytest.raises(Invalid, match=r"The lines add up to £48.0") as refused:
            buy(at, winter, **wrong)
        assert refused.value.field == "amount"
    with pytest.raises(Conflict, match=r"Only £100\.00 is left in this fund"):
        buy(at, winter, line(at, price=2000))
    with pytest.raises(Conflict, match="Nothing is left in this fund in this currency"):
        buy(at, winter, currency="eur")
    for wrong, field in (
        ({"packs": 0}, "packs_0"),
        ({"pack_size": -5}, "size_0"),
        ({"packs": 10**12, "price": 0}, "packs_0"),
        ({"packs": 10**6, "pack_size": 2, "price": 0}, "packs_0"),
        ({"size_id": 999_999}, "size_id"),
    ):
        with pytest.raises(Invalid) as refused:
            buy(at, winter, line(at, **wrong))
        assert refused.value.field == field
    for wrong in ({"supplier": " "}, {"currency": "usd"}, {"carriage": 10**10}, {"supplier": "x" * 101}):
        with pytest.raises(Invalid):
            buy(at, winter, **wrong)
    with pytest.raises(Invalid):
        purchasing.record_purchase(
            actor_id=at.actor_id,
            fund_id=winter,
            supplier="Shop",
            currency="gbp",
            total=0,
            bought_on=today(),
            lines=[],
        )
    assert (spent(winter), db.session.scalars(select(Purchase)).all()) == (0, [])


def test_no_more_comes_than_was_bought(at: kit.Depot, winter: int) -> None:
    purchase = buy(at, winter)
    with pytest.raises(Invalid, match="Only 72 of these were bought"):
        come(at, purchase, 25, boxes=3)
    with pytest.raises(Conflict, match="72 are to come"):
        come(at, purchase, 5, seen=70)
    for wrong in ({"quantity": 0}, {"quantity": 10**12}, {"boxes": 0}, {"boxes": 51}):
        with pytest.raises(Invalid):
            come(at, purchase, **{"quantity": 1, **wrong})
    with pytest.raises(Invalid, match="holds something else"):
        come(at, purchase, 5, code=kit.receive(at, 3, size="M"))
    with pytest.raises(NotFound):
        come(at, purchase, 5, code="NOWHERE")
    with pytest.raises(Invalid, match="These go into one box"):
        come(at, purchase, 5, code=kit.receive(at, 3), boxes=2)
    assert left(purchase) == [72]
    sound()


def test_what_is_undone_in_a_box_is_to_come_again(at: kit.Depot, winter: int) -> None:
    purchase = buy(at, winter)
    come(at, purchase, 72)
    movement = db.session.scalars(select(Movement.id)).one()
    db.session.rollback()
    undo(actor_id=None, movement_id=movement)
    assert left(purchase) == [72]
    come(at, purchase, 10)
    sound()


def test_the_rest_may_never_come_or_be_expected_again(at: kit.Depot, winter: int) -> None:
    purchase = buy(at, winter)
    come(at, purchase, 60)
    receiving.close(actor_id=at.actor_id, purchase_id=purchase)
    for act in (partial(come, at, purchase, 1), partial(receiving.close, actor_id=None, purchase_id=purchase)):
        with pytest.raises(Conflict, match="This purchase is closed"):
            act()
    receiving.reopen(actor_id=at.actor_id, purchase_id=purchase)
    with pytest.raises(Conflict, match="open already"):
        receiving.reopen(actor_id=at.actor_id, purchase_id=purchase)
    come(at, purchase, 12)
    with pytest.raises(NotFound):
        receiving.close(actor_id=None, purchase_id=999_999)
    sound()


def test_one_entered_by_mistake_gives_its_money_back_while_nothing_came(at: kit.Depot, winter: int) -> None:
    purchase, kept = buy(at, winter), buy(at, winter, line(at, price=200))
    spend_id = db.session.scalars(select(Purchase.spend_id).where(Purchase.id == purchase)).one()
    db.session.rollback()
    with pytest.raises(Conflict, match="Take it back on the page of that"):
        spending.withdraw_spend(actor_id=at.actor_id, spend_id=spend_id)
    purchasing.withdraw_purchase(actor_id=at.actor_id, purchase_id=purchase)
    assert spent(winter) == 12_00
    with pytest.raises(Conflict, match="was taken back"):
        purchasing.withdraw_purchase(actor_id=at.actor_id, purchase_id=purchase)
    with pytest.raises(Conflict, match="was taken back"):
        come(at, purchase, 1)
    with pytest.raises(Conflict, match="was taken back"):
        receiving.reopen(actor_id=at.actor_id, purchase_id=purchase)
    come(at, kept, 1)
    with pytest.raises(Conflict, match="Some of it is in boxes"):
        purchasing.withdraw_purchase(actor_id=at.actor_id, purchase_id=kept)
    sound()


def test_a_trace_leads_back_to_the_purchase(at: kit.Depot, winter: int) -> None:
    purchase = buy(at, winter)
    (code,) = come(at, purchase, 20)
    part = split_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.shelf, quantity=5)
    given = kit.receive(at, 4)
    merge_boxes(actor_id=None, code=part, from_id=at.shelf, into=given, quantity=2)
    for box, kinds in ((part, {("purchase", True)}), (given, {("purchase", False), ("donated", False)})):
        number = box_by_code(db.session, box).id
        found = origins.of_nodes(db.session, origins.of_box(number))
        ((_node, mine),) = [(node, of) for node, of in found.of.items() if node[0] == number and node[1] > 10**9]
        assert {(str(origin.kind), sure) for origin, sure in mine.items()} == kinds
        assert {origin.purchase_id for origin in mine} <= {purchase, 0}
        db.session.rollback()


def value(day: date | None = None) -> tuple[int, int, int]:
    db.session.rollback()
    found = as_of.total(db.session, as_of.AsOf(day or today()), zone())
    db.session.rollback()
    return found.value, found.euros, found.unvalued


def test_what_was_bought_counts_at_what_it_cost(at: kit.Depot, winter: int) -> None:
    kit.receive(at, 10)
    assert value() == (0, 0, 10)
    (code,) = come(at, buy(at, winter), 72)
    assert value() == (48_00, 0, 10)  # whatever a product costs today: 72 for £48
    take_out(actor_id=None, code=code, location_id=at.shelf, quantity=36)
    assert value() == (24_00, 0, 10)
    split_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=12)
    assert value() == (24_00, 0, 10)
    product = db.session.get_one(Product, at.product_id)
    product_id = product.id
    db.session.rollback()
    with transaction() as session:
        session.get_one(Product, product_id).unit_cost = 500
    assert value() == (24_00 + 50_00, 0, 0)
    assert value(today() - timedelta(days=1)) == (0, 0, 0)
    kit.receive(at, 1, source="bought")  # without a purchase, it is worth what its size cost in others
    assert value()[0] == 50_00 + 37 * 48_00 // 72


def test_euros_are_counted_apart(at: kit.Depot, winter: int) -> None:
    with transaction() as session:
        session.add(FundBalance(fund_id=winter, currency="eur", given=90_00, spent=0))
    come(at, buy(at, winter, line(at, packs=10, pack_size=1, price=300)), 10)
    come(at, buy(at, winter, line(at, packs=10, pack_size=1, price=500), currency="eur"), 10)
    assert value() == (30_00, 50_00, 0)


def test_what_was_taken_back_sets_no_price(at: kit.Depot, winter: int) -> None:
    come(at, buy(at, winter), 12)
    mistaken = buy(at, winter, line(at, packs=1, pack_size=1, price=40_00))
    purchasing.withdraw_purchase(actor_id=at.actor_id, purchase_id=mistaken)
    assert value() == (8_00, 0, 0)


def test_of_several_who_receive_the_same_line_one_does(app: Flask, at: kit.Depot, winter: int) -> None:
    purchase = buy(at, winter)
    number = line_ids(purchase)[0]
    one = partial(
        receiving.receive,
        actor_id=at.actor_id,
        purchase_id=purchase,
        line_id=number,
        seen=72,
        quantity=40,
        location_id=at.shelf,
    )
    assert refused(race(app, *[one] * 6), Conflict) == 5
    assert left(purchase) == [32]
    same = Token("person:1", "k" * 16)
    again = partial(
        receiving.receive.once(same),
        actor_id=at.actor_id,
        purchase_id=purchase,
        line_id=number,
        seen=32,
        quantity=2,
        location_id=at.shelf,
    )
    answers = race(app, *[again] * 4)
    assert {tuple(each) for each in answers if not isinstance(each, DomainError)} != set()
    assert left(purchase) == [30]
    sound()


def test_receiving_and_taking_back_at_once_end_in_one_of_them(app: Flask, at: kit.Depot, winter: int) -> None:
    for _ in range(3):
        purchase = buy(at, winter, line(at, price=100))
        answers = race(
            app,
            partial(come, at, purchase, 5),
            partial(purchasing.withdraw_purchase, actor_id=at.actor_id, purchase_id=purchase),
        )
        assert refused(answers, Conflict) == 1
        sound()


def test_two_purchases_do_not_spend_the_same_money(app: Flask, at: kit.Depot, winter: int) -> None:
    answers = race(app, *[partial(buy, at, winter)] * 4)  # £48 each, of £100
    assert refused(answers, Conflict) == 2
    assert spent(winter) == 96_00
    sound()
