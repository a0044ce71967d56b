"""A file that waits for its import keeps what it had; what was matched has its place."""

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
LEARNED = "INSERT INTO learned_match (kind, context, key, meaning, learned_at) VALUES "
MAPPED = "INSERT INTO import_mapping (name, name_key, headings_key, columns, changed_at) VALUES "


def test_a_waiting_file_is_one_of_known_columns(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0018")
    with connection(url) as old:
        old.execute(text(UPLOAD))
    upgrade(url, "0019")
    with connection(url) as new:
        found = new.execute(text("SELECT id, warehouse_id, filename, mapping FROM import_upload ORDER BY id")).all()
        assert [tuple(row) for row in found] == [(1, 1, "", None), (2, None, "", None)]
        new.execute(
            text(f"{LEARNED} ('product', '-', 'beanies', '1', '{AT}'), ('product', 'Male', 'beanies', '1', '{AT}')")
        )
        new.execute(text(f"{MAPPED} ('Barn', 'barn', 'x', '{{}}', '{AT}')"))
    for wrong in (
        f"{LEARNED} ('product', '-', 'beanies', '2', '{AT}')",
        f"{LEARNED} ('shelf', '-', 'beanies', '2', '{AT}')",
        f"{MAPPED} ('BARN', 'barn', 'y', '{{}}', '{AT}')",
        f"{MAPPED} ('Shed', 'shed', 'x', '{{}}', '{AT}')",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(wrong))
