"""What slows down whoever guesses, and nobody else."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Invalid, TooManyTries
from logistics.people import passwords, sign_in, throttle
from logistics.people.models import FailedSignIn, Person
from tests import make
from tests.browsing import Browser
from tests.racing import race

from .kit import EMAIL, GOOD, OTHER, fill, link, with_password


def age_failures(minutes: float) -> None:
    with transaction() as session:
        session.execute(update(FailedSignIn).values(at=now() - timedelta(minutes=minutes)))


def failures() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(FailedSignIn.id)).all())


def test_five_failures_make_the_account_wait_and_longer_each_time(browser: Browser) -> None:
    with_password(email=EMAIL)
    for _ in range(5):
        browser.send("/sign-in", fill(password="wrong"), 422)
    page = browser.send("/sign-in", fill(), 429).get_data(as_text=True)
    assert "Wait 1 minute, then try again" in page
    assert failures() == 5  # a refused try does not lengthen the wait
    age_failures(1.1)
    browser.send("/sign-in", fill(password="wrong"), 422)
    assert "Wait 2 minutes" in browser.send("/sign-in", fill(), 429).get_data(as_text=True)
    age_failures(2.1)
    browser.send("/sign-in", fill())
    assert failures() == 0


def test_an_unknown_email_waits_just_the_same(browser: Browser) -> None:
    for _ in range(5):
        browser.send("/sign-in", fill(password="wrong"), 422)
    browser.send("/sign-in", fill(), 429)
    kept = db.session.scalars(select(FailedSignIn)).first()
    assert kept is not None
    assert "amina" not in kept.account


def test_strangers_failures_do_not_lock_the_owner_out_of_a_browser_they_know(app: Flask) -> None:
    with_password(email=EMAIL)
    mine, stranger = Browser(app), Browser(app)
    mine.send("/sign-in", fill())
    mine.send("/sign-out")
    for _ in range(5):
        stranger.send("/sign-in", fill(password="wrong"), 422)
    stranger.send("/sign-in", fill(password="wrong"), 429)
    mine.send("/sign-in", fill())
    stranger.set_cookie("shoreline-device", "made.up.cookie")
    stranger.send("/sign-in", fill(password="wrong"), 429)


def test_a_reset_by_mail_always_lets_the_owner_in(app: Flask) -> None:
    with_password(email=EMAIL)
    stranger, mine = Browser(app), Browser(app)
    for _ in range(5):
        stranger.send("/sign-in", fill(password="wrong"), 422)
    mine.send("/reset", {"email": EMAIL})
    mine.send(link("reset_password"), {"password": OTHER})
    mine.send("/sign-in", fill(password=OTHER))


def test_a_hundred_failures_slow_an_address_down(app: Flask) -> None:
    with_password(email=EMAIL)
    with transaction() as session:
        session.add_all(FailedSignIn(at=now(), account=f"{number:064}", address="127.0.0.1") for number in range(100))
    browser = Browser(app)
    browser.send("/sign-in", fill(), 429)
    sign_in.enter(email=EMAIL, password=GOOD, address="192.0.2.7", device=None)
    age_failures(15.1)
    browser.send("/sign-in", fill())


def test_one_household_of_ipv6_is_one_address() -> None:
    assert throttle.network("2001:db8::1") == throttle.network("2001:db8::ffff") != throttle.network("2001:db8:0:1::1")
    assert throttle.network("::ffff:192.0.2.1") == throttle.network("192.0.2.1")
    assert throttle.network("nonsense") == throttle.network("")


def test_sixty_volunteers_on_one_address_all_get_in(app: Flask) -> None:
    kept = passwords.hash_password(GOOD)
    for number in range(60):
        make.person(email=f"v{number}@example.org")
    with transaction() as session:
        session.execute(update(Person).values(password_hash=kept))

    def ten_sign_in(first: int) -> list[int]:
        emails = [f"v{number}@example.org" for number in range(first, first + 10)]
        return [Browser(app).post("/sign-in", data=fill(email)).status_code for email in emails]

    answers = race(app, *(partial(ten_sign_in, first) for first in range(0, 60, 10)))
    assert answers == [[303] * 10] * 6
    assert failures() == 0


def test_twenty_guesses_at_once_are_five_guesses(app: Flask) -> None:
    with_password(email=EMAIL)
    guess = partial(sign_in.enter, email=EMAIL, password="a wrong guess", address="192.0.2.1", device=None)
    outcomes = [type(answer) for answer in race(app, *[guess] * 20)]
    assert outcomes.count(Invalid) == throttle.ACCOUNT_TRIES
    assert outcomes.count(TooManyTries) == 20 - throttle.ACCOUNT_TRIES


def test_without_its_guard_guesses_at_once_slip_through(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above means something: take the guard away, and all twenty are checked."""
    monkeypatch.setattr(throttle, "_refuse_too_many", lambda *args, **kwargs: None)
    with pytest.raises(AssertionError):
        test_twenty_guesses_at_once_are_five_guesses(app)
