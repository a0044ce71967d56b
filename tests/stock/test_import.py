"""Importing ASSORT's list and Boxtribute's export by command, and what the database says of a row."""

import csv
import io
from functools import partial
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
from logistics.stock import checks, counting, importing_boxes, importing_products, warehouses
from logistics.stock.importing import BOX_COLUMNS
from logistics.stock.models import Box, Level, Location, Movement, Product, Size

from .. import make
from ..racing import race, refused
from .files import ASSORT, LESVOS, boxes_file, count


def flask(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["import", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.output + (result.stderr if result.stderr not in result.output else "")


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
    assert "0 products added; 161 were here already, 1 differs and was left as it is." in output
    assert db.session.scalar(select(Product.name).where(Product.assort_id == 2)) == "Baby Blankets"


def test_without_add_missing_the_sample_fails_and_writes_nothing(app: Flask) -> None:
    flask(app, "products", str(ASSORT))
    code, output = flask(app, "boxes", str(LESVOS), "--warehouse", "Lesvos")
    assert code == 1
    assert "line 2: Unknown product: Gloves, Boy." in output
    assert output.count("Unknown product") == 218  # about half of the rows
    assert output.count("does not come in size") == 152
    assert "370 rows cannot be taken. Nothing was imported." in output
    assert (count(Box), count(Movement), count(Location), count(Site)) == (0, 0, 6, 0)


def test_a_range_of_several_sizes_is_said_as_a_list(app: Flask, tmp_path: Path) -> None:
    make.product("Joggers", gender="Male", sizes=("XS", "S", "M"))
    file = tmp_path / "boxes.csv"
    file.write_bytes(boxes_file("1,Joggers,Male,52,A1,5,"))
    code, output = flask(app, "boxes", str(file), "--warehouse", "Main")
    assert code == 1
    assert "line 2: Joggers, Male does not come in size 52 (it comes in XS, S, M)." in output
    assert "1 row cannot be taken. Nothing was imported." in output


def test_one_of_anything_is_said_as_one(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "boxes.csv"
    file.write_bytes(boxes_file("1,Hats,-,,A1,1,"))
    done = "1 box with 1 item, 1 shelf, 1 product and 0 sizes added; 0 boxes were here already, 0 have changed"
    code, output = flask(app, "boxes", str(file), "--warehouse", "Main", "--add-missing")
    assert (code, done in output) == (0, True), output
    code, output = flask(app, "boxes", str(file), "--warehouse", "Main")
    assert "0 boxes with 0 items, 0 shelves, 0 products and 0 sizes added; 1 box was here already" in output


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
    perishing = set(
        db.session.scalars(select(Product.name).where(Product.has_best_before, Product.assort_id.is_(None)))
    )
    edible = {"Cereal", "Chickpeas", "Food", "Milk", "Pasta", "Rice", "Sauce", "Sugar", "Vegetable oil"}
    assert perishing == edible
    assert f"Set them on the boxes of: {', '.join(sorted(edible))}." in output
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
    assert "445 boxes were here already, 1 has changed" in output
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


def test_two_who_import_the_same_file_at_once_import_it_once(app: Flask) -> None:
    make.product("Hats")
    make.shelf(make.warehouse("Main"), "A1")
    data = boxes_file(*(f"N{number},Hats,-,,A1,{number}," for number in range(40)))
    run = partial(importing_boxes.import_boxes, actor_id=None, data=data, warehouse="Main")
    answers = race(app, *[run] * 4)
    assert refused(answers, Conflict) < 4
    assert sum(report["boxes"] for report in answers if isinstance(report, dict)) == 40
    assert count(Box) == 40
    assert list(checks.problems(db.session)) == []


cells = st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["7", "-", "Male", "S", "A1", "12", "-1", "2.5", "", '"', "Mixed", "12-13 years", "😀", "1e9", "ﬃ" * 39]
)


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
