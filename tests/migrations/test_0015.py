"""What was done in the aisle comes beside what is there: boxes and movements stay as they were."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url
from .test_0010 import GOODS

__all__ = ["url"]

ACT = (
    "INSERT INTO aisle_act (person_id, key, kind, box_id, location_id, made_at, recorded_at, movement_id)"
    f" VALUES (1, 'first-key', 'put', 1, 11, '{AT}', '{AT}', 1)"
)


def test_goods_stay_and_an_act_is_of_one_of_their_movements(url: str) -> None:
    upgrade(url, "0009")
    with connection(url) as old:
        for statement in (*BEFORE, *GOODS):
            old.execute(text(statement))
    upgrade(url, "0014")
    upgrade(url, "0015")
    with connection(url) as new:
        assert new.execute(text("SELECT quantity FROM movement")).scalar_one() == 7
        new.execute(text(ACT))
    for wrong in (
        "kind = 'steal'",
        "movement_id = NULL",
        "made_at = '2027-01-01 00:00:00+00:00'",
    ):
        with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
            new.execute(text(f"UPDATE aisle_act SET {wrong}"))
    with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
        new.execute(text(ACT.replace("put", "take")))
