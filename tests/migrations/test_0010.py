"""The warehouse's tables come beside what is there: boxes, movements, spends and uploads stay as they were."""

from sqlalchemy import text

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url

__all__ = ["url"]

GOODS = [
    "INSERT INTO product (id, name, name_key, gender, category, size_range, unit, has_best_before)"
    " VALUES (1, 'Joggers', 'joggers', 'Male', 'Bottoms', 'M', 'piece', FALSE)",
    "INSERT INTO size (id, product_id, label, label_key, position, share) VALUES (1, 1, 'M', 'm', 0, 1)",
    "INSERT INTO location (id, kind, outside, name, name_key, warehouse_id) VALUES (11, 'shelf', FALSE, 'C4', 'c4', 1)",
    f"INSERT INTO box (id, code, size_id, source, note, created_at) VALUES (1, '0001', 1, 'donated', '', '{AT}')",
    "INSERT INTO level (box_id, location_id, outside, quantity) VALUES (1, 1, TRUE, -7), (1, 11, FALSE, 7)",
    "INSERT INTO movement (id, box_id, from_id, to_id, quantity, at, reason, note)"
    f" VALUES (1, 1, 1, 11, 7, '{AT}', 'donated', '')",
    "INSERT INTO import_upload (id, kind, person_id, warehouse_id, content, created_at)"
    f" VALUES (1, 'boxes', 1, 1, 'x', '{AT}')",
]


def test_goods_stay_as_they_were(url: str) -> None:
    upgrade(url, "0009")
    with connection(url) as old:
        for statement in (*BEFORE, *GOODS):
            old.execute(text(statement))
    upgrade(url, "0010")
    with connection(url) as new:
        moved = new.execute(text("SELECT quantity, reverses_id, delivery_id FROM movement")).one()
        assert tuple(moved) == (7, None, None)
        assert new.execute(text("SELECT quantity FROM level WHERE NOT outside")).scalar_one() == 7
        assert new.execute(text("SELECT pack_size, stopped_at FROM product")).one() == (None, None)
