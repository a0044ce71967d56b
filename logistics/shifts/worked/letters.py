"""Letters that certify someone's hours, for a university or an employer.

Whoever has a letter's code sees that it is genuine, with its dates, shifts and hours, and can ask whether a name is
the one on it. The letter's square carries a seal besides: a keyed hash of all that it certifies, its name included, so
that whoever scans it sees what was printed. The seal is kept nowhere, so a name can be checked by it even when the
account, and the name with it, is gone.
"""

import hmac
import json
import secrets
from base64 import b32encode
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo
from unicodedata import normalize

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...audit import record
from ...clock import midnight, now
from ...commands import command
from ...errors import Conflict, Invalid, NotFound, msg
from ...people.models import Person
from ..day_models import HoursLetter
from . import hours
from .hours import Period, Total

LETTERS_OF_CODES = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is easily read as another
GROUP, GROUPS = 4, 3
SEAL_BYTES = 16
MOST_SHOWN = 20
NO_SUCH = msg("There is no such letter.")


@command
def issue(session: Session, *, actor_id: int, first_day: date, last_day: date, zone: tzinfo) -> str:
    """Certify the actor's hours from the first to the last day, and return the letter's code.

    It is issued to the name that the account has now. The same hours of the same days under the same name give the same
    letter. Raises Invalid for days in the wrong order or to come, and
    Conflict when no shift was worked in them.
    """
    if last_day < first_day:
        raise Invalid(msg("The last day is before the first."), "last_day")
    if last_day > now().astimezone(zone).date():
        raise Invalid(msg("A letter tells only of what was done: choose a day until today."), "last_day")
    done = hours.total(session, actor_id, days(first_day, last_day, zone))
    if not done.shifts:
        raise Conflict(msg("No shift was worked in these days."), "first_day")
    name = session.scalar(select(Person.name).where(Person.id == actor_id))
    known = session.scalar(
        select(HoursLetter.code).where(
            HoursLetter.person_id == actor_id,
            HoursLetter.name == name,
            HoursLetter.first_day == first_day,
            HoursLetter.last_day == last_day,
            HoursLetter.shifts == done.shifts,
            HoursLetter.minutes == done.minutes,
        )
    )
    if known is not None:
        return known
    letter = HoursLetter(
        code=new_code(),
        person_id=actor_id,
        name=name,
        first_day=first_day,
        last_day=last_day,
        shifts=done.shifts,
        minutes=done.minutes,
        issued_at=now(),
    )
    session.add(letter)
    session.flush()
    record(session, actor_id, "letter.issued", "letter", letter.id)
    return letter.code


def new_code() -> str:
    """Return a code that nobody can guess: "K7QF-2M9X-4TRB"."""
    return canonical("".join(secrets.choice(LETTERS_OF_CODES) for _letter in range(GROUP * GROUPS)))


def canonical(typed: str) -> str:
    """Return a code as it is kept, in capitals and groups, however it was typed: with blanks, or without dashes."""
    letters = [letter for letter in typed.upper() if letter in LETTERS_OF_CODES][: GROUP * GROUPS + 1]
    return "-".join("".join(letters[start : start + GROUP]) for start in range(0, len(letters), GROUP))


def days(first_day: date, last_day: date, zone: tzinfo) -> Period:
    """Return the period from the first moment of one day to the end of another, by the clock on the wall."""
    return midnight(first_day, zone), midnight(last_day + timedelta(days=1), zone)


def find(session: Session, code: str) -> HoursLetter | None:
    """Return the letter of a code, however it was typed; none when there is no such letter."""
    return session.scalars(select(HoursLetter).where(HoursLetter.code == canonical(code))).one_or_none()


def known(session: Session, code: str) -> str:
    """Return the code of a letter as it is kept. Raises NotFound, at the field, for one that was never issued."""
    letter = find(session, code)
    if letter is None:
        raise NotFound(msg("We issued no letter with this code. Type it just as it stands on the letter."), "code")
    return letter.code


def seal(key: str, letter: HoursLetter, name: str | None = None) -> str:
    """Return the seal of a letter; of the one that it would be if it were issued to `name`, if one is given."""
    whose = comparable(letter.name or "" if name is None else name)
    facts = [letter.code, whose, str(letter.first_day), str(letter.last_day), letter.shifts, letter.minutes]
    told = hmac.new(key.encode(), f"letter {json.dumps(facts)}".encode(), "sha256").digest()
    return b32encode(told[:SEAL_BYTES]).decode().rstrip("=").lower()


def seals(key: str, letter: HoursLetter, given: str, name: str | None = None) -> bool:
    """Return whether a seal is that of a letter; of the one that it would be if it were issued to `name`."""
    return hmac.compare_digest(seal(key, letter, name).encode(), given.strip().lower().encode("utf-8", "replace"))


def is_of(key: str, letter: HoursLetter, given: str, name: str) -> bool:
    """Return whether a name is the one on a letter: as it is kept, or by the seal given when it is kept no more."""
    if letter.name is None:
        return seals(key, letter, given, name)
    return comparable(letter.name) == comparable(name)


def comparable(name: str) -> str:
    """Return a name so that it equals any other spelling with the same letters: capitals and blanks don't matter."""
    return " ".join(normalize("NFKC", name).casefold().split())


def counted_now(session: Session, letter: HoursLetter, zone: tzinfo) -> Total | None:
    """Return what is counted now for a letter's days, when that is no longer what it says and can still be told."""
    if letter.person_id is None:
        return None
    done = hours.total(session, letter.person_id, days(letter.first_day, letter.last_day, zone))
    return done if (done.shifts, done.minutes) != (letter.shifts, letter.minutes) else None


def own(session: Session, person_id: int, code: str) -> HoursLetter:
    """Return someone's own letter. Raises NotFound for one that is not theirs."""
    letter = find(session, code)
    if letter is None or letter.person_id != person_id:
        raise NotFound(NO_SUCH)
    return letter


def latest(session: Session, person_id: int) -> Sequence[HoursLetter]:
    """Return someone's letters, the latest first."""
    return session.scalars(
        select(HoursLetter)
        .where(HoursLetter.person_id == person_id)
        .order_by(HoursLetter.issued_at.desc(), HoursLetter.id.desc())
        .limit(MOST_SHOWN)
    ).all()
