"""Signing in: the password, then the authenticator's code where one is set up."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..audit import record
from ..commands import command
from ..errors import Invalid, msg
from . import passwords, throttle, totp
from .accounts import mail_confirmation, same_email, set_password
from .models import Person


@dataclass(frozen=True)
class Entry:
    """Who gave the right password, and whether the authenticator's code is still wanted."""

    person_id: int
    needs_code: bool


def enter(*, email: str, password: str, address: str, device: str | None) -> Entry:
    """Check an email and password. `address` is the browser's; `device` names a browser known to this account.

    An unknown email gets the same answer after the same time as a wrong password. Raises `Invalid` for those, for an
    address not confirmed yet (and mails its link again) and an account that is switched off; `TooManyTries`.
    """
    email = same_email(email)
    account = throttle.account_key(email, device)
    attempt_id, person_id, password_hash = _begin(email=email, account=account, address=address)
    if not passwords.matches(password_hash, password) or person_id is None or password_hash is None:
        raise Invalid(
            msg("That email and password do not go together. Check both, or set a new password by mail."), "password"
        )
    if passwords.outdated(password_hash):
        _renew_hash(person_id=person_id, old=password_hash, new=passwords.Secret(passwords.hash_password(password)))
    return _admit(person_id=person_id, attempt_id=attempt_id, account=account)


@command
def _begin(session: Session, *, email: str, account: str, address: str) -> tuple[int, int | None, str | None]:
    attempt_id = throttle.begin_attempt(session, account, address)
    found = session.execute(select(Person.id, Person.password_hash).where(Person.email == email)).one_or_none()
    return (attempt_id, found.id, found.password_hash) if found else (attempt_id, None, None)


def _admit(*, person_id: int, attempt_id: int, account: str) -> Entry:
    standing = _standing(person_id=person_id, attempt_id=attempt_id, account=account)
    if standing == "disabled":
        raise Invalid(msg("This account is switched off. Ask an admin."))
    if standing == "unconfirmed":
        raise Invalid(msg("Confirm your email address first: open the link that we have just mailed to you again."))
    return Entry(person_id, needs_code=standing == "code")


@command
def _standing(session: Session, *, person_id: int, attempt_id: int, account: str) -> str:
    """Forgive the attempt and say how the account stands; what it writes must last also when entry is refused."""
    throttle.forgive(session, attempt_id, account)
    person = session.get_one(Person, person_id)
    if person.disabled_at is not None:
        return "disabled"
    if person.email_confirmed_at is None:
        mail_confirmation(session, person)
        return "unconfirmed"
    if person.totp_confirmed_at is not None:
        return "code"
    record(session, person_id, "person.signed_in", "person", person_id)
    return "in"


@command
def _renew_hash(session: Session, *, person_id: int, old: str, new: passwords.Secret) -> None:
    session.execute(
        update(Person).where(Person.id == person_id, Person.password_hash == old).values(password_hash=new.value)
    )


def enter_code(*, person_id: int, code: str, address: str) -> None:
    """Check the second step: a code of the authenticator, or a recovery code; each works once.

    Raises `Invalid` for a wrong or used one, and `TooManyTries`.
    """
    check_code(person_id=person_id, code=code, address=address)
    _signed_in(person_id=person_id)


def check_code(*, person_id: int, code: str, address: str) -> None:
    """Use up an authenticator's or recovery code, counting failures. Raises `Invalid` and `TooManyTries`."""
    account = throttle.account_key(f"code:{person_id}")
    attempt_id = _begin_attempt(account=account, address=address)
    _use_code(person_id=person_id, code=code, attempt_id=attempt_id, account=account)


def check_password(*, person_id: int, password: str, address: str, field: str = "password") -> None:
    """Ask a signed-in person's password again, counting failures. Raises `Invalid` at `field`, and `TooManyTries`."""
    account = throttle.account_key(f"person:{person_id}")
    attempt_id = _begin_attempt(account=account, address=address)
    if not passwords.matches(_password_hash(person_id=person_id), password):
        raise Invalid(msg("That is not your password."), field)
    _forgive(attempt_id=attempt_id, account=account)


def change_password(*, actor_id: int, current: str, password: str, address: str, about: tuple[str, ...]) -> None:
    """Change one's own password and sign out everywhere else. `about` is what an attacker knows of the person.

    Raises `Invalid` for a wrong `current` or a weak `password`, and `TooManyTries`.
    """
    check_password(person_id=actor_id, password=current, address=address, field="current")
    passwords.refuse_weak(password, *about)
    _change_password(actor_id=actor_id, password_hash=passwords.Secret(passwords.hash_password(password)))


@command
def _change_password(session: Session, *, actor_id: int, password_hash: passwords.Secret) -> None:
    set_password(session, session.get_one(Person, actor_id), password_hash.value)
    record(session, actor_id, "person.changed", "person", actor_id, fields=["password"])


@command
def _begin_attempt(session: Session, *, account: str, address: str) -> int:
    return throttle.begin_attempt(session, account, address)


@command
def _forgive(session: Session, *, attempt_id: int, account: str) -> None:
    throttle.forgive(session, attempt_id, account)


@command
def _password_hash(session: Session, *, person_id: int) -> str | None:
    return session.scalar(select(Person.password_hash).where(Person.id == person_id))


@command
def _use_code(session: Session, *, person_id: int, code: str, attempt_id: int, account: str) -> None:
    totp.use_code(session, person_id, code)
    throttle.forgive(session, attempt_id, account)


@command
def _signed_in(session: Session, *, person_id: int) -> None:
    record(session, person_id, "person.signed_in", "person", person_id)
