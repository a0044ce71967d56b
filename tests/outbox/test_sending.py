"""Each message goes out once, whoever sends it and whatever goes wrong meanwhile."""

import threading
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from logistics import worker
from logistics.clock import now
from logistics.commands import RepeatGuard
from logistics.db import db, transaction
from logistics.errors import Conflict
from logistics.outbox import again, sending
from logistics.outbox.mail import compose, write_file
from logistics.outbox.models import MessageState, OutboxMessage
from logistics.people.models import FailedSignIn, LinkPurpose, MailedLink
from tests import make

from .conftest import Postbox, row, write


def due_now() -> None:
    with transaction() as session:
        session.execute(update(OutboxMessage).values(due_at=now()))


def test_a_message_is_sent_once_and_its_secret_forgotten(app: Flask, postbox: Postbox) -> None:
    message_id = write()
    other = write("already_registered", path="/kept")
    assert sending.send_waiting(postbox) == 2
    assert sending.send_waiting(postbox) == 0
    mail = postbox.mails[0]
    assert mail["To"] == "amina@example.org"
    assert mail["Subject"] == "Set a new password"
    assert mail["From"] == "Shoreline <shoreline@example.org>"
    assert "http://localhost/reset/abc" in mail.get_body(("plain",)).get_content()
    sent = row(message_id)
    assert (sent.state, sent.params, sent.error) == (MessageState.SENT, {"spent": True}, None)
    assert sent.sent_at is not None
    assert row(other).params == {"path": "/kept"}


def test_a_server_that_is_away_is_tried_again_later_and_then_given_up(app: Flask, postbox: Postbox) -> None:
    message_id = write()
    postbox.refuses = True
    for wait in sending.WAITS:
        before = now()
        assert sending.send_waiting(postbox) == 1
        assert sending.send_waiting(postbox) == 0
        tried = row(message_id)
        assert tried.state == MessageState.WAITING
        assert before + wait <= tried.due_at <= now() + wait
        assert "the server is away" in (tried.error or "")
        due_now()
    assert sending.send_waiting(postbox) == 1
    failed = row(message_id)
    assert (failed.state, failed.attempts, failed.params) == (MessageState.FAILED, sending.TRIES, {"spent": True})
    due_now()
    assert sending.send_waiting(postbox) == 0


def test_what_holds_no_longer_is_not_sent(app: Flask, postbox: Postbox) -> None:
    late, held = write(), write()
    good(late, now())
    good(held, now() + timedelta(hours=1))
    assert sending.send_waiting(postbox) == 1
    assert row(late).state == MessageState.TOO_LATE
    assert row(held).state == MessageState.SENT
    assert sending.send_waiting(postbox) == 0
    with pytest.raises(Conflict, match="too late"):
        again.send_again(actor_id=make.person().id, message_id=late)


def test_what_would_be_tried_again_too_late_is_given_up_at_once(app: Flask, postbox: Postbox) -> None:
    message_id = write()
    good(message_id, now() + sending.WAITS[0] + timedelta(minutes=1))
    postbox.refuses = True
    sending.send_waiting(postbox)
    assert row(message_id).state == MessageState.WAITING
    due_now()
    sending.send_waiting(postbox)  # after that, five minutes would have to pass
    assert row(message_id).state == MessageState.TOO_LATE
    assert "the server is away" in (row(message_id).error or "")


def test_a_failed_message_is_sent_again_only_while_it_holds(app: Flask, postbox: Postbox) -> None:
    message_id, actor_id = write(path="/x"), make.person().id
    good(message_id, now() + timedelta(hours=9))
    with transaction() as session:
        session.execute(update(OutboxMessage).values(state=MessageState.FAILED))
    again.send_again(actor_id=actor_id, message_id=message_id)
    assert row(message_id).state == MessageState.WAITING
    good(message_id, now())
    with transaction() as session:
        session.execute(update(OutboxMessage).values(state=MessageState.FAILED))
    with pytest.raises(Conflict, match="too late"):
        again.send_again(actor_id=actor_id, message_id=message_id)


def good(message_id: int, until: datetime) -> None:
    with transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(good_until=until))


def test_what_succeeds_in_the_end_keeps_one_message_id(app: Flask, postbox: Postbox) -> None:
    message_id = write()
    first = sending.claim()
    assert first is not None
    sending.settle(message_id=message_id, attempts=first.attempts, error="away")
    due_now()
    sending.send_waiting(postbox)
    assert postbox.mails[0]["Message-ID"] == sending.message_id(first)
    assert row(message_id).error is None


def test_one_bad_message_does_not_hold_up_the_others(app: Flask, postbox: Postbox) -> None:
    write("no_such_kind", x=1)
    write(language="tlh")
    assert sending.send_waiting(postbox) == 2
    assert [mail["Subject"] for mail in postbox.mails] == ["Set a new password"]


@pytest.mark.parametrize(
    "address", ["a@example.org\nBcc: b@example.org", "a@example.org\r\nX: y", "a@example.org, b@example.org", "", "a b"]
)
def test_an_address_cannot_forge_a_header(app: Flask, postbox: Postbox, address: str) -> None:
    message_id = write(to=address)
    sending.send_waiting(postbox)
    assert postbox.mails == []
    assert row(message_id).error


