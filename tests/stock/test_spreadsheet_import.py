"""Boxes from any spreadsheet: matched, remembered, all or nothing; and our own list there and back again."""

import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from logistics.clock import now
from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.errors import Invalid, NotFound
from logistics.stock import checks, moving
from logistics.stock.importing import BOX_COLUMNS
from logistics.stock.importing_boxes import BoxPlan
from logistics.stock.models import Availability, Box, Level, Location, Movement, Product, Size
from logistics.stock.searching import catalogue
from logistics.stock.spreadsheets import forms, learning, planning
from logistics.stock.spreadsheets.headings import Field
from logistics.stock.spreadsheets.matching import ColumnMapping, Unknown, first_mapping, look
from logistics.stock.spreadsheets.models import ImportMapping, LearnedMatch, MatchKind

from .. import make
from .files import count
from .spreadsheets import csv_file, ods_file, xlsx_file
from .test_import import flask

ROWS = [
    ["List of boxes", "", "", "", "", "", ""],
    ["Box no.", "Item", "For whom", "Size", "Qty", "Where", "Expiry"],
    ["7", "Joggers", "men", "S", 12, "A1", ""],
    ["8", "Joggers", "hommes", "M", "1 200", "A1", ""],
    ["9", "Pasta", "", "", 40, "B1", date(2099, 3, 1)],
]


def plan(data: bytes, columns: ColumnMapping | None = None, *, add_missing: bool = False, to: str = "Main") -> BoxPlan:
    db.session.rollback()
    columns = columns or first_mapping(db.session, look(data))[0]
    return planning.plan(db.session, data, to, columns, add_missing=add_missing)[0]


def unknown(data: bytes) -> list[tuple[str, str, int]]:
    db.session.rollback()
    columns = first_mapping(db.session, look(data))[0]
    return [(each.kind, each.text, each.rows) for each in planning.plan(db.session, data, "Main", columns)[1]]


def take(data: bytes, *, add_missing: bool = False, to: str = "Main", **columns: Any) -> dict[str, int]:
    db.session.rollback()
    mapping = ColumnMapping(**columns) if columns else first_mapping(db.session, look(data))[0]
    return planning.import_file(
        actor_id=None, data=data, warehouse=to, mapping=mapping.plain(), add_missing=add_missing
    )


def stock() -> set[tuple[Any, ...]]:
    """All boxes with everything that makes them what they are, wherever they stand."""
    db.session.rollback()
    rows = db.session.execute(
        select(
            Box.code,
            Product.name,
            Product.gender,
            Product.category,
            Product.unit,
            Product.has_best_before,
            Size.label,
            Level.quantity,
            Site.name.label("site"),
            Location.name.label("shelf"),
            Box.best_before,
            Box.source,
            Box.note,
        )
        .join(Size, Size.id == Box.size_id)
        .join(Product, Product.id == Size.product_id)
        .join(Level, Level.box_id == Box.id)
        .join(Location, Location.id == Level.location_id)
        .join(Site, Site.id == Location.warehouse_id)
    )
    return {tuple(row) for row in rows}


@pytest.mark.parametrize("make_file", [csv_file, xlsx_file, ods_file])
def test_a_list_of_any_format_becomes_boxes_and_a_second_time_changes_nothing(app: Flask, make_file: Any) -> None:
    make.product("Joggers", gender="Male", sizes=("S", "M"))
    data = make_file(ROWS)
    assert [str(row) for row in plan(data).bad] == ["line 5: Unknown product: Pasta."]
    with pytest.raises(Invalid):
        take(data)
    assert count(Box) == 0
    done = take(data, add_missing=True)
    assert (done["boxes"], done["items"], done["products"]) == (3, 1252, 1)
    assert {
        (code, name, size, number, shelf) for code, name, _g, _c, _u, _b, size, number, _w, shelf, *_ in stock()
    } == {
        ("7", "Joggers", "S", 12, "A1"),
        ("8", "Joggers", "M", 1200, "A1"),
        ("9", "Pasta", "One size", 40, "B1"),
    }
    assert db.session.scalar(select(Box.best_before).where(Box.code == "9")) == date(2099, 3, 1)
    again = plan(data)
    assert (again.unchanged, again.new, again.bad, again.changed) == (3, [], [], [])
    moving.move_box(
        actor_id=make.person().id,
        code="7",
        quantity=5,
        from_id=db.session.scalars(select(Location.id).where(Location.name == "A1")).one(),
        to_id=db.session.scalars(select(Location.id).where(Location.name == "B1")).one(),
    )
    assert plan(data).unchanged == 3, "moving a box does not make its row look changed"
    assert list(checks.problems(db.session)) == []


