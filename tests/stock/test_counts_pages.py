"""Stock-takes through the pages: starting, counting, reviewing, what came of it."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.stock.counts import takes
from logistics.stock.counts.models import StockCount
from logistics.stock.models import Box
from logistics.stock.moving import move_box

from .. import make
from ..browsing import Browser, text_of
from . import kit
from .test_counts import begin, count


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot()


def start(browser: Browser, query: str, **sent: Any) -> str:
    """Start a stock-take as its page does, and return its path."""
    browser.page(f"/stock/takes/new?{query}")
    return browser.send(f"/stock/takes/new?{query}", sent).location


def number(browser: Browser, path: str, code: str, shelf: int, counted: object, status: int = 303) -> Any:
    return browser.send(f"{path}/counts", {"code": code, "location_id": shelf, "counted": counted}, status)


def review(browser: Browser, path: str, status: int = 303, **reasons: Any) -> Any:
    """Send the review as its page shows it, with one reason for all unless told."""
    page = browser.page(f"{path}/review")
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    every = dict.fromkeys(re.findall(r'name="(reason_[\d-]+)"', page), reasons.pop("reason", "miscounted"))
    return browser.send(f"{path}/review", {"seen": seen[1], **every, **reasons}, status)


def key(code: str, shelf: int) -> str:
    return f"{db.session.scalars(select(Box.id).where(Box.code == code)).one()}-{shelf}"


def test_a_shelf_is_counted_from_its_page_to_the_ledger(at: kit.Depot, warehouse_staff: Browser) -> None:
    first, second = kit.receive(at, 20), kit.receive(at, 5)
    for page in ("/stock/shelves", f"/stock/boxes?shelf={at.shelf}"):
        assert f"/stock/takes/new?shelf={at.shelf}" in warehouse_staff.page(page)
    path = start(warehouse_staff, f"shelf={at.shelf}", note="After the rain")
    page = text_of(warehouse_staff.page(path))
    assert "0 of 2 boxes counted" in page
    assert "the ledger says 20" in page
    assert "After the rain" in page
    assert number(warehouse_staff, path, first, at.shelf, "18").location == path
    page = text_of(warehouse_staff.page(path))  # as after a day: nothing is lost
    assert "1 of 2" in page
    assert second in page
    counted = text_of(warehouse_staff.page(f"{path}?show=counted"))
    assert "You counted 18" in counted
    number(warehouse_staff, path, second, at.shelf, "5")
    assert "All that is expected here is counted." in text_of(warehouse_staff.page(f"{path}?show=left"))
    page = text_of(warehouse_staff.page(f"{path}/review"))
    assert "1 box differs from the ledger" in page
    assert "Counted 18, the ledger said 20" in page
    assert review(warehouse_staff, path, reason="damaged").location == path
    page = text_of(warehouse_staff.page(path))
    assert "In the ledger" in page
    assert "Damaged or dirty" in page
    assert kit.level(first, at.shelf) == 18
    assert "In the ledger" in text_of(warehouse_staff.page("/stock/takes"))
    assert "−2" in text_of(warehouse_staff.page(f"/stock/boxes/{first}"))
    kit.sound()


def test_each_number_is_kept_once_however_often_it_is_sent(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    path = start(warehouse_staff, f"shelf={at.shelf}")
    sent = {"code": code, "location_id": at.shelf, "counted": "18", "key": "k" * 16}
    for _ in range(2):
        warehouse_staff.send(f"{path}/counts", sent)
    assert warehouse_staff.send(f"{path}/counts", {**sent, "counted": "3"}, 409)
    assert db.session.scalars(select(StockCount.counted)).all() == [18]


def test_a_product_and_a_box_are_counted_from_their_pages(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    kit.receive(at, 4, shelf=at.other_shelf)
    assert f"/stock/takes/new?product={at.product_id}" in warehouse_staff.page(f"/stock/products/{at.product_id}")
    assert f"/stock/takes/new?box={code}" in warehouse_staff.page(f"/stock/boxes/{code}")
    path = start(warehouse_staff, f"product={at.product_id}", warehouse_id=at.warehouse_id)
    assert "0 of 2" in text_of(warehouse_staff.page(path))
    path = start(warehouse_staff, f"box={code}", warehouse_id=at.warehouse_id)
    assert "0 of 1" in text_of(warehouse_staff.page(path))
    warehouse_staff.send(f"{path}/found", {"code": code, "location_id": at.other_shelf, "counted": "2"})
    assert "1 of 2" in text_of(warehouse_staff.page(path))
    assert "This is being counted already" in text_of(warehouse_staff.page(f"/stock/takes/new?box={code}"))
    make.warehouse()
    refused = warehouse_staff.send(f"/stock/takes/new?product={at.product_id}", {"warehouse_id": ""}, 422)
    assert "Choose a warehouse." in text_of(refused.get_data(as_text=True))


def test_a_box_that_is_not_expected_is_added_by_its_code(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 12, shelf=at.other_shelf)
    path = start(warehouse_staff, f"shelf={at.shelf}")
    assert "Nothing is expected here." in text_of(warehouse_staff.page(path))
    refused = warehouse_staff.send(f"{path}/found", {"code": "nowhere", "location_id": "", "counted": "12"}, 404)
    page = refused.get_data(as_text=True)
    assert "There is no box of this code." in page
    assert 'value="nowhere"' in page
    assert 'value="12"' in page
    warehouse_staff.send(f"{path}/found", {"code": f" {code.lower()}", "counted": "12"})
    assert "not expected here" in text_of(warehouse_staff.page(f"{path}?show=counted"))
    page = text_of(warehouse_staff.page(f"{path}/review"))
    assert "The ledger has 12 of it on shelf D1." in page
    assert "Given back to the donor" not in page  # which explains only fewer
    box_id = db.session.scalars(select(Box.id)).one()
    warehouse_staff.send(f"{path}/counts/{box_id}/{at.shelf}/take-back")
    assert "Nothing is counted yet" in text_of(warehouse_staff.page(f"{path}/review"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter a whole number."),
        ("-5", "Enter a number from 0 to 1000000."),
        ("1.5", "Enter a whole number."),
        ("1000000000000", "Enter a number from 0 to 1000000."),
    ],
)
def test_a_wrong_number_is_told_at_its_box_and_kept(
    at: kit.Depot, warehouse_staff: Browser, typed: str, said: str
) -> None:
    code = kit.receive(at, 20)
    path = start(warehouse_staff, f"shelf={at.shelf}")
    page = number(warehouse_staff, path, code, at.shelf, typed, 422).get_data(as_text=True)
    assert said in page
    assert f'name="counted" value="{typed}" aria-describedby' in page
    assert db.session.scalar(select(StockCount.id)) is None


def test_when_blind_the_page_hides_numbers_and_the_review_compares_them(
    at: kit.Depot, app: Flask, warehouse_staff: Browser
) -> None:
    code = kit.receive(at, 20)
    path = start(warehouse_staff, f"shelf={at.shelf}", blind="y")
    number(warehouse_staff, path, code, at.shelf, "17")
    omar = Browser(app).sign_in(make.person("warehouse", name="Omar"))
    page = text_of(omar.page(path))
    assert "0 of 1 boxes counted by you" in page
    assert "20" not in page.replace("2026", "")
    assert "17" not in page
    number(omar, path, code, at.shelf, "19")
    page = text_of(omar.page(f"{path}/review"))
    assert "Omar: 19, the ledger said 20 (−1)" in page
    assert "17, the ledger said 20 (−3)" in page
    where = key(code, at.shelf)
    refused = review(omar, path, 422, **{f"note_{where}": "third shelf"}).get_data(as_text=True)
    assert "Choose which count holds." in refused
    assert "third shelf" in refused
    held = db.session.scalars(select(StockCount.id).where(StockCount.counted == 19)).one()
    review(omar, path, **{f"holds_{where}": held})
    assert kit.level(code, at.shelf) == 19
    kit.sound()


def test_what_cannot_be_written_is_told_and_what_was_chosen_is_kept(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    path = start(warehouse_staff, f"shelf={at.shelf}")
    number(warehouse_staff, path, code, at.shelf, "10")
    where = key(code, at.shelf)
    page = review(warehouse_staff, path, 422, reason="").get_data(as_text=True)
    assert "Choose why the number is another." in page
    page = review(warehouse_staff, path, 422, reason="other").get_data(as_text=True)
    assert "Say in the note what happened." in page
    move_box(actor_id=None, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=15)
    sent = {"reason": "lost", f"note_{where}": "the leak"}
    page = review(warehouse_staff, path, 409, **sent).get_data(as_text=True)
    assert f"By now fewer are there than would be taken off: {code} (C4)." in page
    assert 'value="lost" selected' in page or 'selected value="lost"' in page
    assert "the leak" in page
    assert "Being counted" in text_of(warehouse_staff.page("/stock/takes"))


def test_what_was_counted_meanwhile_is_shown_before_it_is_written(at: kit.Depot, warehouse_staff: Browser) -> None:
    code, other = kit.receive(at, 20), kit.receive(at, 5)
    take = begin(at)
    count(at, take, code, 10)
    path = f"/stock/takes/{take}"
    seen = re.search(r'name="seen" value="(\w+)"', warehouse_staff.page(f"{path}/review"))
    count(at, take, other, 4)
    assert seen
    sent = {"seen": seen[1], f"reason_{key(code, at.shelf)}": "lost"}
    page = warehouse_staff.send(f"{path}/review", sent, 409).get_data(as_text=True)
    assert "Somebody counted since you opened this page." in page
    assert "2 boxes differ" in page


def test_it_is_given_up_after_asking(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    path = start(warehouse_staff, f"shelf={at.shelf}")
    number(warehouse_staff, path, code, at.shelf, "10")
    assert "Yes, give it up" in warehouse_staff.page(f"{path}/review")
    warehouse_staff.send(f"{path}/abandon")
    page = text_of(warehouse_staff.page(path))
    assert "It was given up: nothing was changed." in page
    assert warehouse_staff.send(f"{path}/abandon").location == path
    assert "This stock-take was given up." in text_of(warehouse_staff.page(path))
    assert number(warehouse_staff, path, code, at.shelf, "3").location == path
    assert warehouse_staff.get(f"{path}/review").location == path
    assert kit.level(code, at.shelf) == 20


def test_its_result_is_downloaded(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20)
    path = start(warehouse_staff, f"shelf={at.shelf}")
    number(warehouse_staff, path, code, at.shelf, "10")
    assert code in warehouse_staff.page(f"{path}/review?format=csv")
    review(warehouse_staff, path, reason="lost", **{f"note_{key(code, at.shelf)}": "=HYPERLINK(1)"})
    lines = warehouse_staff.page(f"{path}?format=csv").strip().splitlines()
    assert lines[0].startswith("\ufeffBox,Product,Size,Warehouse,Shelf,Who,Counted at,Number counted,The ledger then")
    assert lines[1].startswith(f"{code},Joggers,One size,")
    assert lines[1].endswith(",10,20,-10,-10,Lost,'=HYPERLINK(1)")


def test_the_list_shows_the_open_ones_first(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert "Nothing has been counted yet." in text_of(warehouse_staff.page("/stock/takes"))
    kit.receive(at, 20)
    first, second = begin(at), begin(at, product_id=at.product_id)
    takes.abandon(actor_id=None, stock_take_id=second)
    page = warehouse_staff.page("/stock/takes")
    assert page.index(f"/stock/takes/{first}") < page.index(f"/stock/takes/{second}")
    assert "/stock/takes" in warehouse_staff.page("/stock")


def test_what_is_not_there_is_not_found(at: kit.Depot, warehouse_staff: Browser) -> None:
    for path in ("/stock/takes/999999", "/stock/takes/999999/review", "/stock/takes/99999999999"):
        warehouse_staff.page(path, 404)
    for query in ("?shelf=999999", "?shelf=1", "?product=999999", "?box=none", "?shelf=x"):
        warehouse_staff.page(f"/stock/takes/new{query}", 404)
    take = begin(at)
    warehouse_staff.send(f"/stock/takes/{take}/counts/1/99999999999/take-back", status=404)


def test_the_list_is_narrowed_to_a_warehouse(at: kit.Depot, warehouse_staff: Browser) -> None:
    begin(at)
    other = make.warehouse("Depot in Dunkirk").id
    assert "Nothing has been counted yet." in text_of(warehouse_staff.page(f"/stock/takes?warehouse={other}"))


def test_whoever_names_nothing_to_count_is_led_to_the_list(warehouse_staff: Browser) -> None:
    answer = warehouse_staff.get("/stock/takes/new")
    assert (answer.status_code, answer.location) == (303, "/stock/takes")
    warehouse_staff.page("/stock/takes/new?box=nowhere", 404)
