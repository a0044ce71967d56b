"""What a phone keeps of a warehouse: its boxes in parts, what happened since, and nothing about anybody."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import as_if, now
from logistics.db import db
from logistics.stock.aisle import copying
from logistics.stock.expiring import set_best_before
from logistics.stock.labelling import blanks, linking
from logistics.stock.labelling.models import Label
from logistics.stock.moving import move_box
from logistics.stock.taking import take_out

from .. import make
from ..browsing import Browser
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "One size", has_best_before=True)


def data(browser: Browser, at: kit.Depot, **query: Any) -> dict[str, Any]:
    answer = browser.get("/stock/aisle/data", query_string={"warehouse": at.warehouse_id, **query})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [box["code"] for box in found["boxes"]]


def test_the_boxes_of_a_warehouse_come_in_parts(
    at: kit.Depot, warehouse_staff: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [kit.receive(at, 5) for _ in range(5)]
    elsewhere = make.shelf(make.warehouse("Other"), "X1").id
    kit.receive(at, 5, shelf=elsewhere)
    monkeypatch.setattr(copying, "AT_ONCE", 2)
    found, after = [], 0
    for _ in range(3):
        part = data(warehouse_staff, at, after=after)
        found += codes(part)
        after = part["next"]
    assert (found, after) == (made, None)


def test_a_box_is_told_with_all_that_an_aisle_needs(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20, best_before=now().date() + timedelta(days=40))
    kit.plan(at, kit.distribution(at), 6, {"S": 1})
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=5)
    far = make.shelf(make.warehouse("Other"), "X1").id
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=far, quantity=2)
    blanks.make_blanks(actor_id=None, count=1)
    blank = db.session.scalars(select(Label.code)).one()
    linking.link(actor_id=None, label=blank, code=code)
    for asked in (code.lower(), blank, f"http://localhost/b/{blank}"):
        (box,) = data(warehouse_staff, at, code=asked)["boxes"]
        assert box == {
            "code": code,
            "size": at.size,
            "best_before": (now().date() + timedelta(days=40)).isoformat(),
            "expired": False,
            "places": [[at.shelf, 13], [at.other_shelf, 5]],
            "elsewhere": 2,
            "labels": [blank],
            "free": 12,
        }
    assert data(warehouse_staff, at, code="nothing")["boxes"] == []
    assert data(warehouse_staff, at, code="?" * 400)["boxes"] == []


def test_what_happened_since_is_told_and_nothing_else(at: kit.Depot, warehouse_staff: Browser) -> None:
    with as_if(now() - timedelta(days=2)):
        quiet, moved, dated, emptied = (kit.receive(at, 5) for _ in range(4))
    cursor = data(warehouse_staff, at)["at"]
    assert codes(data(warehouse_staff, at, since=cursor)) == []
    move_box(actor_id=None, code=moved, from_id=at.shelf, to_id=at.other_shelf, quantity=5)
    set_best_before(actor_id=None, code=dated, best_before=now().date() + timedelta(days=9), undated=False)
    take_out(actor_id=None, code=emptied, location_id=at.shelf, quantity=5)
    new = kit.receive(at, 0)
    found = data(warehouse_staff, at, since=cursor)
    assert codes(found) == [moved, dated, emptied, new]
    assert found["boxes"][2]["places"] == [[at.shelf, 0]]
    assert codes(data(warehouse_staff, at)) == [quiet, moved, dated, emptied, new]


def test_boxes_that_were_emptied_long_ago_are_left_out(at: kit.Depot, warehouse_staff: Browser) -> None:
    with as_if(now() - timedelta(days=40)):
        code, full = kit.receive(at, 0), kit.receive(at, 3)
    assert codes(data(warehouse_staff, at)) == [full]
    assert codes(data(warehouse_staff, at, code=code)) == [code]  # asked for by its code, it is there


@pytest.mark.parametrize(
    "query", [{"warehouse": 999999}, {"warehouse": "x"}, {"since": "soon"}, {"since": "2026-01-01"}]
)
def test_what_cannot_be_given_is_said(at: kit.Depot, warehouse_staff: Browser, query: dict[str, Any]) -> None:
    answer = warehouse_staff.get("/stock/aisle/data", query_string={"warehouse": at.warehouse_id, **query})
    assert answer.status_code == 422
    assert answer.get_json()["says"]


def test_the_catalogue_is_told_in_the_language_of_the_page_and_sent_once(at: kit.Depot, app: Flask) -> None:
    french = Browser(app).sign_in(make.person("warehouse", language="fr"))
    path = f"/stock/aisle/catalogue?warehouse={at.warehouse_id}"
    answer = french.get(path)
    found = answer.get_json()
    assert [size[:2] for size in found["sizes"].values()] == [["Joggers", "S"], ["Joggers", "Taille unique"]]
    assert [(shelf["id"], shelf["name"]) for shelf in found["shelves"]] == [(at.shelf, "C4"), (at.other_shelf, "D1")]
    assert french.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert "shelves" not in french.get("/stock/aisle/catalogue").get_json()
    assert french.get("/stock/aisle/catalogue?warehouse=999999").status_code == 422


def test_nothing_that_a_phone_keeps_names_anybody(at: kit.Depot, warehouse_staff: Browser) -> None:
    kit.receive(at, 5, note="From Salma")
    me = warehouse_staff.get("/stock/aisle/me").get_json()
    assert set(me) == {"person", "token", "now"}
    for path in ("catalogue", "data"):
        text = warehouse_staff.get(f"/stock/aisle/{path}?warehouse={at.warehouse_id}").get_data(as_text=True)
        assert "Salma" not in text
        assert "Joe" not in text
