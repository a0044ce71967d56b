"""Sizes, categories and genders that are words: kept as the lists have them, said in the reader's language."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.db import db, transaction
from logistics.distributions.models import Site
from logistics.errors import Conflict
from logistics.stock import packing_lists, words
from logistics.stock.models import Product, Size
from logistics.web.i18n import speaking, translate

from ..browsing import Browser, text_of
from . import kit


@pytest.mark.parametrize(
    ("kept", "french"),
    [
        ("One size", "Taille unique"),
        ("mixed sizes", "Tailles mélangées"),
        ("Food & Kitchen", "Alimentation et cuisine"),
        ("Unisex Kid", "Enfant"),
        ("7-24 months", "7-24 mois"),
        ("36 and bigger", "36 et plus"),
        ("Children by year (2-3, 4-5)", "Enfants, par année (2-3, 4-5)"),
        ("XS, One size, All ages", "XS, Taille unique, Tous âges"),
        ("Grands sacs (neufs)", "Grands sacs (neufs)"),
        ("S, M", "S, M"),
        ("%(size)s", "%(size)s"),
        ("", ""),
    ],
)
def test_labels_in_both_languages(app: Flask, kept: str, french: str) -> None:
    with app.test_request_context(), speaking("fr"):
        assert words.labelled(kept) == french
    with app.test_request_context(), speaking("en"):
        assert words.labelled(kept).casefold() == kept.casefold()


def test_what_is_typed_in_french_is_kept_as_the_lists_have_it(app: Flask) -> None:
    with app.test_request_context(), speaking("fr"):
        assert words.as_kept(" vêtements ") == "Clothing"
        assert words.as_kept("Bébé") == "Baby"
        assert words.as_kept("Sacs") == "Sacs"
        assert words.sizes_typed("taille unique") == ["One size"]
        assert words.sizes_typed("Pointures homme")[0] == "36"
        assert words.sizes_typed("S, Tailles mélangées") == ["S", "Mixed sizes"]


def test_a_product_is_set_up_and_changed_in_french(admin: Browser) -> None:
    admin.get("/language/fr")
    form = {"name": "Socks", "gender": "-", "category": "Hauts", "sizes": "Taille unique", "unit": "piece"}
    admin.send("/stock/products", {**form, "key": "a"})
    product = db.session.scalars(select(Product)).one()
    assert (product.category, product.size_range) == ("Tops", "One size")
    path = f"/stock/products/{product.id}"
    assert 'value="Hauts"' in admin.page(f"{path}/edit")
    assert "Hauts" in text_of(admin.page(path))
    assert "Socks Taille unique Hauts 0" in text_of(admin.page("/stock/products?category=Tops"))
    assert ",Taille unique," in admin.page("/stock/products?format=csv")
    admin.send(path, {**form, "sizes": "Tailles mélangées", "key": "b"})
    assert set(db.session.scalars(select(Size.label))) == {"One size", "Mixed sizes"}


def test_stock_is_listed_in_french(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot("Mixed sizes")
    _in_french(at)
    code = kit.receive(at, 5)
    product = f"/stock/products/{at.product_id}"
    warehouse_staff.get("/language/fr")
    for path in ("/stock", "/stock/boxes", f"/stock/boxes/{code}", "/stock/movements", product):
        page = text_of(warehouse_staff.page(path))
        assert "Joggings" in page, path
        assert "Tailles mélangées" in page, path
        assert "Entrepôt nord" in page, path
        assert "Mixed" not in page, path
    for path in ("/stock", "/stock/boxes", "/stock/movements"):
        sheet = warehouse_staff.page(f"{path}?format=csv")
        assert "Tailles mélangées" in sheet
        assert "Entrepôt nord" in sheet
    warehouse_staff.get("/language/en")
    assert "Mixed sizes" in warehouse_staff.page("/stock?format=csv")


def test_refusals_and_timelines_name_things_in_the_readers_language(app: Flask, coordinator: Browser) -> None:
    at = kit.depot("Mixed sizes")
    _in_french(at)
    number = kit.distribution(at)
    kit.plan(at, number, 5, {"Mixed sizes": 1})
    path = f"/distributions/{number}"
    coordinator.get("/language/fr")
    assert "a prévu 5 × Joggings" in text_of(coordinator.page(path))
    assert "a prévu 5 × Joggings" in text_of(coordinator.page(f"{path}/history"))
    assert "Joggings" in coordinator.page(f"{path}/history?format=csv")
    assert "Joggings\xa0: il en manque 5" in coordinator.page(path)
    kit.receive(at, 5)
    coordinator.send(f"{path}/pack", {"all": "1"})
    with pytest.raises(Conflict, match="5 of Joggers are packed already") as caught:
        packing_lists.remove_item(actor_id=at.actor_id, distribution_id=number, product_id=at.product_id)
    with app.test_request_context(), speaking("fr"):
        assert translate(caught.value.message).startswith("Joggings\xa0: il y en a déjà 5")


def _in_french(at: kit.Depot) -> None:
    with transaction() as session:
        session.execute(update(Product).where(Product.id == at.product_id).values(name_fr="Joggings"))
        session.execute(update(Site).where(Site.id == at.warehouse_id).values(name_fr="Entrepôt nord"))
