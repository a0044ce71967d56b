"""An account with a password, what is typed to sign in with it, and its mail as a person reads it."""

from sqlalchemy import select

from logistics.db import db, transaction
from logistics.outbox.models import OutboxMessage
from logistics.people import passwords
from logistics.people.models import Person
from tests import make

EMAIL = "amina@example.org"
GOOD = "kettle ladder norway"
OTHER = "violet hammer lisbon"


def messages(kind: str = "") -> list[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    return list(db.session.scalars(query.where(OutboxMessage.kind == kind) if kind else query))


def link(kind: str) -> str:
    """The path in the newest message of this kind."""
    return str(messages(kind)[-1].params["secret_path"])


def with_password(password: str = GOOD, **fields: str) -> Person:
    person = make.person(**fields)  # type: ignore[arg-type]
    with transaction() as session:
        session.get_one(Person, person.id).password_hash = passwords.hash_password(password)
    return person


def fill(email: str = EMAIL, password: str = GOOD, **more: str) -> dict[str, str]:
    return {"email": email, "password": password, **more}