def test_a_name_cannot_forge_a_header(app: Flask, postbox: Postbox) -> None:
    write(
        "promise_taken",
        title="Hoodies\r\nBcc: everyone@example.org\n\nBuy this",
        product="Hoodie <b>",
        size="S",
        quantity=1,
        path="/distributions/1",
    )
    sending.send_waiting(postbox)
    mail = message_from_bytes(postbox.mails[0].as_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["Subject"].strip() == "Short: Hoodies Bcc: everyone@example.org Buy this has fewer Hoodie <b>"
    assert "<b>" not in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_a_worker_that_died_holds_a_message_up_no_longer_than_its_lease(app: Flask, postbox: Postbox) -> None:
    message_id = write()
    dead = sending.claim()
    assert dead is not None
    assert sending.send_waiting(postbox) == 0
    with transaction() as session:
        session.execute(update(OutboxMessage).values(claimed_until=now()))
    assert sending.send_waiting(postbox) == 1
    sending.settle(message_id=message_id, attempts=dead.attempts, error="too late to matter")
    assert row(message_id).state == MessageState.SENT


def test_a_message_that_kills_every_worker_is_given_up(app: Flask, postbox: Postbox) -> None:
    message_id = write()
    for _ in range(sending.TRIES):
        assert sending.claim() is not None
        with transaction() as session:
            session.execute(update(OutboxMessage).values(claimed_until=now()))
    assert sending.send_waiting(postbox) == 1
    assert postbox.mails == []
    assert row(message_id).state == MessageState.FAILED


def many_workers(app: Flask, postbox: Postbox, workers: int) -> None:
    barrier = threading.Barrier(workers)

    def go() -> None:
        with app.app_context():
            barrier.wait()
            sending.send_waiting(postbox, limit=100)

    threads = [threading.Thread(target=go) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_several_workers_send_each_message_once(app: Flask, postbox: Postbox) -> None:
    for number in range(30):
        write(to=f"v{number}@example.org")
    many_workers(app, postbox, 6)
    assert sorted(mail["To"] for mail in postbox.mails) == sorted(f"v{number}@example.org" for number in range(30))


def test_without_its_claim_a_message_would_go_out_many_times(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above means something: workers that only look, and do not claim, send the same message."""
    message_id = write()
    barrier = threading.Barrier(4)

    def look() -> sending.Claimed | None:
        found = row(message_id)
        barrier.wait()
        if found.state == MessageState.SENT:
            return None
        return sending.Claimed(
            found.id, found.kind, found.to_address, found.language, found.params, found.created_at, 0
        )

    monkeypatch.setattr(sending, "claim", look)
    monkeypatch.setattr(sending, "settle", lambda **_: None)
    threads = [threading.Thread(target=lambda: send_one(app, postbox)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(postbox.mails) == 4


def send_one(app: Flask, postbox: Postbox) -> None:
    with app.app_context():
        sending.send_waiting(postbox, limit=1)


def test_without_a_mail_server_mail_lands_in_files(app: Flask, tmp_path: Path) -> None:
    mail = compose("reset_password", "a@example.org", "fr", {"secret_path": "/reset/é"}, message_id="<x-1@localhost>")
    write_file(mail, tmp_path / "mail")
    write_file(mail, tmp_path / "mail")
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "x-1.eml"
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"] == "<x-1@localhost>"


def test_the_worker_drains_what_waits_and_ends(app: Flask) -> None:
    for number in range(45):
        write(to=f"v{number}@example.org")
    folder = app.extensions["shoreline_settings"].instance / "mail"
    before = len(list(folder.glob("*.eml"))) if folder.exists() else 0
    worker.run(app, once=True)
    assert len(list(folder.glob("*.eml"))) - before == 45


def test_the_worker_tidies_up(app: Flask) -> None:
    long_ago, person_id = now() - timedelta(days=100), make.person().id
    sent, waiting = write(), write()
    with transaction() as session:
        session.add(FailedSignIn(at=long_ago, account="x", address="x"))
        session.add(FailedSignIn(at=now(), account="y", address="y"))
        for number, expires in enumerate((long_ago, now() + timedelta(days=1))):
            session.add(
                MailedLink(
                    person_id=person_id,
                    purpose=LinkPurpose.CONFIRM_EMAIL,
                    token_hash=str(number),
                    created_at=long_ago - timedelta(days=1),
                    expires_at=expires,
                )
            )
        session.add(RepeatGuard(scope="x", action="x", key="x", input_hash="x", created_at=long_ago))
        session.add(RepeatGuard(scope="y", action="x", key="x", input_hash="x", created_at=now()))
        session.execute(update(OutboxMessage).values(created_at=long_ago))
        session.get_one(OutboxMessage, sent).state = MessageState.SENT
    worker.tidy()
    for table in (FailedSignIn, MailedLink, RepeatGuard, OutboxMessage):
        assert db.session.query(table).count() == 1, table
    assert row(waiting).state == MessageState.WAITING


def test_the_worker_survives_errors_and_stops_when_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, calls = threading.Event(), []

    def work(_app: Flask) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the database went away")
        stop.set()
        return 0

    monkeypatch.setattr(worker, "work", work)
    monkeypatch.setattr(worker, "LONGEST_REST", 0.01)
    thread = threading.Thread(target=worker.run, args=(app,), kwargs={"stop": stop})
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert len(calls) == 2
