"""Stand-ins come beside packing lists that are there; the database itself refuses what they cannot be."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url

__all__ = ["url"]

PRODUCTS = (
    "INSERT INTO product (id, name, name_key, gender, category, size_range, unit, has_best_before)"
    " VALUES (1, 'Jeans', 'jeans', 'Male', 'Bottoms', 'M', 'piece', FALSE),"
    " (2, 'Joggers', 'joggers', 'Male', 'Bottoms', 'M', 'piece', FALSE)"
)
SIZES = (
    "INSERT INTO size (id, product_id, label, label_key, position, share)"
    " VALUES (1, 1, 'M', 'm', 0, 1), (2, 2, 'M', 'm', 0, 1)"
)
LIST = "INSERT INTO packing_list (distribution_id, warehouse_id, version) VALUES (1, 1, 1)"
ITEM = (
    "INSERT INTO packing_item (id, distribution_id, product_id, groups, total, profile) VALUES (1, 1, 1, '[]', 5, '{}')"
)
ALLOWED = "INSERT INTO stand_in (product_id, by_id, sizes) VALUES "
CHOSEN = "INSERT INTO substitution (distribution_id, size_id, by_size_id, quantity) VALUES "
DISTRIBUTION = (
    "INSERT INTO distribution (id, title, site_id, starts_at, ends_at, state, notes, expected_men, expected_women,"
    " expected_boys, expected_girls, expected_small_children, debrief, ran_out_first, cancelled_because, version,"
    f" created_at) VALUES (1, 'Jeans', 1, '{AT}', '2026-11-01 12:00:00+00:00', 'planned', '', 0, 0, 0, 0, 0, '', '',"
    f" '', 1, '{AT}')"
)


def test_a_packing_list_stays_and_may_have_stand_ins(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0020")
    with connection(url) as old:
        for statement in (DISTRIBUTION, PRODUCTS, SIZES, LIST, ITEM):
            old.execute(text(statement))
    upgrade(url, "0021")
    with connection(url) as new:
        assert new.execute(text("SELECT total FROM packing_item")).scalar_one() == 5
        new.execute(text(f"{ALLOWED} (1, 2, '{{\"1\": 2}}'), (2, 1, '{{}}')"))
        new.execute(text(f"{CHOSEN} (1, 1, 2, 3)"))
    for wrong in (
        f"{ALLOWED} (1, 1, '{{}}')",
        f"{ALLOWED} (1, 2, '{{}}')",
        f"{CHOSEN} (1, 2, 1, 0)",
        f"{CHOSEN} (1, 2, 2, 1)",
        f"{CHOSEN} (1, 1, 2, 1)",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(wrong))
