"""Qualifications: what there are, who declares or confirms which, and until when it holds.

Days are those of the clock on the wall, so callers say which day it is there (`today`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, contains_eager

from .. import names
from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Conflict, Invalid, NotFound, msg
from .models import Person
from .qualification_models import HeldQualification, Qualification

LONGEST_DESCRIPTION = 500
LONGEST_DETAIL = 60
MOST_DAYS = 3650
FURTHEST = timedelta(days=50 * 366)  # a licence may be good for decades; a year 9999 is a slip


@dataclass(frozen=True)
class Terms:
    """What a qualification is: its names, how one gets it, and how long it holds (`days_valid`, none for ever)."""

    name: str
    name_fr: str = ""
    description: str = ""
    description_fr: str = ""
    self_declared: bool = False
    on_the_day: bool = False
    takes_detail: bool = False
    days_valid: int | None = None


@command
def create(session: Session, *, actor_id: int, terms: Terms) -> int:
    """Make a qualification and return its id. Raises Invalid with the field to blame."""
    made = Qualification()
    _describe(session, made, terms)
    session.add(made)
    session.flush()
    record(session, actor_id, "qualification.created", "qualification", made.id)
    return made.id


@command
def edit(session: Session, *, actor_id: int, qualification_id: int, terms: Terms) -> int:
    """Change what a qualification is, and return its id; who holds it keeps it. Raises NotFound and Invalid."""
    found = names.lock(session, Qualification, qualification_id)
    _describe(session, found, terms)
    record(session, actor_id, "qualification.changed", "qualification", found.id)
    return found.id


@command
def close(session: Session, *, actor_id: int, qualification_id: int) -> int:
    """Ask for a qualification no more, and return its id; who holds it keeps it. Raises NotFound."""
    return names.close(session, names.lock(session, Qualification, qualification_id), actor_id)


@command
def reopen(session: Session, *, actor_id: int, qualification_id: int) -> int:
    """Ask for a qualification again, and return its id. Raises NotFound."""
    return names.reopen(session, names.lock(session, Qualification, qualification_id), actor_id)


@command
def declare(
    session: Session,
    *,
    actor_id: int,
    qualification_id: int,
    today: date,
    detail: str = "",
    expires_on: date | None = None,
) -> int:
    """Say that one has a qualification, and return its id. Unless it is self-declared, staff have yet to confirm it.

    Raises NotFound; Invalid with the field to blame; Conflict for one that is confirmed and has not run out.
    """
    qualification = _open(session, qualification_id)
    if qualification.on_the_day:
        raise Conflict(msg("This is given on the day, when you arrive. There is nothing to do now."))
    lock_person(session, actor_id)
    held = _held(session, actor_id, qualification_id)
    if held is not None and held.confirmed_at is not None and lasts(held.expires_on, today):
        raise Conflict(msg("This is confirmed already. To renew it, show a coordinator the new one."))
    held = held or _begin(session, actor_id, qualification_id)
    held.declared_at, held.confirmed_at, held.confirmed_by = now(), None, None
    _fill(held, qualification, detail, expires_on, today)
    record(session, actor_id, "qualification.declared", "person", actor_id, qualification_id=qualification_id)
    return qualification_id


@command
def confirm(
    session: Session,
    *,
    actor_id: int,
    person_id: int,
    qualification_id: int,
    today: date,
    detail: str = "",
    expires_on: date | None = None,
) -> int:
    """Confirm that a person has a qualification, declared or not, or renew it; return the person's id.

    Raises NotFound, and Invalid with the field to blame.
    """
    qualification = _open(session, qualification_id)
    lock_person(session, person_id)
    held = _held(session, person_id, qualification_id) or _begin(session, person_id, qualification_id)
    held.confirmed_at, held.confirmed_by = now(), actor_id
    _fill(held, qualification, detail, expires_on, today)
    record(session, actor_id, "qualification.confirmed", "person", person_id, qualification_id=qualification_id)
    return person_id


@command
def remove(session: Session, *, actor_id: int, person_id: int, qualification_id: int) -> int:
    """Take a qualification from a person, declared or confirmed, and return their id. Doing it again changes nothing.

    Shifts they have signed up for stay theirs: a coordinator decides about each.
    """
    lock_person(session, person_id)
    held = _held(session, person_id, qualification_id)
    if held is not None:
        session.delete(held)
        record(session, actor_id, "qualification.removed", "person", person_id, qualification_id=qualification_id)
    return person_id


def get(session: Session, qualification_id: int) -> Qualification:
    """Return a qualification. Raises NotFound."""
    return names.get(session, Qualification, qualification_id)


def search(words: str = "") -> Select[Any]:
    """Return the query for every qualification so named, those asked for first, each by name."""
    return names.search(Qualification, words)


def open_ones(session: Session, *which: Any) -> Sequence[Qualification]:
    """Return the qualifications that are asked for, by name; `which` are further conditions."""
    return names.open_ones(session, Qualification, *which)


def of_person(session: Session, person_id: int) -> Sequence[tuple[Qualification, HeldQualification | None]]:
    """Return every open qualification, and each that the person has, with how they have it, in one statement."""
    held = (HeldQualification.qualification_id == Qualification.id) & (HeldQualification.person_id == person_id)
    query = (
        select(Qualification, HeldQualification)
        .outerjoin(HeldQualification, held)
        .where(Qualification.closed_at.is_(None) | HeldQualification.id.is_not(None))
        .order_by(Qualification.name_key, Qualification.id)
    )
    return [(qualification, mine) for qualification, mine in session.execute(query)]


def awaiting(words: str = "") -> Select[Any]:
    """Return the query for what people declared and staff have yet to confirm, the longest waiting first."""
    query = (
        select(HeldQualification)
        .join(HeldQualification.qualification)
        .join(HeldQualification.person)
        .where(
            HeldQualification.confirmed_at.is_(None),
            Qualification.self_declared.is_(False),
            Qualification.closed_at.is_(None),
            Person.disabled_at.is_(None),
        )
        .options(contains_eager(HeldQualification.qualification), contains_eager(HeldQualification.person))
        .order_by(HeldQualification.declared_at, HeldQualification.id)
    )
    if words:
        said = (Person.name, Qualification.name, Qualification.name_fr)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in said)))
    return query


def lasts(expires_on: date | None, day: date) -> bool:
    """Return whether something whose last day is `expires_on` (none: it has none) still holds on a day."""
    return expires_on is None or expires_on >= day


def lock_person(session: Session, person_id: int) -> Person:
    """Lock a person's row, so that what they hold changes one at a time. Raises NotFound."""
    found = session.scalars(
        select(Person).where(Person.id == person_id, Person.deleted_at.is_(None)).with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound(msg("There is no such account."))
    return found


def _open(session: Session, qualification_id: int) -> Qualification:
    found = get(session, qualification_id)
    if found.closed_at is not None:
        raise Conflict(msg("This qualification is no longer asked for."))
    return found


def _held(session: Session, person_id: int, qualification_id: int) -> HeldQualification | None:
    return session.scalars(
        select(HeldQualification)
        .where(HeldQualification.person_id == person_id, HeldQualification.qualification_id == qualification_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _begin(session: Session, person_id: int, qualification_id: int) -> HeldQualification:
    held = HeldQualification(person_id=person_id, qualification_id=qualification_id, declared_at=now())
    session.add(held)
    return held


def _fill(
    held: HeldQualification, qualification: Qualification, detail: str, expires_on: date | None, today: date
) -> None:
    detail = names.kept(detail, LONGEST_DETAIL, "detail") if qualification.takes_detail else ""
    if qualification.takes_detail and not detail:
        raise Invalid(msg("Say which, such as the category of a licence."), "detail")
    if expires_on is not None and not today <= expires_on <= today + FURTHEST:
        raise Invalid(msg("Enter its last day: today or later."), "expires_on")
    held.detail, held.expires_on = detail, expires_on or last_day(qualification, today)


def last_day(qualification: Qualification, today: date) -> date | None:
    """Return the last day of a qualification confirmed today, none for ever; what is given on the day lasts that day."""
    days = 1 if qualification.on_the_day and qualification.days_valid is None else qualification.days_valid
    return None if days is None else today + timedelta(days=days - 1)


def _describe(session: Session, thing: Qualification, terms: Terms) -> None:
    names.rename(session, thing, terms.name, terms.name_fr)
    thing.description = names.kept(terms.description, LONGEST_DESCRIPTION, "description")
    thing.description_fr = names.kept(terms.description_fr, LONGEST_DESCRIPTION, "description_fr") or None
    if terms.days_valid is not None and not 1 <= terms.days_valid <= MOST_DAYS:
        raise Invalid(msg("Enter a number from %(least)s to %(most)s.", least=1, most=MOST_DAYS), "days_valid")
    if terms.on_the_day and terms.self_declared:
        raise Invalid(msg("What is given on the day is given by staff: untick one of the two."), "on_the_day")
    thing.self_declared, thing.on_the_day = terms.self_declared, terms.on_the_day
    thing.takes_detail, thing.days_valid = terms.takes_detail, terms.days_valid
