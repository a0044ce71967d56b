"""Stand-ins on the pages: said on a product's, chosen on the packing list and the pick list."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.stock.models import Size

from .. import make
from ..browsing import Browser
from ..stock import kit as stock
from . import kit


@dataclass(frozen=True)
class Short:
    """A distribution that is short of all it plans, and another product of which 30 are there."""

    plan: kit.Plan
    by: stock.Depot

    def data(self, **changed: object) -> dict[str, object]:
        return {"size": self.plan.depot.size, "by_size": self.by.size, "quantity": 12, "on": "list", **changed}


@pytest.fixture
def short(app: Flask) -> Short:
    plan = kit.plan(0, 20)
    product_id = make.product("Trackies").id
    size_id = db.session.scalars(select(Size.id).where(Size.product_id == product_id)).one()
    at = plan.depot
    by = stock.Depot(at.warehouse_id, at.shelf, at.other_shelf, product_id, {"One size": size_id}, at.actor_id)
    stock.receive(by, 30)
    return Short(plan, by)


def allow(short: Short, admin: Browser, **changed: object) -> None:
    path = f"/stock/products/{short.plan.depot.product_id}/stand-ins"
    data = {"by_id": short.by.product_id, f"size_{short.plan.depot.size}": short.by.size, **changed}
    admin.send(path, data)


def test_it_is_said_on_the_product_and_taken_away_again(short: Short, admin: Browser) -> None:
    asked, by = short.plan.depot.product_id, short.by.product_id
    assert "Nothing is said to stand in" in kit.reads(admin, f"/stock/products/{asked}")
    assert "Trackies" in kit.reads(admin, f"/stock/products/{asked}/stand-ins?q=trackies")
    page = admin.page(f"/stock/products/{asked}/stand-ins?by={by}")
    assert f'<option selected value="{short.by.size}">' in page  # of the same label
    words = kit.refused(
        admin, f"/stock/products/{asked}/stand-ins", {"by_id": by, f"size_{short.plan.depot.size}": 0}, 422
    )
    assert "at least one size" in words
    allow(short, admin, both_ways="y")
    assert "Trackies may stand in for this" in kit.reads(admin, f"/stock/products/{asked}")
    assert "this may stand in for Joggers" in kit.reads(admin, f"/stock/products/{by}")
    assert "Joggers may stand in for this" in kit.reads(admin, f"/stock/products/{by}")
    admin.send(f"/stock/products/{asked}/stand-ins/remove", {"by_id": by})
    assert "Trackies may stand in" not in kit.reads(admin, f"/stock/products/{asked}")
    admin.page(f"/stock/products/{asked}/stand-ins?by=999999", 404)


def test_it_is_chosen_on_the_packing_list_and_taken_back(short: Short, admin: Browser, coordinator: Browser) -> None:
    allow(short, admin)
    path = short.plan.path
    assert "20 short of Joggers: 30 Trackies are available." in kit.reads(coordinator, f"{path}/packing-list")
    coordinator.send(f"{path}/stand-in", short.data())
    words = kit.reads(coordinator, f"{path}/packing-list")
    assert "8 short of Joggers: 18 Trackies are available." in words
    assert "12 instead of Joggers" in words
    assert "Instead of 12 Joggers: Trackies" in words
    assert "chose 12 Trackies instead of Joggers" in kit.reads(coordinator, f"{path}/history")
    assert "12 instead of Joggers" in kit.reads(coordinator, path)
    assert "9 short" not in kit.refused(coordinator, f"{path}/stand-in", short.data(quantity=9), 409)
    coordinator.send(f"{path}/stand-in/back", short.data())
    words = kit.reads(coordinator, f"{path}/packing-list")
    assert "instead of" not in words
    assert "20 short of Joggers" in words
    kit.in_order()


def test_who_packs_may_choose_on_the_pick_list(short: Short, admin: Browser, warehouse_staff: Browser) -> None:
    allow(short, admin)
    path = short.plan.path
    assert "20 short of Joggers: 30 Trackies are available." in kit.reads(warehouse_staff, f"{path}/pick")
    response = warehouse_staff.send(f"{path}/stand-in", short.data())
    assert response.location.endswith("/pick")
    assert "12 instead of Joggers" in kit.reads(warehouse_staff, f"{path}/pick")
    for wrong in ("0", "-5", "1.5", str(10**12), kit.ODD):
        kit.refused(warehouse_staff, f"{path}/stand-in", short.data(quantity=wrong), 422)
    warehouse_staff.send("/distributions/999999/stand-in", short.data(), 404)
    kit.in_order()


def test_what_is_needed_leaves_out_what_stands_in(
    short: Short, admin: Browser, coordinator: Browser, browser: Browser
) -> None:
    allow(short, admin)
    coordinator.send(f"{short.plan.path}/stand-in", short.data(quantity=20))
    assert "Joggers" not in kit.reads(browser, "/needs")
