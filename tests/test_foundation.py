"""The ground under everything: transactions, commands, idempotency keys, permissions, languages, headers."""

import threading
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from logistics import paging
from logistics.audit import AuditLine, record
from logistics.commands import Token, command
from logistics.config import ROOT
from logistics.db import db, snapshot, stream, transaction
from logistics.errors import Conflict, Invalid, msg
from logistics.paging import paginate

from .browsing import Browser
from .racing import race


@command
def note(session: Session, *, subject: str, fail: bool = False) -> str:
    record(session, None, "test.noted", "test", subject)
    if fail:
        raise Invalid(msg("No."))
    return subject


def lines() -> int:
    return len(db.session.scalars(select(AuditLine)).all())


def test_a_command_commits_and_a_refused_one_leaves_nothing(app: Flask) -> None:
    assert note(subject="a") == "a"
    with pytest.raises(Invalid):
        note(subject="b", fail=True)
    assert lines() == 1


def test_a_repeat_under_the_same_key_does_it_once(app: Flask) -> None:
    token = Token("browser:x", "k1")
    assert note.once(token)(subject="a") == "a"
    assert note.once(token)(subject="a") == "a"
    assert lines() == 1
    with pytest.raises(Conflict):
        note.once(token)(subject="other")
    assert lines() == 1
    assert note.once(Token("browser:y", "k1"))(subject="other") == "other"


def test_a_refused_attempt_keeps_its_key_free(app: Flask) -> None:
    token = Token("browser:x", "k2")
    with pytest.raises(Invalid):
        note.once(token)(subject="a", fail=True)
    assert note.once(token)(subject="a") == "a"


def test_a_deadlock_is_retried_and_not_shown(app: Flask) -> None:
    """Two hold what the other wants; PostgreSQL ends one of them, which begins again."""
    first, second = (note(subject=name) for name in "ab")
    at_odds, tries = threading.Barrier(2), Counter[str]()
    deadly = db.engine.dialect.name == "postgresql"  # SQLite's writer is alone

    @command
    def hold(session: Session, *, subjects: tuple[str, str]) -> str:
        tries[subjects[0]] += 1
        for number, subject in enumerate(subjects):
            row = select(AuditLine).where(AuditLine.subject_id == subject)
            session.scalars(row.with_for_update()).one()
            if deadly and number == 0 and tries[subject] == 1:
                at_odds.wait(timeout=10)
        record(session, None, "test.noted", "test", "both")
        return subjects[0]

    pairs = ((first, second), (second, first))
    answers = race(app, *[lambda pair=pair: hold(subjects=pair) for pair in pairs])
    assert answers == [first, second]
    assert tries.total() == (3 if deadly else 2)
    assert lines() == 4


@pytest.mark.parametrize("key", ["", "k" * 65, "\x00", "\ud800", "a\nb"])
def test_a_key_that_no_page_made_is_refused(app: Flask, key: str) -> None:
    with pytest.raises(Invalid):
        note.once(Token("browser:x", key))(subject="a")


def test_transactions_do_not_nest(app: Flask) -> None:
    with transaction(), pytest.raises(RuntimeError), transaction():
        pass


def test_a_long_read_streams_and_leaves_what_the_page_loaded(app: Flask) -> None:
    for subject in "abc":
        note(subject=subject)
    loaded = db.session.scalars(select(AuditLine)).first()
    read = stream(db.session, select(AuditLine.subject_id).order_by(AuditLine.id), size=2)
    assert list(read) == ["a", "b", "c"]
    assert loaded is not None
    assert "subject_id" not in inspect(loaded).unloaded
    note(subject="d")  # and writing works on the same connections afterwards


def pages(query: Any, number: int) -> tuple[list[str], int, int, bool]:
    page = paginate(db.session, query, number, size=2)
    return list(page.rows), page.number, page.pages, page.counted


def test_a_list_is_paged_and_a_page_past_its_end_is_its_last(app: Flask) -> None:
    query = select(AuditLine.subject_id).order_by(AuditLine.id)
    assert pages(query, 1) == ([], 1, 1, True)
    for subject in "abcde":
        note(subject=subject)
    assert pages(query, 1) == (["a", "b"], 1, 3, True)
    assert pages(query, 3) == (["e"], 3, 3, True)
    assert pages(query, 900) == (["e"], 3, 3, True)


def test_a_long_list_is_paged_without_counting_it_all(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", 3)
    for subject in "abcde":
        note(subject=subject)
    query = select(AuditLine.subject_id).order_by(AuditLine.id)
    assert paginate(db.session, query, 1, size=2).total == 4
    assert pages(query, 1) == (["a", "b"], 1, 2, False)
    assert pages(query, 3) == (["e"], 3, 3, False)
    assert pages(query, 900) == (["c", "d"], 2, 3, False)


def test_a_snapshot_sees_one_moment(app: Flask) -> None:
    with snapshot() as read:
        before = len(read.scalars(select(AuditLine)).all())
        note(subject="meanwhile")
        assert len(read.scalars(select(AuditLine)).all()) == before
    assert lines() == before + 1


def test_health_tells_the_revision(browser: Browser) -> None:
    newest = max(path.name[:4] for path in (ROOT / "logistics" / "migrations" / "versions").glob("[0-9]*.py"))
    assert browser.get("/health").json == {"status": "ok", "revision": newest}


def test_an_unknown_page_says_what_to_do(browser: Browser) -> None:
    assert "There is no such page" in browser.page("/nothing-here", 404)


def test_another_language_shows_the_page_that_one_came_from(browser: Browser) -> None:
    answer = browser.get("/language/fr", headers={"Referer": "http://localhost/shifts?page=2"})
    assert (answer.status_code, answer.location) == (303, "/shifts?page=2")


@pytest.mark.parametrize("page", ["//evil.example", "https://evil.example/shifts", "javascript:alert(1)", ""])
def test_open_redirects_are_refused(browser: Browser, page: str) -> None:
    answer = browser.get("/language/fr", headers={"Referer": page})
    assert (answer.status_code, answer.location) == (303, "/")


def test_strict_headers(browser: Browser) -> None:
    headers = browser.get("/health").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_other_hosts_are_not_answered(browser: Browser) -> None:
    assert browser.get("/health", base_url="http://evil.example").status_code == 400
