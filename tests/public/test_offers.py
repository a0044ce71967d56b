"""What the giving page says a gift buys."""

import pytest
from flask import Flask

from logistics.db import db
from logistics.public.offers import in_euros, offers
from logistics.stock import packing_lists
from logistics.stock.models import Unit

from .. import make
from ..browsing import Browser, text_of
from ..stock import kit
from .test_needs import another, change


def test_the_page_offers_what_things_cost(app: Flask, browser: Browser) -> None:
    make.product("Tents", unit_cost=1200)
    make.product("Soap", unit_cost=80)
    make.product("Sleeping Bags", unit_cost=700)
    make.product("Winter Jackets", unit_cost=1800)
    make.product("Jumpers")
    said = text_of(browser.page("/give"))
    assert "£5.60 Soap: buys 7 £12 Tents: buys one £18 Winter Jackets: buys one Other" in said
    assert "€15 Tents: buys one" in said  # £12 at 1.20, in whole euros
    assert "Jumpers" not in said
    assert [offer.amount for offer in offers(db.session).euros] == [700, 1500, 2200]


def test_what_is_short_comes_first(app: Flask, browser: Browser) -> None:
    make.product("Tents", unit_cost=1200)
    bags, distribution, warehouse = make.product("Sleeping Bags", unit_cost=700), make.distribution(), make.warehouse()
    plan = {"actor_id": None, "distribution_id": distribution.id}
    product_id, warehouse_id = bags.id, warehouse.id
    packing_lists.set_warehouse(**plan, warehouse_id=warehouse_id)
    packing_lists.set_item(**plan, product_id=product_id, per_person_hundredths=None, groups=[], total=83, profile={})
    said = text_of(browser.page("/give"))
    assert "Sleeping Bags: 83 are missing for the days ahead. £7 buys one." in said
    assert "£7 Sleeping Bags: buys one" in said


def test_what_is_weighed_is_not_offered_and_outranks_nothing(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    made = kit.distribution(at)
    for name, total, changed in (
        ("Rice", 5000, {"unit": Unit.GRAM, "unit_cost": 1}),
        ("Milk", 4000, {"unit": Unit.MILLILITRE, "unit_cost": 2}),
        ("Tent", 20, {"unit_cost": 1200}),
        ("Jacket", 30, {"unit_cost": 1800}),
    ):
        change(another(at, made, total, name=name), **changed)
    said = text_of(browser.page("/give"))
    assert "Jacket: 30 are missing for the days ahead. £18 buys one." in said
    assert "Rice" not in said
    assert "Milk" not in said
    assert [offer.amount for offer in offers(db.session).pounds] == [
        1000,
        1200,
        1800,
    ]  # and £10 for whatever is missing


def test_without_prices_plain_amounts_are_offered(app: Flask, browser: Browser) -> None:
    assert "£10 for what is missing most" in text_of(browser.page("/give"))


@pytest.mark.parametrize(("pence", "cents"), [(700, 900), (1200, 1500), (1000, 1200), (1001, 1300), (1, 100)])
def test_euros_are_enough_for_what_is_named(pence: int, cents: int) -> None:
    assert in_euros(pence) == cents
