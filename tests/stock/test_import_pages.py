"""The same imports through pages: upload, look, write."""

import html
import io
import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.stock import checks, importing_products, uploads
from logistics.stock.models import Box, ImportUpload, Product, Size

from .. import make
from ..browsing import Browser, text_of
from .files import ASSORT, LESVOS, boxes_file, count
from .spreadsheets import csv_file, xlsx_file
from .test_spreadsheets import bomb


def upload(browser: Browser, data: bytes, warehouse_id: int, status: int = 303, name: str = "boxes.csv") -> str:
    answer = browser.send(
        "/stock/import",
        {"file": (io.BytesIO(data), name), "warehouse_id": warehouse_id},
        status,
        content_type="multipart/form-data",
    )
    return answer.location if status == 303 else answer.get_data(as_text=True)


def test_the_warehouse_imports_the_sample_after_looking_at_it(app: Flask, warehouse_staff: Browser) -> None:
    importing_products.import_products(actor_id=None, data=ASSORT.read_bytes())
    site_id = make.warehouse("Lesvos").id
    preview = upload(warehouse_staff, LESVOS.read_bytes(), site_id)
    page = text_of(warehouse_staff.page(preview))
    assert "370 rows cannot be taken" in page
    assert "Unknown product: Gloves, Boy. line 2" in page
    assert "Import now" not in page
    warehouse_staff.send(preview, {"key": "refused"}, 422)
    assert count(Box) == 0
    page = text_of(warehouse_staff.page(f"{preview}?add_missing=1"))
    assert "Ready to import" in page
    assert "446 new boxes" in page
    assert "Products (41)" in page
    assert "Sizes (75)" in page
    assert "say there that it has none: Cereal, Chickpeas, Food, Milk, Pasta, Rice, Sauce, Sugar, Vegetable oil" in page
    assert "Stockroom" in page
    assert "and 396 more" in page
    first = warehouse_staff.send(preview, {"key": "k1", "add_missing": "y"})
    assert warehouse_staff.send(preview, {"key": "k1", "add_missing": "y"}).location == first.location
    assert count(Box) == 446
    assert count(ImportUpload) == 0
    assert "446 boxes" in text_of(warehouse_staff.page("/stock/boxes"))
    assert "Nothing new in this file" in warehouse_staff.page(upload(warehouse_staff, LESVOS.read_bytes(), site_id))
    assert list(checks.problems(db.session)) == []


def test_one_box_is_said_as_one_in_either_language(app: Flask, warehouse_staff: Browser) -> None:
    make.product("Hats")
    site_id = make.warehouse().id
    for language, code, said in (("en", "1", "Imported: 1 box with 1 item."), ("fr", "2", "1 article")):
        warehouse_staff.get(f"/language/{language}")
        preview = upload(warehouse_staff, boxes_file(f"{code},Hats,-,,A1,1,"), site_id)
        assert said in text_of(warehouse_staff.page(warehouse_staff.send(preview).location))


def test_an_upload_that_cannot_be_read_is_refused_at_the_field(app: Flask, warehouse_staff: Browser) -> None:
    site_id = make.warehouse().id
    assert "This file has one column." in upload(warehouse_staff, b"a\n1", site_id, 422)
    assert "This file cannot be read." in upload(warehouse_staff, b"\xff\xfe\x00", site_id, 422)
    assert "This file cannot be read." in upload(warehouse_staff, b"PK\x03\x04", site_id, 422, name="a.xlsx")
    too_large = upload(warehouse_staff, bomb("content.xml", 200 * 2**20), site_id, 422, name="a.ods")
    assert "Unpacked, this file is too large" in too_large
    assert "The file is empty" in upload(warehouse_staff, b"", site_id, 422)
    assert "Choose a file." in upload(warehouse_staff, b"", site_id, 422, name="")
    assert "Choose a warehouse." in upload(warehouse_staff, boxes_file("1,Hats,-,,A1,1,"), 0, 422)
    upload(warehouse_staff, b"x" * (6 * 1024 * 1024), site_id, 413)
    assert count(ImportUpload) == 0


def test_a_warehouse_that_is_none_is_refused(app: Flask, warehouse_staff: Browser) -> None:
    data = boxes_file("1,Hats,-,,A1,1,")
    for site_id in (make.meeting_point().id, 999_999):
        upload(warehouse_staff, data, site_id, 422)
    assert count(ImportUpload) == 0


