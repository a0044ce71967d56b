"""Registering, signing in and out, and what slows down whoever guesses."""

import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from logistics.audit import AuditLine
from logistics.clock import now
from logistics.db import db, transaction
from logistics.errors import Invalid, TooManyTries
from logistics.people import accounts, passwords, sign_in, throttle
from logistics.people.models import FailedSignIn, MailedLink, Person
from tests import make
from tests.browsing import Browser, text_of

from .mailbox import GOOD, OTHER, link, messages

EMAIL = "amina@example.org"


def with_password(password: str = GOOD, **fields: str) -> Person:
    person = make.person(**fields)  # type: ignore[arg-type]
    with transaction() as session:
        session.get_one(Person, person.id).password_hash = passwords.hash_password(password)
    return person


def age_failures(minutes: float) -> None:
    with transaction() as session:
        session.execute(update(FailedSignIn).values(at=now() - timedelta(minutes=minutes)))


def failures() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(FailedSignIn.id)).all())


def fill(email: str = EMAIL, password: str = GOOD, **more: str) -> dict[str, str]:
    return {"email": email, "password": password, **more}


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
    barrier = threading.Barrier(4)
    answers: list[int] = []

    def go() -> None:
        with app.app_context():
            browser = Browser(app)
            barrier.wait()
            answers.append(browser.post("/register", data=fill(name="Amina")).status_code)

    run(go, 4)
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


def test_a_hash_of_weaker_times_is_renewed(browser: Browser) -> None:
    person = with_password(email=EMAIL)
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    with transaction() as session:
        session.get_one(Person, person.id).password_hash = weak
    browser.send("/sign-in", fill())
    kept = db.session.get_one(Person, person.id).password_hash
    assert kept != weak
    assert not passwords.outdated(kept)


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


def test_sixty_volunteers_on_one_address_all_get_in(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = passwords.hash_password(GOOD)
    for number in range(60):
        make.person(email=f"v{number}@example.org")
    with transaction() as session:
        session.execute(update(Person).values(password_hash=kept))
    answers: list[int] = []
    numbers = iter(range(60))
    lock = threading.Lock()

    def go() -> None:
        with app.app_context():
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                answer = Browser(app).post("/sign-in", data=fill(f"v{number}@example.org"))
                answers.append(answer.status_code)

    run(go, 6)
    assert answers == [303] * 60
    assert failures() == 0


def test_twenty_guesses_at_once_are_five_guesses(app: Flask) -> None:
    with_password(email=EMAIL)
    barrier = threading.Barrier(20)
    outcomes: list[str] = []

    def guess() -> None:
        with app.app_context():
            barrier.wait()
            try:
                sign_in.enter(email=EMAIL, password="a wrong guess", address="192.0.2.1", device=None)
            except (Invalid, TooManyTries) as error:
                outcomes.append(type(error).__name__)

    run(guess, 20)
    assert outcomes.count("Invalid") == throttle.ACCOUNT_TRIES
    assert outcomes.count("TooManyTries") == 20 - throttle.ACCOUNT_TRIES


def test_without_its_guard_guesses_at_once_slip_through(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above means something: take the guard away, and all twenty are checked."""
    monkeypatch.setattr(throttle, "_refuse_too_many", lambda *args, **kwargs: None)
    with pytest.raises(AssertionError):
        test_twenty_guesses_at_once_are_five_guesses(app)


def test_registering_without_end_is_slowed_by_address(browser: Browser) -> None:
    for _ in range(60):
        browser.send("/register", {"email": "x"}, 422)
    assert "Too many tries" in browser.send("/register", {"email": "x"}, 429).get_data(as_text=True)
    browser.page("/register")


def test_a_disabled_account_cannot_sign_in_and_is_signed_out(app: Flask) -> None:
    person = with_password(email=EMAIL)
    browser = Browser(app)
    browser.send("/sign-in", fill())
    with transaction() as session:
        session.get_one(Person, person.id).disabled_at = now()
    assert browser.get("/my").status_code == 303
    assert "switched off" in browser.send("/sign-in", fill(), 422).get_data(as_text=True)
    assert "switched off" not in browser.send("/sign-in", fill(password="wrong"), 422).get_data(as_text=True)


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
    path, barrier = link("reset_password"), threading.Barrier(4)
    answers: list[int] = []

    def go() -> None:
        with app.app_context():
            browser = Browser(app)
            barrier.wait()
            answers.append(browser.post(path, data={"password": OTHER}).status_code)

    run(go, 4)
    assert sorted(answers) == [303, 404, 404, 404]


def run(work: object, times: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(times)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
