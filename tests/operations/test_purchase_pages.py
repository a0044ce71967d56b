"""Purchases through the pages: recording one, putting what came into boxes, what else may be done."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.stock.purchases.models import Purchase

from ..browsing import Browser, text_of
from ..giving.helpers import fund
from ..stock import kit
from .test_purchases import buy, come, left, line_ids, sound, spent


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot("S", "M")


@pytest.fixture
def winter(at: kit.Depot) -> int:
    return fund("Winter", given=100_00)


def form(winter: int, **changed: Any) -> dict[str, Any]:
    return {
        "supplier": "Outdoor Shop",
        "bought_on": "2026-11-20",
        "fund": str(winter),
        "currency": "gbp",
        "what_0": "joggers: s",
        "packs_0": "6",
        "size_0": "12",
        "price_0": "8",
        "what_1": " Joggers:  M",
        "packs_1": "3",
        "size_1": "",
        "price_1": "1.50",
        "carriage": "2",
        "amount": "54.50",
        "note": "",
        **changed,
    }


def test_from_the_bill_to_the_box(at: kit.Depot, winter: int, fundraiser: Browser, warehouse_staff: Browser) -> None:
    page = fundraiser.page("/purchases/new")
    assert '<option value="Joggers: M">' in page
    assert "Winter: £100 left" in page
    path = fundraiser.send("/purchases/new", form(winter)).location
    assert spent(winter) == 54_50
    page = text_of(fundraiser.page(path))
    for said in ("£54.50 out of Winter", "6 packs of 12 at £8 · £48", "3 at £1.50 each", "0 of 72 came"):
        assert said in page
    assert "Some came" not in page
    purchase = int(path.rpartition("/")[2])
    first, _second = line_ids(purchase)
    page = warehouse_staff.page(path)
    assert "Some came" in page
    assert 'name="seen" value="72"' in page
    sent = {"seen": "72", "quantity": "20", "boxes": "2", "location_id": at.shelf, "code": ""}
    warehouse_staff.send(f"{path}/lines/{first}/receive", sent)
    page = warehouse_staff.page(path)
    assert "40 of 72 came" in text_of(page)
    box = page.split("/stock/boxes/")[1].split('"')[0]
    said = text_of(warehouse_staff.page(f"/stock/boxes/{box}"))
    assert "Bought: Outdoor Shop" in said
    trace = warehouse_staff.page(f"/stock/boxes/{box}/trace")
    assert "A purchase that came on" in trace
    assert path in trace
    refused = warehouse_staff.send(f"{path}/lines/{first}/receive", sent, 409).get_data(as_text=True)
    assert "Somebody received some of this meanwhile: 32 are to come." in refused
    assert 'name="seen" value="32"' in refused
    for typed, said in (("1.5", "Enter a whole number."), ("33", "Only 32 of these were bought")):
        again = {**sent, "seen": "32", "boxes": "1", "quantity": typed}
        refused = warehouse_staff.send(f"{path}/lines/{first}/receive", again, 422).get_data(as_text=True)
        assert said in refused
        assert f'value="{typed}"' in refused
    warehouse_staff.send(f"{path}/close")
    assert "The rest does not come" in text_of(warehouse_staff.page(path))
    assert "This purchase is closed" in text_of(
        warehouse_staff.send(f"{path}/close", status=409).get_data(as_text=True)
    )
    warehouse_staff.send(f"{path}/reopen")
    assert left(purchase) == [32, 3]
    sound()


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"amount": "54"}, 422, "The lines add up to £54.50."),
        ({"amount": "abc"}, 422, "Enter an amount such as 12 or 12.50."),
        ({"price_0": "800", "amount": "4806.50"}, 409, "Only £100.00 is left in this fund."),
        ({"what_0": "Trousers: S"}, 422, "Choose a product and size from the list."),
        ({"packs_0": ""}, 422, "Enter a whole number."),
        ({"packs_0": "-5"}, 422, "Enter a number from 1 to 1000000."),
        ({"price_0": ""}, 422, "Enter an amount such as 12 or 12.50."),
        ({"fund": ""}, 422, "Choose a fund."),
        ({"fund": "999999"}, 422, "Choose one of the funds on the list."),
        ({"supplier": " "}, 422, "Fill this in."),
        ({"bought_on": "1999-01-01"}, 422, "Enter a year between 2000 and 2100."),
        ({"currency": "usd"}, 422, "Choose pounds or euros."),
        ({"what_0": "", "packs_0": "", "size_0": "", "price_0": "", "what_1": "", "packs_1": "", "price_1": ""}, 422,
         "Say of at least one product how many were bought."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    at: kit.Depot, winter: int, coordinator: Browser, changed: dict[str, str], status: int, said: str
) -> None:
    page = coordinator.send("/purchases/new", form(winter, note="keep this", **changed), status).get_data(as_text=True)
    assert said in page
    assert "keep this" in page
    assert (spent(winter), db.session.scalars(select(Purchase)).all()) == (0, [])


def test_the_same_form_sent_twice_buys_once(at: kit.Depot, winter: int, fundraiser: Browser) -> None:
    for _ in range(2):
        fundraiser.send("/purchases/new", form(winter, key="k" * 16))
    assert spent(winter) == 54_50


def test_who_may_do_what(
    at: kit.Depot, winter: int, warehouse_staff: Browser, volunteer: Browser, fundraiser: Browser
) -> None:
    purchase = buy(at, winter)
    path, line = f"/purchases/{purchase}", line_ids(purchase)[0]
    warehouse_staff.page("/purchases/new", 403)
    warehouse_staff.send(f"{path}/withdraw", status=403)
    fundraiser.send(f"{path}/lines/{line}/receive", status=403)
    for address in ("/purchases", path):
        volunteer.page(address, 403)
    assert "Entered by mistake?" not in warehouse_staff.page(path)
    assert "Entered by mistake?" in fundraiser.page(path)
    fundraiser.send(f"{path}/withdraw")
    assert spent(winter) == 0
    assert "Taken back" in text_of(fundraiser.page(path))


def test_the_list_its_search_and_its_downloads(at: kit.Depot, winter: int, fundraiser: Browser) -> None:
    assert "Nothing that was bought is still to come." in text_of(fundraiser.page("/purchases"))
    done = buy(at, winter, note="=HYPERLINK(1)")
    come(at, done, 72)
    waits = buy(at, winter, supplier="Tents Ltd")
    page = fundraiser.page("/purchases")
    assert f"/purchases/{waits}" in page
    assert f"/purchases/{done}" not in page
    page = text_of(fundraiser.page("/purchases?show=all"))
    assert "72 of 72 came" in page
    assert "Tents Ltd" not in fundraiser.page("/purchases?show=all&q=outdoor")
    assert "No purchase fits that." in text_of(fundraiser.page("/purchases?q=outdoor"))
    lines = fundraiser.page("/purchases?show=all&format=csv").strip().splitlines()
    assert lines[0].startswith("\ufeffPurchase,Day,From whom,Amount,Currency,Fund,Units bought,Came")
    assert lines[2].endswith(",Outdoor Shop,48.00,GBP,Winter,72,72,,,'=HYPERLINK(1)")
    lines = fundraiser.page(f"/purchases/{done}?format=csv").strip().splitlines()
    assert lines[1] == f"{done},Joggers,S,6,12,8.00,GBP,72,72"


def test_spends_lead_to_their_purchases(at: kit.Depot, winter: int, fundraiser: Browser) -> None:
    purchase = buy(at, winter)
    spend_id = db.session.scalars(select(Purchase.spend_id)).one()
    page = fundraiser.page("/giving/spends")
    assert f"/purchases/of-spend/{spend_id}" in page
    assert f"/giving/spends/{spend_id}/withdraw" not in page
    assert fundraiser.get(f"/purchases/of-spend/{spend_id}").location == f"/purchases/{purchase}"
    assert "Outdoor Shop" in fundraiser.page("/giving/spends?format=csv")
    for path in ("/purchases/of-spend/999999", "/purchases/999999", "/purchases/99999999999"):
        fundraiser.page(path, 404)


def test_the_value_of_stock_says_what_was_paid(at: kit.Depot, winter: int, warehouse_staff: Browser) -> None:
    come(at, buy(at, winter), 36)
    assert "worth £24" in text_of(warehouse_staff.page("/stock/as-of"))
    assert "worth £24" in text_of(warehouse_staff.page("/stock/figures"))
    lines = warehouse_staff.page("/stock/as-of?format=csv").strip().splitlines()
    assert lines[0].endswith(",On hand,Value in pounds,Value in euros")
    assert lines[1].endswith(",36,24.00,")
