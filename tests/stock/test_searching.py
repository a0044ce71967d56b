"""Finding products by name: without accents, in either language, one or many, with slips; and on every page alike."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from logistics.db import db, transaction
from logistics.stock.models import Product
from logistics.stock.searching import catalogue, fold, products_like, search

from .. import make
from ..browsing import Browser, text_of
from ..counting import queries
from . import kit

NAMES = [
    ("Joggers", "Male", "Joggings"),
    ("Joggers", "Female", "Joggings"),
    ("Sleeping Bags", "-", "Sacs de couchage"),
    ("T-shirts", "Male", "T-shirts"),
    ("Winter Jackets", "Male", "Vestes d’hiver"),
    ("Hoodies", "Male", "Sweats à capuche"),
    ("Scarves", "-", "Écharpes"),
    ("Blanket", "-", "Couverture"),
    ("Nappies", "Unisex Baby", "Couches"),
    ("Coats", "Female", "Manteaux"),
    ("S", "-", None),
    ("100% wool", "-", None),
]


@pytest.fixture
def things(app: Flask) -> None:
    for name, gender, french in NAMES:
        made = make.product(name, gender=gender).id
        with transaction() as session:
            session.execute(update(Product).where(Product.id == made).values(name_fr=french))


def found(text: str) -> list[str]:
    db.session.rollback()
    query = select(Product.name).where(*products_like(db.session, text)).order_by(Product.name_key, Product.id)
    return list(dict.fromkeys(db.session.scalars(query)))


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("joggers", ["Joggers"]),
        ("JOG", ["Joggers"]),
        ("jogers", ["Joggers"]),
        ("jgogers", ["Joggers"]),
        ("joggings", ["Joggers"]),
        ("sleping bag", ["Sleeping Bags"]),
        ("sleepingbag", ["Sleeping Bags"]),
        ("sac de couchage", ["Sleeping Bags"]),
        ("sacs couchages", ["Sleeping Bags"]),
        ("tshirt", ["T-shirts"]),
        ("t-shirt", ["T-shirts"]),
        ("jackets winter", ["Winter Jackets"]),
        ("jakets", ["Winter Jackets"]),
        ("hiver", ["Winter Jackets"]),
        ("hoody", ["Hoodies"]),
        ("écharpe", ["Scarves"]),
        ("echarpes", ["Scarves"]),
        ("ECHARPPE", ["Scarves"]),
        ("blankets", ["Blanket"]),
        ("nappy", ["Nappies"]),
        ("manteau", ["Coats"]),
        ("joggers women", ["Joggers"]),
        ("coats hommes", []),
        ("s", ["S"]),
        ("0%", ["100% wool"]),
        ("100%", ["100% wool"]),
        ("_", []),
        ("xyzzy", []),
        ("bebes", ["Nappies"]),
        ("", sorted({name for name, *_more in NAMES}, key=str.casefold)),
    ],
)
def test_words_find_what_is_meant(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.usefixtures("things")
def test_a_name_that_has_the_word_comes_before_those_spelt_like_it() -> None:
    made = make.product("Jakets").id
    assert found("jakets") == ["Jakets"]
    assert search(db.session, "jakets").guessed == ""
    with transaction() as session:
        session.execute(update(Product).where(Product.id == made).values(name="Caps", name_key="caps"))
    assert found("jakets") == ["Winter Jackets"], "a name that changed is found at once"
    assert search(db.session, "winter jakets").guessed == "jakets"
    assert search(db.session, "xyzzy").guessed == ""


@pytest.mark.usefixtures("things")
def test_the_names_most_like_a_text_are_suggested_the_best_first() -> None:
    db.session.rollback()
    index = catalogue(db.session)
    names = dict(db.session.execute(select(Product.id, Product.name)).all())
    first = [names[each] for each in index.closest("Men's jogers")]
    assert first[0] == "Joggers"
    assert names[index.closest("sac couchage")[0]] == "Sleeping Bags"
    assert names[index.closest("Bag, sleeping")[0]] == "Sleeping Bags"
    assert index.closest("zzzz") == []
    assert len(index.closest("s", most=2)) <= 2


@given(st.text(max_size=30))
def test_any_text_folds_to_words_that_fold_to_themselves(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert "  " not in fold(text)


@pytest.mark.usefixtures("things")
def test_any_text_can_be_searched_for(app: Flask) -> None:
    for text in ("\\", "'", '"', "🧦", "ﷺ", "Ω" * 90, "a b c d e f g h", "œuf", "ß", "İ"):
        found(text)


def test_every_page_forgives_in_the_same_way(app: Flask, warehouse_staff: Browser, coordinator: Browser) -> None:
    at = kit.depot()
    make.product("Tents")
    kit.receive(at, 7, code="JOG1")
    made = kit.planned(at, 3)
    for path in (
        "/stock?q={}",
        "/stock/boxes?q={}",
        "/stock/boxes/new?q={}",
        "/stock/products?q={}",
        "/stock/as-of?q={}",
        "/stock/targets?q={}",
    ):
        page = text_of(warehouse_staff.page(path.format("jogers")))
        assert "Joggers" in page, path
        assert "Tents" not in page, path
    assert "Nothing is called “jogers”." in text_of(warehouse_staff.page("/stock?q=jogers"))
    answer = warehouse_staff.get(f"/stock/sorting?warehouse={at.warehouse_id}&q=jogers")
    assert f"product={at.product_id}" in answer.location
    assert "Joggers" in text_of(coordinator.page(f"/distributions/{made}/packing-list?q=jogers"))


def test_a_list_that_is_not_searched_reads_no_catalogue(app: Flask, warehouse_staff: Browser) -> None:
    at = kit.depot()
    kit.receive(at, 7)
    with queries() as sent:
        warehouse_staff.page("/stock/boxes")
    assert not any("product.name_key, product.name_fr, product.gender" in each.replace("\n", "") for each in sent)
