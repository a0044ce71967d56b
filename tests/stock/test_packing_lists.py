"""Packing lists: planning, editing until the van leaves, and what pages show."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock import packing
from logistics.stock.models import PackingItem, PackingLine, PackingList
from logistics.stock.packing_lists import preview, recount, remove_item, set_item, set_warehouse, sheet

from .. import make
from . import kit

SIZES = ("XS", "S", "M", "L", "XL")


def per_person(at: kit.Depot, made: int, hundredths: int, *groups: str) -> int:
    return set_item(
        actor_id=at.actor_id,
        distribution_id=made,
        product_id=at.product_id,
        per_person_hundredths=hundredths,
        groups=groups,
        total=0,
        profile={},
    )


def plan_of(at: kit.Depot, made: int) -> dict[str, int]:
    db.session.rollback()
    rows = db.session.execute(
        select(PackingLine.size_id, PackingLine.planned).where(PackingLine.distribution_id == made)
    ).all()
    label = {size_id: label for label, size_id in at.sizes.items()}
    return {label[size_id]: planned for size_id, planned in sorted(rows)}


def test_a_number_per_person_is_split_by_the_products_profile(app: Flask) -> None:
    at = kit.depot(*SIZES)
    with transaction() as session:
        for label, share in zip(SIZES, (5, 30, 40, 20, 5), strict=True):
            session.get_one(kit.Size, at.sizes[label]).share = share
    made = kit.distribution(at, expected_men=150, expected_boys=50, expected_women=1000)
    per_person(at, made, 100, "boys", "men")
    assert plan_of(at, made) == {"XS": 10, "S": 60, "M": 80, "L": 40, "XL": 10}
    item = db.session.scalars(select(PackingItem)).one()
    assert (item.total, item.groups, item.per_person_hundredths) == (200, ["men", "boys"], 100)
    per_person(at, made, 50, "boys")
    assert sum(plan_of(at, made).values()) == 25
    kit.sound()


def test_a_total_is_split_by_the_shares_given_and_a_size_without_one_is_left_out(app: Flask) -> None:
    at = kit.depot(*SIZES)
    made = kit.distribution(at)
    kit.plan(at, made, 100, {"S": 1, "M": 3})
    assert plan_of(at, made) == {"S": 25, "M": 75}
    kit.plan(at, made, 40, {"L": 1})
    assert plan_of(at, made) == {"L": 40}
    told = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "packing_list.changed").order_by(AuditLine.id)
    ).all()[-1]
    assert (told.distribution_id, told.details) == (made, {"product": "Joggers", "quantity": 40})
    kit.plan(at, made, 0)
    assert plan_of(at, made) == {}
    kit.sound()


def test_planning_less_frees_what_was_promised_for_others(app: Flask) -> None:
    at = kit.depot()
    kit.receive(at, 50)
    first, second = kit.planned(at, 50), kit.planned(at, 30)
    assert kit.allocated(at, first, second) == [50, 0]
    kit.plan(at, first, 35)
    assert kit.allocated(at, first, second) == [35, 15]
    remove_item(actor_id=None, distribution_id=first, product_id=at.product_id)
    assert plan_of(at, first) == {}
    assert kit.allocated(at, second) == [30]
    assert kit.stock(at) == (50, 30)
    kit.sound()


def test_the_list_is_changed_until_out_and_never_below_what_is_packed(app: Flask) -> None:
    at = kit.depot("S", "M")
    code = kit.receive(at, 50, size="S")
    made = kit.distribution(at)
    kit.plan(at, made, 40, {"S": 1, "M": 1})
    packing.pack(actor_id=None, distribution_id=made, size_id=at.sizes["S"], code=code, from_id=at.shelf, quantity=12)
    with pytest.raises(Invalid, match="12 of size S are packed already, and this would plan only 10") as refused:
        kit.plan(at, made, 20, {"S": 1, "M": 1})
    assert refused.value.field == "total"
    kit.plan(at, made, 24, {"S": 1, "M": 1})
    assert (kit.line(at, made, "S").allocated, kit.line(at, made, "S").packed) == (0, 12)
    with pytest.raises(Conflict, match="12 of Joggers are packed already"):
        remove_item(actor_id=None, distribution_id=made, product_id=at.product_id)
    kit.leave(at, made)
    for change in (
        lambda: kit.plan(at, made, 50),
        lambda: remove_item(actor_id=None, distribution_id=made, product_id=at.product_id),
        lambda: set_warehouse(actor_id=None, distribution_id=made, warehouse_id=at.warehouse_id),
    ):
        with pytest.raises(Conflict, match="The van has left"):
            change()
    kit.sound()


def test_extras_on_the_van_do_not_stand_in_the_way_of_other_sizes(app: Flask) -> None:
    at = kit.depot("S", "M")
    code = kit.receive(at, 50, size="S")
    made = kit.distribution(at)
    kit.plan(at, made, 20, {"S": 1, "M": 1})
    packing.pack(actor_id=None, distribution_id=made, size_id=at.sizes["S"], code=code, from_id=at.shelf, quantity=15)
    kit.plan(at, made, 30, {"S": 1, "M": 2})  # S stays at 10 while 15 are packed
    assert plan_of(at, made) == {"S": 10, "M": 20}
    with pytest.raises(Invalid):
        kit.plan(at, made, 30, {"S": 9, "M": 21})
    kit.sound()


def test_a_stale_page_is_refused(app: Flask) -> None:
    at = kit.depot()
    made = kit.distribution(at)
    before = db.session.scalars(select(PackingList.version)).one()
    again: dict[str, Any] = {
        "actor_id": None,
        "distribution_id": made,
        "product_id": at.product_id,
        "per_person_hundredths": None,
        "groups": [],
        "total": 5,
        "profile": {},
        "version": before,
    }
    assert set_item(**again) == before + 1
    with pytest.raises(Conflict, match="Someone changed this packing list"):
        set_item(**again)


def test_the_only_warehouse_is_meant_and_among_two_one_must_choose(app: Flask) -> None:
    at = kit.depot()
    first, second = make.distribution().id, make.distribution().id
    kit.plan(at, first, 5)
    assert db.session.get_one(PackingList, first).warehouse_id == at.warehouse_id
    other = make.warehouse().id
    with pytest.raises(Invalid) as refused:
        kit.plan(at, second, 5)
    assert refused.value.field == "warehouse_id"
    assert set_warehouse(actor_id=None, distribution_id=second, warehouse_id=other) == other
    kit.plan(at, second, 5)
    kit.sound()


def test_another_warehouse_frees_what_was_promised_in_the_first(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 50)
    other = make.warehouse()
    other_id, far = other.id, make.shelf(other).id
    kit.receive(at, 20, shelf=far)
    made, second = kit.planned(at, 40), kit.planned(at, 30)
    set_warehouse(actor_id=None, distribution_id=made, warehouse_id=other_id)
    assert kit.allocated(at, made, second) == [20, 30]
    assert (kit.stock(at), kit.stock(at, warehouse_id=other_id)) == ((50, 30), (20, 20))
    packing.pack(actor_id=None, distribution_id=second, size_id=at.size, code=code, from_id=at.shelf, quantity=1)
    with pytest.raises(Conflict, match="packed already"):
        set_warehouse(actor_id=None, distribution_id=second, warehouse_id=other_id)
    for wrong in (make.meeting_point().id, 10**30, -1):
        with pytest.raises(Invalid):
            set_warehouse(actor_id=None, distribution_id=made, warehouse_id=wrong)
    kit.sound()


def test_more_people_are_planned_for_when_more_are_expected(app: Flask) -> None:
    at = kit.depot("S", "M")
    kit.receive(at, 100, size="S")
    code = kit.receive(at, 100, size="M")
    made = kit.distribution(at, expected_men=100)
    per_person(at, made, 100, "men")
    packing.pack(actor_id=None, distribution_id=made, size_id=at.sizes["M"], code=code, from_id=at.shelf, quantity=40)
    for expected, plan in ((120, {"S": 60, "M": 60}), (30, {"S": 15, "M": 40})):
        with transaction() as session:
            session.get_one(kit.Distribution, made).expected_men = expected
            recount(session, made, at.actor_id)
        assert plan_of(at, made) == plan
        kit.sound()
    assert (kit.line(at, made, "S").allocated, kit.line(at, made, "M").allocated) == (15, 0)


def test_a_total_stays_when_other_people_are_expected(app: Flask) -> None:
    at = kit.depot()
    made = kit.planned(at, 77)
    for each in (made, make.distribution().id):
        with transaction() as session:
            session.get_one(kit.Distribution, each).expected_men = 5
            recount(session, each, None)
    assert plan_of(at, made) == {"One size": 77}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"total": -1}, "total"),
        ({"total": 1_000_001}, "total"),
        ({"product_id": 10**30}, "product_id"),
        ({"product_id": 0}, "product_id"),
        ({"profile": {"999999": 1}}, "profile"),
        ({"profile": {"x": 1}}, "profile"),
        ({"per_person_hundredths": 0, "groups": ["men"]}, "per_person_hundredths"),
        ({"per_person_hundredths": 100_001, "groups": ["men"]}, "per_person_hundredths"),
        ({"per_person_hundredths": 100_000, "groups": ["men"]}, "per_person_hundredths"),
        ({"per_person_hundredths": 100, "groups": []}, "groups"),
        ({"per_person_hundredths": 100, "groups": ["ghosts"]}, "groups"),
    ],
)
def test_what_is_wrong_is_named(app: Flask, wrong: dict[str, Any], field: str) -> None:
    at = kit.depot()
    made = kit.distribution(at, expected_men=100_000)
    with pytest.raises(Invalid) as refused:
        set_item(
            **{
                "actor_id": None,
                "distribution_id": made,
                "product_id": at.product_id,
                "per_person_hundredths": None,
                "groups": [],
                "total": 5,
                "profile": {},
                **wrong,
            }
        )
    assert refused.value.field == field
    assert db.session.scalars(select(PackingItem)).all() == []


def test_what_is_not_there(app: Flask) -> None:
    at = kit.depot()
    made = kit.distribution(at)
    with pytest.raises(NotFound):
        kit.plan(at, made + 1000, 5)
    with pytest.raises(NotFound):
        remove_item(actor_id=None, distribution_id=made, product_id=at.product_id)
    with transaction() as session:
        session.get_one(kit.packing_lists.Product, at.product_id).closed_at = now()
    with pytest.raises(Invalid, match="not given out any more"):
        kit.plan(at, made, 5)


def test_a_sheet_and_a_preview_say_what_is_promised_and_short(app: Flask) -> None:
    at = kit.depot("S", "M", "L")
    code = kit.receive(at, 30, size="S")
    kit.receive(at, 25, size="M")
    other, made = kit.distribution(at), kit.distribution(at)
    kit.plan(at, other, 20, {"M": 1})
    kit.plan(at, made, 40, {"S": 1, "M": 1})
    packing.pack(actor_id=None, distribution_id=made, size_id=at.sizes["S"], code=code, from_id=at.shelf, quantity=8)
    db.session.rollback()
    [item] = sheet(db.session, made)
    assert (item.total, item.product.name, [size.label for size in item.product.sizes]) == (
        40,
        "Joggers",
        ["S", "M", "L"],
    )
    assert [(v.size.label, v.planned, v.allocated, v.packed, v.short, v.on_hand, v.available) for v in item.lines] == [
        ("S", 20, 12, 8, 0, 22, 10),
        ("M", 20, 5, 0, 15, 25, 0),
    ]
    assert (item.allocated, item.packed, item.short) == (17, 8, 15)
    assert [(v.counted, v.handed_out) for v in item.lines] == [(False, None), (False, None)]
    shown = preview(
        db.session,
        made,
        at.product_id,
        per_person_hundredths=None,
        groups=[],
        total=90,
        profile={str(size_id): 1 for size_id in at.sizes.values()},
    )
    assert [(v.size.label, v.planned, v.packed, v.available, v.short) for v in shown.lines] == [
        ("S", 30, 8, 22, 0),
        ("M", 30, 0, 5, 25),
        ("L", 30, 0, 0, 30),
    ]
    assert (shown.total, shown.short) == (90, 55)
    kit.plan(at, made, 90, {"S": 1, "M": 1, "L": 1})
    db.session.rollback()
    assert [v.short for v in sheet(db.session, made)[0].lines] == [v.short for v in shown.lines]


def test_a_preview_before_there_is_a_list_and_of_nonsense(app: Flask) -> None:
    at = kit.depot("S", "M")
    kit.receive(at, 3, size="S")
    made = make.distribution(expected_men=10).id
    shown = preview(
        db.session,
        made,
        at.product_id,
        per_person_hundredths=100,
        groups=["men", "ghosts"],
        total=0,
        profile={},
        warehouse_id=at.warehouse_id,
    )
    assert [(v.planned, v.short) for v in shown.lines] == [(5, 2), (5, 5)]
    shown = preview(db.session, made, at.product_id, per_person_hundredths=None, groups=[], total=-5, profile={"x": -1})
    assert [v.planned for v in shown.lines] == [0, 0]


def test_a_sheet_takes_as_many_queries_for_one_product_as_for_many(app: Flask) -> None:
    at = kit.depot("S", "M")
    made = kit.distribution(at)
    kit.plan(at, made, 10)

    def queries() -> int:
        db.session.rollback()
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        sheet(db.session, made)
        packing.pick_list(db.session, made)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    kit.receive(at, 5, size="S")
    before = queries()
    for _ in range(5):
        product = make.product(sizes=("S", "M", "L")).id
        set_item(
            actor_id=None,
            distribution_id=made,
            product_id=product,
            per_person_hundredths=None,
            groups=[],
            total=30,
            profile={},
        )
    assert queries() == before <= 7  # SQLite counts its BEGIN
