"""What is on hand, the ledger, products and shelves, through the pages; and how many queries each page makes."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.errors import Conflict, Invalid
from logistics.stock import counting, moving, receiving, warehouses
from logistics.stock.models import Location, Product, Size, Unit

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


# What is on hand


def test_stock_says_what_is_free_by_warehouse_and_size(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert "The shelves are empty" in text_of(warehouse_staff.page("/stock"))
    kit.receive(at, 30, size="S")
    kit.receive(at, 7, size="M")
    kit.plan(at, kit.distribution(at), 20, {"S": 1})
    away = make.shelf(make.warehouse("Far away"), "Z1").id
    receiving.receive_new_box(actor_id=at.actor_id, size_id=at.size, quantity=100, location_id=away)
    page = text_of(warehouse_staff.page("/stock"))
    assert "117 pieces are free to plan with 137 on hand, 20 promised to distributions" in page
    assert "S 10 / 30 M 7 37 20 17" in page
    page = text_of(warehouse_staff.page(f"/stock?warehouse={at.warehouse_id}&category=Tops&q=joggers+s"))
    assert "10 pieces are free to plan with 30 on hand" in page
    assert "Far away" not in page.split("pieces are free")[1].replace("All warehouses Far away", "")
    assert "Nothing on hand fits that" in text_of(warehouse_staff.page("/stock?category=Shoes"))
    download = warehouse_staff.page(f"/stock?warehouse={at.warehouse_id}&format=csv").splitlines()
    assert [line.split(",")[1:] for line in download[1:]] == [
        ["Joggers", "", "Tops", "S", "30", "20", "0", "10"],
        ["Joggers", "", "Tops", "M", "7", "0", "0", "7"],
    ]


def test_bad_filters_are_no_filters(at: kit.Depot, warehouse_staff: Browser) -> None:
    kit.receive(at, 30)
    for query in (
        "warehouse=x",
        "warehouse=999999999999999999",
        "page=-1",
        "page=x",
        "page=99999999999",
        "category=😀",
    ):
        for path in ("/stock", "/stock/boxes", "/stock/movements", "/stock/products", "/stock/shelves"):
            answer = warehouse_staff.get(f"{path}?{query}")
            assert answer.status_code == 200 or query.startswith("warehouse=9"), f"{path}?{query}"


# The ledger


def test_the_ledger_is_filtered_by_reason_box_product_and_day(at: kit.Depot, warehouse_staff: Browser) -> None:
    one, two = kit.receive(at, 5, code="ONE"), kit.receive(at, 6, size="M", code="TWO")
    moving.move_box(actor_id=at.actor_id, code=one, from_id=at.shelf, to_id=at.other_shelf, quantity=2)
    counting.correct(actor_id=at.actor_id, code=two, location_id=at.shelf, seen=6, counted=5, reason="stolen")
    today = now().date()

    def shown(query: str) -> list[str]:
        page = warehouse_staff.page(f"/stock/movements?{query}")
        return re.findall(r'<b class="num">([^<]+)</b>', page)

    assert shown("") == ["−1", "2", "+6", "+5"]
    assert shown("reason=stolen") == ["−1"]
    assert shown("reason=whim") == ["−1", "2", "+6", "+5"]
    assert shown("box=one+") == ["2", "+5"]
    assert shown("box=none") == []
    assert shown(f"product={at.product_id}&reason=moved") == ["2"]
    assert shown("product=999999") == []
    assert len(shown(f"since={today}&until={today}")) == 4 or len(shown(f"until={today + timedelta(days=1)}")) == 4
    assert shown(f"since={today + timedelta(days=2)}") == []
    assert shown(f"until={today - timedelta(days=2)}") == []
    assert len(shown("since=soon&until=9999-12-31")) == 4
    download = warehouse_staff.page("/stock/movements?reason=stolen&format=csv").splitlines()
    assert len(download) == 2
    assert "TWO,Joggers" in download[1]


# Products


def product_data(**fields: object) -> dict[str, object]:
    plain = {"name": "Tents", "gender": "-", "category": "Shelter", "unit": "piece", "sizes": "One size"}
    return {**plain, **fields}


def test_a_product_is_added_and_changed(app: Flask, admin: Browser, warehouse_staff: Browser) -> None:
    address = admin.send(
        "/stock/products",
        product_data(
            name="Hoodies", gender="Male", sizes="S, M, L, XL", unit_cost="£7", name_fr="Sweats", pack_size=12
        ),
    ).location
    page = text_of(warehouse_staff.page(address))
    assert "Hoodies, men" in page
    assert "£7 buys one" in page
    assert "Sweats" in page
    assert "M 0 42 %" in page  # 40 of the 95 that S to XL make up
    edit = admin.page(f"{address}/edit")
    assert 'value="7"' in edit
    assert 'value="12"' in edit
    assert '<option selected value="Male">' in edit
    admin.send(address, product_data(name="Hoodies", gender="Male", sizes="XXL", category="Tops", has_best_before="y"))
    page = text_of(warehouse_staff.page(address))
    assert "XXL 0 0 %" in page
    assert "asked for when it arrives" in page
    assert "XXL" in text_of(warehouse_staff.page(f"/stock/boxes/new?product={address.rsplit('/', 1)[1]}"))


def test_the_same_name_for_the_same_people_is_refused_at_the_name(app: Flask, admin: Browser) -> None:
    admin.send("/stock/products", product_data())
    page = admin.send("/stock/products", product_data(name=" tents "), 409).get_data(as_text=True)
    assert '<a href="#name">Name: There is a product of this name for this group already.</a>' in page
    other = admin.send("/stock/products", product_data(gender="Boy")).location
    admin.send(other, product_data(sizes=""), 409)
    admin.send(other, product_data(gender="Boy", sizes="", category="Camping"))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "ß" * 60},
        {"name": "a\x01b"},
        {"gender": "Cat"},
        {"category": ""},
        {"category": "x" * 61},
        {"unit": "mile"},
        {"unit_cost": "much"},
        {"unit_cost": "-3"},
        {"unit_cost": "99999999999"},
        {"pack_size": "1"},
        {"pack_size": "100001"},
        {"pack_size": "1.5"},
        {"sizes": ""},
        {"sizes": "S,,M"},
        {"sizes": "Odd sizes"},
        {"sizes": ",".join(map(str, range(120)))},
    ],
)
def test_a_product_that_cannot_be_is_refused(app: Flask, admin: Browser, fields: dict[str, str]) -> None:
    page = admin.send("/stock/products", product_data(**fields), 422).get_data(as_text=True)
    assert "error-summary" in page
    assert "field-error" in page
    assert db.session.scalar(select(func.count()).select_from(Product)) == 0


def test_sizes_are_added_not_repeated(at: kit.Depot, admin: Browser) -> None:
    path = f"/stock/products/{at.product_id}"
    page = admin.send(path, product_data(name="Joggers", sizes="L, s"), 409).get_data(as_text=True)
    assert "“s” is one of its sizes already." in page
    admin.send(path, product_data(name="Joggers", sizes="L, XL"))
    labels = db.session.scalars(select(Size.label).order_by(Size.position)).all()
    assert labels == ["S", "M", "L", "XL"]


def test_the_unit_stays_once_there_are_boxes(at: kit.Depot, admin: Browser) -> None:
    kit.receive(at, 5)
    data = product_data(name="Joggers", sizes="", unit="gram")
    page = admin.send(f"/stock/products/{at.product_id}", data, 409).get_data(as_text=True)
    assert "There are boxes of this already" in page


def test_the_usual_split_is_set(at: kit.Depot, admin: Browser) -> None:
    path = f"/stock/products/{at.product_id}"
    first, second = at.sizes.values()
    admin.send(f"{path}/shares", {f"share_{first}": 30, f"share_{second}": 10})
    assert "S 0 75 %" in text_of(admin.page(path))
    page = admin.send(f"{path}/shares", {f"share_{first}": 0, f"share_{second}": 0}, 422).get_data(as_text=True)
    assert "Give at least one size a share above 0." in page
    for wrong in ("-1", "x", "1001", ""):
        admin.send(f"{path}/shares", {f"share_{first}": wrong, f"share_{second}": 1}, 422)
    assert "S 0 75 %" in text_of(admin.page(path))


def test_a_closed_product_can_be_opened_again(at: kit.Depot, admin: Browser, warehouse_staff: Browser) -> None:
    path = f"/stock/products/{at.product_id}"
    admin.send(f"{path}/close", {"key": "a"})
    assert "Joggers" not in text_of(warehouse_staff.page("/stock/products"))
    assert "Joggers" in text_of(warehouse_staff.page("/stock/products?closed=1"))
    assert "No longer used" in text_of(warehouse_staff.page(path))
    admin.send(f"{path}/reopen", {"key": "b"})
    assert "Joggers" in text_of(warehouse_staff.page("/stock/products?q=JOGGERS&category=Tops"))
    assert len(warehouse_staff.page("/stock/products?format=csv").splitlines()) == 2


def test_products_are_set_up_by_whoever_may(at: kit.Depot, warehouse_staff: Browser, coordinator: Browser) -> None:
    path = f"/stock/products/{at.product_id}"
    for browser in (warehouse_staff, coordinator):
        assert f"{path}/edit" not in browser.page(path)
        for page in ("/stock/products/new", f"{path}/edit"):
            browser.page(page, 403)
        for form in ("/stock/products", path, f"{path}/shares", f"{path}/close", f"{path}/reopen"):
            browser.send(form, product_data(), 403)


def test_a_product_that_is_none_is_no_page(app: Flask, admin: Browser) -> None:
    for path in ("/stock/products/999999", "/stock/products/99999999999999", "/stock/products/x"):
        admin.page(path, 404)
        admin.send(f"{path}/close", {}, 404)
    admin.send("/stock/products/999999", product_data(), 404)
    admin.send("/stock/products/999999/shares", {}, 404)


def test_french_names_show_in_french(app: Flask, admin: Browser) -> None:
    address = admin.send("/stock/products", product_data(name_fr="Tentes")).location
    admin.get("/language/fr")
    assert "Tentes" in admin.page(address)


# Shelves


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A1", ["A1"]),
        ("A1, B2;C3\nLoft", ["A1", "B2", "C3", "Loft"]),
        ("A1-A4", ["A1", "A2", "A3", "A4"]),
        ("A08–11", ["A08", "A09", "A10", "A11"]),
        ("Left-hand", ["Left-hand"]),
        ("1-3", ["1", "2", "3"]),
        ("A1-B3", ["A1-B3"]),
    ],
)
def test_shelves_are_named_one_by_one_or_in_a_span(text: str, names: list[str]) -> None:
    assert warehouses.shelf_names(text) == names


@pytest.mark.parametrize("text", ["", " , ", "A9-A1", "A1-A999999", "A1, a1", "x" * 61, ",".join(map(str, range(300)))])
def test_shelves_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        warehouses.shelf_names(text)


def test_shelves_are_added_renamed_and_closed(app: Flask, admin: Browser) -> None:
    assert "Add a warehouse" in admin.page("/stock/shelves")
    site_id = make.warehouse("Main").id
    form = f"/stock/warehouses/{site_id}/shelves"
    admin.send(form, {"names": "A1-A12", "key": "k"})
    admin.send(form, {"names": "A1-A12", "key": "k"})
    page = text_of(admin.page("/stock/shelves"))
    assert "A1 empty" in page
    assert "12 in all" in page
    assert page.index("A2 ") < page.index("A10 ")
    answer = admin.send(form, {"names": "B1, a3"}, 409).get_data(as_text=True)
    assert "Main has a shelf a3 already." in answer
    assert "B1, a3</textarea>" in answer
    admin.send(form, {"names": "A9-A1"}, 422)
    admin.send("/stock/warehouses/999999/shelves", {"names": "A1"}, 404)
    admin.send(f"/stock/warehouses/{make.meeting_point().id}/shelves", {"names": "A1"}, 404)
    shelf_id = db.session.scalar(select(Location.id).where(Location.name == "A1"))
    admin.send(f"/stock/shelves/{shelf_id}", {"name": "A2"}, 409)
    admin.send(f"/stock/shelves/{shelf_id}", {"name": ""}, 422)
    admin.send(f"/stock/shelves/{shelf_id}", {"name": "Loft"})
    admin.send(f"/stock/shelves/{shelf_id}/close", {"key": "c"})
    assert "Loft Closed" in text_of(admin.page("/stock/shelves?q=loft"))
    admin.send(f"/stock/shelves/{shelf_id}/reopen", {"key": "r"})
    assert len(admin.page("/stock/shelves?format=csv").splitlines()) == 13


def test_a_shelf_with_goods_on_it_stays_open(at: kit.Depot, admin: Browser, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5)
    page = admin.send(f"/stock/shelves/{at.shelf}/close", {"key": "a"}, 409).get_data(as_text=True)
    assert "Something of 1 box is still on shelf C4. Move it first." in page
    moving.move_box(actor_id=at.actor_id, code=code, from_id=at.shelf, to_id=at.other_shelf, quantity=5)
    admin.send(f"/stock/shelves/{at.shelf}/close", {"key": "b"})
    assert f'value="{at.shelf}"' not in warehouse_staff.page(f"/stock/boxes/new?product={at.product_id}")
    with pytest.raises(Conflict):
        warehouses.close_shelf(actor_id=at.actor_id, shelf_id=at.other_shelf)


def test_a_shelf_adds_up_pieces_and_not_grams(at: kit.Depot, warehouse_staff: Browser) -> None:
    kit.receive(at, 1200)
    rice_id = make.product("Rice").id
    with transaction() as session:
        session.get_one(Product, rice_id).unit = Unit.GRAM
        size_id = session.scalars(select(Size.id).where(Size.product_id == rice_id)).one()
    receiving.receive_new_box(actor_id=at.actor_id, size_id=size_id, quantity=5000, location_id=at.shelf)
    assert "C4 2 boxes, 1,200 pieces" in text_of(warehouse_staff.page("/stock/shelves"))
    assert ",C4,2,1200," in warehouse_staff.page("/stock/shelves?format=csv")
    assert "+5,000 donated" in text_of(warehouse_staff.page("/stock/movements"))


def test_shelves_are_set_up_by_whoever_may(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert "Add shelves" not in warehouse_staff.page("/stock/shelves")
    warehouse_staff.page(f"/stock/shelves/{at.shelf}", 403)
    for form in (f"/stock/warehouses/{at.warehouse_id}/shelves", f"/stock/shelves/{at.shelf}/close"):
        warehouse_staff.send(form, {"names": "A1"}, 403)


def test_the_van_and_the_world_outside_are_no_shelves(app: Flask, admin: Browser) -> None:
    for shelf_id in (1, 5, 999999):
        admin.page(f"/stock/shelves/{shelf_id}", 404)
        admin.send(f"/stock/shelves/{shelf_id}/close", {}, 404)


# Queries


PAGES = (
    "/stock",
    "/stock?warehouse={warehouse}&q=joggers",
    "/stock/boxes",
    "/stock/boxes?q=joggers+s",
    "/stock/boxes?product={product}&empty=1",
    "/stock/boxes/B0",
    "/stock/boxes/new",
    "/stock/boxes/new?product={product}",
    "/stock/movements",
    "/stock/movements?product={product}",
    "/stock/products",
    "/stock/products/{product}",
    "/stock/shelves",
    "/stock?format=csv",
    "/stock/boxes?format=csv",
    "/stock/movements?format=csv",
)


def test_a_page_makes_as_many_queries_with_100_boxes_as_with_one(at: kit.Depot, warehouse_staff: Browser) -> None:
    paths = [page.format(warehouse=at.warehouse_id, product=at.product_id) for page in PAGES]
    fill(at, 0, 1)
    few = {path: made(warehouse_staff, path) for path in paths}
    fill(at, 1, 100)
    assert {path: made(warehouse_staff, path) for path in paths} == few
    assert max(few.values()) <= 13


def fill(at: kit.Depot, first: int, last: int) -> None:
    """Make boxes, each of a product of its own, on a shelf of its own, which also holds some of box B0."""
    for number in range(first, last):
        size_id, shelf_id = at.size, at.shelf
        if number:
            product_id = make.product(f"Joggers {number}", gender="Boy", sizes=("S", "M")).id
            size_id = db.session.scalars(select(Size.id).where(Size.product_id == product_id)).first() or 0
            shelf_id = make.shelf(db.session.get_one(Site, at.warehouse_id), f"N{number}").id
        with transaction() as session:
            rows = [receiving.ReceivedRow(f"B{number}", size_id, shelf_id, 5)]
            rows.append(receiving.ReceivedRow(f"E{number}", at.size, shelf_id, 0))
            receiving.receive_rows(session, rows, actor_id=None)
        receiving.receive_into(actor_id=at.actor_id, code="B0", quantity=1, location_id=shelf_id)


def made(browser: Browser, path: str) -> int:
    """Open a page and return how many queries it made."""
    with queries() as sent:
        browser.page(path)
    return len(sent)
