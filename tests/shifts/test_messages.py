"""What coordinators see of messages: sent, waiting or failed, why, and sending one again."""

from datetime import datetime, timedelta
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
from logistics.shifts import moving, signing
from logistics.shifts.models import SignUp, SignUpState
from logistics.shifts.plans import planning
from logistics.shifts.telling import mail

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


def offer(person: Person, until: datetime) -> SignUp:
    return SignUp(person=person, state=SignUpState.OFFERED, places=1, offer_lapses_at=until)


def test_what_a_shift_called_off_asked_for_is_not_sent_any_more(app: Flask, coordinator: Browser) -> None:
    shift_id, person_id, _ = booked()
    other_id, _, _ = booked("Ben")
    with transaction() as session:
        amina = session.get_one(Person, person_id)
        amina.wants_call_outs = amina.wants_reminders = True
        for number in (shift_id, other_id):
            shift = signing.lock_shift(session, number)
            mail.called_out(session, amina, shift)
            mail.reminder(session, amina, shift)
            mail.offered(session, offer(amina, shift.starts_at - timedelta(hours=1)), shift)
    planning.call_off(actor_id=coordinator.person_id, shift_id=shift_id)
    states = db.session.execute(
        select(OutboxMessage.kind, OutboxMessage.state).where(OutboxMessage.about == f"shift:{shift_id}")
    ).all()
    assert {tuple(row) for row in states} == {
        ("sign_up_confirmed", MessageState.WAITING),
        ("called_out", MessageState.TOO_LATE),
        ("shift_reminder", MessageState.TOO_LATE),
        ("place_offered", MessageState.TOO_LATE),
        ("shift_cancelled", MessageState.WAITING),
    }
    sent: list[str] = []
    sending.send_waiting(lambda mail: sent.append(mail["Subject"]))
    assert len(sent) == 6  # two of this shift, and all four of the other
    page = text_of(coordinator.page(f"/messages?shift={shift_id}&state=late"))
    assert page.count("Not sent: too late") == 4  # and the filter's own
    assert "Send again" not in page


def test_messages_know_until_when_they_hold(app: Flask) -> None:
    shift_id, person_id, _ = booked()
    with transaction() as session:
        amina, shift = session.get_one(Person, person_id), signing.lock_shift(session, shift_id)
        amina.wants_call_outs = True
        start, lapse = shift.starts_at, shift.starts_at - timedelta(hours=1)
        mail.called_out(session, amina, shift)
        mail.reminder(session, amina, shift)
        mail.offered(session, offer(amina, lapse), shift)
    rows = db.session.execute(select(OutboxMessage.kind, OutboxMessage.good_until)).all()
    assert {row.kind: row.good_until for row in rows} == {
        "sign_up_confirmed": None,
        "called_out": start,
        "shift_reminder": start,
        "place_offered": lapse,
    }


def test_a_reminder_of_where_a_shift_no_longer_is_is_not_sent(app: Flask, coordinator: Browser) -> None:
    shift_id, person_id, _ = booked()
    with transaction() as session:
        shift = signing.lock_shift(session, shift_id)
        mail.reminder(session, session.get_one(Person, person_id), shift)
        to = [(shift.starts_at + timedelta(hours=1), shift.ends_at + timedelta(hours=1), shift.site)]
        moving.move(session, [shift], to, coordinator.person_id)
    subjects: list[str] = []
    sending.send_waiting(lambda mail: subjects.append(mail["Subject"]))
    assert len(subjects) == 2  # that they are on it, and that it moved


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
