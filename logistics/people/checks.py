"""What must always be true of accounts."""

from collections.abc import Iterator

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ..config import LANGUAGES
from .models import AccessRole, AgeGroup, MailedLink, Person, PersonAccessRole, RecoveryCode
from .qualification_models import Agreement, AgreementText, HeldQualification


def problems(session: Session) -> Iterator[str]:
    """Yield one sentence for each broken rule of accounts."""
    yield from _no_admin(session)
    for person_id in session.scalars(
        select(Person.id).where(Person.totp_confirmed_at.is_not(None), Person.totp_secret.is_(None))
    ):
        yield f"Person {person_id} has an authenticator without a secret: nobody could sign in."
    for person_id in session.scalars(
        select(RecoveryCode.person_id)
        .join(Person, Person.id == RecoveryCode.person_id)
        .where(Person.totp_confirmed_at.is_(None))
        .distinct()
    ):
        yield f"Person {person_id} has recovery codes without an authenticator."
    for link_id in session.scalars(select(MailedLink.id).where(MailedLink.expires_at <= MailedLink.created_at)):
        yield f"Mailed link {link_id} expired before it was made."
    yield from _standing(session)


def _standing(session: Session) -> Iterator[str]:
    """Ages, qualifications and agreements say nothing that nobody could have said."""
    for person_id in session.scalars(
        select(Person.id).where(
            Person.guardian_consent_at.is_not(None), func.coalesce(Person.age_group, "") != AgeGroup.MINOR
        )
    ):
        yield f"Person {person_id} has a guardian's consent without being 16 or 17."
    for number in session.scalars(
        select(HeldQualification.id).where(
            HeldQualification.confirmed_by.is_not(None), HeldQualification.confirmed_at.is_(None)
        )
    ):
        yield f"Held qualification {number} was confirmed by somebody, but at no time."
    text = (AgreementText.kind == Agreement.kind) & (AgreementText.version == Agreement.version)
    for person_id, kind, version in session.execute(
        select(Agreement.person_id, Agreement.kind, Agreement.version).where(~exists().where(text))
    ):
        yield f"Person {person_id} agreed to version {version} of {kind}, which there is not."
    for kind, version, languages in session.execute(
        select(AgreementText.kind, AgreementText.version, func.count())
        .group_by(AgreementText.kind, AgreementText.version)
        .having(func.count() != len(LANGUAGES))
    ):
        yield f"Version {version} of {kind} is there in {languages} of {len(LANGUAGES)} languages."


def _no_admin(session: Session) -> Iterator[str]:
    """An installation that has admins keeps one who can sign in; a new one has none until `flask create-admin`."""
    admins = session.scalar(select(exists().where(PersonAccessRole.role == AccessRole.ADMIN)))
    if admins and not active_admins(session):
        yield "No admin can sign in any more. Run: flask create-admin EMAIL"


def active_admins(session: Session) -> int:
    """Return how many admins can sign in."""
    query = (
        select(func.count())
        .select_from(PersonAccessRole)
        .join(Person, Person.id == PersonAccessRole.person_id)
        .where(
            PersonAccessRole.role == AccessRole.ADMIN,
            Person.disabled_at.is_(None),
            Person.email_confirmed_at.is_not(None),
        )
    )
    return session.scalar(query) or 0
