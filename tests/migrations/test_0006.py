"""What messages are about: found for those that were mailed before."""

from sqlalchemy import text

from logistics.cli import upgrade

from .test_0003 import connection, url

__all__ = ["url"]

AT = "2026-11-01 09:00:00+00:00"
MESSAGE = (
    "INSERT INTO outbox_message (id, kind, to_address, language, params, state, created_at, due_at, attempts)"
    f" VALUES (:id, :kind, 'a@example.org', 'en', :params, 'sent', '{AT}', '{AT}', 1)"
)


def test_messages_of_a_shift_are_found(url: str) -> None:
    upgrade(url, "0005")
    with connection(url) as old:
        for number, kind, params in (
            (1, "sign_up_confirmed", '{"path": "/shifts/12"}'),
            (2, "gift_receipt", '{"path": "/shifts/12"}'),
            (3, "shift_changed", "{}"),
        ):
            old.execute(text(MESSAGE), {"id": number, "kind": kind, "params": params})
    upgrade(url, "0006")
    with connection(url) as new:
        found = new.execute(text("SELECT id, about FROM outbox_message ORDER BY id")).all()
        assert [tuple(row) for row in found] == [(1, "shift:12"), (2, None), (3, None)]
