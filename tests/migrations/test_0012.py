"""Goods past their date are counted apart, and promises that can't be kept are taken from the latest distribution."""

import json

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import connection, url

__all__ = ["url"]

DAY = "2026-11-0{} 09:00:00+00:00"
BEFORE = [
    "INSERT INTO product (id, name, name_key, gender, category, size_range, unit, has_best_before)"
    " VALUES (1, 'Rice', 'rice', '-', 'Food', 'One size', 'piece', TRUE)",
    "INSERT INTO size (id, product_id, label, label_key, position, share) VALUES (1, 1, 'One size', 'one size', 0, 1)",
    "INSERT INTO site (id, kind, name, name_key, place) VALUES (1, 'warehouse', 'House', 'house', ''),"
    " (2, 'warehouse', 'Barn', 'barn', ''), (3, 'meeting_point', 'North', 'north', '')",
    "INSERT INTO location (id, kind, outside, name, name_key, warehouse_id)"
    " VALUES (9, 'shelf', FALSE, 'A1', 'a1', 1), (10, 'shelf', FALSE, 'B1', 'b1', 2)",
    "INSERT INTO box (id, code, size_id, best_before, source, note, created_at) VALUES"
    f" (1, 'OLD', 1, '2020-01-01', 'donated', '', '{DAY.format(1)}'),"
    f" (2, 'GOOD', 1, '2999-01-01', 'donated', '', '{DAY.format(1)}'),"
    f" (3, 'NONE', 1, NULL, 'donated', '', '{DAY.format(1)}')",
    "INSERT INTO level (box_id, location_id, outside, quantity) VALUES"
    " (1, 9, FALSE, 40), (1, 10, FALSE, 5), (1, 1, TRUE, -45), (2, 9, FALSE, 10), (3, 9, FALSE, 5)",
    "INSERT INTO availability (warehouse_id, size_id, on_hand, allocated) VALUES (1, 1, 55, 50), (2, 1, 5, 0)",
    *(
        "INSERT INTO distribution (id, title, site_id, starts_at, ends_at, state, notes, expected_men, expected_women,"
        " expected_boys, expected_girls, expected_small_children, debrief, ran_out_first, cancelled_because, version,"
        " created_at)"
        f" VALUES ({n}, 'D{n}', 3, '{DAY.format(n)}', '{DAY.format(n + 1)}', 'planned', '', 0, 0, 0, 0, 0, '', '', '', 1,"
        f" '{DAY.format(1)}')"
        for n in (1, 2, 3)
    ),
    "INSERT INTO packing_list (distribution_id, warehouse_id, version) VALUES (1, 1, 1), (2, 1, 1), (3, 1, 1)",
    "INSERT INTO packing_item (id, distribution_id, product_id, groups, total, profile)"
    " VALUES (1, 1, 1, '[]', 10, '{}'), (2, 2, 1, '[]', 20, '{}'), (3, 3, 1, '[]', 20, '{}')",
    "INSERT INTO packing_line (id, item_id, distribution_id, size_id, planned, allocated, packed)"
    " VALUES (1, 1, 1, 1, 10, 10, 0), (2, 2, 2, 1, 20, 20, 0), (3, 3, 3, 1, 20, 20, 0)",
]


def test_what_is_past_its_date_is_marked_and_promised_to_nobody(url: str) -> None:
    upgrade(url, "0011")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0012")
    with connection(url) as new:
        marked = new.execute(text("SELECT code, expired FROM box ORDER BY id")).all()
        assert [(code, bool(expired)) for code, expired in marked] == [("OLD", True), ("GOOD", False), ("NONE", False)]
        stock = new.execute(text("SELECT on_hand, allocated, expired FROM availability ORDER BY warehouse_id")).all()
        assert [tuple(row) for row in stock] == [(55, 15, 40), (5, 0, 5)]
        # 15 are left that can be picked: the first keeps its promise, the second some of it.
        assert new.execute(text("SELECT allocated FROM packing_line ORDER BY id")).scalars().all() == [10, 5, 0]
        told = new.execute(
            text("SELECT action, distribution_id, subject_id, details FROM audit_line ORDER BY distribution_id")
        ).all()
        assert [(line.action, line.distribution_id, line.subject_id) for line in told] == [
            ("distribution.promise_expired", 2, "2"),
            ("distribution.promise_expired", 3, "3"),
        ]
        details = told[0].details
        assert (json.loads(details) if isinstance(details, str) else details) == {
            "quantity": 15, "product": "Rice", "size": "One size", "code": "",
        }  # fmt: skip
        assert {"ix_box_best_before", "ix_box_expired"} <= {index["name"] for index in inspect(new).get_indexes("box")}
    for wrong in (
        "UPDATE availability SET expired = -1",
        "UPDATE availability SET allocated = 16 WHERE warehouse_id = 1",
        "UPDATE availability SET allocated = -1",
        "UPDATE box SET expired = TRUE WHERE id = 3",
        "UPDATE box SET source = 'found'",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(wrong))
