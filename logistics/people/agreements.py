"""What every volunteer agrees to: the code of conduct and the insurance, in versions, each in every language.

The newest version of each is the one in force. Whoever has agreed to an older one is asked again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..config import LANGUAGES
from ..db import insert_into
from ..errors import Conflict, Invalid, NotFound, msg
from ..paging import Query
from .models import Person
from .qualification_models import Agreement, AgreementKind, AgreementText

TITLES = {AgreementKind.CONDUCT: msg("Code of conduct"), AgreementKind.INSURANCE: msg("Insurance")}
LONGEST_TEXT = 50_000


@dataclass(frozen=True)
class InForce:
    """A text in force, in one language, and when its reader agreed to this version of it."""

    kind: AgreementKind
    version: int
    text: str
    published_at: datetime
    agreed_at: datetime | None


@command
def publish(session: Session, *, actor_id: int, kind: str, texts: dict[str, str], shown: int) -> int:
    """Publish another version in all languages at once, and return its number. `shown` is the version edited (0: none).

    Raises Invalid for a missing text, and Conflict when somebody published meanwhile; of two at once the UNIQUE
    constraint lets one through.
    """
    which = kind_of(kind)
    for language in LANGUAGES:
        if not texts.get(language, "").strip() or len(texts[language]) > LONGEST_TEXT:
            raise Invalid(msg("Fill this in."), f"text_{language}")
    if (newest_version(session, which) or 0) != shown:
        raise Conflict(msg("Someone published another version meanwhile. Compare it with yours, then publish again."))
    for language in LANGUAGES:
        session.add(
            AgreementText(
                kind=which,
                language=language,
                version=shown + 1,
                text=texts[language].strip(),
                published_at=now(),
                published_by=actor_id,
            )
        )
    record(session, actor_id, "agreement.published", "agreement", f"{which.value}-{shown + 1}")
    return shown + 1


@command
def agree(session: Session, *, actor_id: int, shown: dict[str, int]) -> None:
    """Agree to the versions that were shown, by kind. Doing it again changes nothing.

    Raises Conflict when one of them is no longer in force: it has to be read first.
    """
    for kind, version in sorted(shown.items()):
        which = kind_of(kind)
        if newest_version(session, which) != version:
            raise Conflict(msg("This text has changed since you opened it. Read it again."))
        new = session.execute(
            insert_into(session)(Agreement)
            .values(person_id=actor_id, kind=which, version=version, agreed_at=now())
            .on_conflict_do_nothing()
            .returning(Agreement.version)
        ).first()
        if new is not None:
            record(session, actor_id, "agreement.agreed", "person", actor_id, kind=which.value, version=version)


def kind_of(kind: str) -> AgreementKind:
    """Return the kind of this name. Raises NotFound."""
    if kind not in set(AgreementKind):
        raise NotFound(msg("There is no such text."))
    return AgreementKind(kind)


def newest_version(session: Session, kind: AgreementKind) -> int | None:
    """Return the number of the version in force, None when there is no text."""
    return session.scalar(select(func.max(AgreementText.version)).where(AgreementText.kind == kind))


def in_force(session: Session, language: str, person_id: int) -> Sequence[InForce]:
    """Return the texts in force in a language, and whether this person has agreed to each, in one statement."""
    newest = (
        select(AgreementText.kind, func.max(AgreementText.version).label("version"))
        .group_by(AgreementText.kind)
        .subquery()
    )
    is_newest = (newest.c.kind == AgreementText.kind) & (newest.c.version == AgreementText.version)
    same = (Agreement.kind == AgreementText.kind) & (Agreement.version == AgreementText.version)
    rows = session.execute(
        select(
            AgreementText.kind,
            AgreementText.version,
            AgreementText.text,
            AgreementText.published_at,
            Agreement.agreed_at,
        )
        .join(newest, is_newest)
        .outerjoin(Agreement, same & (Agreement.person_id == person_id))
        .where(AgreementText.language == language)
        .order_by(AgreementText.kind)
    )
    return [InForce(AgreementKind(row.kind), *row[1:]) for row in rows]


def texts_of(session: Session, kind: AgreementKind, version: int) -> dict[str, AgreementText]:
    """Return the texts of one version by language; none when there is no such version."""
    rows = session.scalars(select(AgreementText).where(AgreementText.kind == kind, AgreementText.version == version))
    return {row.language: row for row in rows}


def versions(kind: AgreementKind) -> Select[Any]:
    """Return the query for a text's versions, the newest first: number, when, by whom, and how many agreed to it."""
    agreed = (
        select(func.count())
        .where(Agreement.kind == AgreementText.kind, Agreement.version == AgreementText.version)
        .scalar_subquery()
    )
    return (
        select(AgreementText.version, AgreementText.published_at, Person.name, agreed.label("agreed"))
        .outerjoin(Person, Person.id == AgreementText.published_by)
        .where(AgreementText.kind == kind, AgreementText.language == next(iter(LANGUAGES)))
        .order_by(AgreementText.version.desc())
    )


def who_agreed(kind: AgreementKind, words: str = "") -> Query:
    """Return the query for who agreed to a text, which version, and when, the latest first: an insurer asks for it."""
    query: Query = (
        select(Person.id, Person.name, Person.email, Agreement.version, Agreement.agreed_at)
        .join(Agreement, Agreement.person_id == Person.id)
        .where(Agreement.kind == kind)
        .order_by(Agreement.agreed_at.desc(), Person.id, Agreement.version)
    )
    if words:
        query = query.where(
            or_(Person.name.icontains(words, autoescape=True), Person.email.icontains(words, autoescape=True))
        )
    return query


def of_person(session: Session, person_id: int) -> Mapping[AgreementKind, Agreement]:
    """Return what a person last agreed to, by kind."""
    rows = session.scalars(select(Agreement).where(Agreement.person_id == person_id).order_by(Agreement.version))
    return {AgreementKind(row.kind): row for row in rows}
