"""Minimums and targets come beside what is there; the database itself refuses what they cannot be."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import BEFORE, connection, url

__all__ = ["url"]

PRODUCT = (
    "INSERT INTO product (id, name, name_key, gender, category, size_range, unit, has_best_before)"
    " VALUES (1, 'Joggers', 'joggers', 'Male', 'Bottoms', 'S, M', 'piece', FALSE)"
)
KEPT = "INSERT INTO stock_target (product_id, warehouse_id, season, minimum, target) VALUES "


def test_each_place_and_season_has_one(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0015")
    with connection(url) as old:
        old.execute(text(PRODUCT))
    upgrade(url, "0016")
    with connection(url) as new:
        assert new.execute(text("SELECT name, unit FROM product")).one() == ("Joggers", "piece")
        new.execute(text(f"{KEPT} (1, NULL, 'all', 5, 9), (1, 1, 'all', 5, 9), (1, 1, 'winter', 0, 0)"))
    for wrong in (
        "(1, NULL, 'all', 1, 2)",
        "(1, 1, 'winter', 1, 2)",
        "(1, NULL, 'spring', 1, 2)",
        "(1, NULL, 'summer', -1, 2)",
        "(1, NULL, 'summer', 3, 2)",
        "(1, NULL, 'summer', 3, 1000001)",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(KEPT + wrong))
