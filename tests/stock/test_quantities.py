"""How many, on the pages: said in packs, or in kilos where a product is weighed; one field for all forms."""

from typing import Any

import pytest
from flask import Flask

from logistics.db import transaction
from logistics.stock.models import Product

from ..browsing import Browser, text_of
from . import kit


def depot(**fields: Any) -> kit.Depot:
    at = kit.depot()
    with transaction() as session:
        product = session.get_one(Product, at.product_id)
        for name, value in fields.items():
            setattr(product, name, value)
    return at


@pytest.fixture
def packed(app: Flask) -> kit.Depot:
    return depot(pack_size=12)


@pytest.fixture
def weighed(app: Flask) -> kit.Depot:
    return depot(unit="gram")


def said(browser: Browser, path: str, data: dict[str, Any], status: int = 303) -> str:
    return text_of(browser.send(path, data, status).get_data(as_text=True))


def test_a_box_is_received_and_changed_in_packs(packed: kit.Depot, warehouse_staff: Browser) -> None:
    page = warehouse_staff.page(f"/stock/boxes/new?product={packed.product_id}")
    assert '<option value="x12" data-each="12">packs of 12</option>' in page
    new = {"size_id": packed.size, "location_id": packed.shelf, "source": "donated"}
    path = warehouse_staff.send("/stock/boxes", {**new, "quantity": "6", "quantity_in": "x12"}).location
    code, here = path.rsplit("/", 1)[1], {"from": packed.shelf}
    assert kit.level(code, packed.shelf) == 72
    said(warehouse_staff, f"{path}/receive", {"quantity": "2 x 10", "location_id": packed.shelf, "source": "donated"})
    assert kit.level(code, packed.shelf) == 92
    said(warehouse_staff, f"{path}/take-out", {**here, "quantity": "1 pack"})
    assert kit.level(code, packed.shelf) == 80
    counted = {"location": packed.shelf, "reason": "found", "counted": "7 packs of 12"}
    said(warehouse_staff, f"{path}/adjust", counted)
    assert kit.level(code, packed.shelf) == 84
    kit.sound()


def test_what_is_weighed_takes_kilos_and_what_is_not_says_so(weighed: kit.Depot, warehouse_staff: Browser) -> None:
    new = {"size_id": weighed.size, "location_id": weighed.shelf, "source": "donated"}
    for typed, chosen in (("2.5 kg", ""), ("2,5", "kg"), ("2500", "")):
        sent = {**new, "quantity": typed, "quantity_in": chosen}
        path = warehouse_staff.send("/stock/boxes", sent).location
        assert kit.level(path.rsplit("/", 1)[1], weighed.shelf) == 2500
    refused = said(warehouse_staff, "/stock/boxes", {**new, "quantity": "2 litres"}, 422)
    assert "This is counted in grams" in refused
    take = {"from": weighed.shelf, "quantity": "1,500", "quantity_in": "kg"}
    answer = warehouse_staff.send(f"{path}/take-out", take, 422).get_data(as_text=True)
    assert "Is that a thousand, or a part of one?" in text_of(answer)
    assert 'value="1,500"' in answer  # nothing is lost
    assert '<option value="kg" data-each="1000" selected>' in answer


def test_pieces_are_not_weighed(packed: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(packed, 10)
    take = {"from": packed.shelf, "quantity": "2.5 kg"}
    assert "This is counted in pieces" in said(warehouse_staff, f"/stock/boxes/{code}/take-out", take, 422)
    assert kit.level(code, packed.shelf) == 10


def test_a_packing_list_and_a_minimum_are_said_in_packs(packed: kit.Depot, coordinator: Browser) -> None:
    made = kit.distribution(packed)
    item = {"product": packed.product_id, "mode": "total", "total": "5", "total_in": "x12"}
    said(coordinator, f"/distributions/{made}/packing-list", item)
    assert kit.line(packed, made).planned == 60
    target = {"warehouse_id": 0, "season": "all", "minimum": "2 packs", "target": "48"}
    said(coordinator, f"/stock/products/{packed.product_id}/targets", target)
    assert "at least 24, up to 48" in text_of(coordinator.page(f"/stock/products/{packed.product_id}"))


def test_a_stock_take_counts_in_packs(packed: kit.Depot, warehouse_staff: Browser) -> None:
    code = kit.receive(packed, 70)
    take = warehouse_staff.send(f"/stock/takes/new?shelf={packed.shelf}", {}).location
    found = {"code": code, "location_id": packed.shelf}
    said(warehouse_staff, f"{take}/counts", {**found, "counted": "6 packs"})
    assert "You counted 72" in text_of(warehouse_staff.page(f"{take}?show=counted"))
    refused = said(warehouse_staff, f"{take}/counts", {**found, "counted": "6 kg"}, 422)
    assert "This is counted in pieces" in refused
    said(warehouse_staff, f"{take}/counts", {"code": "none", "location_id": packed.shelf, "counted": "6"}, 404)
