"""What is past its date, on the pages: how many, where, and the way to write it off."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from logistics.db import db
from logistics.stock import checks
from logistics.web.filters import today

from ..browsing import Browser, text_of
from . import kit


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    """20 on hand: 5 are past their date, 10 of the rest are promised."""
    at = kit.depot(has_best_before=True)
    kit.receive(at, 5, code="OLD", best_before=today() - timedelta(days=3))
    kit.receive(at, 15, code="GOOD", best_before=today() + timedelta(days=90))
    kit.planned(at, 10)
    return at


def test_the_stock_page_says_how_many_and_leads_to_their_boxes(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = warehouse_staff.page("/stock")
    assert "5 pieces are free to plan with 20 on hand, 10 promised to distributions 5 past their date" in text_of(page)
    link = f"/stock/boxes?expired=1&product={at.product_id}&warehouse={at.warehouse_id}"
    assert link.replace("&", "&amp;") in page
    boxes = text_of(warehouse_staff.page(link))
    assert " OLD " in boxes
    assert " GOOD " not in boxes
    assert "None of this may be given out." in boxes
    download = warehouse_staff.page("/stock?format=csv").splitlines()
    assert download[0].endswith("On hand,Promised,Past their date,Available")
    assert download[1].endswith("20,10,5,5")


def test_the_product_page_says_how_many(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = text_of(warehouse_staff.page(f"/stock/products/{at.product_id}"))
    assert "5 free to plan with 20 on hand, 10 promised to distributions 5 past their date" in page
    assert "(10 promised) · 5 past their date" in page


def test_a_box_past_its_date_is_written_off_in_two_taps(at: kit.Depot, warehouse_staff: Browser) -> None:
    page = warehouse_staff.page("/stock/boxes/OLD")
    assert "20 of this size, 10 promised, 5 free, 5 past their date" in text_of(page)
    assert "Past its date: nothing of this may be given out." in text_of(page)
    assert "/stock/boxes/OLD?write-off=1#count" in page
    page = warehouse_staff.page("/stock/boxes/OLD?write-off=1")
    form = re.search(r'(?s)<details class="act-form" name="act" id="count" open>.*?</details>', page)
    assert form is not None
    assert re.search(r'name="counted"[^>]*value="0"', form[0])
    assert '<option selected value="expired">' in form[0]
    fields = dict(re.findall(r'<input[^>]*type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    fields.pop("csrf_token", None)
    warehouse_staff.send("/stock/boxes/OLD/adjust", {**fields, "counted": 0, "reason": "expired"})
    assert (kit.stock(at), kit.expired(at)) == ((15, 10), 0)
    page = text_of(warehouse_staff.page("/stock/boxes/OLD"))
    assert "−5 past its date, C4" in page
    assert "Write it off" not in page
    assert "Write it off" not in warehouse_staff.page("/stock/boxes/GOOD")
    assert "past their date" not in text_of(warehouse_staff.page("/stock"))
    assert list(checks.problems(db.session)) == []


def test_who_may_not_move_stock_is_not_led_to_a_form(at: kit.Depot, coordinator: Browser) -> None:
    page = coordinator.page("/stock/boxes/OLD?write-off=1")
    assert "Past its date: nothing of this may be given out." in page
    assert ("Write it off" in page) == ('action="/stock/boxes/OLD/adjust"' in page)
