"""What flowed is forgotten once, so that the worker writes it again as it is told now; goods stay as they are."""

from sqlalchemy import text

from logistics.cli import upgrade

from .test_0003 import BEFORE, connection, url
from .test_0022 import BOX, PRODUCT, SIZE

__all__ = ["url"]

FLOW = "INSERT INTO flow (warehouse_id, size_id, day, way, reason, quantity) VALUES (1, 1, '2026-11-01', 'in', 'undone', 5)"
DAY = "INSERT INTO flow_day (day, zone) VALUES ('2026-11-01', 'Europe/Paris')"


def test_flows_are_written_again(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0024")
    with connection(url) as old:
        for statement in (PRODUCT, SIZE, BOX, FLOW, DAY):
            old.execute(text(statement))
    upgrade(url, "0025")
    with connection(url) as new:
        assert new.execute(text("SELECT COUNT(*) FROM flow")).scalar() == 0
        assert new.execute(text("SELECT COUNT(*) FROM flow_day")).scalar() == 0
        assert new.execute(text("SELECT code FROM box")).scalar() == "0042"
