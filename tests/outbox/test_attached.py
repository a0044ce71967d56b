"""What a mail carries beside its words: an invitation, and the way to stop mails like it."""

from email import message_from_bytes, policy

import pytest
from flask import Flask
from icalendar import Calendar

from logistics.outbox.mail import compose
from logistics.outbox.unsubscribing import make_token, read_token

from .test_kinds import CANCELS, EXAMPLES


def composed(kind: str, language: str = "en", **params: object) -> object:
    mail = compose(kind, "amina@example.org", language, {**EXAMPLES[kind], **params}, message_id="<1@localhost>")
    return message_from_bytes(mail.as_bytes(), policy=policy.default)


def test_a_confirmation_carries_an_invitation_twice(app: Flask) -> None:
    mail = composed("sign_up_confirmed")
    (inline,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    (attached,) = mail.iter_attachments()
    assert inline["Content-Type"].params["method"] == "REQUEST"
    assert attached.get_filename() == "shift.ics"
    assert inline.get_payload(decode=True) == attached.get_payload(decode=True)
    calendar = Calendar.from_ical(attached.get_payload(decode=True))
    (entry,) = calendar.walk("VEVENT")
    assert str(calendar["method"]) == "REQUEST"
    assert (str(entry["uid"]), entry["sequence"], str(entry["status"])) == ("shift-3-7@localhost", 12, "CONFIRMED")
    assert str(entry["summary"]) == "Driver · Shoreline"
    assert entry.decoded("dtstart").isoformat() == "2026-11-24T14:15:00+01:00"
    assert entry["attendee"] == "mailto:amina@example.org"
    assert "Warm clothes" in str(entry["description"])
    assert mail.get_body(("plain",)).get_content().startswith("Hello Amina,")


def test_what_confirms_several_shifts_carries_all_of_them_in_one_file(app: Flask) -> None:
    mail = composed("sign_ups_confirmed")
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "shifts.ics"
    calendar = Calendar.from_ical(attached.get_payload(decode=True))
    assert str(calendar["method"]) == "PUBLISH"
    entries = calendar.walk("VEVENT")
    assert [str(entry["uid"]) for entry in entries] == ["shift-3-7@localhost", "shift-4-7@localhost"]
    assert all(entry["organizer"].startswith("mailto:") and "attendee" not in entry for entry in entries)
    text = mail.get_body(("plain",)).get_content()
    assert next(line for line in text.split("\n") if line.startswith("http")) == "http://localhost/my/shifts"
    assert text.count("Driver") == 2


@pytest.mark.parametrize("kind", [kind for kind, params in EXAMPLES.items() if params.get("calendar") == CANCELS])
def test_what_is_not_theirs_leaves_their_calendar(app: Flask, kind: str) -> None:
    (attached,) = composed(kind, "fr").iter_attachments()
    calendar = Calendar.from_ical(attached.get_payload(decode=True))
    (entry,) = calendar.walk("VEVENT")
    assert (str(calendar["method"]), str(entry["status"])) == ("CANCEL", "CANCELLED")


def test_a_mail_that_nobody_need_have_can_be_stopped_with_one_click(app: Flask) -> None:
    mail = composed("shift_reminder")
    link = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.get_body(("plain",)).get_content()
    assert link in mail.get_body(("html",)).get_content()
    assert read_token(app.secret_key or "", link.rsplit("/", 1)[1]) == (7, "reminders")


def test_a_long_address_is_not_broken_in_a_header(app: Flask) -> None:
    mail = compose("shift_thanks", "a@example.org", "en", EXAMPLES["shift_thanks"], message_id="<1@localhost>")
    (line,) = [line for line in mail.as_string().split("\n") if line.startswith("List-Unsubscribe:")]
    assert line.startswith("List-Unsubscribe: <http://localhost/unsubscribe/")
    assert line.endswith(">")


@pytest.mark.parametrize("kind", [kind for kind, params in EXAMPLES.items() if "unsubscribe" not in params])
def test_a_mail_that_must_come_has_no_such_link(app: Flask, kind: str) -> None:
    mail = composed(kind)
    assert mail["List-Unsubscribe"] is None
    assert "/unsubscribe/" not in mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("token", ["", "x", "WzcsInJlbWluZGVycyJd.x", "é", "a.b.c", "x" * 5000])
def test_a_token_that_we_did_not_make_says_nothing(token: str) -> None:
    assert read_token("key", token) is None
    assert read_token("key", make_token("another key", 7, "thanks")) is None
