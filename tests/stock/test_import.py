"""Importing ASSORT's list and Boxtribute's export: by command, by page, and whatever bytes a file may hold."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.errors import Conflict, Invalid
from logistics.stock import checks, counting, importing_boxes, importing_products, uploads, warehouses
from logistics.stock.importing import BOX_COLUMNS, PRODUCT_COLUMNS, parse_boxes, parse_products
from logistics.stock.models import Box, ImportUpload, Level, Location, Movement, Product, Size
from logistics.stock.size_ranges import default_shares, in_order, sizes_in

from .. import make
from ..browsing import Browser, text_of

DATA = Path(__file__).parent.parent / "data"
ASSORT = DATA / "assort-v1-products.csv"
LESVOS = DATA / "boxtribute-export-lesvos.csv"


def boxes_file(*rows: str) -> bytes:
    return "\r\n".join([",".join(BOX_COLUMNS), *rows]).encode()


def products_file(*rows: str) -> bytes:
    return "\n".join([",".join(PRODUCT_COLUMNS), *rows]).encode()


def flask(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["import", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.output + (result.stderr if result.stderr not in result.output else "")


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def reasons(data: bytes) -> list[str]:
    return [str(row) for row in parse_boxes(data).bad]


# The files as they are


def test_assorts_list_becomes_162_products(app: Flask) -> None:
    code, output = flask(app, "products", str(ASSORT))
    assert code == 0, output
    assert "162 products added" in output
    assert count(Product) == 162
    assert len(set(db.session.scalars(select(Product.category)))) == 13
    assert labels("Practical Shoes", "Male") == [str(size) for size in range(36, 49)]
    assert labels("Practical Shoes", "Female") == [str(size) for size in range(34, 45)]
    assert labels("Light Shoes", "Unisex Kid") == [str(size) for size in range(17, 39)]
    assert labels("Joggers", "Boy") == ["2-3", "4-5", "6-7", "8-9", "10-11", "12-13", "14-15"]
    assert labels("Baby Bibs", "Unisex Baby") == ["Mixed sizes"]
    shares = dict(
        db.session.execute(
            select(Size.label, Size.share).join(Product).where(Product.name == "Joggers", Product.gender == "Male")
        ).all()
    )
    assert shares == {"XS": 5, "S": 30, "M": 40, "L": 20, "XL": 5, "XXL": 0}
    perishing = set(db.session.scalars(select(Product.name).where(Product.has_best_before)))
    assert perishing == {"Canned / Jarred Food", "Dry Food", "Bottled water"}


def labels(name: str, gender: str) -> list[str]:
    query = select(Size.label).join(Product).where(Product.name == name, Product.gender == gender)
    return list(db.session.scalars(query.order_by(Size.position)))


def test_a_second_run_of_the_list_changes_nothing(app: Flask, tmp_path: Path) -> None:
    flask(app, "products", str(ASSORT))
    changed = tmp_path / "changed.csv"
    changed.write_text(ASSORT.read_text().replace("2,Baby Blankets,Unisex Baby", "2,Baby Covers,Unisex Baby"))
    code, output = flask(app, "products", str(changed))
    assert code == 0
    assert "line 3: Baby Blankets is here already and differs from the file (name)" in output
    assert "0 products added; 161 were here already, 1 differ" in output
    assert db.session.scalar(select(Product.name).where(Product.assort_id == 2)) == "Baby Blankets"


def test_without_add_missing_the_sample_fails_and_writes_nothing(app: Flask) -> None:
    flask(app, "products", str(ASSORT))
    code, output = flask(app, "boxes", str(LESVOS), "--warehouse", "Lesvos")
    assert code == 1
    assert "line 2: Unknown product: Gloves, Boy." in output
    assert output.count("Unknown product") == 218  # about half of the rows
    assert output.count("does not come in size") == 152
    assert "370 rows cannot be taken. Nothing was imported." in output
    assert (count(Box), count(Movement), count(Location), count(Site)) == (0, 0, 5, 0)


def test_with_add_missing_the_sample_is_446_boxes(app: Flask) -> None:
    flask(app, "products", str(ASSORT))
    code, output = flask(app, "boxes", str(LESVOS), "--warehouse", "Lesvos", "--add-missing")
    assert code == 0, output
    assert "446 boxes with 206959 items, 3 shelves, 41 products and 75 sizes added" in output
    assert (count(Box), count(Product)) == (446, 203)
    assert db.session.scalar(select(func.sum(Movement.quantity))) == 206_959
    empty = db.session.scalar(select(func.count()).select_from(Level).where(Level.quantity == 0))
    assert count(Movement) == 446 - (empty or 0)  # 0 items makes an empty box, which nothing moved into
    assert db.session.scalar(select(Box.id).where(Box.code == "00097779")) is not None  # leading zeros count
    gloves = select(Product.category).where(Product.name == "Gloves", Product.gender == "Boy")
    assert db.session.scalar(gloves) == "Clothing"  # as the gloves that were there
    assert db.session.scalar(select(Product.category).where(Product.name == "Sugar")) == "Other"
    assert list(checks.problems(db.session)) == []


def test_a_second_run_skips_what_is_the_same_and_reports_what_changed(app: Flask, tmp_path: Path) -> None:
    flask(app, "products", str(ASSORT))
    flask(app, "boxes", str(LESVOS), "--warehouse", "Lesvos", "--add-missing")
    code, output = flask(app, "boxes", str(LESVOS), "--warehouse", " LESVOS ")
    assert code == 0
    assert "0 boxes with 0 items" in output
    assert "446 boxes were here already, 0 have changed" in output
    changed = tmp_path / "changed.csv"
    changed.write_bytes(LESVOS.read_bytes().replace(b"Girl,S,WH,697,", b"Girl,S,WH,698,"))
    code, output = flask(app, "boxes", str(changed), "--warehouse", "Lesvos")
    assert code == 0
    assert "line 3: Box 67329874 was imported before and the file has changed since (items)" in output
    assert "445 boxes were here already, 1 have changed" in output
    assert db.session.scalar(select(Level.quantity).join(Box).where(Box.code == "67329874", ~Level.outside)) == 697


def test_a_dry_run_writes_nothing(app: Flask) -> None:
    code, output = flask(app, "products", str(ASSORT), "--dry-run")
    assert code == 0
    assert "Dry run, nothing was written. It would be: 162 products added" in output
    assert count(Product) == 0
    flask(app, "products", str(ASSORT))
    code, output = flask(app, "boxes", str(LESVOS), "--warehouse", "Lesvos", "--add-missing", "--dry-run")
    assert code == 0
    assert "446 boxes" in output
    assert (count(Box), count(Product), count(Site)) == (0, 162, 0)


def test_a_box_that_was_not_imported_is_left_alone(app: Flask) -> None:
    shelf = make.shelf(make.warehouse("Main"), "A1")
    make.product("Hats")
    importing_boxes.import_boxes(actor_id=None, data=boxes_file("1,Hats,-,,A1,5,"), warehouse="Main")
    with transaction() as session:
        session.scalars(select(Box)).one().import_row = None
    plan = importing_boxes.plan_boxes(db.session, boxes_file("1,Hats,-,,A1,5,"), "Main")
    assert [str(row) for row in plan.changed] == [
        "line 2: Box 1 is here already and was not imported. It is left as it is."
    ]
    assert shelf.id


def test_a_recount_does_not_make_a_row_look_changed(app: Flask) -> None:
    make.product("Hats")
    data = boxes_file("1,Hats,-,,A1,5,")
    importing_boxes.import_boxes(actor_id=None, data=data, warehouse="Main")
    shelf_id = db.session.scalar(select(Location.id).where(Location.name == "A1")) or 0
    counting.correct(actor_id=None, code="1", location_id=shelf_id, seen=5, counted=4, reason="lost")
    assert importing_boxes.plan_boxes(db.session, data, "Main").unchanged == 1


# Bad rows and bad files


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7,Hats,-,,A1,-3,", "line 2: “Items” is negative: -3"),
        ("7,Hats,-,,A1,2.5,", "line 2: “Items” is not a whole number: 2.5"),
        ("7,Hats,-,,A1,many,", "line 2: “Items” is not a number: many"),
        ("7,Hats,-,,A1,٣,", "line 2: “Items” is not a number: ٣"),
        ("7,Hats,-,,A1,,", "line 2: “Items” is empty."),
        ("7,Hats,-,,A1,1000001,", "line 2: “Items” is more than 1,000,000: 1000001"),
        (f"7,Hats,-,,A1,{'9' * 5000},", f"line 2: “Items” is more than 1,000,000: {'9' * 40}"),
        (",Hats,-,,A1,3,", "line 2: “Box number” is empty."),
        (f"{'7' * 41},Hats,-,,A1,3,", "line 2: “Box number” is longer than 40 characters."),
        ("a/b,Hats,-,,A1,3,", "line 2: A box's code is made of letters, digits, spaces and . + - _"),
        ("7,,-,,A1,3,", "line 2: “Product” is empty."),
        ("7,Hats,Cat,,A1,3,", "line 2: Shoreline does not know the gender “Cat”."),
        ("7,Hats,-,,,3,", "line 2: “Location” is empty."),
        ('7,Hats,-,,"A\n1",3,', "line 2: “Location” has more than one line."),
        (f"7,Hats,-,,A1,3,{'x' * 501}", "line 2: “Comments” is longer than 500 characters."),
        ("7,Hats,-,,A1,3,\x00", "line 2: The row has characters that cannot be stored."),
        ("7,Hats,-,,A1", "line 2: 5 columns instead of 7."),
        ("7,Hats,-,,A1,3,,,", "line 2: 9 columns instead of 7."),
        ('7,Hats,-,,A1,3,"open', "line 2: This row cannot be read: its quotes do not match, or it is too long."),
        ("", "line 1: The file has no rows below its first line."),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_reason(row: str, reason: str) -> None:
    assert reasons(boxes_file(row)) == [reason]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "line 1: The file is empty."),
        (b"\n \n", "line 1: The file is empty."),
        (b"Box number,Product\n1,Hats", "line 1: Wrong columns. The first line must be: " + ", ".join(BOX_COLUMNS)),
        (
            boxes_file("1,Hats,-,,A1,1,", "2,H\xe9t,-,,A1,1,").replace("é".encode(), b"\xe9"),
            "line 3: The file is not in UTF-8. Save it as “CSV UTF-8” and send it again.",
        ),
        (boxes_file("x" * (5 * 1024 * 1024)), "line 1: The file is larger than 5 MB."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    assert reasons(data) == [reason]


def test_a_repeated_number_names_the_line_it_was_on() -> None:
    data = boxes_file("a7,Hats,-,,A1,1,", '8,Hats,-,,A1,1,"two\nlines"', " A7 ,Hats,-,,A1,2,")
    parsed = parse_boxes(data)
    assert [str(row) for row in parsed.bad] == ["line 5: Box number A7 is repeated: it is on line 2 already."]
    assert [row.line for row in parsed.rows] == [2, 3]


def test_columns_may_stand_in_any_order_and_begin_with_a_mark() -> None:
    parsed = parse_boxes("\ufeffitems,Comments,Box Number,product,gender,size,location\n5,,7,Hats,,,A1".encode())
    assert [(row.code, row.items, row.gender) for row in parsed.rows] == [("7", 5, "-")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,Hats,-,One size,Tops", "line 2: “id” is not a number: x"),
        ("0,Hats,-,One size,Tops", "line 2: “id” is not a number: 0"),
        ("1,Hats,-,Giant sizes,Tops", "line 2: Shoreline does not know the size range “Giant sizes”."),
        ('1,Hats,-,"S, S",Tops', "line 2: A size is named twice."),
        ("1,,-,One size,Tops", "line 2: “name” is empty."),
        ("1,Hats,-,One size,", "line 2: “category” is empty."),
    ],
)
def test_a_bad_product_is_named_with_its_line_and_reason(row: str, reason: str) -> None:
    assert [str(bad) for bad in parse_products(products_file(row)).bad] == [reason]


def test_products_are_repeated_by_id_or_by_name_and_gender() -> None:
    parsed = parse_products(products_file("1,Hats,-,One size,Tops", "1,Caps,-,One size,Tops", "3,HATS,-,One size,Tops"))
    assert [str(bad) for bad in parsed.bad] == [
        "line 3: The id 1 is repeated: it is on line 2 already.",
        "line 4: HATS is repeated: it is on line 2 already.",
    ]


@pytest.mark.parametrize(
    "text", ["", ",", "Weird sizes", "S,,M", "x" * 41, "S, s", ", ".join(map(str, range(101)))]
)
def test_what_is_no_size_range_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        sizes_in(text)


def test_the_default_split_follows_what_is_known() -> None:
    assert default_shares(["S", "M", "L"], "Unisex Adult") == [30, 40, 20]
    assert default_shares(["40", "41", "99"], "Male") == [20, 25, 0] or default_shares(["40", "41"], "Male") == [1, 1]
    assert sum(default_shares([str(size) for size in range(36, 49)], "Male")) == 100
    assert default_shares(["2-3", "4-5"], "Boy") == [1, 1]
    assert default_shares(["2-3", "Mixed sizes"], "Boy") == [1, 0]
    assert default_shares(["Mixed sizes", "One size"], "-") == [1, 1]
    assert in_order(["Mixed sizes", "12-13", "M", "4-5", "XS", "All ages"]) == [
        "XS", "M", "4-5", "12-13", "All ages", "Mixed sizes",
    ]  # fmt: skip


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_reported(data: bytes) -> None:
    for parse in (parse_boxes, parse_products):
        parsed = parse(data)
        assert parsed.rows or parsed.bad


cells = st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["7", "-", "Male", "S", "A1", "12", "-1", "2.5", "", '"', "Mixed", "12-13 years", "😀", "1e9", "ﬃ" * 39]
)


likely_rows = st.tuples(
    cells,
    cells,
    st.sampled_from(["-", "", "Boy", " male", "Cat"]),
    cells,
    cells,
    st.sampled_from(["0", "7", "-1", "2.5", "x", "", "+3", "1e9", "9" * 30, "-0", "٣"]),
    cells,
).map(list)


@given(st.lists(st.lists(cells, min_size=6, max_size=8) | likely_rows, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_rows_are_read_or_reported_each_on_its_line(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(BOX_COLUMNS)
    writer.writerows(rows)
    parsed = parse_boxes(buffer.getvalue().encode())
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    lines = [row.line for row in parsed.rows] + [row.line for row in parsed.bad]
    assert len(lines) == len(set(lines))
    if filled:
        assert len(lines) == len(filled)
    for row in parsed.rows:
        assert 0 <= row.items <= 1_000_000
        assert 0 < len(row.code) <= 40
        assert 0 < len(row.product) <= 100


@given(st.lists(st.lists(cells, min_size=7, max_size=7), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sound_file_can_be_imported_and_then_is_unchanged(app: Flask, rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(BOX_COLUMNS)
    for number, row in enumerate(rows):
        writer.writerow([f"{number}{row[0]}", row[1], "Boy", row[3], row[4], str(number * 3), row[6]])
    data = buffer.getvalue().encode()
    with transaction() as session:
        for model in (Level, Movement):
            session.query(model).delete()
        session.query(Box).delete()
    plan = importing_boxes.plan_boxes(db.session, data, "Main", add_missing=True)
    if plan.bad or not plan.new:
        return
    made = importing_boxes.import_boxes(actor_id=None, data=data, warehouse="Main", add_missing=True)
    assert made["boxes"] == len(plan.new)
    again = importing_boxes.plan_boxes(db.session, data, "Main")
    assert (again.unchanged, again.new, again.bad) == (len(plan.new), [], [])


# What the database says of a row


def test_sizes_match_as_boxtribute_writes_them(app: Flask) -> None:
    make.product("Hats", sizes=("Mixed sizes", "One size", "12-13"), gender="Boy")
    make.product("Vests", sizes=("7-12", "13-18"), gender="Unisex Baby")
    data = boxes_file(
        "1, hats ,Boy,Mixed,A1,1,",
        "2,HATS,boy,12-13 years,a1 ,1,",
        "3,Hats,Boy,,A1,1,",
        "4,Vests,Unisex Baby,7-12 months,A1,1,",
        "5,Vests,Unisex Baby,0-6 months,A1,1,",
    )
    plan = importing_boxes.plan_boxes(db.session, data, "Main")
    assert [row.line for row in plan.bad] == [6]
    assert list(plan.new_shelves) == ["a1"]
    assert plan.new_warehouse
    plan = importing_boxes.plan_boxes(db.session, data, "Main", add_missing=True)
    assert [size.label for size in plan.new_sizes.values()] == ["0-6 months"]


def test_what_is_closed_takes_no_boxes(app: Flask) -> None:
    site = make.warehouse("Main")
    shelf_id = make.shelf(site, "A1").id
    product_id = make.product("Hats").id
    warehouses.close_shelf(actor_id=None, shelf_id=shelf_id)
    data = boxes_file("1,Hats,-,,A1,1,")
    assert [str(row) for row in importing_boxes.plan_boxes(db.session, data, "Main").bad] == [
        "line 2: Shelf A1 is closed. Open it again first."
    ]
    with transaction() as session:
        session.get_one(Product, product_id).closed_at = now()
    assert "no longer used" in str(importing_boxes.plan_boxes(db.session, data, "Main").bad[0])


def test_a_meeting_point_is_no_warehouse(app: Flask, tmp_path: Path) -> None:
    make.meeting_point("North")
    make.product("Hats")
    with pytest.raises(Conflict):
        importing_boxes.plan_boxes(db.session, boxes_file("1,Hats,-,,A1,1,"), "north")
    file = tmp_path / "boxes.csv"
    file.write_bytes(boxes_file("1,Hats,-,,A1,1,"))
    code, output = flask(app, "boxes", str(file), "--warehouse", "North")
    assert code == 1
    assert "North is a meeting point, not a warehouse." in output


def test_a_bad_plan_cannot_be_written(app: Flask) -> None:
    with pytest.raises(Invalid):
        importing_boxes.import_boxes(actor_id=None, data=boxes_file("1,Hats,-,,A1,1,"), warehouse="Main")
    with pytest.raises(Invalid):
        importing_products.import_products(actor_id=None, data=b"")
    assert count(Site) == 0


# Through the pages


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
    assert "Stockroom" in page
    assert "and 396 more" in page
    first = warehouse_staff.send(preview, {"key": "k1", "add_missing": "y"})
    assert warehouse_staff.send(preview, {"key": "k1", "add_missing": "y"}).location == first.location
    assert count(Box) == 446
    assert count(ImportUpload) == 0
    assert "446 boxes" in text_of(warehouse_staff.page("/stock/boxes"))
    assert "Nothing new in this file" in warehouse_staff.page(upload(warehouse_staff, LESVOS.read_bytes(), site_id))
    assert list(checks.problems(db.session)) == []


def test_an_upload_that_cannot_be_read_is_refused_at_the_field(app: Flask, warehouse_staff: Browser) -> None:
    site_id = make.warehouse().id
    assert "Wrong columns" in upload(warehouse_staff, b"a,b\n1,2", site_id, 422)
    assert "not in UTF-8" in upload(warehouse_staff, b"\xff\xfe\x00", site_id, 422)
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
