"""Kits come beside what is there: products and boxes stay, and a recipe's numbers are held."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url
from .test_0010 import GOODS

__all__ = ["url"]


def test_products_and_boxes_stay_and_may_become_kits(url: str) -> None:
    upgrade(url, "0009")
    with connection(url) as old:
        for statement in (*BEFORE, *GOODS):
            old.execute(text(statement))
    upgrade(url, "0023")
    upgrade(url, "0024")
    with connection(url) as new:
        assert new.execute(text("SELECT quantity FROM movement")).scalar_one() == 7
        product, size, box, movement = (
            new.execute(text(f"SELECT id FROM {table}")).scalars().first()
            for table in ("product", "size", "box", "movement")
        )
        for statement in (
            f"INSERT INTO kit_recipe (id, product_id, version, made_at) VALUES (1, {product}, 1, '{AT}')",
            f"INSERT INTO kit_part (recipe_id, size_id, position, quantity) VALUES (1, {size}, 0, 2)",
            f"INSERT INTO kit_box (box_id, recipe_id) VALUES ({box}, 1)",
            f"INSERT INTO kit_act (movement_id, recipe_id, quantity, taken_apart) VALUES ({movement}, 1, 3, FALSE)",
        ):
            new.execute(text(statement))
    for wrong in (
        "UPDATE kit_recipe SET version = 0",
        "UPDATE kit_part SET quantity = 0",
        "UPDATE kit_act SET quantity = 0",
        f"INSERT INTO kit_recipe (id, product_id, version, made_at) VALUES (2, {product}, 1, '{AT}')",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(wrong))
