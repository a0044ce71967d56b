"""Labels through the pages: what a code leads to, printing, blank ones, and replacing a damaged one."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from logistics.db import db, transaction
from logistics.stock import receiving
from logistics.stock.labelling import blanks, linking
from logistics.stock.labelling.models import Label
from logistics.stock.models import Box, Product

from ..browsing import Browser, text_of
from . import kit, pdf


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


def make_blanks(count: int) -> Sequence[str]:
    made = blanks.make_blanks(actor_id=None, count=count)
    db.session.rollback()
    return blanks.blanks_of(db.session, datetime.fromisoformat(made))


def printed(browser: Browser, path: str) -> list[pdf.Page]:
    answer = browser.get(path)
    assert answer.mimetype == "application/pdf", text_of(answer.get_data(as_text=True))
    return pdf.pages(answer.data)


def words(browser: Browser, path: str) -> list[str]:
    return [word for page in printed(browser, path) for word in page.words]


# What a code leads to


def test_a_label_opens_its_box(at: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 5, code="AB 12")
    (blank,) = make_blanks(1)
    linking.link(actor_id=at.actor_id, label=blank, code=code)
    for path in ("/b/AB%2012", "/b/ab%2012", f"/b/{blank}", f"/stock/scan?code={blank}"):
        assert warehouse_staff.get(path).location == "/stock/boxes/AB%2012", path
    for typed in (blank, f" {blank} ", f"http://localhost/b/{blank}", "http://other.example/b/AB%2012"):
        for path, name in (("/stock/boxes", "q"), ("/stock/scan", "code")):
            assert warehouse_staff.get(path, query_string={name: typed}).location == "/stock/boxes/AB%2012", typed
    assert "Box AB 12" in warehouse_staff.page(f"/stock/boxes/{blank}")
    assert "+5 donated" in text_of(warehouse_staff.page(f"/stock/boxes/{blank}"))
    assert "5" in text_of(warehouse_staff.page(f"/stock/movements?box={blank}"))


@pytest.mark.parametrize("code", ["none", "x" * 300, "%F0%9F%98%80", "%25", "%FF%FE", "%2F%2F", "<b>"])
def test_a_code_of_nothing_says_so(at: kit.Depot, warehouse_staff: Browser, code: str) -> None:
    for path in (f"/b/{code}", f"/stock/scan?code={code}"):
        answer = warehouse_staff.get(path)
        assert answer.status_code == 404, path
        if "%2F" not in path or "scan" in path:
            page = answer.get_data(as_text=True)
            assert "No box and no label has the code" in text_of(page)
            assert "<b></h2>" not in page
    warehouse_staff.page("/b/%00", 404)
    warehouse_staff.page("/stock/scan?code=%00", 404)


def test_a_blank_label_asks_what_is_in_the_box(at: kit.Depot, warehouse_staff: Browser) -> None:
    (blank,) = make_blanks(1)
    for path in (f"/stock/boxes?q={blank}", f"/stock/scan?code={blank}"):
        assert warehouse_staff.get(path).location == f"/b/{blank}"
    page = warehouse_staff.page(f"/b/{blank}")
    assert "What is in this new box?" in text_of(page)
    assert f'href="/stock/boxes/new?code={blank}"' in page
    page = warehouse_staff.page(f"/stock/boxes/new?code={blank}")
    assert f"under label {blank}" in text_of(page)
    assert f'href="/stock/boxes/new?product={at.product_id}&amp;code={blank}"' in page
    assert f'name="code" value="{blank}"' in page  # while searching for the product
    page = warehouse_staff.page(f"/stock/boxes/new?product={at.product_id}&code={blank}")
    assert f'name="label" value="{blank}"' in page
    assert re.search(rf'name="code"[^>]*value="{blank}"', page)
    data = {"size_id": at.size, "quantity": "", "location_id": at.shelf, "code": blank, "label": blank}
    page = warehouse_staff.send("/stock/boxes", data, 422).get_data(as_text=True)
    assert f"under label {blank}" in text_of(page)
    answer = warehouse_staff.send("/stock/boxes", {**data, "quantity": "7"})
    assert answer.location == f"/stock/boxes/{blank}"
    assert f"Received into box {blank}." in text_of(warehouse_staff.page(answer.location))
    assert db.session.scalar(select(func.count()).select_from(Label)) == 0
    assert warehouse_staff.get(f"/b/{blank}").location == f"/stock/boxes/{blank}"
    kit.sound()


def test_a_blank_label_replaces_a_damaged_one_from_either_side(at: kit.Depot, warehouse_staff: Browser) -> None:
    code, other = kit.receive(at, 5), kit.receive(at, 6)
    first, second = make_blanks(2)
    answer = warehouse_staff.send(f"/b/{first}/link", {"code": f"http://localhost/b/{code}", "key": "a"})
    assert answer.location == f"/stock/boxes/{code}"
    assert f"Box {code} is found by label {first}" in text_of(warehouse_staff.page(answer.location))
    answer = warehouse_staff.send(f"/b/{first}/link", {"code": other, "key": "b"})
    assert answer.location == f"/stock/boxes/{code}"
    assert f"This is no blank label: it is on box {code}." in text_of(warehouse_staff.page(answer.location))
    page = warehouse_staff.send(f"/b/{second}/link", {"code": "none"}, 404).get_data(as_text=True)
    assert "There is no box of this code." in page
    assert 'value="none"' in page
    warehouse_staff.send("/b/none/link", {"code": code}, 404)

    page = warehouse_staff.page(f"/stock/labels?code={other}")
    assert "Is its label damaged?" in text_of(page)
    answer = warehouse_staff.send(f"/stock/boxes/{other}/label", {"label": second})
    assert answer.location == f"/stock/boxes/{other}"
    page = warehouse_staff.send(f"/stock/boxes/{other}/label", {"label": first}, 409).get_data(as_text=True)
    assert f"This is no blank label: it is on box {code}." in text_of(page)
    assert f"Print the label of box {other}" in text_of(page)
    for wrong in ("none", "x" * 300, "😀"):
        page = warehouse_staff.send(f"/stock/boxes/{other}/label", {"label": wrong}, 404).get_data(as_text=True)
        assert "There is no label of this code." in page
    warehouse_staff.send(f"/stock/boxes/{other}/label", {"label": "x" * 301}, 422)
    warehouse_staff.send(f"/stock/boxes/{other}/label", {"label": "a\x00"}, 422)
    warehouse_staff.send(f"/stock/boxes/{other}/label", {"label": ""}, 422)

    page = warehouse_staff.page(f"/stock/labels?code={second}")
    assert f"Print the label of box {other}" in text_of(page)
    answer = warehouse_staff.send(f"/stock/boxes/{other}/label/remove", {"label": second})
    assert f"Label {second} is blank again." in text_of(warehouse_staff.page(answer.location))
    warehouse_staff.send(f"/stock/boxes/{other}/label/remove", {"label": second}, 404)
    assert "blank" in text_of(warehouse_staff.page(f"/b/{second}"))
    kit.sound()


# Printing


def test_one_label_is_printed_from_the_box_page(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot("M", has_best_before=True)
    with transaction() as session:
        session.execute(update(Product).values(name_fr="Joggings", gender="Male"))
    code = kit.receive(at, 5, best_before=date(2027, 11, 24), code="A 1")
    page = warehouse_staff.page(f"/stock/boxes/{code}")
    assert 'href="/stock/labels?code=A%201"' in page
    assert "Print the label of box A 1" in text_of(warehouse_staff.page("/stock/labels?code=A%201"))
    path = "/stock/labels.pdf?code=a%201&sheet=62x29&first=1"
    (label,) = printed(warehouse_staff, path)
    assert label.words[:3] == ["A 1", "Joggers, men", "M"]
    assert "24 November 2027" in " ".join(label.words)
    assert len(label.dark) > 100
    warehouse_staff.get("/language/fr")
    assert "Joggings, hommes" in words(warehouse_staff, path)
    assert 'selected value="62x29"' in warehouse_staff.page("/stock/labels?code=A%201")  # as it was printed last


def test_a_list_of_boxes_is_printed(at: kit.Depot, warehouse_staff: Browser) -> None:
    for number in range(3):
        kit.receive(at, 5, size="S", code=f"S{number}")
    kit.receive(at, 5, size="M", code="M1")
    page = warehouse_staff.page("/stock/boxes?q=joggers+s&format=&page=1")
    path = re.search(r'href="(/stock/labels\?of=list[^"]*)"', page)
    assert path is not None
    assert path[1].replace("&amp;", "&") == "/stock/labels?of=list&q=joggers%20s"
    page = warehouse_staff.page(path[1].replace("&amp;", "&"))
    assert "Print 3 labels" in text_of(page)
    assert 'name="q" value="joggers s"' in page
    found = words(warehouse_staff, "/stock/labels.pdf?of=list&q=joggers+s&sheet=a4-24&first=23")
    assert [word for word in found if word.startswith("S") and word != "S"] == ["S2", "S1", "S0"]
    assert len(printed(warehouse_staff, "/stock/labels.pdf?of=list&q=joggers+s&sheet=a4-24&first=23")) == 2
    assert "nothing to print" in text_of(warehouse_staff.page("/stock/labels?of=list&q=nothing-like-it"))


def test_a_box_in_two_places_gets_one_label_and_a_long_list_is_cut(at: kit.Depot, warehouse_staff: Browser) -> None:
    with transaction() as session:
        rows = [receiving.ReceivedRow(f"B{n:03}", at.size, at.shelf, 4) for n in range(305)]
        receiving.receive_rows(session, rows, actor_id=None)
    page = warehouse_staff.page("/stock/labels?of=list")
    assert "Print 300 labels" in text_of(page)
    assert "These are the first 300 only" in text_of(page)
    warehouse_staff.send("/stock/boxes/B304/move", {"to": at.other_shelf, "quantity": 1})
    assert "Print 300 labels" in text_of(warehouse_staff.page("/stock/labels?of=list"))
    page = warehouse_staff.page("/stock/labels?of=list&q=B3")
    assert "Print 5 labels" in text_of(page)
    assert "B304 to B300" in text_of(page)


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("from=0998&to=10001", ["0998", "0999", "10000", "10001"]),
        ("from=0999&to=0999", ["0999"]),
        ("from=a&to=B", ["A"]),
        ("from=5&to=1", []),
        ("from=0999&to=", []),
        ("from=" + "x" * 300 + "&to=%F0%9F%98%80", []),
    ],
)
def test_a_range_is_printed(at: kit.Depot, warehouse_staff: Browser, asked: str, codes: list[str]) -> None:
    for code in ("0997", "0998", "0999", "10000", "10001", "10002", "A"):
        kit.receive(at, 1, code=code)
    page = text_of(warehouse_staff.page(f"/stock/labels?{asked}"))
    if codes:
        assert f"Print {len(codes)} label" in page
        found = words(warehouse_staff, f"/stock/labels.pdf?{asked}&sheet=62x29")
        assert [word for word in found if word in {"0997", "0998", "0999", "10000", "10001", "10002", "A"}] == codes
    else:
        assert "nothing to print" in page
        assert warehouse_staff.get(f"/stock/labels.pdf?{asked}").mimetype == "text/html"


def test_blank_labels_are_made_once_and_can_be_printed_again(at: kit.Depot, warehouse_staff: Browser) -> None:
    assert "Which labels shall be printed?" in text_of(warehouse_staff.page("/stock/labels"))
    answer = warehouse_staff.send("/stock/labels/blanks", {"count": "30", "key": "k"})
    assert warehouse_staff.send("/stock/labels/blanks", {"count": "30", "key": "k"}).location == answer.location
    codes = list(db.session.scalars(select(Label.code).order_by(Label.code)))
    assert len(codes) == 30
    page = text_of(warehouse_staff.page(answer.location))
    assert "Print 30 blank labels" in page
    assert f"{codes[0]} to {codes[-1]}" in page
    (made,) = parse_qs(urlsplit(answer.location).query)["made"]
    path = f"/stock/labels.pdf?made={made}&sheet=a4-24&first=1"
    assert words(warehouse_staff, path) == codes
    assert len(printed(warehouse_staff, path)) == 2
    kit.receive(at, 1, code=codes[3])
    assert words(warehouse_staff, path) == [code for code in codes if code != codes[3]]
    page = text_of(warehouse_staff.page("/stock/labels"))
    assert "29 blank labels" in page
    assert "Joe Warehouse" in page


@pytest.mark.parametrize("count", ["0", "-5", "1.5", "301", "1000000000000", "", "😀"])
def test_a_number_of_blanks_that_cannot_be_is_told_at_its_field(
    app: Flask, warehouse_staff: Browser, count: str
) -> None:
    page = warehouse_staff.send("/stock/labels/blanks", {"count": count}, 422).get_data(as_text=True)
    assert 'id="count-error"' in page
    assert db.session.scalar(select(func.count()).select_from(Label)) == 0


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("sheet=a4-8&first=9", "This sheet has 8 labels."),
        ("sheet=a4-24&first=0", "Enter a number from 1 to 24."),
        ("sheet=a4-24&first=x", "Enter a whole number."),
        ("sheet=a4-24&first=99999999999999", "Enter a"),
        ("sheet=none&first=1", "Choose what to print on."),
    ],
)
def test_a_sheet_that_cannot_be_is_told_at_its_field(
    at: kit.Depot, warehouse_staff: Browser, asked: str, error: str
) -> None:
    code = kit.receive(at, 1)
    page = warehouse_staff.page(f"/stock/labels.pdf?code={code}&{asked}", 422)
    assert error in text_of(page)
    assert f"Print the label of box {code}" in text_of(page)


@pytest.mark.parametrize("asked", ["code=none", "code=" + "x" * 300, "code=%F0%9F%98%80", "code=%00"])
def test_a_box_that_is_none_has_no_label(at: kit.Depot, warehouse_staff: Browser, asked: str) -> None:
    warehouse_staff.page(f"/stock/labels?{asked}", 404)
    warehouse_staff.page(f"/stock/labels.pdf?{asked}&sheet=a4-24", 404)


@pytest.mark.parametrize(
    "asked", ["boxes=x.-1.99999999999999", "made=yesterday", "made=20261124T101112.1", "boxes=9.9"]
)
def test_what_is_not_there_is_not_printed(at: kit.Depot, warehouse_staff: Browser, asked: str) -> None:
    assert "nothing to print" in text_of(warehouse_staff.page(f"/stock/labels?{asked}"))


# Who may


def test_only_those_who_see_stock_scan_and_print(at: kit.Depot, fundraiser: Browser, browser: Browser) -> None:
    code = kit.receive(at, 1)
    for path in (f"/b/{code}", "/stock/scan", "/stock/scan/look", "/stock/labels", f"/stock/labels.pdf?code={code}"):
        fundraiser.page(path, 403)
        assert browser.get(path).location.startswith("/sign-in?next=/"), path
    for path in ("/stock/labels/blanks", f"/b/{code}/link", f"/stock/boxes/{code}/label", "/stock/scan"):
        fundraiser.send(path, {"count": 1, "code": code, "label": code}, 403)
    assert db.session.scalar(select(func.count()).select_from(Label)) == 0
    assert db.session.scalar(select(func.count()).select_from(Box)) == 1
