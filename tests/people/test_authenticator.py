"""The second lock: authenticator codes and recovery codes."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pyotp
import pytest
from flask import Flask

from logistics import clock
from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Invalid
from logistics.factory import create_app
from logistics.people import passwords, sign_in, totp
from logistics.people.models import Person, RecoveryCode
from tests import make
from tests.browsing import Browser, text_of
from tests.racing import race, refused

from .kit import EMAIL, GOOD, fill, with_password


def secret_of(person_id: int) -> str:
    db.session.rollback()
    secret = db.session.get_one(Person, person_id).totp_secret
    assert secret
    return secret


def code(person_id: int, steps: int = 0) -> str:
    return pyotp.TOTP(secret_of(person_id)).at(now() + timedelta(seconds=30 * steps))


def set_up(person_id: int) -> list[str]:
    """Turn an authenticator on; return its recovery codes. The step of its first code is forgotten again."""
    totp.begin(actor_id=person_id)
    codes = totp.confirm(actor_id=person_id, code=code(person_id))
    with transaction() as session:
        session.get_one(Person, person_id).totp_last_step = None
    return codes


def test_setting_it_up_and_signing_in_with_it(app: Flask) -> None:
    person_id = with_password(email=EMAIL).id
    browser = Browser(app)
    browser.send("/sign-in", fill())
    assert "Set it up" in browser.page("/my/authenticator")
    browser.send("/my/authenticator/begin")
    page = browser.page("/my/authenticator")
    assert 'src="data:image/svg+xml' in page
    assert secret_of(person_id)[:4] in page
    assert db.session.get_one(Person, person_id).totp_confirmed_at is None
    assert "not right" in browser.send("/my/authenticator/confirm", {"code": "000000"}, 422).get_data(as_text=True)
    shown = browser.send("/my/authenticator/confirm", {"code": code(person_id)}, 200)
    assert shown.headers["Cache-Control"] == "no-store"
    recovery = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", shown.get_data(as_text=True))
    assert len(set(recovery)) == 10
    assert recovery[0] not in browser.page("/my/authenticator")
    assert "10 recovery codes left" in browser.page("/my")

    other = Browser(app)
    answer = other.send("/sign-in", fill(next="/my"))
    assert answer.location == "/sign-in/code?next=/my"
    assert other.get("/my").status_code == 303  # the password alone opens nothing
    used = code(person_id)
    assert "used already" in other.send(answer.location, {"code": used}, 422).get_data(as_text=True)
    assert (
        other.send(answer.location, {"code": f" {code(person_id, 1)[:3]} {code(person_id, 1)[3:]} "}).location == "/my"
    )
    other.page("/my")

    third = Browser(app)
    third.send("/sign-in", fill())
    third.send("/sign-in/code", {"code": code(person_id, 1)}, 422)  # each code works once
    third.send("/sign-in/code", {"code": recovery[0].upper()})
    assert "9 recovery codes left" in third.page("/my")
    fourth = Browser(app)
    fourth.send("/sign-in", fill())
    fourth.send("/sign-in/code", {"code": recovery[0]}, 422)
    hashes = db.session.query(RecoveryCode.code_hash).all()
    assert not any(recovery[0].replace("-", "") in str(row) for row in hashes)


def test_renewing_codes_and_turning_it_off_need_password_and_code(app: Flask) -> None:
    person = with_password(email=EMAIL)
    person_id = person.id
    browser = Browser(app).sign_in(person)
    old = set_up(person_id)
    path = "/my/authenticator/codes"
    browser.send(path, {"password": "wrong", "code": old[0]}, 422)
    browser.send(path, {"password": GOOD, "code": "123"}, 422)
    new = browser.send(path, {"password": GOOD, "code": old[0]}, 200).get_data(as_text=True)
    with pytest.raises(Invalid):
        sign_in.enter_code(person_id=person_id, code=old[1], address="192.0.2.1")
    code_now = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", new)[0]
    browser.send("/my/authenticator/off", {"password": GOOD, "code": code_now})
    assert db.session.get_one(Person, person_id).totp_secret is None
    Browser(app).send("/sign-in", fill())


def test_setting_it_up_twice_is_refused(app: Flask) -> None:
    person = with_password(email=EMAIL)
    set_up(person.id)
    browser = Browser(app).sign_in(person)
    browser.send("/my/authenticator/begin", status=409)
    browser.send("/my/authenticator/confirm", {"code": "123456"}, 409)


def test_codes_are_not_guessed_freely(app: Flask) -> None:
    person_id = with_password(email=EMAIL).id
    set_up(person_id)
    browser = Browser(app)
    browser.send("/sign-in", fill())
    for _ in range(5):
        browser.send("/sign-in/code", {"code": "no"}, 422)
    assert "Wait 1 minute" in browser.send("/sign-in/code", {"code": code(person_id)}, 429).get_data(as_text=True)


def test_the_second_step_waits_five_minutes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = with_password(email=EMAIL).id
    set_up(person_id)
    browser = Browser(app)
    browser.send("/sign-in", fill())
    browser.page("/sign-in/code")
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr("logistics.people.views.entry.now", lambda: later)
    assert browser.send("/sign-in/code", {"code": code(person_id)}).location.startswith("/sign-in?")
    assert "Sign in again" in text_of(browser.page("/sign-in"))


def test_a_reset_meanwhile_ends_the_second_step(app: Flask) -> None:
    person_id = with_password(email=EMAIL).id
    set_up(person_id)
    browser = Browser(app)
    browser.send("/sign-in", fill())
    with transaction() as session:
        session.get_one(Person, person_id).session_token = "another"
    assert browser.send("/sign-in/code", {"code": code(person_id)}).location.startswith("/sign-in?")


@pytest.mark.parametrize("recovery", [False, True])
def test_one_code_used_many_times_at_once_lets_one_in(app: Flask, recovery: bool) -> None:
    person_id = with_password(email=EMAIL).id
    codes = set_up(person_id)
    typed = codes[0] if recovery else code(person_id)
    enter = partial(sign_in.enter_code, person_id=person_id, code=typed, address="192.0.2.1")
    assert refused(race(app, *[enter] * 4), Invalid) == 3


@pytest.mark.parametrize("typed", ["", "abcdef", "１２３４５６", "12345", "x" * 40, "'; drop table"])
def test_nonsense_is_no_code(app: Flask, typed: str) -> None:
    person_id = make.person().id
    set_up(person_id)
    with pytest.raises(Invalid):
        sign_in.enter_code(person_id=person_id, code=typed, address="192.0.2.1")


@pytest.fixture
def production(app: Flask) -> Flask:
    settings = replace(
        app.extensions["shoreline_settings"],
        production=True,
        base_url="https://shoreline.example.org",
        mail_url="smtp://mail.example.org",
    )
    return create_app(settings)


@pytest.mark.parametrize("role", ["admin", "fundraiser"])
def test_production_sends_the_powerful_to_set_it_up_first(production: Flask, role: str) -> None:
    with production.app_context():
        person = make.person(role)
        browser = Browser(production)
        base = {"base_url": "https://shoreline.example.org"}
        with browser.session_transaction(**base) as session:
            session["_user_id"] = person.session_token
        for path in ("/my", "/admin/people", "/giving", "/needs"):
            answer = browser.get(path, **base)
            assert answer.status_code in (303, 404), path
            if answer.status_code == 303:
                assert answer.location.endswith("/my/authenticator"), path
        assert "Set it up first" in browser.page("/my/authenticator", **base)
        set_up(person.id)
        assert browser.get("/my", **base).status_code == 200


def test_production_cookies_are_guarded_and_answers_say_https_only(production: Flask) -> None:
    with production.app_context():
        with_password(email=EMAIL)
        base, browser = "https://shoreline.example.org", Browser(production)
        page = browser.page("/sign-in", base_url=base)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        form = {**fill(), "csrf_token": token.group(1)}
        answer = browser.post("/sign-in", data=form, csrf=False, base_url=base, headers={"Referer": f"{base}/sign-in"})
        assert answer.status_code == 303
        cookies = answer.headers.getlist("Set-Cookie")
        assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-shoreline", "__Host-shoreline-device"}
        for cookie in cookies:
            for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                assert word in cookie
            assert "Domain" not in cookie
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_outside_production_nobody_is_sent_there(admin: Browser) -> None:
    admin.page("/my")


def test_passwords_are_hashed_with_argon2id(app: Flask) -> None:
    assert passwords.hash_password(GOOD).startswith("$argon2id$")
