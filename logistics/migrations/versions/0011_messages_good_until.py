"""Messages that hold for a while are not sent after it.

Revision ID: 0011
Revises: 0010
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = "state IN ('waiting', 'sending', 'sent', 'failed')"
NOW = "state IN ('waiting', 'sending', 'sent', 'failed', 'too_late')"
UNTIL = {  # by kind, the param that says until when it holds
    "called_out": "starts_at",
    "shift_reminder": "starts_at",
    "place_offered": "lapses_at",
    "convoy_unnamed_soon": "lapses_at",
}
message = sa.table(
    "outbox_message",
    sa.column("id", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("state", sa.String),
    sa.column("params", sa.JSON),
    sa.column("good_until", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("good_until", sa.DateTime(timezone=True), nullable=True))
        batch.drop_constraint(op.f("ck_outbox_message_state"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_message_state"), NOW)
    bind = op.get_bind()
    unsent = sa.select(message.c.id, message.c.kind, message.c.params)
    for number, kind, params in bind.execute(unsent.where(message.c.kind.in_(UNTIL), message.c.state != "sent")):
        until = params.get(UNTIL[kind])
        if until:
            moment = datetime.fromisoformat(until).astimezone(UTC)
            bind.execute(sa.update(message).where(message.c.id == number).values(good_until=moment))


def downgrade() -> None:
    op.execute("UPDATE outbox_message SET state = 'failed' WHERE state = 'too_late'")
    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_constraint(op.f("ck_outbox_message_state"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_message_state"), BEFORE)
        batch.drop_column("good_until")
