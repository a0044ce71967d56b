"""Accounts: making one, confirming its address, setting a new password, and what a person changes of their own."""

import secrets
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import Token, command
from ..config import LANGUAGES
from ..errors import Conflict, Invalid, NotFound, msg
from ..outbox.models import OutboxMessage
from ..outbox.service import enqueue
from . import passwords
from .links import make_link, spend_links, use_link
from .models import AccessRole, LinkPurpose, Person, PersonAccessRole
from .passwords import Secret

NO_PASSWORD = "!"  # matches nothing: an invited account, until its owner sets one
MAILS_AN_HOUR = 5


def clean_email(text: str) -> str:
    """Return an email as it is kept (lower case). Raises `Invalid` for what cannot be mailed to."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid(msg("Enter an email address, such as amina@example.org."), "email") from None
    email = (found.ascii_email or found.normalized).lower()
    if len(email) > 254:
        raise Invalid(msg("Enter an email address, such as amina@example.org."), "email")
    return email


def same_email(text: str) -> str:
    """Return an email typed at sign-in in the form in which it would be kept, whatever was typed."""
    try:
        return clean_email(text)
    except Invalid:
        return text.strip().lower()


def new_session_token() -> str:
    """Return the token of a session that nobody has yet."""
    return secrets.token_hex(32)


def may_mail(session: Session, person_id: int, kind: str) -> bool:
    """Return whether one more message of this kind may go to a person this hour, so that nobody can flood them."""
    since = now() - timedelta(hours=1)
    sent = session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.person_id == person_id, OutboxMessage.kind == kind, OutboxMessage.created_at > since)
    )
    return (sent or 0) < MAILS_AN_HOUR


def mail_confirmation(session: Session, person: Person) -> None:
    """Step: mail the link that confirms an address."""
    if may_mail(session, person.id, "confirm_email"):
        token = make_link(session, person.id, LinkPurpose.CONFIRM_EMAIL)
        enqueue(
            session,
            "confirm_email",
            person.email,
            person.language,
            person_id=person.id,
            secret_path=f"/register/confirm/{token}",
        )


def register(token: Token, *, email: str, name: str, password: str, language: str) -> None:
    """Make an account and mail its owner; for an address that has one already, mail its owner that.

    Either way it answers alike and takes as long. Raises `Invalid` for a bad email or a weak password.
    """
    email = clean_email(email)
    passwords.refuse_weak(password, email, name)
    secret = Secret(passwords.hash_password(password))
    attempt = _register.once(token)
    try:
        attempt(email=email, name=name, language=language, password_hash=secret)
    except Conflict:  # the same address at the same moment: by now it has an account
        attempt(email=email, name=name, language=language, password_hash=secret)


@command
def _register(session: Session, *, email: str, name: str, language: str, password_hash: Secret) -> None:
    known = session.scalars(select(Person).where(Person.email == email)).one_or_none()
    if known is not None:
        if known.disabled_at is None and may_mail(session, known.id, "already_registered"):
            enqueue(session, "already_registered", email, known.language, person_id=known.id)
        return
    person = add_person(session, email=email, name=name, language=language, password_hash=password_hash.value)
    record(session, person.id, "person.registered", "person", person.id)
    mail_confirmation(session, person)


def add_person(
    session: Session,
    *,
    email: str,
    name: str,
    language: str,
    password_hash: str = NO_PASSWORD,
    roles: tuple[AccessRole, ...] = (AccessRole.VOLUNTEER,),
) -> Person:
    """Step: add an account with these access roles, not confirmed yet."""
    person = Person(
        email=email,
        name=name,
        language=language if language in LANGUAGES else "en",
        password_hash=password_hash,
        session_token=new_session_token(),
        created_at=now(),
        access_roles=[PersonAccessRole(role=role) for role in roles],
    )
    session.add(person)
    session.flush()
    return person


@command
def confirm_email(session: Session, *, link: str) -> int:
    """Confirm the address to which this link was mailed. Raises `SpentLink` for a spent link."""
    person = session.get_one(Person, use_link(session, LinkPurpose.CONFIRM_EMAIL, link))
    _confirm(session, person)
    return person.id


def _confirm(session: Session, person: Person) -> None:
    if person.email_confirmed_at is None:
        person.email_confirmed_at = now()
        record(session, person.id, "person.confirmed", "person", person.id)
    spend_links(session, person.id, LinkPurpose.CONFIRM_EMAIL)


@command
def ask_reset(session: Session, *, email: str) -> None:
    """Mail a link to set a new password, if the address has an account; answers alike if not."""
    person = session.scalars(select(Person).where(Person.email == same_email(email))).one_or_none()
    if person is None or person.disabled_at is not None or not may_mail(session, person.id, "reset_password"):
        return
    token = make_link(session, person.id, LinkPurpose.RESET_PASSWORD)
    enqueue(
        session, "reset_password", person.email, person.language, person_id=person.id, secret_path=f"/reset/{token}"
    )
    record(session, None, "person.reset_asked", "person", person.id)


def reset_password(token: Token, *, link: str, password: str, email: str, name: str) -> int:
    """Set a new password by a mailed link (reset or invitation), sign out everywhere, and return whose it is.

    The link proves the address, so this confirms it too. Raises `Invalid` for a weak password (`email` and `name`
    are the owner's) and `SpentLink` for a spent link.
    """
    passwords.refuse_weak(password, email, name)
    return _reset_password.once(token)(link=link, password_hash=Secret(passwords.hash_password(password)))


@command
def _reset_password(session: Session, *, link: str, password_hash: Secret) -> int:
    person = session.get_one(Person, use_link(session, LinkPurpose.RESET_PASSWORD, link))
    if person.disabled_at is not None:
        raise NotFound(msg("This account is switched off. Ask an admin."))
    set_password(session, person, password_hash.value)
    record(session, person.id, "person.password_reset", "person", person.id, fields=["password"])
    _confirm(session, person)
    return person.id


def set_password(session: Session, person: Person, password_hash: str) -> None:
    """Step: keep a new password, sign out everywhere, and make reset links that are still out useless."""
    person.password_hash = password_hash
    person.session_token = new_session_token()
    spend_links(session, person.id, LinkPurpose.RESET_PASSWORD)


@command
def change_details(session: Session, *, actor_id: int, name: str, phone: str | None, language: str) -> None:
    """Change one's own name, phone and language."""
    person = session.get_one(Person, actor_id)
    wanted = {"name": name, "phone": phone or None, "language": language}
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    for field in changed:
        setattr(person, field, wanted[field])
    if changed:
        record(session, actor_id, "person.changed", "person", actor_id, fields=changed)


@command
def sign_out_everywhere(session: Session, *, actor_id: int) -> None:
    """End every session of one's own account, on every device."""
    session.get_one(Person, actor_id).session_token = new_session_token()
    record(session, actor_id, "person.signed_out_everywhere", "person", actor_id)


def make_admin(*, email: str, password: str) -> None:
    """Make an admin from the command line, or make one of an existing account with a new password.

    Raises `Invalid` for a bad email or a weak password.
    """
    email = clean_email(email)
    passwords.refuse_weak(password, email)
    _make_admin(email=email, password_hash=Secret(passwords.hash_password(password)))


@command
def _make_admin(session: Session, *, email: str, password_hash: Secret) -> None:
    person = session.scalars(select(Person).where(Person.email == email)).one_or_none()
    if person is None:
        name = email.split("@")[0]
        person = add_person(session, email=email, name=name, language="en", roles=(AccessRole.VOLUNTEER,))
    if AccessRole.ADMIN not in person.roles:
        person.access_roles.append(PersonAccessRole(role=AccessRole.ADMIN))
        record(session, None, "person.role_given", "person", person.id, role=AccessRole.ADMIN)
    person.disabled_at = None
    set_password(session, person, password_hash.value)
    record(session, None, "person.password_reset", "person", person.id, fields=["password"])
    _confirm(session, person)
