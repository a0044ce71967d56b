"""Signing in and out."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Invalid
from logistics.people import passwords, sign_in
from logistics.people.models import Person
from tests import make
from tests.browsing import Browser

from .kit import EMAIL, GOOD, fill, link, messages, with_password


def test_from_registering_to_signing_out(browser: Browser) -> None:
    assert "privacy notice" in browser.page("/register")
    answer = browser.send("/register", fill(name="Amina", email=" Amina@Example.org "))
    assert "Look in your mail" in browser.page(answer.location)
    assert browser.get("/my").location.startswith("/sign-in?next=")

    refused = browser.send("/sign-in", fill(), 422)
    assert "Confirm your email address first" in refused.get_data(as_text=True)
    assert len(messages("confirm_email")) == 2

    confirm = link("confirm_email")
    assert "Is this address yours?" in browser.page(confirm)
    assert "Is this address yours?" in browser.page(confirm)  # opening it, as mail scanners do, uses nothing up
    browser.send(confirm)
    assert "no longer works" in browser.page(confirm, 404)
    browser.send(confirm, status=404)
    browser.page(messages("confirm_email")[0].params["secret_path"], 404)

    answer = browser.send("/sign-in?next=/my", fill(email="AMINA@example.org"))
    assert answer.location == "/my"
    page = browser.page("/my")
    assert "Amina" in page
    assert EMAIL in page
    assert browser.get("/sign-in").status_code == 303
    browser.page("/sign-out")
    browser.send("/sign-out")
    assert browser.get("/my").status_code == 303
    actions = set(db.session.scalars(select(AuditLine.action)))
    assert {"person.registered", "person.confirmed", "person.signed_in"} <= actions
    details = " ".join(str(line.details) for line in db.session.scalars(select(AuditLine)))
    assert EMAIL not in details
    assert "Amina" not in details


def test_signing_in_starts_a_session_of_its_own(browser: Browser) -> None:
    with_password(email=EMAIL)
    with browser.session_transaction() as session:
        session["planted"] = "by another"
        session["language"] = "fr"
        session["csrf_token"] = "planted"
    browser.send("/sign-in", fill())
    with browser.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "planted"
        assert session["language"] == "fr"
        assert session.permanent
    cookie = browser.get_cookie("shoreline-device")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_next_never_leads_to_another_site(browser: Browser, target: str) -> None:
    with_password(email=EMAIL)
    assert browser.send("/sign-in", fill(next=target)).location == "/"


def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(browser: Browser) -> None:
    with_password(email=EMAIL)

    def answer(email: str) -> str:
        page = browser.send("/sign-in", fill(email, "not the password"), 422).get_data(as_text=True)
        page = re.sub(r'value="[^"]*"', "", page)
        return page.replace(email, "")

    assert answer(EMAIL) == answer("nobody@example.org")
    assert "do not go together" in answer(EMAIL)


def test_an_unknown_email_costs_a_hash_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    real = passwords.PasswordHasher.verify

    def verify(self: passwords.PasswordHasher, hash: str, password: str) -> bool:
        checked.append(hash)
        return bool(real(self, hash, password))

    monkeypatch.setattr(passwords.PasswordHasher, "verify", verify)
    invited = make.person()  # has no password at all
    for email in ("nobody@example.org", invited.email):
        checked.clear()
        with pytest.raises(Invalid):
            sign_in.enter(email=email, password="whatever it is", address="192.0.2.1", device=None)
        assert checked.count(passwords.NOBODY) == 1


def test_a_hash_of_weaker_times_is_renewed(browser: Browser) -> None:
    person = with_password(email=EMAIL)
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    with transaction() as session:
        session.get_one(Person, person.id).password_hash = weak
    browser.send("/sign-in", fill())
    kept = db.session.get_one(Person, person.id).password_hash
    assert kept != weak
    assert not passwords.outdated(kept)


def test_a_disabled_account_cannot_sign_in_and_is_signed_out(app: Flask) -> None:
    person = with_password(email=EMAIL)
    browser = Browser(app)
    browser.send("/sign-in", fill())
    with transaction() as session:
        session.get_one(Person, person.id).disabled_at = now()
    assert browser.get("/my").status_code == 303
    assert "switched off" in browser.send("/sign-in", fill(), 422).get_data(as_text=True)
    assert "switched off" not in browser.send("/sign-in", fill(password="wrong"), 422).get_data(as_text=True)
