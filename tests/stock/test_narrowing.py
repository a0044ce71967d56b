"""The list of boxes narrowed by whatever is known, with chosen columns, kept under names, downloaded; there and back."""

import csv
import io
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.clock import as_if, now
from logistics.db import db, transaction
from logistics.errors import Conflict, Invalid, NotFound
from logistics.stock import counting, moving, receiving
from logistics.stock.models import Box, Movement, Product, Size
from logistics.stock.narrowing import saving
from logistics.stock.narrowing.columns import COLUMNS, COMPLETE
from logistics.stock.narrowing.models import SavedFilter
from logistics.stock.spreadsheets.matching import first_mapping, look
from logistics.stock.spreadsheets.planning import import_file, plan
from logistics.stock.spreadsheets.reading import lines
from logistics.web.filters import today

from .. import make
from ..browsing import Browser, text_of
from ..conftest import empty_tables
from ..counting import queries
from ..racing import race, refused
from . import kit
from .files import count
from .test_spreadsheet_import import stock


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    """Boxes that differ in all that one can ask for: OLD, BOUGHT, DATED, KID, EMPTY and, on two shelves, NEW."""
    at = kit.depot("S", "M")
    with transaction() as session:
        session.execute(update(Product).values(gender="Male", name_fr="Joggings"))
    with as_if(now() - timedelta(days=100)):
        kit.receive(at, 5, code="OLD")
    with as_if(now() - timedelta(days=40)):
        kit.receive(at, 6, code="BOUGHT", size="M", source="bought", note="=1+1")
    kid = make.product("Toys", gender="Girl", category="Toys & Games", sizes=("One size",)).id
    food = make.product("Rice", category="Water", sizes=("One size",), has_best_before=True).id
    sizes = {product: size_of(product) for product in (kid, food)}
    receiving.receive_new_box(
        actor_id=at.actor_id,
        size_id=sizes[food],
        quantity=9,
        location_id=at.other_shelf,
        code="DATED",
        best_before=today() + timedelta(days=20),
    )
    receiving.receive_new_box(actor_id=at.actor_id, size_id=sizes[kid], quantity=3, location_id=at.shelf, code="KID")
    kit.receive(at, 2, code="EMPTY")
    counting.correct(actor_id=at.actor_id, code="EMPTY", location_id=at.shelf, seen=2, counted=0, reason="lost")
    kit.receive(at, 8, code="NEW")
    moving.move_box(actor_id=at.actor_id, code="NEW", from_id=at.shelf, to_id=at.other_shelf, quantity=3)
    return at


def size_of(product_id: int) -> int:
    db.session.rollback()
    return db.session.scalars(select(Size.id).where(Size.product_id == product_id)).one()


def table(browser: Browser, query: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(browser.page(f"/stock/boxes?format=csv&{query}").lstrip("\ufeff"))))


def codes(browser: Browser, query: str) -> set[str]:
    found = {row[0] for row in table(browser, query)[1:]}
    page = browser.page(f"/stock/boxes?{query}")
    assert found == {
        code for code in ("OLD", "BOUGHT", "DATED", "KID", "EMPTY", "NEW") if f'/stock/boxes/{code}"' in page
    }
    return found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "OLD BOUGHT DATED KID NEW"),
        ("gender=Girl", "KID"),
        ("gender=-", "DATED"),
        ("gender=Martian", "OLD BOUGHT DATED KID NEW"),
        ("category=Toys+%26+Games", "KID"),
        ("label=M", "BOUGHT"),
        ("state=empty", "EMPTY"),
        ("state=shelf", "OLD BOUGHT DATED KID NEW"),
        ("state=van", ""),
        ("state=way", ""),
        ("state=expired", ""),
        ("source=bought", "BOUGHT"),
        ("source=donated", "OLD DATED KID NEW"),
        ("source=delivery", ""),
        ("source=purchase", ""),
        ("source=import", ""),
        ("made=90", "OLD"),
        ("made=30", "OLD BOUGHT"),
        ("made=31", "OLD BOUGHT DATED KID NEW"),
        ("still=30&made=30", "OLD BOUGHT"),
        ("undated=1", "OLD BOUGHT KID NEW"),
        ("q=joggers&gender=Male&label=s", "OLD NEW"),
        ("state=empty&gender=Girl", ""),
        ("empty=1&label=S", "OLD EMPTY NEW"),
    ],
)
def test_boxes_are_found_by_all_that_is_known_of_them(
    at: kit.Depot, warehouse_staff: Browser, query: str, found: str
) -> None:
    assert codes(warehouse_staff, query) == set(found.split())


