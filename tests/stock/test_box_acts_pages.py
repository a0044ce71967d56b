"""Taking out, splitting, putting together and undoing, through a box's page."""

import re

import pytest
from flask import Flask

from logistics.errors import Conflict
from logistics.stock.taking import take_out
from tests.racing import race, refused

from ..browsing import Browser, text_of
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def test_some_is_taken_out_and_that_is_undone(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    warehouse_staff.send(f"/stock/boxes/{code}/take-out", {"from": at.shelf, "quantity": "3", "note": "a morning"})
    page = warehouse_staff.page(f"/stock/boxes/{code}")
    assert "−3 taken out and given away, from C4" in text_of(page)
    assert kit.stock(at) == (17, 0)
    undo = re.findall(r'action="(/stock/movements/\d+/undo)"', page)
    assert len(undo) == 2  # the taking and the receiving
    warehouse_staff.send(undo[0])
    page = text_of(warehouse_staff.page(f"/stock/boxes/{code}"))
    assert "+3 undone: back on C4" in page
    assert kit.stock(at) == (20, 0)
    again = warehouse_staff.send(undo[0], headers={"Referer": f"http://localhost/stock/boxes/{code}"})
    assert again.location == f"/stock/boxes/{code}"
    assert "This was undone already." in text_of(warehouse_staff.page(again.location))
    kit.sound()


def test_a_box_is_split_and_put_together_again(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    sent = {"from": at.shelf, "to": at.other_shelf, "quantity": "8", "new_code": "b 7"}
    assert warehouse_staff.send(f"/stock/boxes/{code}/split", sent).location == "/stock/boxes/B%207"
    assert "came out of another box, on D1" in text_of(warehouse_staff.page("/stock/boxes/B%207"))
    merged = warehouse_staff.send("/stock/boxes/B%207/merge", {"from": at.other_shelf, "into": code, "quantity": "8"})
    assert merged.location == f"/stock/boxes/{code}"
    assert kit.level(code, at.shelf) == 20
    kit.sound()


@pytest.mark.parametrize(
    ("act", "sent", "status", "said"),
    [
        ("take-out", {"quantity": "21"}, 409, "Only 20 are on shelf C4."),
        ("take-out", {"quantity": "0"}, 422, "Enter a number from 1"),
        ("take-out", {"quantity": "-5"}, 422, "Enter a number from 1"),
        ("take-out", {"quantity": "1.5"}, 422, "Enter a whole number."),
        ("take-out", {"quantity": "3", "note": "x" * 501}, 422, "Use 500 characters or fewer."),
        ("split", {"quantity": "3", "to": "0"}, 422, "Choose a shelf."),
        ("split", {"quantity": "3", "new_code": "?"}, 422, "made of letters, digits"),
        ("split", {"quantity": "3", "new_code": "0001"}, 409, "There is a box 0001 already."),
        ("merge", {"quantity": "3", "into": "nowhere"}, 404, "There is no box of this code."),
        ("merge", {"quantity": "3", "into": ""}, 422, "Fill this in."),
        ("merge", {"quantity": "3", "into": "0001"}, 422, "That is this same box."),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_lost(
    at: kit.Depot, warehouse_staff: Browser, act: str, sent: dict[str, str], status: int, said: str
) -> None:
    code = kit.receive(at, 20)
    data = {"from": at.shelf, "to": at.other_shelf, **sent}
    page = warehouse_staff.send(f"/stock/boxes/{code}/{act}", data, status).get_data(as_text=True)
    assert said in text_of(page)
    for typed in sent.values():
        assert typed in page
    assert kit.stock(at) == (20, 0)


def test_volunteers_take_nothing_out(at: kit.Depot, volunteer: Browser) -> None:
    code = kit.receive(at, 20)
    for path in (f"/stock/boxes/{code}/take-out", "/stock/movements/1/undo"):
        volunteer.send(path, {"from": at.shelf, "quantity": "3"}, 403)


def test_sixteen_take_out_of_one_box(app: Flask, at: kit.Depot) -> None:
    code = kit.receive(at, 100)
    takers = [lambda: take_out(actor_id=None, code=code, location_id=at.shelf, quantity=9) for _ in range(16)]
    assert refused(race(app, *takers), Conflict) == 5
    assert kit.stock(at) == (1, 0)
    kit.sound()
