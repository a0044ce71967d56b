"""What the world reads of what is needed: on the page, as JSON, as CSV; sums only."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.public.needs import most_needed
from logistics.stock import packing_lists
from logistics.stock.models import Product, Unit

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from ..stock import kit

FRENCH = {"Accept-Language": "fr"}


def change(product_id: int, **values: object) -> None:
    with transaction() as session:
        session.execute(update(Product).where(Product.id == product_id).values(**values))


def another(at: kit.Depot, distribution_id: int, total: int, name: str, category: str = "Tops") -> int:
    """Plan a product that the warehouse has none of."""
    product_id = make.product(name, category=category).id
    packing_lists.set_item(
        actor_id=at.actor_id,
        distribution_id=distribution_id,
        product_id=product_id,
        per_person_hundredths=None,
        groups=[],
        total=total,
        profile={},
    )
    return product_id


def test_with_nothing_short_the_page_says_so(app: Flask, browser: Browser) -> None:
    page = browser.page("/needs")
    assert "Nothing is short just now" in text_of(page)
    assert 'href="/give"' in page
    empty = {"organisation": "Shoreline", "currency": "gbp", "needs": [], "do_not_send": []}
    assert browser.get("/needs.json").json == empty
    assert browser.get("/needs?format=csv").text.count("\n") == 1


def test_what_stock_cannot_meet_is_shown_until_it_arrives(app: Flask, browser: Browser) -> None:
    at = kit.depot("S", "M")
    change(at.product_id, name_fr="Joggings", unit_cost=500, gender="Male")
    kit.receive(at, 100, size="S")
    one, two = kit.distribution(at), kit.distribution(at)
    kit.plan(at, one, 60, {"S": 1, "M": 2})
    kit.plan(at, two, 1190, {"S": 100, "M": 19})
    text = text_of(browser.page("/needs"))
    assert "One thing is short" in text
    assert "Tops Joggers men S: 920 · M: 230 £5 buys one 1,150" in text
    text = text_of(browser.page("/needs", headers=FRENCH))
    assert "Joggings" in text
    assert "M : 230" in text
    assert "5 £" in text
    assert "1 150" in text
    kit.receive(at, 2000, size="S")
    assert "M: 230 £5 buys one 230" in text_of(browser.page("/needs"))
    kit.receive(at, 230, size="M")
    assert "Nothing is short" in text_of(browser.page("/needs"))
    kit.sound()


def test_json_says_what_its_description_says(app: Flask, browser: Browser) -> None:
    at = kit.depot("S", "M")
    change(at.product_id, name_fr="Joggings", unit_cost=500, gender="Male")
    made = kit.distribution(at)
    kit.plan(at, made, 30, {"S": 1, "M": 2})
    another(at, made, 7, name="Tarp", category="Shelter")
    another(at, made, 5000, name="Rice", category="Food")
    answer = browser.get("/needs.json")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.json is not None
    assert [each["product"] for each in answer.json["needs"]] == ["Rice", "Tarp", "Joggers"]
    assert answer.json["needs"][2] == {
        "category": "Tops",
        "product": "Joggers",
        "product_fr": "Joggings",
        "gender": "Male",
        "unit": "piece",
        "needed": 30,
        "for_distributions": 30,
        "unit_cost": 500,
        "sizes": [{"size": "S", "needed": 10}, {"size": "M", "needed": 20}],
    }
    assert answer.json["needs"][1]["product_fr"] is None
    assert answer.json["needs"][1]["unit_cost"] is None
    assert browser.get("/needs.json", headers=FRENCH).json == answer.json


def test_json_for_an_account_is_kept_by_nobody(volunteer: Browser) -> None:
    assert volunteer.get("/needs.json").headers["Cache-Control"] == "no-store"


def test_csv_holds_a_line_for_each_size(app: Flask, browser: Browser) -> None:
    at = kit.depot("S", "M")
    change(at.product_id, unit_cost=550)
    kit.plan(at, kit.distribution(at), 30, {"S": 1, "M": 2})
    lines = list(csv.reader(io.StringIO(browser.get("/needs?format=csv").text)))
    assert lines[1:] == [
        ["Tops", "Joggers", "", "S", "10", "pieces", "5.50", "10"],
        ["Tops", "Joggers", "", "M", "20", "pieces", "5.50", "20"],
    ]


@pytest.mark.parametrize("path", ["/", "/needs", "/needs.json", "/needs?format=csv"])
def test_no_place_day_or_distribution_is_told(app: Flask, browser: Browser, path: str) -> None:
    at = kit.depot()
    site = make.meeting_point("North meeting point", place="Behind the blue container")
    made = make.distribution(site, title="Evening hoodies", starts_at=now() + timedelta(days=40), expected_men=7)
    packing_lists.set_warehouse(actor_id=at.actor_id, distribution_id=made.id, warehouse_id=at.warehouse_id)
    kit.plan(at, made.id, 31)
    day = (now() + timedelta(days=40)).strftime("%Y-%m-%d")
    for headers in ({}, FRENCH):
        said = browser.get(path, headers=headers).get_data(as_text=True)
        assert "31" in said
        for secret in ("North meeting", "blue container", "Evening hoodies", "Warehouse ", day, "Salma"):
            assert secret not in said, secret


def test_a_name_with_markup_stays_text(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    another(at, kit.distribution(at), 12, name="<b>Socks</b> 🧦", category="<i>")
    for path in ("/", "/needs"):
        page = browser.page(path)
        assert "&lt;b&gt;Socks&lt;/b&gt; 🧦" in page
        assert "<b>Socks" not in page


def test_what_is_weighed_is_never_needed_most(app: Flask, browser: Browser) -> None:
    at = kit.depot()
    made = kit.distribution(at)
    rice = another(at, made, 5000, name="Rice")
    change(rice, unit=Unit.GRAM, unit_cost=1)
    another(at, made, 20, name="Tent")
    kit.plan(at, made, 30)
    db.session.rollback()
    assert [each.product.name for each in most_needed(db.session, 5)] == ["Joggers", "Tent", "Rice"]
    text = text_of(browser.page("/needs"))
    assert "Rice 5,000 grams" in text
    assert "buys one" not in text


def test_a_hundred_needs_cost_as_many_queries_as_one_and_are_paged(
    app: Flask, browser: Browser, volunteer: Browser
) -> None:
    at = kit.depot()
    made = kit.distribution(at)
    kit.plan(at, made, 15)
    paths = ("/", "/needs", "/needs.json", "/needs?format=csv")
    before = [count(browser, path) for path in paths] + [count(volunteer, "/needs")]
    for number in range(100):
        another(at, made, 11, name=f"Thing {number:03}", category=f"Kind {number % 7}")
    assert [count(browser, path) for path in paths] + [count(volunteer, "/needs")] == before
    assert before == [4, 5, 4, 3, 6]
    assert "1–50 of 101" in text_of(browser.page("/needs"))
    last = text_of(browser.page("/needs?page=3"))
    assert "101–101 of 101" in last
    assert "Joggers" in last
    for page in ("999999999999", "-1", "x", "🧦"):
        browser.page(f"/needs?page={page}")


def count(browser: Browser, path: str) -> int:
    browser.get(path)
    with queries() as sent:
        assert browser.get(path).status_code == 200
    return sum(statement != "BEGIN" for statement in sent)