def test_a_date_and_a_van_narrow_too(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert codes(warehouse_staff, f"best={today() + timedelta(days=20)}") == {"DATED"}
    assert codes(warehouse_staff, f"best={today() + timedelta(days=19)}") == set()
    moving.move_box(actor_id=at.actor_id, code="OLD", from_id=at.shelf, to_id=at.other_shelf, quantity=1)
    assert codes(warehouse_staff, "still=30") == {"BOUGHT"}
    page = text_of(warehouse_staff.page("/stock/boxes?gender=Girl&made=30&source=donated&undated=1"))
    assert "girls · Donated · made at least a month ago · without a date" in page
    for nonsense in ("best=2026-99-99", "made=x", "columns=nothing", "still=-5", "gender=%F0%9F"):
        warehouse_staff.page(f"/stock/boxes?{nonsense}")


def test_what_is_on_the_page_is_what_is_downloaded(at: kit.Depot, warehouse_staff: Browser) -> None:
    query = "label=m&columns=code.product.quantity.note.source.moved"
    page = warehouse_staff.page(f"/stock/boxes?{query}")
    for heading in ("Box", "Product", "How many", "Note", "Source", "Last moved on"):
        assert f">{heading}</th>" in page
    assert ">=1+1</td>" in page
    day = today() - timedelta(days=40)
    wanted = [["Box", "Product", "How many", "Source", "Note", "Last moved on"]]
    wanted += [["BOUGHT", "Joggers", "6", "Bought", "'=1+1", day.isoformat()]]
    assert table(warehouse_staff, query) == wanted
    answer = warehouse_staff.get(f"/stock/boxes?{query}&format=xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="boxes.xlsx"'
    assert [list(line.cells) for line in lines(answer.data)] == wanted
    assert b"<f>" not in answer.data
    assert [row[0] for row in table(warehouse_staff, "")[1:]] == ["NEW", "NEW", "KID", "DATED", "BOUGHT", "OLD"]


def test_every_column_can_be_shown(at: kit.Depot, warehouse_staff: Browser) -> None:
    names = ".".join(COLUMNS)
    assert len(table(warehouse_staff, f"columns={names}")[0]) == len(COLUMNS)
    assert "On a shelf" in text_of(warehouse_staff.page(f"/stock/boxes?empty=1&columns={names}"))
    warehouse_staff.get("/language/fr")
    assert "Joggings" in warehouse_staff.page("/stock/boxes?columns=code.product")
    assert "Joggers" in warehouse_staff.page("/stock/boxes?columns=code.product.french")


def test_choosing_leads_to_an_address_that_can_be_shared(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = warehouse_staff.page("/stock/boxes/filter?gender=Girl&columns=code.note")
    assert '<option value="Girl" selected>' in page
    answer = warehouse_staff.get(
        "/stock/boxes/filter?do=show&gender=Girl&q=&columns=note&columns=code&label=&columns=nothing&x=y"
    )
    assert (answer.status_code, answer.location) == (303, "/stock/boxes?gender=Girl&columns=code.note")
    assert warehouse_staff.get("/stock/boxes/filter?do=show&q=").location == "/stock/boxes"
    shown = warehouse_staff.page("/stock/boxes?gender=Girl&columns=code.note")
    assert 'name="gender" value="Girl"' in shown, "the search on the list keeps it"


def test_a_filter_is_kept_under_a_name_by_each_for_themselves(
    at: kit.Depot, warehouse_staff: Browser, coordinator: Browser
) -> None:
    query = "gender=Girl&columns=code.note"
    answer = warehouse_staff.send(f"/stock/boxes/filters?{query}", {"name": "Toys", "key": "a"})
    assert answer.location == f"/stock/boxes?{query}"
    page = warehouse_staff.page("/stock/boxes/filter")
    assert f'href="/stock/boxes?{query.replace("&", "&amp;")}">Toys</a>' in page
    assert "Toys</a>" not in coordinator.page("/stock/boxes/filter")
    warehouse_staff.send("/stock/boxes/filters?gender=Boy", {"name": " TOYS ", "key": "b"})
    assert db.session.scalars(select(SavedFilter.query)).all() == ["gender=Boy"]
    refusal = warehouse_staff.send(f"/stock/boxes/filters?{query}", {"name": " ", "key": "c"}, 422)
    assert "Fill this in." in refusal.get_data(as_text=True)
    warehouse_staff.send("/stock/boxes/filters", {"name": "All", "key": "d"}, 422)
    kept = db.session.scalars(select(SavedFilter.id)).one()
    coordinator.send(f"/stock/boxes/filters/{kept}/delete", {"key": "e"}, 404)
    warehouse_staff.send(f"/stock/boxes/filters/{kept}/delete", {"key": "f"})
    assert count(SavedFilter) == 0


def test_filters_are_so_many_and_two_at_once_are_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = make.person("warehouse").id
    answers = race(app, *[partial(saving.save, actor_id=person_id, name="Mine", query=f"q={n}") for n in range(4)])
    assert (refused(answers, Conflict), count(SavedFilter)) == (0, 1)
    monkeypatch.setattr(saving, "MOST", 1)
    with pytest.raises(Conflict):
        saving.save(actor_id=person_id, name="Other", query="q=1")
    with pytest.raises(Invalid):
        saving.save(actor_id=person_id, name="x" * 61, query="q=1")
    with pytest.raises(Invalid):
        saving.save(actor_id=person_id, name="Long", query="q=" + "x" * 1000)
    with pytest.raises(NotFound):
        saving.delete(actor_id=person_id, filter_id=999_999)


def test_the_plain_list_asks_no_more_than_before_and_any_list_as_much_at_any_size(
    at: kit.Depot, warehouse_staff: Browser
) -> None:
    paths = ("/stock/boxes", "/stock/boxes?gender=Male&still=30&columns=code.moved.note", "/stock/boxes/filter")

    def counts() -> list[int]:
        found = []
        for path in paths:
            with queries() as sent:
                warehouse_staff.page(path)
            found.append(len([each for each in sent if each != "BEGIN"]))
        return found

    counts()
    before = counts()
    assert before[0] == 3
    for number in range(60):
        kit.receive(at, 1, code=f"X{number}")
    assert counts() == before


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_our_own_list_comes_back_as_it_was(
    app: Flask, at: kit.Depot, warehouse_staff: Browser, kind: str, language: str
) -> None:
    receiving.receive_new_box(
        actor_id=at.actor_id, size_id=at.size, quantity=1, location_id=at.shelf, code="0007", note='\'=a, "b"\n-c'
    )
    warehouse_staff.get(f"/language/{language}")
    download = warehouse_staff.get(f"/stock/boxes?empty=1&format={kind}").data
    before = stock()
    assert len(before) == 8
    mapping = first_mapping(db.session, look(download))[0]
    assert len(mapping.columns) == len(COMPLETE)
    here = plan(db.session, download, "Elsewhere", mapping)[0]
    assert (here.unchanged, here.new, here.changed, here.bad) == (7, [], [], [])
    empty_tables(app)
    db.session.rollback()
    done = take(download)
    assert done["boxes"] == 7
    assert stock() == before
    assert db.session.scalars(select(Product.name_fr).where(Product.name == "Joggers")).one() == "Joggings"
    moved = count(Movement)
    assert take(download)["boxes"] == 0
    again = plan(db.session, download, "Elsewhere", mapping)[0]
    assert (again.unchanged, again.changed) == (7, [])
    assert count(Movement) == moved
    assert stock() == before
    kit.sound()


def take(data: bytes) -> dict[str, Any]:
    mapping = first_mapping(db.session, look(data))[0]
    return import_file(actor_id=None, data=data, warehouse="Elsewhere", mapping=mapping.plain(), add_missing=True)


def test_what_is_exported_says_days_as_days(at: kit.Depot, warehouse_staff: Browser) -> None:
    best = today() + timedelta(days=20)
    assert [row[7] for row in table(warehouse_staff, "q=rice")[1:]] == [best.isoformat()]
    assert db.session.scalar(select(Box.best_before).where(Box.code == "DATED")) == best
    assert isinstance(best, date)
