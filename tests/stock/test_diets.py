"""Allergens and diets: what is said of food, where it is shown, and what cannot be so."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from logistics.errors import Invalid
from logistics.stock.diets import Allergen, Diet, checked, codes
from logistics.stock.words import ALLERGENS, DIETS

from ..browsing import Browser, text_of
from . import kit

DATA = {"name": "Joggers", "gender": "-", "category": "Food", "unit": "piece", "sizes": ""}


@pytest.fixture
def at(app: Flask) -> kit.Depot:
    return kit.depot(has_best_before=True)


def say(at: kit.Depot, admin: Browser, status: int = 303, **fields: Any) -> str:
    data = {**DATA, "has_best_before": "y", **fields}
    return text_of(admin.send(f"/stock/products/{at.product_id}", data, status).get_data(as_text=True))


def test_there_are_fourteen_and_each_has_its_word() -> None:
    assert len(Allergen) == len(ALLERGENS) == 14
    assert set(ALLERGENS) == set(Allergen)
    assert set(DIETS) == set(Diet)


@pytest.mark.parametrize(
    ("allergens", "diets", "kept"),
    [
        (None, [], (None, 0)),
        ([], [], (0, 0)),
        (["milk", "eggs"], ["vegetarian"], (68, 4)),
        ([], ["vegan"], (0, 12)),
        (None, ["vegan", "halal"], (None, 13)),
    ],
)
def test_codes_are_kept_as_a_sum(
    allergens: Sequence[str] | None, diets: Sequence[str], kept: tuple[int | None, int]
) -> None:
    assert checked(allergens, diets) == kept
    assert set(allergens or []) == set(codes(kept[0] or 0, Allergen))


@pytest.mark.parametrize(
    ("allergens", "diets"),
    [
        (["milk"], ["vegan"]),
        (["fish"], ["vegetarian"]),
        (["gluten"], ["gluten_free"]),
        (["cheese"], []),
        ([], ["keto"]),
    ],
)
def test_what_cannot_be_is_refused(allergens: Sequence[str], diets: Sequence[str]) -> None:
    with pytest.raises(Invalid):
        checked(allergens, diets)


def test_not_known_is_not_none(at: kit.Depot, admin: Browser, warehouse_staff: Browser) -> None:
    path = f"/stock/products/{at.product_id}"
    assert "Allergens not known" in text_of(warehouse_staff.page(path))
    say(at, admin, contains="none", diets=["halal", "vegan"])
    page = text_of(warehouse_staff.page(path))
    assert "Allergens none" in page
    assert "Fit for halal, vegetarian, vegan" in page
    say(at, admin, contains="some", allergens=["milk", "nuts"])
    assert "Allergens milk, nuts" in text_of(warehouse_staff.page(path))
    assert 'checked class="form-check-input" id="allergens-6"' in admin.page(f"{path}/edit")
    say(at, admin, contains="not_known")
    assert "Allergens not known" in text_of(warehouse_staff.page(path))


def test_what_does_not_go_together_is_refused_at_its_field(at: kit.Depot, admin: Browser) -> None:
    assert "Tick which ones." in say(at, admin, 422, contains="some")
    assert "Some are ticked." in say(at, admin, 422, contains="none", allergens=["milk"])
    assert "this can’t be so" in say(at, admin, 422, contains="some", allergens=["milk"], diets=["vegan"])
    assert "Choose among those" in say(at, admin, 422, contains="some", allergens=["cheese"])


def test_boxes_and_lists_say_it_and_products_are_found_by_it(
    at: kit.Depot, admin: Browser, coordinator: Browser
) -> None:
    code = kit.receive(at, 10)
    made = kit.planned(at, 5)
    say(at, admin, contains="some", allergens=["milk"], diets=["vegetarian"])
    for path in (f"/stock/boxes/{code}", f"/distributions/{made}/pick", f"/distributions/{made}/packing-list"):
        assert "Allergens: milk · vegetarian" in text_of(coordinator.page(path))
    for query, found in (
        ("free_of=eggs", True),
        ("free_of=milk", False),
        ("free_of=not_known", False),
        ("diet=vegetarian", True),
        ("diet=halal", False),
        ("free_of=nonsense&diet=nonsense", True),
    ):
        page = text_of(coordinator.page(f"/stock/products?{query}"))
        assert ("Joggers" in page) is found, query
    rows = coordinator.page("/stock/products?format=csv").splitlines()
    assert rows[0].endswith("Allergens,Diets")
    assert rows[1].endswith("milk,vegetarian")
    say(at, admin, contains="not_known")
    assert "Joggers" not in text_of(coordinator.page("/stock/products?free_of=eggs"))
    assert "Joggers" in text_of(coordinator.page("/stock/products?free_of=not_known"))
