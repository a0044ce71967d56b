"""Of products that are there nobody knows what they contain; the database refuses what is no sum of the codes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade
from logistics.stock.diets import ALL_ALLERGENS, ALL_DIETS

from .test_0003 import BEFORE, connection, url

__all__ = ["url"]

PRODUCT = (
    "INSERT INTO product (id, name, name_key, gender, category, size_range, unit, has_best_before)"
    " VALUES (1, 'Milk', 'milk', '-', 'Food', 'One size', 'piece', TRUE)"
)


def test_nothing_is_known_of_what_is_there(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0022")
    with connection(url) as old:
        old.execute(text(PRODUCT))
    upgrade(url, "0023")
    with connection(url) as new:
        assert new.execute(text("SELECT name, allergens, diets FROM product")).one() == ("Milk", None, 0)
        new.execute(text(f"UPDATE product SET allergens = {ALL_ALLERGENS}, diets = {ALL_DIETS}"))
    for wrong in (f"allergens = {ALL_ALLERGENS + 1}", "allergens = -1", f"diets = {ALL_DIETS + 1}", "diets = -1"):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(f"UPDATE product SET {wrong}"))
