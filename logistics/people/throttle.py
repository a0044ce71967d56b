"""Slowing down whoever guesses passwords and codes. Only failures count; they are kept where every process sees them.

An attempt is written down as failed before it is checked, and forgiven when it succeeds: so fifty guesses sent at
once are fifty failures, while sixty volunteers on one Wi-Fi who all know their passwords leave none behind.

The trade-off: whoever keeps failing makes an account's owner wait too. Three things keep the owner from being locked
out: the wait never grows beyond `LONGEST_WAIT`; a browser in which the owner has signed in before is counted apart
(`device`); and a password reset by mail makes the browser at hand such a one.
"""

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from ..clock import now
from ..errors import TooManyTries, nmsg
from .models import FailedSignIn

WINDOW = timedelta(minutes=15)
ACCOUNT_TRIES = 5
ADDRESS_TRIES = 100
LONGEST_WAIT = timedelta(minutes=15)


def account_key(what: str, device: str | None = None) -> str:
    """Return the hash under which failures for an email (or "code:<person id>") are counted."""
    return hashlib.sha256(f"{what}\n{device or ''}".encode("utf-8", "surrogatepass")).hexdigest()


def network(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that a household gets of IPv6."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def begin_attempt(session: Session, account: str, address: str) -> int:
    """Step: count one attempt, and return its id for `forgive`.

    Raises `TooManyTries`, which says how long to wait, and then counts nothing: waiting it out always helps.
    """
    address = network(address)
    _one_at_a_time(session, account, address)
    _refuse_too_many(session, FailedSignIn.account == account, ACCOUNT_TRIES, growing=True)
    _refuse_too_many(session, FailedSignIn.address == address, ADDRESS_TRIES, growing=False)
    attempt = FailedSignIn(at=now(), account=account, address=address)
    session.add(attempt)
    session.flush()
    return attempt.id


def forgive(session: Session, attempt_id: int, account: str) -> None:
    """Step: the attempt succeeded; forget it, and the account's failures before it."""
    session.execute(delete(FailedSignIn).where((FailedSignIn.id == attempt_id) | (FailedSignIn.account == account)))


def purge(session: Session) -> None:
    """Step: delete failures that count for nothing any more."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.at < now() - timedelta(days=1)))


def _one_at_a_time(session: Session, account: str, address: str) -> None:
    """Let attempts on one account, and from one address, count each other (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        for name in (account, f"address {address}"):
            number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
            session.execute(select(func.pg_advisory_xact_lock(number)))


def _refuse_too_many(session: Session, whose: ColumnElement[bool], tries: int, *, growing: bool) -> None:
    at = now()
    recent = session.scalars(
        select(FailedSignIn.at)
        .where(whose, FailedSignIn.at > at - WINDOW)
        .order_by(FailedSignIn.at.desc())
        .limit(tries * 4)
    ).all()
    if len(recent) < tries:
        return
    until = recent[0] + _wait(len(recent) - tries) if growing else recent[tries - 1] + WINDOW
    if until > at:
        minutes = _minutes(until, at)
        raise TooManyTries(
            nmsg(
                "Too many tries that failed. Wait %(num)d minute, then try again.",
                "Too many tries that failed. Wait %(num)d minutes, then try again.",
                minutes,
            )
        )


def _wait(beyond: int) -> timedelta:
    """Return 1, 2, 4, 8, then 15 minutes, as failures pile up beyond the free tries."""
    return min(timedelta(minutes=2 ** min(beyond, 10)), LONGEST_WAIT)


def _minutes(until: datetime, at: datetime) -> int:
    return max(1, -(-int((until - at).total_seconds()) // 60))
