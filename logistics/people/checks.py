"""What must always be true of accounts."""

from collections.abc import Iterator

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from .models import AccessRole, MailedLink, Person, PersonAccessRole, RecoveryCode


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