def test_who_sets_up_may_name_a_new_warehouse(app: Flask, admin: Browser) -> None:
    make.product("Hats")
    page = admin.page("/stock/import")  # there is none to choose yet
    assert "Or into a new warehouse" in page
    assert "Into which warehouse?" not in page

    def send(status: int = 303, code: str = "1", **fields: object) -> str:
        file = {"file": (io.BytesIO(boxes_file(f"{code},Hats,-,,A1,1,")), "boxes.csv")}
        answer = admin.send("/stock/import", {**file, **fields}, status, content_type="multipart/form-data")
        return answer.location if status == 303 else answer.get_data(as_text=True)

    preview = send(new_warehouse=" North House ")
    assert count(Site) == 0  # nothing is written before they say so
    page = text_of(admin.page(preview))
    assert "into North House" in page
    assert "Warehouse North House Shelves A1" in page
    admin.send(preview, {"key": "k"})
    assert db.session.scalars(select(Site.name)).all() == ["North House"]
    admin.send(send(code="2", new_warehouse="north house"), {"key": "k2"})  # it is there by now
    assert (count(Site), count(Box)) == (1, 2)
    site_id = db.session.scalars(select(Site.id)).one()
    assert "Choose a warehouse, or name a new one, not both." in send(422, new_warehouse="B", warehouse_id=site_id)
    assert "Choose a warehouse." in send(422)
    assert "Use 80 characters or fewer." in send(422, new_warehouse="x" * 81)
    make.meeting_point("Beach")
    assert "Beach is a meeting point, not a warehouse." in send(409, new_warehouse="beach")


def test_who_only_moves_stock_names_no_warehouse(app: Flask, warehouse_staff: Browser) -> None:
    make.product("Hats")
    assert "Ask an admin to add one." in warehouse_staff.page("/stock/import")
    make.warehouse()
    assert "Or into a new warehouse" not in warehouse_staff.page("/stock/import")
    data = {"file": (io.BytesIO(boxes_file("1,Hats,-,,A1,1,")), "boxes.csv"), "new_warehouse": "North House"}
    warehouse_staff.send("/stock/import", data, 422, content_type="multipart/form-data")
    upload_id = uploads.keep(
        actor_id=warehouse_staff.person_id,
        kind="boxes",
        content=boxes_file("1,Hats,-,,A1,1,"),
        new_warehouse="North House",
    )
    warehouse_staff.page(f"/stock/import/{upload_id}", 403)
    warehouse_staff.send(f"/stock/import/{upload_id}", {}, 403)


def test_an_upload_is_its_senders_for_a_day(app: Flask, warehouse_staff: Browser, admin: Browser) -> None:
    make.product("Hats")
    preview = upload(warehouse_staff, boxes_file("1,Hats,-,,A1,1,"), make.warehouse().id)
    warehouse_staff.page(preview)
    admin.page(preview, 404)
    admin.send(preview, {"key": "x"}, 404)
    warehouse_staff.page("/stock/import/999999", 404)
    with transaction() as session:
        session.scalars(select(ImportUpload)).one().created_at = now() - timedelta(days=1, minutes=1)
    warehouse_staff.page(preview, 404)
    upload(warehouse_staff, boxes_file("2,Hats,-,,A1,1,"), db.session.scalar(select(Site.id)) or 0)
    assert count(ImportUpload) == 1  # the old one went


def test_an_upload_can_be_left(app: Flask, warehouse_staff: Browser) -> None:
    make.product("Hats")
    preview = upload(warehouse_staff, boxes_file("1,Hats,-,,A1,1,"), make.warehouse().id)
    warehouse_staff.send(f"{preview}/discard")
    assert (count(ImportUpload), count(Box)) == (0, 0)
    warehouse_staff.send(preview, {}, 404)


def test_products_come_through_a_page_for_whoever_sets_up(app: Flask, admin: Browser, warehouse_staff: Browser) -> None:
    data = {"file": (io.BytesIO(ASSORT.read_bytes()), "list.csv")}
    warehouse_staff.send("/stock/import/products", data, 403, content_type="multipart/form-data")
    data = {"file": (io.BytesIO(ASSORT.read_bytes()), "list.csv")}
    preview = admin.send("/stock/import/products", data, content_type="multipart/form-data").location
    assert "162 new products" in text_of(admin.page(preview))
    admin.send(preview, {"key": "k"})
    assert count(Product) == 162


def test_a_products_file_kept_by_someone_without_setup_is_not_imported(app: Flask, warehouse_staff: Browser) -> None:
    upload_id = uploads.keep(actor_id=warehouse_staff.person_id, kind="products", content=ASSORT.read_bytes())
    warehouse_staff.page(f"/stock/import/{upload_id}", 403)
    warehouse_staff.send(f"/stock/import/{upload_id}", {}, 403)
    assert count(Product) == 0


def test_volunteers_import_nothing(volunteer: Browser, browser: Browser) -> None:
    volunteer.page("/stock/import", 403)
    assert browser.get("/stock/import").status_code == 303


