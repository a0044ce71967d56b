"""Until when messages hold: told for those that wait, from what they say; the new state is taken, others are not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import DateTime, column, select, table, text
from sqlalchemy.exc import IntegrityError

from logistics.cli import upgrade

from .test_0003 import AT, connection, url

__all__ = ["url"]

MESSAGE = (
    "INSERT INTO outbox_message (id, kind, to_address, language, params, state, created_at, due_at, attempts)"
    f" VALUES (:id, :kind, 'a@example.org', 'en', :params, :state, '{AT}', '{AT}', 1)"
)
TIMES = '{"starts_at": "2026-11-02T09:00:00+01:00", "lapses_at": "2026-11-01T20:00:00+00:00"}'


def test_messages_that_wait_hold_until_what_they_say(url: str) -> None:
    upgrade(url, "0010")
    with connection(url) as old:
        for number, (kind, state, params) in enumerate(
            (
                ("called_out", "waiting", TIMES),
                ("shift_reminder", "failed", TIMES),
                ("place_offered", "sending", TIMES),
                ("place_offered", "sent", TIMES),
                ("sign_up_confirmed", "waiting", TIMES),
                ("called_out", "waiting", "{}"),
            )
        ):
            old.execute(text(MESSAGE), {"id": number, "kind": kind, "params": params, "state": state})
    upgrade(url, "0011")
    messages = table("outbox_message", column("id"), column("good_until", DateTime(timezone=True)))
    with connection(url) as new:
        found = new.execute(select(messages.c.good_until).order_by(messages.c.id)).scalars().all()
        said = [each and each.replace(tzinfo=UTC) for each in found]
        start, lapse = datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 1, 20, tzinfo=UTC)
        assert said == [start, start, lapse, None, None, None]
        new.execute(text("UPDATE outbox_message SET state = 'too_late' WHERE id = 1"))
    with connection(url) as new, pytest.raises(IntegrityError), new.begin_nested():
        new.execute(text("UPDATE outbox_message SET state = 'lost' WHERE id = 1"))
