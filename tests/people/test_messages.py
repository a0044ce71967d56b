"""What one gets mail about: chosen on a page, or with one click from a mail."""

import pytest
from flask import Flask

from logistics.db import db
from logistics.outbox.unsubscribing import make_token
from logistics.people.models import Person
from logistics.people.wishes import Topic, wants

from .. import make
from ..browsing import Browser


def link(app: Flask, person_id: int, topic: str) -> str:
    return f"/unsubscribe/{make_token(app.extensions['shoreline_settings'].secret_key, person_id, topic)}"


def wished(person_id: int) -> set[str]:
    db.session.rollback()
    return {topic.value for topic in Topic if wants(db.session.get_one(Person, person_id), topic)}


def test_nobody_is_called_out_who_did_not_ask_for_it(volunteer: Browser) -> None:
    assert wished(volunteer.person_id) == {"reminders", "thanks"}
    volunteer.send("/my/messages", {"call_outs": "y", "thanks": "y"})
    assert wished(volunteer.person_id) == {"call_outs", "thanks"}
    page = volunteer.page("/my/messages")
    assert page.count(" checked") == 2


@pytest.mark.parametrize("topic", Topic)
def test_one_click_of_a_mail_program_stops_it(app: Flask, browser: Browser, topic: str) -> None:
    person_id = make.person().id
    path = link(app, person_id, topic)
    for _ in range(2):
        answer = browser.post(path, data={"List-Unsubscribe": "One-Click"}, csrf=False)
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert topic not in wished(person_id)
    assert wished(person_id) == {"reminders", "thanks"} - {topic}


def test_opening_the_link_changes_nothing_and_shows_a_button(app: Flask, browser: Browser) -> None:
    person_id = make.person().id
    path = link(app, person_id, "reminders")
    assert "Stop it" in browser.page(path)
    assert "reminders" in wished(person_id)
    browser.send(path)
    assert "reminders" not in wished(person_id)
    assert "Send it to me again" in browser.page(path)
    browser.send(path, {"wanted": "yes"})
    assert "reminders" in wished(person_id)


@pytest.mark.parametrize("token", ["x", "WzEsInRoYW5rcyJd.x", "é", "x" * 5000])
def test_a_link_that_is_not_ours_is_not_found(browser: Browser, token: str) -> None:
    assert "not whole" in browser.page(f"/unsubscribe/{token}", 404)
    assert browser.post(f"/unsubscribe/{token}", csrf=False).status_code == 404


def test_a_link_of_someone_who_is_gone_is_not_found(app: Flask, browser: Browser) -> None:
    path = link(app, 12345, "thanks")
    browser.page(path, 404)
    assert browser.post(path, csrf=False).status_code == 404


def test_a_signed_topic_that_is_none_is_not_found(app: Flask, browser: Browser) -> None:
    path = link(app, make.person().id, "password_hash")
    browser.page(path, 404)
    assert browser.post(path, csrf=False).status_code == 404
