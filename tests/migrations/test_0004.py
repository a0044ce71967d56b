"""The index of boxes that are here: made over what is there already."""

from sqlalchemy import inspect, text

from logistics.cli import upgrade

from .test_0003 import connection, url

__all__ = ["url"]

BEFORE = [
    "INSERT INTO product (id, name, name_key, gender, category, size_range, unit, has_best_before)"
    " VALUES (1, 'Hat', 'hat', '-', 'Hats', 'M', 'piece', FALSE)",
    "INSERT INTO size (id, product_id, label, label_key, position, share) VALUES (1, 1, 'M', 'm', 0, 1)",
    "INSERT INTO site (id, kind, name, name_key, place) VALUES (1, 'warehouse', 'House', 'house', '')",
    "INSERT INTO location (id, kind, outside, name, name_key, warehouse_id) VALUES (9, 'shelf', FALSE, 'A1', 'a1', 1)",
    "INSERT INTO box (id, code, size_id, source, note, created_at) VALUES (1, 'A1', 1, 'donated', '', '2026-11-01')",
    "INSERT INTO level (box_id, location_id, outside, quantity) VALUES (1, 9, FALSE, 12), (1, 1, TRUE, -12)",
]


def test_boxes_that_were_there_are_in_it(url: str) -> None:
    upgrade(url, "0003")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0004")
    with connection(url) as new:
        assert "ix_level_here" in {index["name"] for index in inspect(new).get_indexes("level")}
        assert new.execute(text("SELECT box_id FROM level WHERE outside IS FALSE AND quantity > 0")).all() == [(1,)]