def test_a_box_of_several_lines_stands_on_several_shelves(app: Flask) -> None:
    make.product("Hats")
    head = ["Box", "Product", "How many", "Warehouse", "Shelf"]
    data = csv_file([head, ["1", "Hats", 5, "Main", "A1"], ["1", "Hats", 7, "Far", "Z9"], ["2", "Hats", 0, "", "A1"]])
    first = plan(data)
    assert (first.new_warehouse, list(first.more_warehouses.values()), first.summary["boxes"]) == (True, ["Far"], 2)
    assert take(data)["items"] == 12
    assert {(row[0], row[7], row[8], row[9]) for row in stock()} == {
        ("1", 5, "Main", "A1"),
        ("1", 7, "Far", "Z9"),
        ("2", 0, "Main", "A1"),
    }
    assert plan(data).unchanged == 2
    assert list(checks.problems(db.session)) == []
    for wrong in (["1", "Hats", 7, "Main", "A1"], ["1", "Caps", 7, "Main", "B1"]):
        found = plan(csv_file([head, ["1", "Hats", 5, "Main", "A1"], wrong]), add_missing=True)
        assert "Box number 1 is repeated: it is on line 2 already." in str(found.bad[0])


def test_a_warehouse_that_cannot_be_used_makes_a_bad_row(app: Flask) -> None:
    make.product("Hats")
    make.meeting_point("Beach")
    closed = make.warehouse("Old house").id
    with transaction() as session:
        session.get_one(Site, closed).closed_at = now()
    head = ["Box", "Product", "How many", "Warehouse", "Shelf"]
    found = plan(csv_file([head, ["1", "Hats", 5, "beach", "A1"], ["2", "Hats", 5, "OLD HOUSE", "A1"]]))
    assert [str(row) for row in found.bad] == [
        "line 2: Beach is a meeting point, not a warehouse.",
        "line 3: Old house is closed. Open it again first.",
    ]
    assert (found.more_warehouses, found.new_warehouse) == ({}, False)


def test_what_is_on_no_shelf_is_left_out_and_said(app: Flask) -> None:
    make.product("Hats")
    head = ["Box", "Product", "How many", "Warehouse", "Shelf"]
    found = plan(csv_file([head, ["1", "Hats", 5, "Main", "A1"], ["2", "Hats", 5, "", ""]]))
    assert [row.code for row in found.new] == ["1"]
    assert [str(row) for row in found.changed] == ["line 3: It is on no shelf: it was on a van, or on the way."]


def test_without_numbers_and_shelves_boxes_are_numbered_by_their_lines(app: Flask) -> None:
    make.product("Hats")
    data = csv_file([["Product", "Quantity"], ["Hats", 3], ["Hats", 4]])
    take(data, columns={"product": "product", "quantity": "quantity"}, prefix="SHED-", shelf="Shed")
    assert {(row[0], row[7], row[9]) for row in stock()} == {("SHED-2", 3, "Shed"), ("SHED-3", 4, "Shed")}
    mapping = ColumnMapping({"product": "product", "quantity": "quantity"}, "SHED-", "Shed")
    assert plan(data, mapping).unchanged == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["1", "Hats", -5, "", "", "", ""], "“Items” is negative: -5"),
        (["1", "Hats", "1.5", "", "", "", ""], "“Items” is not a whole number: 1.5"),
        (["1", "Hats", "", "", "", "", ""], "“Items” is empty."),
        (["1", "Hats", 10**12, "", "", "", ""], "“Items” is more than 1,000,000: 1000000000000"),
        (["", "Hats", 5, "", "", "", ""], "“Box number” is empty."),
        (["a/b", "Hats", 5, "", "", "", ""], "A box's code is made of letters, digits, spaces and . + - _"),
        (["1", "Hats", 5, "Martians", "", "", ""], "Shoreline does not know the gender “Martians”."),
        (["1", "Hats", 5, "", "soon", "", ""], "“soon” is no date. Write it as 2026-11-24 or 24/11/2026."),
        (["1", "Hats", 5, "", "1999-01-01", "", ""], "Enter a year between 2000 and 2100."),
        (["1", "Hats", 5, "", "", "found", ""], "“found” does not say whether it was donated or bought."),
        (["1", "Hats", 5, "", "", "", "XXL"], "Hats does not come in size XXL (it comes in One size)."),
        (["1", "", 5, "", "", "", ""], "“Product” is empty."),
        (["1", "Hats\x01", 5, "", "", "", ""], "The row has characters that cannot be stored."),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_reason(app: Flask, row: list[Any], reason: str) -> None:
    make.product("Hats")
    data = csv_file([["Box", "Product", "How many", "Gender", "Best before", "Source", "Size"], row])
    assert [str(bad) for bad in plan(data).bad] == [f"line 2: {reason}"]


