"""Transfers through the pages: preparing, sending, receiving, explaining."""

from typing import Any

import pytest
from sqlalchemy import select

from logistics.db import db, transaction
from logistics.stock import receiving
from logistics.stock.models import TRANSIT_ID, Product, Size, Unit
from logistics.stock.transfers.models import Transfer, TransferLine

from .. import make
from ..browsing import Browser, text_of
from . import kit, pdf
from .test_transfers import line_ids, prepare, receive, send, sent


@pytest.fixture
def at(app: Any) -> kit.Depot:
    return kit.depot("S", "M")


@pytest.fixture
def there(at: kit.Depot) -> int:
    return make.shelf(make.warehouse("Depot in Dunkirk"), "Z1").id


def number(path: str) -> int:
    return int(path.rpartition("/")[2])


def test_a_box_goes_from_its_page_to_the_other_shelf(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20, size="S")
    assert f"/stock/transfers/new?box={code}" in warehouse_staff.page(f"/stock/boxes/{code}")
    page = warehouse_staff.page(f"/stock/transfers/new?box={code}")
    assert code in page
    assert f'<option selected value="{at.warehouse_id}">' in page
    new = {"from_id": at.warehouse_id, "to_id": kit.site_of(there), "note": "Van on Friday", "codes": code}
    path = warehouse_staff.send("/stock/transfers/new", new).location
    page = text_of(warehouse_staff.page(path))
    assert "Being prepared" in page
    assert "Van on Friday" in page
    assert code in page
    line = line_ids(number(path))[0]
    refused = warehouse_staff.send(f"{path}/lines/{line}", {"quantity": "1.5"}, 422).get_data(as_text=True)
    assert "Enter a whole number." in refused
    assert 'value="1.5"' in refused
    warehouse_staff.send(f"{path}/lines/{line}", {"quantity": "15"})
    warehouse_staff.send(f"{path}/send")
    page = text_of(warehouse_staff.page(path))
    assert "15 of 15 on the way" in page
    box = text_of(warehouse_staff.page(f"/stock/boxes/{code}"))
    assert "and 15 on the way to Depot in Dunkirk" in box
    assert "sent to Depot in Dunkirk, from C4" in box
    assert "15 on the way between warehouses" in text_of(warehouse_staff.page("/stock"))
    product = text_of(warehouse_staff.page(f"/stock/products/{at.product_id}"))
    assert "15 on the way to Depot in Dunkirk" in product
    assert "On the way to another warehouse" in text_of(warehouse_staff.page("/stock/boxes"))
    page = warehouse_staff.page(f"{path}/receive")
    assert f'name="seen_{line}" value="15"' in page
    sent_form = {"shelf_id": there, f"arrived_{line}": "12", f"shelf_{line}": "0", f"seen_{line}": "15"}
    warehouse_staff.send(f"{path}/receive", sent_form)
    page = text_of(warehouse_staff.page(path))
    assert "12 arrived, put on Z1" in page
    missing = warehouse_staff.page(f"{path}/lines/{line}/missing")
    assert "3 are still on the way" in text_of(missing)
    warehouse_staff.send(f"{path}/lines/{line}/missing", {"quantity": "3", "seen": "3", "reason": "lost"})
    page = text_of(warehouse_staff.page(path))
    assert "Closed" in page
    assert "3 missing: lost" in page
    movements = text_of(warehouse_staff.page("/stock/movements"))
    assert "lost, on the way to Depot in Dunkirk" in movements
    assert "arrived, on Z1" in movements
    assert kit.level(code, there) == 12
    kit.sound()


