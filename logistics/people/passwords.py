"""Passwords: how they are kept, and which ones are refused."""

import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from ..errors import Invalid, msg

SHORTEST = 12
LONGEST = 128  # bounded before hashing: argon2 reads every byte it is given
JUDGED = 72  # zxcvbn refuses to judge more
STRONG_ENOUGH = 3  # zxcvbn's "safely unguessable: moderate protection from an offline attack"

# Argon2id, above OWASP's least (19 MiB, 2 passes), and small enough for 16 sign-ins at once on a small server.
hasher = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
NOBODY = hasher.hash("the password of nobody")  # what an unknown email is checked against, to take as long


@dataclass(frozen=True)
class Secret:
    """A value that a command needs and that must not enter the fingerprint of its input (see `Command.once`)."""

    value: str

    def __str__(self) -> str:
        """Return the same for every secret, so that none is stored, not even as a digest."""
        return "a secret"


def hash_password(password: str) -> str:
    """Return what is kept of a password. Takes about a tenth of a second: never call it inside a transaction."""
    return hasher.hash(_normal(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Return whether this is the password; takes as long for an account that does not exist (None)."""
    if len(password) > LONGEST:
        return False
    try:
        return hasher.verify(password_hash or NOBODY, _normal(password)) and password_hash is not None
    except InvalidHashError:  # an invited account has none yet
        return matches(None, password)
    except VerificationError:
        return False


def outdated(password_hash: str) -> bool:
    """Return whether a hash was made with weaker parameters than today's."""
    return hasher.check_needs_rehash(password_hash)


def refuse_weak(password: str, *about: str, field: str = "password") -> None:
    """Raise `Invalid` for a password that is short, easy to guess or commonly leaked.

    `about` is what an attacker knows of the person (name, email). The judge is zxcvbn, which knows the passwords
    most often leaked, names, words and keyboard patterns.
    """
    if len(password) < SHORTEST:
        raise Invalid(
            msg(
                "Use %(num)d characters or more. Three or four words that do not belong together work well.",
                num=SHORTEST,
            ),
            field,
        )
    if len(password) > LONGEST:
        raise Invalid(msg("Use %(num)d characters or fewer.", num=LONGEST), field)
    if _easy(_normal(password), about):
        raise Invalid(
            msg(
                "This one is easy to guess, or known from a leak. "
                "Try three or four words that do not belong together, without your name or email."
            ),
            field,
        )


def _easy(password: str, about: tuple[str, ...]) -> bool:
    known = [part for text in about for part in (text, *text.replace("@", " ").split()) if part]
    judged = password[:JUDGED]
    verdict = zxcvbn(judged, user_inputs=[*known, "shoreline"])
    leaked = any(
        match.get("dictionary_name") in {"passwords", "user_inputs"} and match["token"] == judged
        for match in verdict["sequence"]
    )
    return leaked or verdict["score"] < STRONG_ENOUGH


def _normal(password: str) -> str:
    """Return one form for what keyboards write differently (é as one character or two)."""
    return unicodedata.normalize("NFKC", password)
