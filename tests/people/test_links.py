"""Links by mail: a new password, once and in time."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.people.models import MailedLink, Person
from tests.browsing import Browser
from tests.racing import race

from .kit import EMAIL, GOOD, OTHER, fill, link, messages, with_password


def test_a_reset_signs_out_everywhere_works_once_and_proves_the_address(app: Flask) -> None:
    person = with_password(email=EMAIL)
    elsewhere, here = Browser(app), Browser(app)
    elsewhere.send("/sign-in", fill())
    unknown = here.send("/reset", {"email": "nobody@example.org"})
    known = here.send("/reset", {"email": EMAIL})
    assert known.location == unknown.location
    assert "on its way" in here.page(known.location)
    here.send("/reset", {"email": EMAIL})
    first, second = [m.params["secret_path"] for m in messages("reset_password")]
    here.page(first)
    assert "easy to guess" in here.send(first, {"password": "password1234"}, 422).get_data(as_text=True)
    here.send(first, {"password": OTHER, "key": "k"})
    here.send(first, {"password": OTHER, "key": "k"})  # a double click
    here.send(first, {"password": GOOD}, 404)
    here.send(second, {"password": GOOD}, 404)
    assert elsewhere.get("/my").status_code == 303
    here.send("/sign-in", fill(), 422)
    here.send("/sign-in", fill(password=OTHER))
    assert db.session.get_one(Person, person.id).email_confirmed_at


def test_links_expire(browser: Browser) -> None:
    with_password(email=EMAIL)
    browser.send("/reset", {"email": EMAIL})
    path = link("reset_password")
    with transaction() as session:
        session.execute(update(MailedLink).values(created_at=now() - timedelta(hours=2), expires_at=now()))
    browser.page(path, 404)
    browser.send(path, {"password": OTHER}, 404)


@pytest.mark.parametrize("token", ["x", "é", "a" * 500, "%00", "..%2f"])
def test_made_up_links(browser: Browser, token: str) -> None:
    browser.page(f"/reset/{token}", 404)
    browser.send(f"/register/confirm/{token}", status=404)


def test_one_link_used_by_many_at_once(app: Flask) -> None:
    with_password(email=EMAIL)
    Browser(app).send("/reset", {"email": EMAIL})
    path = link("reset_password")
    answers = race(app, *[lambda: Browser(app).post(path, data={"password": OTHER}).status_code] * 4)
    assert sorted(answers) == [303, 404, 404, 404]
