"""Shifts that are there change now at the latest, and keep all they had; so do the sign-ups that refer to them."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, column, select, table, text

from logistics.cli import upgrade

from .test_0003 import BEFORE, connection, url

__all__ = ["url"]


def test_shifts_know_when_they_changed(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    before = datetime.now(UTC)
    upgrade(url, "0013")
    shift = table("shift", column("changed_at", DateTime(timezone=True)))
    with connection(url) as new:
        changed_at = new.execute(select(shift.c.changed_at)).scalar_one().replace(tzinfo=UTC)
        assert before <= changed_at <= datetime.now(UTC)
        row = new.execute(text("SELECT version, notes, filled FROM shift")).one()
        assert tuple(row) == (3, "Bring gloves", 1)
        assert new.execute(text("SELECT count(*) FROM sign_up")).scalar() == 1
