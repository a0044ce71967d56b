"""A file that waits for its import keeps its warehouse, or names a new one: one of the two, and never both."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url

__all__ = ["url"]

UPLOAD = (
    "INSERT INTO import_upload (id, kind, person_id, warehouse_id, content, created_at)"
    f" VALUES (1, 'boxes', 1, 1, '', '{AT}'), (2, 'products', 1, NULL, '', '{AT}')"
)


def test_a_file_names_its_warehouse_in_one_of_two_ways(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0013")
    with connection(url) as old:
        old.execute(text(UPLOAD))
    upgrade(url, "0014")
    with connection(url) as new:
        found = new.execute(text("SELECT id, warehouse_id, new_warehouse FROM import_upload ORDER BY id")).all()
        assert [tuple(row) for row in found] == [(1, 1, None), (2, None, None)]
        new.execute(text("UPDATE import_upload SET warehouse_id = NULL, new_warehouse = 'Barn' WHERE id = 1"))
    for wrong in ("warehouse_id = 1", "new_warehouse = NULL", "kind = 'products'", "kind = 'others'"):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(f"UPDATE import_upload SET {wrong} WHERE id = 1"))
