"""Purchases come beside what is there: spends stay those of their distributions, and may from now on have none."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url
from .test_0010 import GOODS

__all__ = ["url"]

MONEY = [
    "INSERT INTO fund (id, name, name_key, description, restricted) VALUES (1, 'Winter', 'winter', '', TRUE)",
    "INSERT INTO distribution (id, title, site_id, starts_at, ends_at, state, notes, expected_men, expected_women,"
    " expected_boys, expected_girls, expected_small_children, debrief, ran_out_first, cancelled_because, version,"
    f" created_at) VALUES (1, 'Joggers', 1, '{AT}', '2026-11-01 12:00:00+00:00', 'planned', '', 0, 0, 0, 0, 0, '', '',"
    f" '', 1, '{AT}')",
    "INSERT INTO spend (id, fund_id, distribution_id, amount, currency, what, spent_on, recorded_at)"
    f" VALUES (1, 1, 1, 500, 'gbp', 'Fuel', '2026-11-01', '{AT}')",
]


def test_spends_stay_and_may_have_no_distribution(url: str) -> None:
    upgrade(url, "0009")
    with connection(url) as old:
        for statement in (*BEFORE, *GOODS):
            old.execute(text(statement))
    upgrade(url, "0017")
    with connection(url) as old:
        for statement in MONEY:
            old.execute(text(statement))
    upgrade(url, "0018")
    with connection(url) as new:
        assert new.execute(text("SELECT id, distribution_id, amount, what FROM spend")).one() == (1, 1, 500, "Fuel")
        assert new.execute(text("SELECT quantity, purchase_line_id FROM movement")).one() == (7, None)
        new.execute(
            text(
                "INSERT INTO spend (id, fund_id, distribution_id, amount, currency, what, spent_on, recorded_at)"
                f" VALUES (2, 1, NULL, 500, 'gbp', 'Shop', '2026-11-01', '{AT}')"
            )
        )
        new.execute(
            text(
                "INSERT INTO purchase (id, spend_id, supplier, currency, bought_on, carriage, note)"
                " VALUES (1, 2, 'Shop', 'gbp', '2026-11-01', 0, '')"
            )
        )
        new.execute(
            text(
                "INSERT INTO purchase_line (id, purchase_id, size_id, packs, pack_size, price) VALUES (1, 1, 1, 5, 1, 100)"
            )
        )
    for wrong in (
        "UPDATE purchase_line SET packs = 0",
        "UPDATE purchase_line SET packs = 1000, pack_size = 1001",
        "UPDATE purchase_line SET price = -1",
        "UPDATE purchase SET carriage = -1",
        f"UPDATE purchase SET withdrawn_at = '{AT}'",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(wrong))
