"""The authenticator app: six figures that change every 30 seconds (RFC 6238), and ten recovery codes beside it."""

import hashlib
import secrets
from hmac import compare_digest

import pyotp
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Conflict, Invalid, msg
from .models import Person, RecoveryCode

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what reads alike: i l o 0 1


def uri(secret: str, email: str, issuer: str) -> str:
    """Return the otpauth: address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def use_code(session: Session, person_id: int, code: str) -> None:
    """Step: use up a code of the authenticator or a recovery code. Raises `Invalid` for a wrong or used one."""
    typed = "".join(code.split()).replace("-", "").lower()
    secret = session.scalar(
        select(Person.totp_secret).where(Person.id == person_id, Person.totp_confirmed_at.is_not(None))
    )
    if secret is None or not (_use_step(session, person_id, secret, typed) or _use_recovery(session, person_id, typed)):
        raise Invalid(
            msg("That code is not right, or was used already. Wait for the next one, or use a recovery code."), "code"
        )


def _use_step(session: Session, person_id: int, secret: str, typed: str) -> bool:
    """Accept the code of a step once: of two at once, and of a replay, one wins."""
    step = _step_of(secret, typed)
    if step is None:
        return False
    unused = or_(Person.totp_last_step.is_(None), Person.totp_last_step < step)
    used = session.scalar(
        update(Person).where(Person.id == person_id, unused).values(totp_last_step=step).returning(Person.id)
    )
    return used is not None


def _step_of(secret: str, typed: str) -> int | None:
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        return None
    current = int(now().timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for step in range(current - DRIFT, current + DRIFT + 1):
        if compare_digest(totp.generate_otp(step), typed):
            return step
    return None


def _use_recovery(session: Session, person_id: int, typed: str) -> bool:
    used = session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _hash(person_id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCode.id)
    )
    if used is None:
        return False
    record(session, person_id, "person.recovery_code_used", "person", person_id)
    return True


def codes_left(session: Session, person_id: int) -> int:
    """Return how many recovery codes are not used yet."""
    query = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


@command
def begin(session: Session, *, actor_id: int) -> None:
    """Make a secret to be scanned; it counts only once a code confirms it. Raises `Conflict` when one is set up."""
    person = _locked(session, actor_id)
    if person.totp_confirmed_at is not None:
        raise Conflict(msg("Your authenticator app is set up already."))
    person.totp_secret = pyotp.random_base32()


@command
def confirm(session: Session, *, actor_id: int, code: str) -> list[str]:
    """Turn the authenticator on by its first code; return ten recovery codes, which are never shown again.

    Raises `Invalid` for a wrong code and `Conflict` when it is on already or was not begun.
    """
    person = _locked(session, actor_id)
    if person.totp_secret is None or person.totp_confirmed_at is not None:
        raise Conflict(msg("This was done already, or not begun. Open the page again."))
    step = _step_of(person.totp_secret, "".join(code.split()))
    if step is None:
        raise Invalid(msg("That code is not right. Type the six figures that the app shows now."), "code")
    person.totp_confirmed_at = now()
    person.totp_last_step = step
    record(session, actor_id, "person.authenticator_on", "person", actor_id)
    return _new_codes(session, actor_id)


@command
def renew_codes(session: Session, *, actor_id: int) -> list[str]:
    """Replace the recovery codes by ten new ones. Raises `Conflict` without an authenticator."""
    if _locked(session, actor_id).totp_confirmed_at is None:
        raise Conflict(msg("Set up an authenticator app first."))
    record(session, actor_id, "person.recovery_codes_renewed", "person", actor_id)
    return _new_codes(session, actor_id)


@command
def turn_off(session: Session, *, actor_id: int) -> None:
    """Turn one's own authenticator off (the view asks for password and code first)."""
    remove(session, actor_id)
    record(session, actor_id, "person.authenticator_off", "person", actor_id)


def remove(session: Session, person_id: int) -> None:
    """Step: forget a person's authenticator and recovery codes."""
    person = _locked(session, person_id)
    person.totp_secret = person.totp_confirmed_at = None
    person.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _locked(session: Session, person_id: int) -> Person:
    return session.get_one(Person, person_id, with_for_update=True)


def _new_codes(session: Session, person_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=_hash(person_id, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(person_id: int, code: str) -> str:
    # 49 random bits behind a rate limit: a plain digest suffices, and lets one UPDATE find the code.
    return hashlib.sha256(f"{person_id}:{code}".encode("utf-8", "surrogatepass")).hexdigest()
