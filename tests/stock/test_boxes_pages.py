"""Finding boxes, receiving, moving and counting them, through the pages."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.stock import checks, counting, moving, receiving
from logistics.stock.models import Box, Location, Product, Size

from .. import make
from ..browsing import Browser, text_of
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def received(browser: Browser, at: kit.Depot, status: int = 303, **fields: object) -> str:
    """Receive through the form; return the box's address, or the page with its errors."""
    data = {"size_id": at.size, "quantity": "5", "location_id": at.shelf, "source": "donated", **fields}
    answer = browser.send("/stock/boxes", data, status)
    return answer.location if status == 303 else answer.get_data(as_text=True)


# Receiving


def test_goods_are_received_into_a_new_box(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = text_of(warehouse_staff.page("/stock/boxes/new?q=jogg"))
    assert "Joggers" in page
    page = warehouse_staff.page(f"/stock/boxes/new?product={at.product_id}")
    assert "Best before" not in page
    address = received(warehouse_staff, at, quantity="1 200", note="From Leeds")
    page = text_of(warehouse_staff.page(address))
    assert "Received. Write 0001 on the box." in page
    assert "Box 0001" in page
    assert "+1,200 donated, put on C4" in page
    assert "From Leeds" in page
    assert kit.stock(at) == (1200, 0)
    assert list(checks.problems(db.session)) == []


def test_another_like_it_is_offered_with_everything_filled_in(at: kit.Depot, warehouse_staff: Browser) -> None:
    received(warehouse_staff, at, size_id=at.sizes["M"], location_id=at.other_shelf, source="bought", code="x 1")
    page = warehouse_staff.page("/stock/boxes/X%201")
    assert 'href="/stock/boxes/new?like=X%201"' in page
    page = warehouse_staff.page("/stock/boxes/new?like=X%201")
    assert re.search(rf'<input checked id="size_id-1" name="size_id" type="radio" value="{at.sizes["M"]}">', page)
    assert f'<option selected value="{at.other_shelf}">D1</option>' in page
    assert re.search(r'<input checked id="source-1" name="source" type="radio" value="bought">', page)
    warehouse_staff.page("/stock/boxes/new?like=nothing", 404)


def test_the_same_form_twice_makes_one_box(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert received(warehouse_staff, at, key="k") == received(warehouse_staff, at, key="k")
    assert kit.stock(at) == (5, 0)
    received(warehouse_staff, at, 409, key="k", quantity="6")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"quantity": "-1"}, "How many?: Enter a number from 0 to 1000000."),
        ({"quantity": ""}, "How many?: Enter a whole number."),
        ({"quantity": "2.5"}, "How many?: Enter a whole number."),
        ({"quantity": "1000001"}, "How many?: Enter a number from 0 to 1000000."),
        ({"quantity": "😀"}, "How many?: Enter a whole number."),
        ({"quantity": "99999999999"}, "How many?: Enter a number from 0 to 1000000."),
        ({"quantity": "9" * 5000}, "How many?: Enter a number from 0 to 1000000."),
        ({"quantity": "-" + "9" * 40}, "How many?: Enter a number from 0 to 1000000."),
        ({"location_id": ""}, "Onto which shelf?: Choose a shelf."),
        ({"location_id": "3"}, "Onto which shelf?: Choose a shelf."),
        ({"location_id": "999999999999999"}, "Onto which shelf?: Choose a shelf."),
        ({"source": "stolen"}, "Where from?: Say whether it was donated or bought."),
        ({"note": "x" * 501}, "Note: Use 500 characters or fewer."),
        ({"code": "a/b"}, "Box code: A box's code is made of letters, digits, spaces and . + - _"),
        ({"code": "😀"}, "Box code: A box's code is made of letters, digits, spaces and . + - _"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_lost(
    at: kit.Depot, warehouse_staff: Browser, fields: dict[str, str], error: str
) -> None:
    page = received(warehouse_staff, at, 422, **{"note": "From Leeds", **fields})
    assert error in text_of(page).replace("&#39;", "'")
    if "note" not in fields:
        assert 'value="From Leeds"' in page
    assert kit.stock(at) == (0, 0)


def test_a_size_that_is_none_leads_back_to_the_products(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert "Choose what has arrived first." in received(warehouse_staff, at, 422, size_id="999999999")
    page = received(warehouse_staff, at, 422, size_id="", product=at.product_id)
    assert "Choose a product and one of its sizes." in page


def test_a_code_that_is_taken_is_refused(at: kit.Depot, warehouse_staff: Browser) -> None:
    received(warehouse_staff, at, code="A1")
    assert "There is a box A1 already." in received(warehouse_staff, at, 409, code=" a1 ")


def test_a_closed_product_is_not_offered(at: kit.Depot, warehouse_staff: Browser) -> None:
    with transaction() as session:
        session.get_one(Product, at.product_id).closed_at = now()
    assert "Joggers" not in text_of(warehouse_staff.page("/stock/boxes/new"))
    warehouse_staff.page(f"/stock/boxes/new?product={at.product_id}", 404)
    warehouse_staff.page("/stock/boxes/new?product=999999", 404)


def test_food_keeps_its_best_before_date(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot(has_best_before=True)
    assert "Best before" in warehouse_staff.page(f"/stock/boxes/new?product={at.product_id}")
    yesterday = date.today() - timedelta(days=1)
    address = received(warehouse_staff, at, best_before=yesterday.isoformat())
    assert "Expired" in text_of(warehouse_staff.page(address))
    assert "Expired" in text_of(warehouse_staff.page("/stock/boxes"))
    address = received(warehouse_staff, at, best_before=(yesterday + timedelta(days=400)).isoformat())
    assert "Expired" not in text_of(warehouse_staff.page(address))
    address = received(warehouse_staff, at, best_before=(yesterday + timedelta(days=4)).isoformat())
    assert warehouse_staff.page(address).count("is-warn") == 1
    for wrong in ("soon", "2026-02-30", "0001-01-01", "9999-12-31", "1999-12-31"):
        assert "field-error" in received(warehouse_staff, at, 422, best_before=wrong)


def test_food_without_a_date_is_told_so(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot(has_best_before=True)
    page = received(warehouse_staff, at, 422, best_before="", note="From Leeds")
    assert "Best before: Enter the date, or tick that there is none on it." in text_of(page)
    assert 'value="From Leeds"' in page
    both = received(warehouse_staff, at, 422, best_before="2099-01-31", undated="y")
    assert "You entered a date and ticked that there is none. Which is it?" in text_of(both)
    address = received(warehouse_staff, at, undated="y")
    assert "no best-before date" in text_of(warehouse_staff.page(address))
    received(warehouse_staff, at, quantity="0")  # an empty box has no date yet
    assert kit.stock(at) == (5, 0)


def test_what_is_put_in_makes_a_box_as_old_as_the_oldest_in_it(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot(has_best_before=True)
    code = kit.receive(at, 5, best_before=date(2099, 6, 30))
    path = f"/stock/boxes/{code}"
    assert "Best before, if earlier than the box’s" in warehouse_staff.page(path)
    for day, kept in (("", date(2099, 6, 30)), ("2099-07-01", date(2099, 6, 30)), ("2099-05-31", date(2099, 5, 31))):
        warehouse_staff.send(f"{path}/receive", {"quantity": 3, "best_before": day})
        assert db.session.scalars(select(Box.best_before)).one() == kept
    page = warehouse_staff.send(f"{path}/receive", {"quantity": 3, "best_before": "2020-01-01"}, 422)
    assert "That date has passed. Put these into a box of their own" in page.get_data(as_text=True)
    assert (kit.stock(at), kit.expired(at)) == ((14, 0), 0)
    kit.sound()


def test_a_box_gets_its_date_on_its_page(app: Flask, warehouse_staff: Browser, fundraiser: Browser) -> None:
    at = kit.depot(has_best_before=True)
    code = kit.receive(at, 5)
    made = kit.planned(at, 5)
    path = f"/stock/boxes/{code}"
    assert "Set its date" in warehouse_staff.page(path)
    for data in ({"best_before": "2020-01-01", "key": "k"}, {"best_before": "2020-01-01", "key": "k"}):
        warehouse_staff.send(f"{path}/best-before", data)
    page = text_of(warehouse_staff.page(path))
    assert "Change its date" in page
    assert "Past its date" in page
    assert kit.allocated(at, made) == [0]
    page = warehouse_staff.send(f"{path}/best-before", {"best_before": "20/1/99"}, 422).get_data(as_text=True)
    assert re.search(r'<details class="act-form" name="act" open><summary class="btn btn-quiet">Change its date', page)
    assert "Enter a date, such as 2026-11-24." in page
    warehouse_staff.send(f"{path}/best-before", {"best_before": ""}, 422)
    warehouse_staff.send(f"{path}/best-before", {"best_before": "", "undated": "y"})
    assert kit.allocated(at, made) == [5]
    fundraiser.send(f"{path}/best-before", {"undated": "y"}, 403)
    kit.sound()


def test_what_has_no_date_is_not_asked_for_one(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = warehouse_staff.page(f"/stock/boxes/{kit.receive(at, 5)}")
    assert "Best before" not in page
    assert "its date" not in page


# Finding


def find(browser: Browser, query: str) -> str:
    return text_of(browser.page(f"/stock/boxes?{query}"))


def test_a_box_is_found_by_code_product_size_or_shelf(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot("S", "M")
    hats = make.product("Winter hats", gender="Boy", sizes=("One size",))
    hat_size = db.session.query(Size.id).filter_by(product_id=hats.id).scalar()
    kit.receive(at, 5, size="S", code="J-1")
    kit.receive(at, 7, size="M", shelf=at.other_shelf, code="J-2")
    receiving.receive_new_box(actor_id=at.actor_id, size_id=hat_size, quantity=9, location_id=at.shelf, code="H-1")
    receiving.receive_new_box(actor_id=at.actor_id, size_id=hat_size, quantity=0, location_id=at.shelf, code="H-2")
    cases = {
        "": {"J-1", "J-2", "H-1"},
        "q=joggers": {"J-1", "J-2"},
        "q=JOGG+m": {"J-2"},
        "q=m": {"J-2"},
        "q=d1": {"J-2"},
        "q=hats+boy": {"H-1"},
        "q=j-": {"J-1", "J-2"},
        "q=hats&empty=1": {"H-1", "H-2"},
        f"product={at.product_id}": {"J-1", "J-2"},
        f"size={hat_size}": {"H-1"},
        f"shelf={at.shelf}": {"J-1", "H-1"},
        f"warehouse={at.warehouse_id}": {"J-1", "J-2", "H-1"},
        "q=100%25": set(),
        "q=_": set(),
        "q=" + "x+" * 90: set(),
        "size=999999&product=99999999999": set(),
    }
    for query, codes in cases.items():
        page = find(warehouse_staff, query)
        assert {code for code in ("J-1", "J-2", "H-1", "H-2") if f" {code} " in page} == codes, query


def test_a_code_in_full_goes_straight_to_its_box(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5, code="AB 12+3")
    answer = warehouse_staff.get("/stock/boxes", query_string={"q": "ab 12+3 "})
    assert answer.status_code == 302
    assert answer.location == "/stock/boxes/AB%2012%2B3"
    assert f"Box {code}" in warehouse_staff.page(answer.location)
    assert "Box AB 12+3" in warehouse_staff.page("/stock/boxes/ab%2012+3")


def test_a_box_on_two_shelves_shows_once_for_each_and_an_empty_one_once(
    at: kit.Depot, warehouse_staff: Browser
) -> None:
    code = kit.receive(at, 5)
    moving.move_box(actor_id=at.actor_id, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=2)
    assert find(warehouse_staff, "").count(f" {code} ") == 2
    moving.move_box(actor_id=at.actor_id, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=3)
    assert find(warehouse_staff, "empty=1").count(f" {code} ") == 1
    counting.correct(actor_id=at.actor_id, code=code, location_id=at.other_shelf, seen=5, counted=0, reason="lost")
    assert find(warehouse_staff, "").count(f" {code} ") == 0
    assert find(warehouse_staff, "empty=1").count(f" {code} ") == 1
    page = text_of(warehouse_staff.page(f"/stock/boxes/{code}"))
    assert "Empty" in page


def test_boxes_are_paged_and_downloaded(at: kit.Depot, warehouse_staff: Browser) -> None:
    with transaction() as session:
        rows = [receiving.ReceivedRow(f"B{n:03}", at.size, at.shelf, 1, note="=1+1") for n in range(120)]
        receiving.receive_rows(session, rows, actor_id=None)
    assert "1–50 of 120" in find(warehouse_staff, "")
    assert "101–120 of 120" in find(warehouse_staff, "page=3")
    assert "101–120 of 120" in find(warehouse_staff, "page=99")
    download = warehouse_staff.page("/stock/boxes?q=joggers&format=csv")
    assert len(download.splitlines()) == 121
    assert download.splitlines()[0].lstrip("\ufeff").startswith("Box,Product,")


def test_a_code_that_is_none_is_no_page(at: kit.Depot, warehouse_staff: Browser) -> None:
    for code in ("nothing", "%F0%9F%98%80", "x" * 300, "%25", "..%5c"):
        assert warehouse_staff.get(f"/stock/boxes/{code}").status_code == 404, code
        assert warehouse_staff.post(f"/stock/boxes/{code}/move", data={"quantity": 1}).status_code == 404, code


# A box's page: putting in, moving, counting


def test_more_is_put_into_a_box(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    path = f"/stock/boxes/{code}"
    warehouse_staff.send(f"{path}/receive", {"quantity": 3, "location_id": at.shelf, "source": "bought", "key": "k"})
    warehouse_staff.send(f"{path}/receive", {"quantity": 3, "location_id": at.shelf, "source": "bought", "key": "k"})
    page = text_of(warehouse_staff.page(path))
    assert "Put in: 3 more." in page
    assert "+3 bought, put on C4" in page
    assert "8 of this size, 0 promised, 8 free" in page
    warehouse_staff.send(f"{path}/receive", {"quantity": 3})  # it is on one shelf: which one needs no saying
    assert kit.level(code, at.shelf) == 11
    page = warehouse_staff.send(f"{path}/receive", {"quantity": 0, "note": "hello"}, 422).get_data(as_text=True)
    assert re.search(r'<details class="act-form" name="act" open><summary class="btn btn-primary">Put in', page)
    assert 'value="hello"' in page


def test_all_or_part_of_a_box_is_moved(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    path = f"/stock/boxes/{code}"
    warehouse_staff.send(f"{path}/move", {"from": at.shelf, "to": at.other_shelf, "quantity": 2})
    page = text_of(warehouse_staff.page(path))
    assert "2 moved from C4 to D1" in page
    assert "shelf C4: 3" in page
    assert "shelf D1: 2" in page
    warehouse_staff.send(f"{path}/move", {"to": at.other_shelf, "quantity": 1}, 422)  # from which shelf?
    page = warehouse_staff.send(f"{path}/move", {"from": at.shelf, "to": at.other_shelf, "quantity": 4}, 409)
    assert "Only 3 are on shelf C4." in page.get_data(as_text=True)
    page = warehouse_staff.send(f"{path}/move", {"from": at.shelf, "to": at.shelf, "quantity": 1}, 422)
    assert "It is on that shelf already." in page.get_data(as_text=True)
    for to in ("1", "", "x", "999999999999", "999999"):
        warehouse_staff.send(f"{path}/move", {"from": at.shelf, "to": to, "quantity": 1}, 422)
    assert (kit.level(code, at.shelf), kit.level(code, at.other_shelf)) == (3, 2)


def test_what_is_promised_may_not_leave_the_warehouse(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    kit.planned(at, 8)
    away = make.shelf(make.warehouse("Far away"), "Z1").id
    page = text_of(warehouse_staff.page(f"/stock/boxes/{code}"))
    assert "promised" in page
    answer = warehouse_staff.send(f"/stock/boxes/{code}/move", {"from": at.shelf, "to": away, "quantity": 5}, 409)
    assert "promised to distributions" in answer.get_data(as_text=True)


def test_a_count_is_corrected_with_a_reason(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    path = f"/stock/boxes/{code}"
    assert f'<input type="hidden" name="seen_{at.shelf}" value="5">' in warehouse_staff.page(path)
    data = {"location": at.shelf, f"seen_{at.shelf}": 5, "counted": 3, "reason": "damaged", "note": "wet", "key": "k"}
    warehouse_staff.send(f"{path}/adjust", data)
    warehouse_staff.send(f"{path}/adjust", data)
    page = text_of(warehouse_staff.page(path))
    assert "−2 damaged, C4" in page
    assert "wet" in page
    assert kit.level(code, at.shelf) == 3
    answer = warehouse_staff.send(f"{path}/adjust", {**data, "key": "other"}, 409)
    page = answer.get_data(as_text=True)
    assert "The page showed 5 here, but there are 3 by now. Count again." in text_of(page)
    assert f'name="seen_{at.shelf}" value="3"' in page  # so that the next count is of what is there now
    warehouse_staff.send(f"{path}/adjust", {"counted": 4, "reason": "found"})  # as short as it can be
    assert kit.level(code, at.shelf) == 4
    for wrong in ({"counted": -1}, {"counted": ""}, {"reason": "whim"}, {"reason": "other", "note": ""}):
        warehouse_staff.send(f"{path}/adjust", {"counted": 2, "reason": "lost", **wrong}, 422)
    assert list(checks.problems(db.session)) == []


def test_history_is_told_as_a_colleague_would(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    with transaction() as session:
        session.get_one(Location, at.other_shelf).name = "<b>D1</b>"
    moving.move_box(actor_id=at.actor_id, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=5)
    page = warehouse_staff.page(f"/stock/boxes/{code}")
    assert "moved from C4 to &lt;b&gt;D1&lt;/b&gt;" in page
    assert "Salma" in page


# Who may


def test_only_those_who_move_stock_see_the_buttons(at: kit.Depot, fundraiser: Browser, volunteer: Browser) -> None:
    code = kit.receive(at, 5)
    for browser in (fundraiser, volunteer):
        for path in ("/stock", "/stock/boxes", f"/stock/boxes/{code}", "/stock/movements", "/stock/boxes/new"):
            browser.page(path, 403)
        for path in ("/stock/boxes", f"/stock/boxes/{code}/move", f"/stock/boxes/{code}/adjust"):
            browser.send(path, {"quantity": 1}, 403)
    assert kit.stock(at) == (5, 0)


def test_signed_out_leads_to_sign_in(at: kit.Depot, browser: Browser) -> None:
    assert browser.get("/stock/boxes").location == "/sign-in?next=/stock/boxes"


def test_a_form_without_its_token_is_refused(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    assert warehouse_staff.post(f"/stock/boxes/{code}/move", data={"quantity": 1}, csrf=False).status_code == 400


def test_a_code_that_no_box_has_leads_to_the_list_of_boxes(
    app: Flask, warehouse_staff: Browser, volunteer: Browser
) -> None:
    assert 'href="/stock/boxes">Find a box</a>' in warehouse_staff.page("/stock/boxes/NOSUCH", 404)
    assert "Find a box" not in warehouse_staff.page("/nowhere", 404)
    assert "Find a box" not in volunteer.get("/stock/boxes/NOSUCH").get_data(as_text=True)
