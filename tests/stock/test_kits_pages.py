"""Kits' pages, through the front door."""

import csv
import re
from datetime import timedelta

import pytest
from flask import Flask

from logistics.clock import now
from logistics.stock.kits import recipes

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from . import kit
from .kits import Packs, assemble, on_hand, packs, recipe

FAR = now().date() + timedelta(days=300)


@pytest.fixture
def at(app: Flask) -> Packs:
    return packs()


def test_from_a_recipe_to_kits_and_back(at: Packs, admin: Browser) -> None:
    make.product("Coat", gender="Male", sizes=("M", "L"))
    filled = {"name": "Snug pack", "name_fr": "Kit chaud", "part_1": "coat, men,  m", "each_1": "1"}
    page = admin.send("/stock/kits/new", {**filled, "part_2": "Towels", "each_2": "2"}, 422).get_data(True)
    assert "There is no such part" in page
    assert 'value="Towels"' in page  # nothing is lost
    page = admin.send("/stock/kits/new", {**filled, "part_2": "Towel"}, 422).get_data(True)
    assert "Say how many of it are in one kit" in page
    assert "Fill this in" in admin.send("/stock/kits/new", {"part_1": "Towel", "each_1": 1}, 422).get_data(True)
    assert "one part at least" in admin.send("/stock/kits/new", {"name": "Nothing"}, 422).get_data(True)
    answer = admin.send("/stock/kits/new", {**filled, "part_2": "Towel", "each_2": "2"})
    path = re.sub(r"^http://localhost", "", answer.headers["Location"])
    page = text_of(admin.page(path))
    assert "1 × Coat, men, M" in page
    assert "2 × Towel" in page
    number = int(path.rsplit("/", 1)[1])
    page = admin.send(f"{path}/assemble", {"quantity": 3, "location_id": at.pack.shelf, "seen": 0}, 409)
    assert "Somebody changed this kit meanwhile" in text_of(page.get_data(True))
    assert f"/stock/kits/{number}/edit" in admin.page(path)


def test_putting_together_says_what_lacks_and_takes_apart_again(at: Packs, warehouse_staff: Browser) -> None:
    path = f"/stock/kits/{at.product_id}"
    kit.receive(at.soap, 10, best_before=FAR)
    kit.receive(at.towel, 3)
    form = {"quantity": 4, "location_id": at.pack.shelf, "seen": recipe(at)}
    page = text_of(warehouse_staff.send(f"{path}/assemble", form, 409).get_data(True))
    assert "Towel 4 are needed, 3 are available 1 short" in page
    assert "Soap 8 are needed" not in page
    warehouse_staff.send(f"{path}/assemble", {**form, "quantity": "x"}, 422)
    warehouse_staff.send(f"{path}/assemble", {**form, "quantity": 3})
    assert on_hand(at) == (4, 0, 3)
    page = warehouse_staff.page(path)
    found = re.search(rf'href="({path}/take-apart\?[^"]+)"', page)
    assert found
    page = warehouse_staff.page(found[1].replace("&amp;", "&"))
    assert "2 × Soap" in page
    code = re.search(r'name="code" value="([^"]+)"', page)
    assert code
    sent = {"code": code[1], "from_id": at.pack.shelf, "to_id": at.pack.other_shelf, "quantity": 9}
    refusal = text_of(warehouse_staff.send(f"{path}/take-apart", sent, 409).get_data(True))
    assert "Only 3 are on shelf" in refusal
    warehouse_staff.send(f"{path}/take-apart", {**sent, "quantity": 1})
    assert on_hand(at) == (6, 1, 2)
    warehouse_staff.page(f"{path}/take-apart?box=none", 404)
    assert "put together as kits" in warehouse_staff.page(f"/stock/boxes/{code[1]}")
    kit.sound()


def test_a_recipe_that_was_changed_meanwhile_is_not_written_over(at: Packs, admin: Browser) -> None:
    path, seen = f"/stock/kits/{at.product_id}/edit", recipe(at)
    filled = {"name": "Hygiene pack", "seen": seen, "part_1": "Soap", "each_1": 3, "part_2": "", "each_2": ""}
    admin.send(path, filled)
    assert "Somebody changed this kit" in admin.send(path, {**filled, "each_1": 4}, 409).get_data(True)
    assert recipe(at) != seen


def test_the_list_says_what_is_in_them_and_what_could_be_made(at: Packs, warehouse_staff: Browser) -> None:
    kit.receive(at.soap, 10, best_before=FAR)
    kit.receive(at.towel, 9)
    assemble(at, 2)
    page = text_of(warehouse_staff.page("/stock/kits"))
    assert "Hygiene pack 2 × Soap 1 × Towel 2 available · parts for 3 more" in page
    rows = list(
        csv.DictReader(warehouse_staff.get("/stock/kits?format=csv").get_data(True).lstrip("\ufeff").splitlines())
    )
    assert [(row["Part"], row["In one kit"], row["Could be put together"]) for row in rows] == [
        ("Soap", "2", "3"),
        ("Towel", "1", "3"),
    ]
    assert "No kit is called that" in warehouse_staff.page("/stock/kits?q=tents")


def test_the_distributions_page_and_what_is_needed_name_the_parts(
    at: Packs, coordinator: Browser, browser: Browser
) -> None:
    kit.receive(at.soap, 8, best_before=FAR)
    number = kit.planned(at.pack, 10)
    page = text_of(coordinator.page(f"/distributions/{number}"))
    assert "Soap 20 are needed, 8 are available 12 short" in page
    assert "Towel 10 are needed, 0 are available 10 short" in page
    page = text_of(browser.page("/needs"))
    assert "Soap" in page
    assert "Hygiene pack" not in page


def test_who_may_do_what(at: Packs, volunteer: Browser, coordinator: Browser, warehouse_staff: Browser) -> None:
    path = f"/stock/kits/{at.product_id}"
    assert volunteer.get("/stock/kits").status_code == 403
    assert warehouse_staff.get(f"{path}/edit").status_code == 403
    assert "Change what is in it" not in warehouse_staff.page(path)
    assert coordinator.get(path).status_code == 200
    warehouse_staff.page("/stock/kits/999999", 404)


def test_as_many_queries_at_any_size(at: Packs, warehouse_staff: Browser) -> None:
    def count(page: str) -> int:
        with queries() as sent:
            warehouse_staff.page(page)
        return len(sent)

    path = f"/stock/kits/{at.product_id}"
    kit.receive(at.soap, 100, best_before=FAR)
    kit.receive(at.towel, 100)
    assemble(at, 1)
    before = [[count(page) for page in ("/stock/kits", path)] for _again in range(2)][1]
    for number in range(8):
        assemble(at, 1)
        recipes.make_kit(actor_id=at.pack.actor_id, name=f"Kit {number}", parts=at.parts)
    assert [count(page) for page in ("/stock/kits", path)] == before
    assert max(before) <= 12
