"""Goods arrive."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.audit import AuditLine
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock.models import OUTSIDE_IDS, Box, Level, LocationKind, Movement
from logistics.stock.receiving import ReceivedRow, receive_into, receive_new_box, receive_rows

from .. import make
from . import kit


def test_a_new_box_gets_the_next_short_number_and_its_movement(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 40, best_before=date(2030, 1, 31), note=" two torn ", source="bought")
    assert code.isdigit()
    assert len(code) == 4
    assert int(kit.receive(at, 1)) > int(code)
    box = db.session.scalars(select(Box).where(Box.code == code)).one()
    assert (box.note, box.source, box.best_before, box.import_row) == ("two torn", "bought", date(2030, 1, 31), None)
    assert kit.level(code, at.shelf) == 40
    assert kit.level(code, OUTSIDE_IDS[LocationKind.BOUGHT]) == -40
    assert kit.stock(at) == (41, 0)
    told = db.session.scalars(
        select(AuditLine).where(AuditLine.action == "box.received").order_by(AuditLine.id)
    ).first()
    assert told is not None
    assert told.details == {"code": code, "quantity": 40, "product": "Joggers", "size": "One size", "shelf": "C4"}
    kit.sound()


def test_an_empty_box_stands_on_its_shelf(app: Flask) -> None:
    at = kit.depot()
    code = kit.receive(at, 0)
    assert db.session.execute(select(Level.location_id, Level.quantity)).all() == [(at.shelf, 0)]
    assert db.session.scalar(select(func.count()).select_from(Movement)) == 0
    assert receive_into(actor_id=None, code=code, quantity=5, location_id=at.shelf) == code
    assert kit.level(code, at.shelf) == 5
    kit.sound()


def test_codes_ignore_case_and_outer_spaces(app: Flask) -> None:
    at = kit.depot()
    assert kit.receive(at, 1, code=" a-12 ") == "A-12"
    with pytest.raises(Conflict) as refused:
        kit.receive(at, 1, code="A-12")
    assert refused.value.field == "code"
    assert receive_into(actor_id=None, code="a-12", quantity=2, location_id=at.shelf) == "A-12"
    assert kit.level("A-12", at.shelf) == 3
    kit.sound()


def test_the_next_number_steps_over_codes_that_are_taken(app: Flask) -> None:
    at = kit.depot()
    first = int(kit.receive(at, 1))
    for ahead in (2, 3):
        kit.receive(at, 1, code=f"{first + ahead + 1:04}")
    codes = [kit.receive(at, 1) for _ in range(3)]
    assert len({*codes, f"{first:04}"}) == 4
    kit.sound()


@pytest.mark.parametrize("code", ["a/b", "x" * 41, "ß" * 25, "a\nb", "?", "..", "💥", "a\x00"])
def test_codes_that_no_address_or_label_can_hold(app: Flask, code: str) -> None:
    at = kit.depot()
    with pytest.raises(Invalid) as refused:
        kit.receive(at, 1, code=code)
    assert refused.value.field == "code"
    with pytest.raises(NotFound):
        receive_into(actor_id=None, code=code, quantity=1, location_id=at.shelf)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1_000_001}, "quantity"),
        ({"location_id": 10**30}, "location_id"),
        ({"location_id": 1}, "location_id"),
        ({"size_id": 10**30}, "size_id"),
        ({"size_id": -1}, "size_id"),
        ({"source": "stolen"}, "source"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_what_is_wrong_is_named(app: Flask, wrong: dict[str, object], field: str) -> None:
    at = kit.depot()
    with pytest.raises(Invalid) as refused:
        receive_new_box(**{"actor_id": None, "size_id": at.size, "quantity": 1, "location_id": at.shelf, **wrong})
    assert refused.value.field == field
    assert db.session.scalar(select(func.count()).select_from(Box)) == 0


def test_a_closed_shelf_takes_nothing(app: Flask) -> None:
    at = kit.depot()
    with transaction() as session:
        session.get_one(kit.Location, at.shelf).closed_at = make.now()
    with pytest.raises(Invalid) as refused:
        kit.receive(at, 1)
    assert refused.value.field == "location_id"


def rows(at: kit.Depot, number: int) -> list[ReceivedRow]:
    sizes = list(at.sizes.values())
    return [
        ReceivedRow(
            f"B{n}", sizes[n % len(sizes)], (at.shelf, at.other_shelf)[n % 2], n % 7, import_row={"Items": str(n % 7)}
        )
        for n in range(number)
    ]


def test_many_boxes_at_once_keep_the_same_books(app: Flask) -> None:
    at = kit.depot("S", "M", "L")
    short = kit.planned(at, 30)
    with transaction() as session:
        assert receive_rows(session, rows(at, 5000), actor_id=at.actor_id) == 5000
    assert sum(kit.stock(at, size)[0] for size in at.sizes) == sum(n % 7 for n in range(5000))
    assert [kit.line(at, short, size).allocated for size in at.sizes] == [10, 10, 10]
    assert db.session.scalars(select(Movement.reason).distinct()).all() == ["imported"]
    assert kit.level("B0", at.shelf) == 0
    assert db.session.scalar(select(func.count()).select_from(Level)) == 5000 + sum(1 for n in range(5000) if n % 7)
    kit.sound()


def test_a_repeated_code_among_many_leaves_nothing(app: Flask) -> None:
    at = kit.depot()
    kit.receive(at, 1, code="b3")
    from logistics.commands import command

    taken = command(receive_rows)
    with pytest.raises(Conflict):
        taken(rows(at, 10), actor_id=None)
    assert db.session.scalar(select(func.count()).select_from(Box)) == 1
    kit.sound()


def test_more_than_can_be_counted_is_refused(app: Flask) -> None:
    at = kit.depot()
    many = [ReceivedRow(f"B{n}", at.size, at.shelf, 1_000_000) for n in range(2001)]
    with pytest.raises(Invalid), transaction() as session:
        receive_rows(session, many, actor_id=None)
    with transaction() as session:
        receive_rows(session, many[:2000], actor_id=None)
    with pytest.raises(Invalid):
        kit.receive(at, 1)
    kit.sound()