def test_what_is_not_known_is_asked_once_and_remembered(app: Flask) -> None:
    hats = make.product("Hats", sizes=("S", "M"))
    product_id, size_id = hats.id, db.session.scalars(select(Size.id).where(Size.label == "M")).one()
    data = csv_file(
        [
            ["Box", "Product", "Qty", "Gender", "Size"],
            ["1", "Beanies", 5, "grown-ups", "Medium"],
            ["2", "Beanies", 5, "grown-ups", "M"],
        ]
    )
    assert unknown(data) == [("gender", "grown-ups", 2)]
    teach(MatchKind.GENDER, "", "Grown-Ups", "-")
    assert unknown(data) == [("product", "Beanies", 2)]
    teach(MatchKind.PRODUCT, "-", "Beanies", product_id)
    assert unknown(data) == [("size", "Medium", 1)]
    teach(MatchKind.SIZE, product_id, "medium", size_id)
    assert unknown(data) == []
    assert take(data)["boxes"] == 2
    assert {(row[1], row[6]) for row in stock()} == {("Hats", "M")}
    teach(MatchKind.PRODUCT, "-", "beanies", make.product("Caps").id)
    assert count(LearnedMatch) == 3, "learned anew"
    for kind, context, meaning in (
        (MatchKind.PRODUCT, "-", "999999"),
        (MatchKind.PRODUCT, "-", "x"),
        (MatchKind.SIZE, "999999", size_id),
        (MatchKind.GENDER, "", "Martian"),
        (MatchKind.SOURCE, "", "found"),
    ):
        with pytest.raises(Invalid):
            teach(kind, context, "x", meaning)


def teach(kind: MatchKind, context: object, text: str, meaning: object) -> None:
    learning.learn(
        actor_id=make.person().id,
        matches=[{"kind": kind, "context": str(context), "text": text, "meaning": str(meaning)}],
    )


def test_a_french_name_is_known_and_one_name_needs_no_gender(app: Flask) -> None:
    made = make.product("Scarves", gender="Female").id
    with transaction() as session:
        session.get_one(Product, made).name_fr = "Écharpes"
    for name in ("Scarves", "écharpes"):
        found = plan(csv_file([["Box", "Product", "Qty"], ["1", name, 5]]))
        assert [(row.product, row.gender) for row in found.new] == [("Scarves", "Female")]


def test_columns_are_remembered_by_all_headings_of_a_file(app: Flask) -> None:
    make.product("Hats")
    data = csv_file([["Nr", "Sache", "Zahl", "Zahl"], ["1", "Hats", 4, 5]])
    layout = look(data)
    assert first_mapping(db.session, layout)[0].columns.get("quantity") is None
    columns = planning.checked(layout, {"code": 0, "product": 1, "quantity": 3})
    assert columns[Field.QUANTITY] == "#4"
    with transaction() as session:
        learning.remember_mapping(session, layout.headings, "Barn", columns)
    mapping, name = first_mapping(db.session, look(csv_file([["Nr", "Sache", "Zahl", "Zahl"], ["2", "Hats", 4, 9]])))
    assert (mapping.columns["quantity"], name) == ("#4", "Barn")
    with transaction() as session:
        learning.remember_mapping(session, ["Nr", "Sache", "Menge"], "barn", columns)
    assert count(ImportMapping) == 1, "a name is of one kind of file"
    for wrong, field in (
        ({"product": 1}, "column_quantity"),
        ({"product": 1, "quantity": 1}, "column_quantity"),
        ({}, "column_product"),
    ):
        with pytest.raises(Invalid) as refusal:
            planning.checked(layout, wrong)
        assert refusal.value.field == field


