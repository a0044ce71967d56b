"""What coordinators see of messages: sent, waiting or failed, why, and sending one again."""

from smtplib import SMTPRecipientsRefused

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Conflict
from logistics.outbox import again, sending
from logistics.outbox.models import MessageState, OutboxMessage
from logistics.people import accounts
from logistics.people.models import Person
from logistics.shifts import signing

from .. import make
from ..browsing import Browser, text_of


def booked(name: str = "Amina") -> tuple[int, int, int]:
    """Return the ids of a shift, of who is on it, and of what was mailed to them."""
    shift_id, person_id = make.shift(of_role=make.role(f"Driver of {name}")).id, make.person(name=name).id
    signing.sign_up(actor_id=person_id, shift_id=shift_id)
    return shift_id, person_id, db.session.scalar(select(OutboxMessage.id).order_by(OutboxMessage.id.desc())) or 0


def failed(message_id: int, error: str) -> None:
    with transaction() as session:
        found = update(OutboxMessage).where(OutboxMessage.id == message_id)
        session.execute(found.values(state=MessageState.FAILED, error=error, attempts=5))


def test_a_message_is_seen_as_waiting_then_as_sent(app: Flask, coordinator: Browser) -> None:
    shift_id, _, _ = booked()
    page = text_of(coordinator.page(f"/messages?shift={shift_id}"))
    assert "Waiting You are on: Driver of Amina" in page
    sending.send_waiting(lambda mail: None)
    page = text_of(coordinator.page("/messages"))
    assert "Sent You are on: Driver of Amina" in page
    assert "No message has failed" in page


def test_a_failed_message_says_why_and_is_sent_again(app: Flask, coordinator: Browser) -> None:
    _, _, message_id = booked()
    failed(message_id, "SMTPRecipientsRefused: {'person1@example.org': (550, b'no such user')}")
    page = text_of(coordinator.page("/messages?state=failed"))
    assert "1 message could not be sent" in page
    assert "takes nothing for this address" in page
    assert "550" not in page
    for _ in range(2):
        coordinator.send(f"/messages/{message_id}/again")
    sent = []
    assert sending.send_waiting(sent.append) == 1
    assert len(sent) == 1
    assert "Sent" in text_of(coordinator.page("/messages"))
    coordinator.send(f"/messages/{message_id}/again", status=409)


def test_a_message_that_waits_for_another_try_says_why(app: Flask, coordinator: Browser) -> None:
    booked()

    def refuse(_mail: object) -> None:
        raise SMTPRecipientsRefused({})

    sending.send_waiting(refuse)
    page = text_of(coordinator.page("/messages?state=waiting"))
    assert "takes nothing for this address" in page
    assert "Tried again at" in page


def test_messages_of_one_person_or_of_a_name(app: Flask, coordinator: Browser) -> None:
    booked("Amina")
    _, person_id, _ = booked("Daniel")
    for path in (f"/messages?person={person_id}", "/messages?q=dANIel"):
        page = text_of(coordinator.page(path))
        assert "Driver of Daniel" in page
        assert "Driver of Amina" not in page
    assert "No message is like that" in coordinator.page("/messages?q=%25")
    coordinator.page("/messages?person=99999999999&state=nonsense&page=-3")


def test_private_mail_is_not_shown_nor_sent_again(app: Flask, coordinator: Browser) -> None:
    person_id = make.person(email="private@example.org").id
    with transaction() as session:
        accounts.mail_confirmation(session, session.get_one(Person, person_id))
    assert "private@example.org" not in coordinator.page("/messages")
    message_id = db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.kind == "confirm_email"))
    coordinator.send(f"/messages/{message_id}/again", status=404)
    coordinator.send("/messages/2147483647/again", status=404)


def test_a_link_that_was_good_once_is_not_sent_again(app: Flask) -> None:
    person_id = make.person("admin").id
    with transaction() as session:
        session.add(
            OutboxMessage(
                kind="reset_password",
                to_address="a@example.org",
                language="en",
                params={"spent": True},
                state=MessageState.FAILED,
                created_at=now(),
                due_at=now(),
            )
        )
    message_id = db.session.scalar(select(OutboxMessage.id)) or 0
    with pytest.raises(Conflict):
        again.send_again(actor_id=person_id, message_id=message_id)


def test_it_is_coordinators_business(app: Flask, volunteer: Browser, coordinator: Browser) -> None:
    booked()
    volunteer.page("/messages", 403)
    download = coordinator.get("/messages?format=csv").get_data(as_text=True)
    assert "You are on: Driver of Amina" in download
    assert "/shifts/" not in download


def test_a_kind_that_is_written_no_more_is_still_listed(app: Flask, coordinator: Browser) -> None:
    _, _, message_id = booked()
    with transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(kind="gone_kind"))
    assert "gone_kind" in coordinator.page("/messages")
