"""What an admin does with accounts: invite, give and take access roles, switch off and on.

One admin who can sign in always remains. Whoever takes one away locks every admin's row first, so that of two
who each take the other's role at the same moment the second is refused.
"""

from collections.abc import Sequence

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Conflict, Invalid, NotFound, msg
from ..outbox.service import enqueue
from . import totp
from .accounts import NO_PASSWORD, add_person, clean_email, new_session_token
from .checks import active_admins
from .links import INVITATION_LIFETIME, make_link, spend_links
from .models import AccessRole, LinkPurpose, Person, PersonAccessRole


def people_query(search: str = "", role: str = "") -> Select[Person]:
    """Return the list of accounts by name: those whose name or email has `search` in it, and with this role."""
    query = select(Person).where(Person.deleted_at.is_(None)).order_by(Person.name, Person.id)
    if search:
        query = query.where(
            or_(Person.name.icontains(search, autoescape=True), Person.email.icontains(search, autoescape=True))
        )
    if role:
        query = query.where(exists().where(PersonAccessRole.person_id == Person.id, PersonAccessRole.role == role))
    return query


@command
def invite(session: Session, *, actor_id: int, email: str, name: str, language: str, roles: Sequence[str]) -> int:
    """Make an account, mail its owner a link to set a password (good for 7 days), and return its id.

    Raises `Invalid` for a bad email and `Conflict` for one that has an account.
    """
    email = clean_email(email)
    if session.scalar(select(Person.id).where(Person.email == email)):
        raise Conflict(msg("This address has an account already. Find it in the list of people."), "email")
    person = add_person(session, email=email, name=name, language=language, roles=_known(roles))
    record(session, actor_id, "person.invited", "person", person.id, roles=sorted(roles))
    _mail_invitation(session, person)
    return person.id


@command
def invite_again(session: Session, *, actor_id: int, person_id: int) -> None:
    """Mail a new link to someone who has not set a password yet. Raises `Conflict` when they have."""
    person = _person(session, person_id)
    if person.password_hash != NO_PASSWORD:
        raise Conflict(msg("%(name)s has set a password already.", name=person.name))
    spend_links(session, person_id, LinkPurpose.RESET_PASSWORD)
    record(session, actor_id, "person.invited", "person", person_id)
    _mail_invitation(session, person)


def _mail_invitation(session: Session, person: Person) -> None:
    token = make_link(session, person.id, LinkPurpose.RESET_PASSWORD, INVITATION_LIFETIME)
    enqueue(
        session,
        "invited",
        person.email,
        person.language,
        person_id=person.id,
        name=person.name,
        secret_path=f"/reset/{token}",
    )


@command
def change_roles(
    session: Session, *, actor_id: int, person_id: int, give: Sequence[str] = (), take: Sequence[str] = ()
) -> None:
    """Give and take access roles; one that is there (or not) already is left so. Raises `Conflict` for the last admin."""
    _known(give), _known(take)
    lock_admins(session)
    person = _person(session, person_id)
    have = {row.role: row for row in person.access_roles}
    for role in sorted(set(give) - set(have)):
        person.access_roles.append(PersonAccessRole(role=role))
        record(session, actor_id, "person.role_given", "person", person_id, role=role)
    for role in sorted(set(take) & set(have)):
        person.access_roles.remove(have[role])
        record(session, actor_id, "person.role_taken", "person", person_id, role=role)
    refuse_without_admin(session)


@command
def switch_off(session: Session, *, actor_id: int, person_id: int) -> None:
    """Keep an account from signing in, at once and everywhere. Raises `Conflict` for the last admin."""
    lock_admins(session)
    person = _person(session, person_id)
    if person.disabled_at is None:
        person.disabled_at = now()
        person.session_token = new_session_token()
        for purpose in LinkPurpose:
            spend_links(session, person_id, purpose)
        record(session, actor_id, "person.disabled", "person", person_id)
    refuse_without_admin(session)


@command
def switch_on(session: Session, *, actor_id: int, person_id: int) -> None:
    """Let an account sign in again."""
    person = _person(session, person_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        record(session, actor_id, "person.enabled", "person", person_id)


@command
def remove_authenticator(session: Session, *, actor_id: int, person_id: int) -> None:
    """Turn off the authenticator of someone else, who lost their phone and recovery codes.

    Raises `Conflict` for one's own: that takes password and code.
    """
    if actor_id == person_id:
        raise Conflict(msg("Turn your own off on your account's page."))
    _person(session, person_id)
    totp.remove(session, person_id)
    record(session, actor_id, "person.authenticator_removed", "person", person_id)


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.deleted_at is not None:
        raise NotFound(msg("There is no such account."))
    return person


def _known(roles: Sequence[str]) -> tuple[AccessRole, ...]:
    try:
        return tuple(AccessRole(role) for role in dict.fromkeys(roles))
    except ValueError:
        raise Invalid(msg("There is no such role."), "roles") from None


def lock_admins(session: Session) -> None:
    """Step: lock every admin's role, before it is decided whether one of them can go."""
    session.scalars(
        select(PersonAccessRole.person_id)
        .where(PersonAccessRole.role == AccessRole.ADMIN)
        .order_by(PersonAccessRole.person_id)
        .with_for_update()
    ).all()


def refuse_without_admin(session: Session) -> None:
    """Step: raise `Conflict` when no admin who can sign in is left."""
    session.flush()
    if not active_admins(session):
        raise Conflict(msg("This is the last admin who can sign in. Make someone else an admin first."))
