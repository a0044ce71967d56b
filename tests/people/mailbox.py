"""What lies in the outbox, and small helpers that read it as a person reads mail."""

from sqlalchemy import select

from logistics.db import db
from logistics.outbox.models import OutboxMessage

GOOD = "kettle ladder norway"
OTHER = "violet hammer lisbon"


def messages(kind: str = "") -> list[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    return list(db.session.scalars(query.where(OutboxMessage.kind == kind) if kind else query))


def link(kind: str) -> str:
    """The path in the newest message of this kind."""
    return str(messages(kind)[-1].params["secret_path"])
