"""Boxes are found by how their code begins, with an index and with the same codes as before."""

from sqlalchemy import inspect, text

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url

__all__ = ["url"]

PRODUCT = (
    "INSERT INTO product (id, name, name_key, gender, category, size_range, unit, has_best_before)"
    " VALUES (1, 'Joggers', 'joggers', 'Male', 'Bottoms', 'S, M', 'piece', FALSE)"
)
SIZE = "INSERT INTO size (id, product_id, label, label_key, position, share) VALUES (1, 1, 'S', 's', 0, 0)"
BOX = (
    "INSERT INTO box (id, code, size_id, expired, source, note, created_at)"
    f" VALUES (1, '0042', 1, FALSE, 'donated', '', '{AT}')"
)


def test_codes_have_an_index_of_how_they_begin(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0021")
    with connection(url) as old:
        for statement in (PRODUCT, SIZE, BOX):
            old.execute(text(statement))
    upgrade(url, "0022")
    with connection(url) as new:
        assert new.execute(text("SELECT code FROM box")).scalar() == "0042"
        assert "ix_box_code_prefix" in {index["name"] for index in inspect(new).get_indexes("box")}