def fields_of(page: str) -> dict[str, str]:
    """What a page's form holds as it is shown."""
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    for name, options in re.findall(r'(?s)<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        first = re.search(r'<option[^>]*value="([^"]*)"', options)
        found[name] = (chosen or first or ["", ""])[1]
    found.pop("csrf_token", None)
    return {name: html.unescape(value) for name, value in found.items()}


def test_any_spreadsheet_is_matched_looked_at_and_remembered(app: Flask, warehouse_staff: Browser) -> None:
    make.product("Joggers", gender="Male", sizes=("S", "M"))
    make.product("Tents")
    site = make.warehouse("Main")
    site_id, _shelf = site.id, make.shelf(site, "A1").id
    head = ["Nummer", "Sache", "Wer", "Größe", "Anzahl"]
    data = xlsx_file(
        [head, ["1", "Jogers", "Herren", "S", 5], ["2", "Jogers", "Herren", "Medium", 7], ["3", "Torches", "", "", 9]]
    )
    path = upload(warehouse_staff, data, site_id, name="barn.xlsx")
    columns = warehouse_staff.get(path).location
    assert columns == f"{path}/columns"
    page = warehouse_staff.page(columns)
    fields = fields_of(page)
    assert (fields["column_quantity"], fields["column_size"], fields["column_product"]) == ("4", "3", "")
    assert "Sache (Jogers, Jogers, Torches)" in page
    answer = warehouse_staff.send(columns, fields, 422).get_data(as_text=True)
    assert "Product: Choose a column." in text_of(answer)
    fields |= {"column_product": "1", "column_code": "0", "column_gender": "2", "name": "Barn list", "key": "c"}
    values = warehouse_staff.send(columns, fields).location
    assert values == f"{path}/values"
    page = warehouse_staff.page(values)
    asked = fields_of(page)
    assert "What is “Jogers”?" in page
    assert "What is “Torches”?" in page
    wrong = {**asked, "typed_1": "Nothing like it", "key": "w"}
    answer = warehouse_staff.send(values, wrong, 422).get_data(as_text=True)
    assert "There is no product of this name, or there are several." in text_of(answer)
    assert "Nothing like it" in answer
    asked["means_1"] = ""  # the torches are new
    assert warehouse_staff.send(values, {**asked, "key": "v1"}).location == values
    page = warehouse_staff.page(values)
    assert "What is “Medium”?" in page
    sizes = fields_of(page)
    number = next(name for name, value in sizes.items() if value.startswith("size|")).removeprefix("of_")
    medium = db.session.scalars(select(Size.id).where(Size.label == "M")).one()
    warehouse_staff.send(values, {**sizes, f"means_{number}": str(medium), "key": "v2"})
    last = warehouse_staff.get(values).location
    assert last == f"{path}?add_missing=1"
    page = text_of(warehouse_staff.page(last))
    assert "Ready to import" in page
    assert "3 new boxes" in page
    warehouse_staff.send(path, {"key": "i", "add_missing": "y"})
    assert {box.code for box in db.session.scalars(select(Box))} == {"1", "2", "3"}
    again = upload(warehouse_staff, xlsx_file([head, ["9", "Jogers", "Herren", "Medium", 7]]), site_id, name="x.xlsx")
    fields = fields_of(warehouse_staff.page(f"{again}/columns"))
    assert (fields["column_product"], fields["name"]) == ("1", "Barn list")
    assert warehouse_staff.get(warehouse_staff.send(f"{again}/columns", fields).location).location == again
    assert "Ready to import" in warehouse_staff.page(again)
    assert list(checks.problems(db.session)) == []


def test_a_warehouse_that_a_file_names_is_made_by_who_sets_up(
    app: Flask, warehouse_staff: Browser, admin: Browser
) -> None:
    make.product("Hats")
    site_id = make.warehouse("Main").id
    data = csv_file([["Box", "Product", "Quantity", "Warehouse", "Shelf"], ["1", "Hats", 5, "Barn", "A1"]])
    for browser, said in (
        (warehouse_staff, "There is no warehouse Barn, and you may not add one."),
        (admin, "Ready to import"),
    ):
        path = upload(browser, data, site_id)
        fields = fields_of(browser.page(f"{path}/columns"))
        browser.send(f"{path}/columns", fields)
        assert said in text_of(browser.page(path))
    admin.send(path, {"key": "k"})
    assert count(Site) == 2


def test_a_plain_file_has_no_columns_to_match(app: Flask, warehouse_staff: Browser) -> None:
    make.product("Hats")
    path = upload(warehouse_staff, boxes_file("1,Hats,-,,A1,1,"), make.warehouse().id)
    warehouse_staff.page(f"{path}/columns", 404)
    warehouse_staff.page(f"{path}/values", 404)
