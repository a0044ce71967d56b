"""Letters issued before get the name of their account; those of accounts that are gone have none."""

from sqlalchemy import text

from logistics.cli import upgrade

from .test_0003 import AT, BEFORE, connection, url

__all__ = ["url"]

LETTER = (
    "INSERT INTO hours_letter (id, code, person_id, first_day, last_day, shifts, minutes, issued_at)"
    f" VALUES (:id, :code, :person_id, '2026-10-01', '2026-10-31', 2, 300, '{AT}')"
)


def test_letters_issued_before_have_their_account_s_name(url: str) -> None:
    upgrade(url, "0002")
    with connection(url) as old:
        for statement in BEFORE:
            old.execute(text(statement))
    upgrade(url, "0007")
    with connection(url) as old:
        for number, person_id in ((1, 1), (2, None)):
            old.execute(text(LETTER), {"id": number, "code": f"K7QF-2M9X-4TR{number}", "person_id": person_id})
    upgrade(url, "0008")
    with connection(url) as new:
        found = new.execute(text("SELECT id, name, minutes FROM hours_letter ORDER BY id")).all()
        assert [tuple(row) for row in found] == [(1, "Ada", 300), (2, None, 300)]
