"""Transfers come beside what is there: shelves and movements keep their ids, and a place between warehouses is new."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import BEFORE, connection, url
from .test_0010 import GOODS

__all__ = ["url"]


def test_goods_stay_where_they_are(url: str) -> None:
    upgrade(url, "0009")
    with connection(url) as old:
        for statement in (*BEFORE, *GOODS):
            old.execute(text(statement))
    upgrade(url, "0016")
    upgrade(url, "0017")
    with connection(url) as new:
        rows = new.execute(text("SELECT id, kind, outside FROM location ORDER BY id")).all()
        assert [(row[0], row[1], bool(row[2])) for row in rows] == [
            (0, "transit", False),
            *[(number, kind, True) for number, kind in enumerate(OUTSIDE, 1)],
            (11, "shelf", False),
        ]
        assert new.execute(text("SELECT quantity, transfer_line_id FROM movement")).one() == (7, None)
        assert new.execute(text("SELECT quantity FROM level WHERE NOT outside")).scalar_one() == 7
        new.execute(text("INSERT INTO level (box_id, location_id, outside, quantity) VALUES (1, 0, FALSE, 2)"))
    for wrong in (
        "UPDATE level SET quantity = -1 WHERE location_id = 0",
        "UPDATE location SET outside = TRUE WHERE id = 0",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(wrong))


OUTSIDE = ("donated", "bought", "handed_out", "written_off", "converted")
