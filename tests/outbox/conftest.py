from email.message import EmailMessage

import pytest

from logistics.db import db, transaction
from logistics.outbox.models import OutboxMessage
from logistics.outbox.service import enqueue


class Postbox:
    """A mail server that keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False

    def __call__(self, mail: EmailMessage) -> None:
        if self.refuses:
            raise ConnectionRefusedError("the server is away")
        self.mails.append(mail)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


def write(kind: str = "reset_password", to: str = "amina@example.org", language: str = "en", **params: object) -> int:
    with transaction() as session:
        enqueue(session, kind, to, language, **(params or {"secret_path": "/reset/abc"}))  # type: ignore[arg-type]
        session.flush()
        return session.query(OutboxMessage.id).order_by(OutboxMessage.id.desc()).first()[0]  # type: ignore[index]


def row(message_id: int) -> OutboxMessage:
    db.session.rollback()
    return db.session.get_one(OutboxMessage, message_id)