def test_a_refused_line_says_why_on_the_page(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    code = kit.receive(at, 20, size="S")
    kit.plan(at, kit.distribution(at), 15, {"S": 1})
    path = f"/stock/transfers/{prepare(at, there, code)}"
    page = text_of(warehouse_staff.send(f"{path}/send", status=409).get_data(as_text=True))
    assert "be sent, so nothing was. It says why." in page
    assert "Of this size only 5 are free to leave the warehouse; the others are promised." in page
    assert "Being prepared" in page


def test_boxes_are_added_by_code_and_from_the_list(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    first, second, third = (kit.receive(at, 4, size="S") for _ in range(3))
    path = f"/stock/transfers/{prepare(at, there)}"
    assert "Nothing is on it yet." in text_of(warehouse_staff.page(path))
    refused = warehouse_staff.send(f"{path}/boxes", {"codes": f"{first}\nNOWHERE"}, 422).get_data(as_text=True)
    assert "No box and no label has this code." in refused
    assert f"{first}\nNOWHERE" in refused.replace("\r", "")
    warehouse_staff.send(f"{path}/boxes", {"codes": first})
    page = warehouse_staff.page(f"{path}/choose?q={first}")
    assert "on the list already" in page
    assert third not in page
    warehouse_staff.send(f"{path}/choose", {"codes": [second, third]})
    assert len(line_ids(number(path))) == 3
    refused = warehouse_staff.send(f"{path}/choose", status=422).get_data(as_text=True)
    assert "Scan or type at least one code." in refused
    line = line_ids(number(path))[0]
    warehouse_staff.send(f"{path}/lines/{line}/remove")
    assert first not in text_of(warehouse_staff.page(path))
    warehouse_staff.send(f"{path}/cancel")
    assert "Called off" in text_of(warehouse_staff.page(path))
    assert warehouse_staff.get(f"{path}/choose").location == path
    assert warehouse_staff.send(f"{path}/choose", {"codes": [first]}).location == path


def test_scanned_boxes_become_a_transfer(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    codes = "\n".join(kit.receive(at, 4, size="S") for _ in range(2))
    refused = warehouse_staff.send("/stock/scan", {"do": "transfer", "codes": codes, "warehouse_id": ""}, 422)
    assert "Choose a warehouse." in refused.get_data(as_text=True)
    same = {"do": "transfer", "codes": codes, "warehouse_id": at.warehouse_id}
    refused = warehouse_staff.send("/stock/scan", same, 422)
    assert "Choose another warehouse than the one it comes from." in refused.get_data(as_text=True)
    answer = warehouse_staff.send("/stock/scan", {**same, "warehouse_id": kit.site_of(there)})
    made = db.session.scalars(select(Transfer.id)).one()
    assert f"/stock/transfers/{made}" in warehouse_staff.page(answer.location)
    assert len(line_ids(made)) == 2


def test_what_is_wrong_with_what_arrived_is_told_at_its_line(
    at: kit.Depot, there: int, warehouse_staff: Browser
) -> None:
    code = kit.receive(at, 20, size="S")
    transfer = sent(at, there, code)
    path, line = f"/stock/transfers/{transfer}", line_ids(transfer)[0]
    form = {"shelf_id": there, f"shelf_{line}": "0", f"seen_{line}": "20"}
    for typed, said, status in (
        ("21", "Only 20 are on the way. What is more, write down as found.", 422),
        ("-5", "Enter a number from 0 to 1000000.", 422),
        ("1000000000000", "Enter a number from 0 to 1000000.", 422),
        ("", "Say of at least one line how many arrived.", 422),
    ):
        page = warehouse_staff.send(f"{path}/receive", {**form, f"arrived_{line}": typed}, status)
        assert said in page.get_data(as_text=True)
        assert f'value="{typed}"' in page.get_data(as_text=True)
    page = warehouse_staff.send(f"{path}/receive", {**form, "shelf_id": "", f"arrived_{line}": "3"}, 422)
    assert "Choose a shelf." in page.get_data(as_text=True)
    receive(at, transfer, there, l0=5)
    page = warehouse_staff.send(f"{path}/receive", {**form, f"arrived_{line}": "3"}, 409).get_data(as_text=True)
    assert "Somebody wrote down some of this meanwhile: 15 are on the way." in page
    assert f'name="seen_{line}" value="15"' in page
    everything = {**form, f"seen_{line}": "15", f"arrived_{line}": "", "everything": "y"}
    assert warehouse_staff.send(f"{path}/receive", everything).location == path
    assert warehouse_staff.send(f"{path}/receive", everything).location == path
    assert "This transfer is closed" in text_of(warehouse_staff.page(path))
    assert warehouse_staff.get(f"{path}/receive").location == path
    assert warehouse_staff.get(f"{path}/lines/{line}/missing").location == path
    kit.sound()


def test_more_is_found_undone_and_taken_back_on_the_page(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    code, second = kit.receive(at, 20, size="S"), kit.receive(at, 3, size="M")
    transfer = sent(at, there, code, second)
    path, (line, other) = f"/stock/transfers/{transfer}", line_ids(transfer)
    more = {"quantity": "2", "shelf_id": there, "reason": "", "note": "under the seat"}
    refused = warehouse_staff.send(f"{path}/lines/{line}/more", more, 422).get_data(as_text=True)
    assert "Choose why the number is another." in refused
    assert "under the seat" in refused
    warehouse_staff.send(f"{path}/lines/{line}/more", {**more, "reason": "found"})
    page = warehouse_staff.page(path)
    assert "2 more than sent" in text_of(page)
    act = page.split(f"{path}/undo/")[1].split('"')[0]
    warehouse_staff.send(f"{path}/undo/{act}")
    assert "2 more than sent" not in text_of(warehouse_staff.page(path))
    assert "This was undone already." in text_of(
        warehouse_staff.send(f"{path}/undo/{act}", status=409).get_data(as_text=True)
    )
    warehouse_staff.send(f"{path}/lines/{other}/take-back")
    assert "3 never left" in text_of(warehouse_staff.page(path))
    warehouse_staff.send(f"{path}/take-back")
    assert "Closed" in text_of(warehouse_staff.page(path))
    assert (kit.level(code, at.shelf), kit.level(code, TRANSIT_ID)) == (20, 0)
    kit.sound()


def test_the_list_and_its_downloads(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    assert "Nothing has gone from one warehouse to another yet." in text_of(warehouse_staff.page("/stock/transfers"))
    code = kit.receive(at, 20, size="S")
    gone, waits = sent(at, there, code), prepare(at, there, note="=HYPERLINK(1)")
    page = warehouse_staff.page("/stock/transfers")
    assert page.index(f"/stock/transfers/{gone}") < page.index(f"/stock/transfers/{waits}")
    assert "20 of 20 on the way" in text_of(page)
    assert f"/stock/transfers/{gone}" not in warehouse_staff.page("/stock/transfers?state=prepared")
    assert "No transfer fits that." in text_of(warehouse_staff.page("/stock/transfers?state=cancelled"))
    lines = warehouse_staff.page("/stock/transfers?format=csv").strip().splitlines()
    assert lines[0] == "\ufeffTransfer,From,To,State,Boxes,Pieces,On the way,Prepared,Sent,Closed,Note"
    assert lines[1].startswith(f"{gone},")
    assert ",Depot in Dunkirk,On the way,1,20,20," in lines[1]
    assert lines[2].endswith(",'=HYPERLINK(1)")
    lines = warehouse_staff.page(f"/stock/transfers/{gone}?format=csv").strip().splitlines()
    assert lines[1] == f"{gone},{code},Joggers,S,C4,20,0,0,0,0,20"


def test_what_comes_of_a_long_transfer_is_written_page_by_page(
    at: kit.Depot, there: int, warehouse_staff: Browser
) -> None:
    codes = [kit.receive(at, 2, size="S") for _ in range(53)]
    transfer = sent(at, there, *codes)
    path, ids = f"/stock/transfers/{transfer}", line_ids(transfer)
    first, second = warehouse_staff.page(f"{path}/receive"), warehouse_staff.page(f"{path}/receive?page=2")
    assert (first.count('name="seen_'), second.count('name="seen_')) == (50, 3)
    assert "also those on other pages" in first
    form = {"shelf_id": there, f"arrived_{ids[-1]}": "3", f"seen_{ids[-1]}": "2"}
    refused = warehouse_staff.send(f"{path}/receive?page=2", form, 422).get_data(as_text=True)
    assert "Only 2 are on the way." in refused
    assert refused.count('name="seen_') == 1
    everything = {"shelf_id": there, "everything": "y", f"arrived_{ids[-1]}": "1", f"seen_{ids[-1]}": "2"}
    warehouse_staff.send(f"{path}/receive?page=2", everything)
    assert "1 of 106 on the way" in text_of(warehouse_staff.page(path))


def test_grams_are_not_added_to_pieces(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    rice_id = make.product("Rice").id
    with transaction() as session:
        session.get_one(Product, rice_id).unit = Unit.GRAM
        size_id = session.scalars(select(Size.id).where(Size.product_id == rice_id)).one()
    rice = receiving.receive_new_box(actor_id=at.actor_id, size_id=size_id, quantity=5000, location_id=at.shelf)
    both = prepare(at, there, kit.receive(at, 3, size="S"), rice)
    assert "3 pieces Transfer" in text_of(warehouse_staff.page(f"/stock/transfers/{both}"))
    alone = prepare(at, there, rice)
    assert "1 box Transfer" in text_of(warehouse_staff.page(f"/stock/transfers/{alone}"))
    page = text_of(warehouse_staff.page("/stock/transfers"))
    assert "2 boxes, 3 pieces" in page
    assert "5,00" not in page


def test_the_paper_lists_every_box_on_as_many_pages_as_it_takes(
    at: kit.Depot, there: int, warehouse_staff: Browser
) -> None:
    codes = [kit.receive(at, 3, size="S") for _ in range(60)]
    transfer = prepare(at, there, *codes)
    answer = warehouse_staff.get(f"/stock/transfers/{transfer}/manifest.pdf")
    assert answer.mimetype == "application/pdf"
    pages = pdf.pages(answer.get_data())
    assert len(pages) == 3
    words = "".join(word for page in pages for word in page.words)
    assert all(code in words for code in codes)
    assert "Not sent yet" in words
    assert "60 boxes, 180 pieces" in words
    send(at, transfer)
    assert warehouse_staff.get(f"/stock/transfers/{transfer}/manifest.pdf").status_code == 200


def test_what_is_not_there_is_not_found(at: kit.Depot, there: int, warehouse_staff: Browser) -> None:
    transfer = prepare(at, there, kit.receive(at, 3, size="S"))
    for path in ("999999", "999999/receive", "999999/choose", "999999/manifest.pdf", f"{transfer}/lines/999999/more"):
        warehouse_staff.page(f"/stock/transfers/{path}", 404)
    line = db.session.scalars(select(TransferLine.id)).one()
    assert warehouse_staff.get(f"/stock/transfers/{transfer}/lines/{line}/more").status_code == 303
    warehouse_staff.page("/stock/transfers/new?box=nowhere", 404)
    warehouse_staff.send(f"/stock/transfers/{transfer}/lines/0/take-back", status=404)