def test_the_command_takes_every_format_and_a_saved_mapping(app: Flask, tmp_path: Path) -> None:
    make.product("Joggers", gender="Male", sizes=("S", "M"))
    for name, data in (("a.csv", csv_file(ROWS)), ("a.xlsx", xlsx_file(ROWS)), ("a.ods", ods_file(ROWS))):
        file = tmp_path / name
        file.write_bytes(data)
        code, output = flask(app, "boxes", str(file), "--warehouse", "Main", "--add-missing")
        assert code == 0, output
    assert "0 boxes with 0 items" in output
    assert "3 boxes were here already" in output
    odd = tmp_path / "odd.csv"
    odd.write_bytes(csv_file([["Sache", "Zahl"], ["Joggers", 5]]))
    code, output = flask(app, "boxes", str(odd), "--warehouse", "Main")
    assert (code, "Wrong columns. The first line must be: " + ", ".join(BOX_COLUMNS) in output) == (1, True), output
    code, output = flask(app, "boxes", str(odd), "--warehouse", "Main", "--mapping", "Barn")
    assert (code, "There is no mapping of this name." in output) == (1, True), output
    with transaction() as session:
        learning.remember_mapping(session, ["x"], "Barn", {Field.PRODUCT: "sache", Field.QUANTITY: "zahl"})
    code, output = flask(app, "boxes", str(odd), "--warehouse", "Main", "--mapping", "barn", "--add-missing")
    assert (code, "1 box with 5 items" in output) == (0, True), output
    code, output = flask(app, "boxes", str(file), "--warehouse", "Main", "--mapping", "barn")
    assert (code, "lacks columns" in output) == (1, True), output


def test_ten_thousand_rows_are_planned_in_bounded_memory(app: Flask) -> None:
    make.product("Hats")
    rows = [["Box", "Product", "Quantity", "Shelf", "Note"]]
    rows += [[f"B{number}", "Hats", number % 50, f"A{number % 20}", "as it came"] for number in range(10_000)]
    data = xlsx_file(rows)
    columns = first_mapping(db.session, look(data))[0]
    tracemalloc.start()
    try:
        assert len(plan(data, columns).new) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 40 * 2**20
    finally:
        tracemalloc.stop()


def test_a_mapping_that_is_not_there_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        learning.mapping_named(db.session, "nothing")


cells = st.text(alphabet=st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [
        "7",
        "-",
        "Male",
        "hommes",
        "S",
        "A1",
        "1 200",
        "-1",
        "2.5",
        "",
        "'=1",
        "Hats",
        "01/03/2027",
        "2027-03-01",
        "ﬃ" * 39,
    ]
)


@given(st.lists(st.lists(cells, min_size=10, max_size=10), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_are_taken_or_named_and_taken_twice_change_nothing(app: Flask, rows: list[list[str]]) -> None:
    head = ["Box", "Product", "Qty", "Gender", "Size", "Shelf", "Warehouse", "Best before", "Source", "Note"]
    # Every other row has what nearly all need, so that some are sound.
    sound = [
        [f"N{n}", row[1], str(n * 3), "men", *row[4:7], "2099-01-01", "donated", row[9]] if n % 2 == 0 else row
        for n, row in enumerate(rows)
    ]
    data = csv_file([head, *sound])
    with transaction() as session:
        for model in (Level, Movement, Availability):
            session.query(model).delete()
        session.query(Box).delete()
    try:
        look(data)
    except Invalid:  # nothing is in it
        return
    found = plan(data, add_missing=True)
    if found.bad or not found.new:
        return
    assert take(data, add_missing=True)["boxes"] == len(found.new)
    again = plan(data)
    assert (again.unchanged, again.new, again.bad) == (len(found.new), [], [])


def test_a_size_that_the_file_does_not_give_is_asked_for_in_words(app: Flask) -> None:
    made = make.product("Joggers", sizes=("S", "M")).id
    product = db.session.scalars(select(Product).where(Product.id == made).options(selectinload(Product.sizes))).one()
    with app.test_request_context():
        asked = forms.question(
            Unknown(MatchKind.SIZE, str(product.id), "", 1, 2),
            {product.id: product},
            catalogue(db.session),
        )
        form = forms.values_form([asked])
        assert str(form.means_0.label.text) == "Which size is it? The file says none."
        assert asked.choices[-1][1] == "Another size: add it as “One size”"
