"""Registering: what it refuses, what it mails, and what it tells to strangers (nothing)."""

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.db import db
from logistics.people import accounts, passwords
from logistics.people.models import Person
from tests.browsing import Browser, text_of
from tests.racing import race

from .kit import EMAIL, OTHER, fill, link, messages, with_password


def test_registering_a_known_address_looks_the_same_and_mails_its_owner(browser: Browser) -> None:
    with_password(email=EMAIL)
    known = browser.send("/register", fill(name="Someone", password=OTHER))
    other = browser.send("/register", fill("new@example.org", OTHER, name="Someone"))
    assert known.location == other.location
    assert [m.kind for m in messages() if m.to_address == EMAIL] == ["already_registered"]
    browser.send("/sign-in", fill(password=OTHER), 422)
    for _ in range(9):
        browser.send("/register", fill(name="Someone", password=OTHER))
    assert len(messages("already_registered")) == accounts.MAILS_AN_HOUR


def test_the_same_registration_twice_makes_one_account_and_one_mail(browser: Browser) -> None:
    form = fill(name="Amina", key="one-key")
    browser.send("/register", form)
    browser.send("/register", form)
    assert [m.kind for m in messages()] == ["confirm_email"]


def test_two_registrations_of_one_address_at_the_same_moment(app: Flask) -> None:
    answers = race(app, *[lambda: Browser(app).post("/register", data=fill(name="Amina")).status_code] * 4)
    assert answers == [303] * 4
    assert len(db.session.scalars(select(Person.id)).all()) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "not an address", "Enter an email address"),
        ("email", "", "Fill this in"),
        ("email", "a\x00@example.org", "cannot be stored"),
        ("email", "a" * 300 + "@example.org", "254 characters or fewer"),
        ("name", " ", "Fill this in"),
        ("name", "x" * 101, "100 characters or fewer"),
        ("password", "short", "12 characters or more"),
        ("password", "x7" * 100, "128 characters or fewer"),
        ("password", "password1234", "easy to guess"),
        ("password", "qwertyuiop123456", "easy to guess"),
        ("password", "aminaaminaamina", "easy to guess"),
        ("password", "amina@example.org", "easy to guess"),
    ],
)
def test_what_registering_refuses(browser: Browser, field: str, value: str, words: str) -> None:
    page = browser.send("/register", {**fill(name="Amina"), field: value}, 422).get_data(as_text=True)
    assert words in text_of(page)
    assert not messages()


def test_long_and_strange_passwords_work(browser: Browser) -> None:
    for number, password in enumerate(
        (
            "ключ лестница Норвегия 🔑",
            "kettle ladder norway violet hammer lisbon " + "pq7 " * 20,
            "  spaces at both ends  ",
        )
    ):
        email = f"p{number}@example.org"
        browser.send("/register", fill(email, password, name="P"))
        browser.send(link("confirm_email"))
        browser.send("/sign-in", fill(email, password))
        browser.send("/sign-out")


def test_an_accented_password_typed_on_another_keyboard(app: Flask) -> None:
    kept = passwords.hash_password("caf\u00e9 escalier norvège")
    assert passwords.matches(kept, "cafe\u0301 escalier norve\u0300ge")


def test_registering_without_end_is_slowed_by_address(browser: Browser) -> None:
    for _ in range(60):
        browser.send("/register", {"email": "x"}, 422)
    assert "Too many tries" in browser.send("/register", {"email": "x"}, 429).get_data(as_text=True)
    browser.page("/register")


def test_who_makes_an_account_comes_back_to_where_they_were_going(browser: Browser) -> None:
    browser.page("/register?next=/here/wall-code")
    browser.send("/register", fill(name="Amina"))
    first = browser.send(link("confirm_email"))
    assert first.headers["Location"] == "/sign-in?next=/here/wall-code"
    browser.page("/register?next=//evil.example")
    browser.send("/register", fill("other@example.org", name="Ben"))
    assert browser.send(link("confirm_email")).headers["Location"] == "/sign-in"
