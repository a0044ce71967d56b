"""The sorting table, through its page."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.stock.arriving import deliveries
from logistics.stock.arriving.models import Discard
from logistics.stock.models import Box, Movement, Product

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from . import arriving, kit

PATH = "/stock/sorting"


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def put(browser: Browser, at: kit.Depot, status: int = 303, **fields: object) -> str:
    """Send the form; return the address it goes on to, or the page with its errors."""
    data = {
        "warehouse": at.warehouse_id,
        "product": at.product_id,
        "size_id": at.size,
        "quantity": "5",
        "into": "new",
        "location_id": at.shelf,
        **fields,
    }
    answer = browser.send(PATH, data, status)
    return str(answer.location) if status == 303 else answer.get_data(as_text=True).replace("&#39;", "'")


def test_a_morning_at_the_table(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert "Sorting table" in warehouse_staff.page("/stock")
    assert "Those you sort become buttons here." in text_of(warehouse_staff.page(PATH))
    found = warehouse_staff.get(f"{PATH}?q=jogg")
    assert found.location.endswith(f"product={at.product_id}")
    page = warehouse_staff.page(found.location)
    assert "Best before" not in page
    again = put(warehouse_staff, at)
    page = warehouse_staff.page(again)
    assert "5 put into a new box. Write 0001 on it." in text_of(page)
    assert f'<input type="hidden" name="open_{at.size}" value="0001">' in page
    assert f'<option selected value="{at.shelf}">C4</option>' in page
    assert re.search(rf'<input checked id="size_id-0" name="size_id" type="radio" value="{at.size}">', page)
    again = put(warehouse_staff, at, into="open", quantity="", packs="6", pack_size="12", **{f"open_{at.size}": "0001"})
    page = warehouse_staff.page(again)
    assert "6 packs of 12 = 72 put into box 0001." in text_of(page)
    assert 'value="12"' in page
    put(warehouse_staff, at, into="open", size_id=at.sizes["M"], quantity="3")  # none is open of this size
    page = text_of(warehouse_staff.page(f"{PATH}?product={at.product_id}"))
    assert "80 pieces sorted by you today" in page
    assert kit.level("0001", at.shelf) == 77
    assert "Joggers" in text_of(warehouse_staff.page(PATH))
    kit.sound()


def test_a_table_stands_where_most_waits_to_be_sorted(at: kit.Depot, warehouse_staff: Browser) -> None:
    make.warehouse("A first one")
    arriving.came(at)
    assert f'<option value="{at.warehouse_id}" selected>' in warehouse_staff.page(PATH)


def test_a_product_that_comes_in_packs_asks_for_them(at: kit.Depot, warehouse_staff: Browser) -> None:
    address = f"{PATH}?product={at.product_id}"
    assert "<details><summary>In packs" in warehouse_staff.page(address)
    with transaction() as session:
        session.get_one(Product, at.product_id).pack_size = 24
    page = warehouse_staff.page(address)
    assert "<details open><summary>In packs" in page
    assert 'value="24"' in page


def test_another_box_is_named_by_its_code_or_its_label(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 1, shelf=at.other_shelf)
    put(warehouse_staff, at, into="other", code=f"http://localhost/b/{code}", location_id="0")
    assert kit.level(code, at.other_shelf) == 6
    put(warehouse_staff, at, into="new", code="x-7")
    assert kit.level("X-7", at.shelf) == 5
    assert "Enter the box's code." in text_of(put(warehouse_staff, at, 422, into="other", code=""))
    assert "There is no box of this code." in put(warehouse_staff, at, 404, into="other", code="never")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"quantity": "0"}, "How many?: Enter a number from 1 to 1000000."),
        ({"quantity": "-5"}, "How many?: Enter a number from 1 to 1000000."),
        ({"quantity": "1.5"}, "How many?: Enter a whole number."),
        ({"quantity": "1000000000000"}, "How many?: Enter a number from 1 to 1000000."),
        ({"quantity": ""}, "How many?: Enter a whole number."),
        ({"packs": "6", "pack_size": "12"}, "How many?: You entered a number and packs. Which is it?"),
        ({"quantity": "", "packs": "6"}, "Of how many each?: Say how many are in one pack."),
        ({"quantity": "", "packs": "900000", "pack_size": "900"}, "How many packs?: Enter a number from 1 to 1000000."),
        ({"size_id": ""}, "Size: Choose a product and one of its sizes."),
        ({"location_id": ""}, "Choose a shelf."),
        ({"code": "a/b"}, "Box code: A box's code is made of letters"),
        ({"code": "x" * 41}, "Box code: Use 40 characters or fewer."),
        ({"warehouse": "999999"}, "Choose a warehouse that is open."),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_lost(
    at: kit.Depot, warehouse_staff: Browser, fields: dict[str, str], error: str
) -> None:
    page = put(warehouse_staff, at, 422, **{"code": "B 9", **fields})
    assert error in text_of(page)
    if "code" not in fields:
        assert 'value="B 9"' in page
    assert kit.stock(at) == (0, 0)


def test_another_warehouses_shelf_and_a_closed_product_are_refused(at: kit.Depot, warehouse_staff: Browser) -> None:
    far = make.shelf(make.warehouse(), "Z9").id
    assert "That shelf is in another warehouse." in put(warehouse_staff, at, 422, location_id=far)
    with transaction() as session:
        session.get_one(Product, at.product_id).closed_at = now()
    assert "Choose what you sort first." in put(warehouse_staff, at, 422)
    assert "That product is not in use." in text_of(warehouse_staff.page(f"{PATH}?product={at.product_id}"))
    assert kit.stock(at) == (0, 0)


def test_the_same_form_twice_does_it_once(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert put(warehouse_staff, at, key="k") == put(warehouse_staff, at, key="k")
    put(warehouse_staff, at, 409, key="k", quantity="6")
    for _ in range(2):
        warehouse_staff.send(
            f"{PATH}/discards", {"thrown": 2, "reason": "torn", "key": "d", "warehouse": at.warehouse_id}
        )
    assert kit.stock(at) == (5, 0)
    assert list(db.session.scalars(select(Discard.quantity))) == [2]


def test_food_is_asked_for_its_date_which_is_kept(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot(has_best_before=True)
    page = put(warehouse_staff, at, 422)
    assert "Best before: Enter the date, or tick that there is none on it." in text_of(page)
    day = (date.today() + timedelta(days=90)).isoformat()
    page = warehouse_staff.page(put(warehouse_staff, at, best_before=day))
    assert f'value="{day}"' in page
    assert db.session.scalar(select(Box.best_before)) == date.fromisoformat(day)
    put(warehouse_staff, at, undated="y")
    put(warehouse_staff, at, 422, best_before="1999-12-31")


def test_a_delivery_is_sorted_and_shows_what_became_of_it(at: kit.Depot, warehouse_staff: Browser) -> None:
    delivery = arriving.came(at)
    page = warehouse_staff.page(f"/stock/deliveries/{delivery}")
    assert f"{PATH}?warehouse={at.warehouse_id}&amp;delivery={delivery}" in page
    assert "What became of it" not in page
    again = put(warehouse_staff, at, delivery=delivery, quantity="46")
    assert f"delivery={delivery}" in again
    thrown = {"warehouse": at.warehouse_id, "delivery": delivery, "thrown": "4", "reason": "dirty"}
    warehouse_staff.send(f"{PATH}/discards", {**thrown, "product": at.product_id, "of_product": "y"})
    assert db.session.scalar(select(Discard.product_id)) == at.product_id
    page = text_of(warehouse_staff.page(again))
    assert "4 thrown out: 8 % of what you looked at" in page
    assert "This delivery is sorted" in page
    warehouse_staff.send(f"/stock/deliveries/{delivery}/sorted")
    page = text_of(warehouse_staff.page(f"/stock/deliveries/{delivery}"))
    assert "46 pieces are in boxes; 4 were thrown out: 8 % of all (dirty: 4)." in page
    assert "Box 0001" in page
    assert f'href="/stock/deliveries/{delivery}"' in warehouse_staff.page("/stock/boxes/0001")
    assert "does not wait to be sorted any more" in put(warehouse_staff, at, 409, delivery=delivery)
    warehouse_staff.send(f"{PATH}/discards", thrown, 409)
    kit.sound()


@pytest.mark.parametrize("thrown", ["0", "-5", "1.5", "1000000000000", ""])
def test_no_such_number_is_thrown_out(at: kit.Depot, warehouse_staff: Browser, thrown: str) -> None:
    answer = warehouse_staff.send(
        f"{PATH}/discards", {"warehouse": at.warehouse_id, "thrown": thrown, "reason": "torn"}, 422
    )
    assert "How many are thrown out?: Enter a" in text_of(answer.get_data(as_text=True))
    warehouse_staff.send(f"{PATH}/discards", {"warehouse": at.warehouse_id, "thrown": "1", "reason": "ugly"}, 422)
    assert db.session.scalar(select(Discard.id)) is None


def test_the_last_entries_are_undone_from_the_table(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = put(warehouse_staff, at)
    warehouse_staff.send(f"{PATH}/discards", {"warehouse": at.warehouse_id, "thrown": "2", "reason": "torn"})
    moved, thrown = db.session.scalar(select(Movement.id)), db.session.scalar(select(Discard.id))
    undo = [f"{PATH}/undo/{moved}", f"{PATH}/discards/{thrown}/withdraw"]
    shown = warehouse_staff.page(page)
    here = {"warehouse": at.warehouse_id, "product": at.product_id}
    for address in undo:
        assert f'action="{address}"' in shown
        assert f"product={at.product_id}" in warehouse_staff.send(address, here).location
        warehouse_staff.send(address, here)
        assert "This was undone already." in text_of(warehouse_staff.page(page))
    after = warehouse_staff.page(page)
    assert "0 pieces sorted by you today" in text_of(after)
    assert not any(address in after for address in undo)
    assert kit.stock(at) == (0, 0)
    warehouse_staff.send(f"{PATH}/undo/999999", here, 404)
    warehouse_staff.send(f"{PATH}/discards/999999/withdraw", here, 404)
    kit.sound()


def test_who_may_not_move_goods_does_not_sort(at: kit.Depot, fundraiser: Browser) -> None:
    assert fundraiser.get(PATH).status_code == 403
    put(fundraiser, at, 403)


def test_without_a_warehouse_the_page_says_what_is_missing(app: Flask, warehouse_staff: Browser) -> None:
    assert "there is none yet" in warehouse_staff.page(PATH)
    warehouse_staff.send(PATH, {"quantity": 1}, 422)
    warehouse_staff.send(f"{PATH}/discards", {"thrown": 1, "reason": "torn"}, 422)
    for query in ("warehouse=x", "product=999999999999", "delivery=-1", "best=soon"):
        assert warehouse_staff.get(f"{PATH}?{query}").status_code == 200


def test_the_table_costs_a_fixed_number_of_queries(at: kit.Depot, warehouse_staff: Browser) -> None:
    delivery = arriving.came(at)
    address = put(warehouse_staff, at, delivery=delivery)
    warehouse_staff.page(address)
    with queries() as few:
        warehouse_staff.page(address)
    for _ in range(3):
        put(warehouse_staff, at, delivery=delivery, size_id=at.sizes["M"])
        arriving.came(at)
    deliveries.enter(
        actor_id=at.actor_id,
        warehouse_id=at.warehouse_id,
        bringer="donor",
        name="",
        note="",
        given=[arriving.line("Tents"), arriving.line("Coats")],
    )
    warehouse_staff.page(address)
    with queries() as many:
        warehouse_staff.page(address)
    assert len(many) == len(few)
