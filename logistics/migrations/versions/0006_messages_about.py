"""What a message is about, so that coordinators find those of a shift.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

message = sa.table(
    "outbox_message",
    sa.column("id", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("params", sa.JSON),
    sa.column("about", sa.String),
)
OF_SHIFTS = ("sign_up_confirmed", "shift_cancelled", "shift_changed", "shift_released")


def upgrade() -> None:
    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("about", sa.String(40), nullable=True))
        batch.create_index("ix_outbox_message_about_id", ["about", "id"])
    bind = op.get_bind()
    for number, params in bind.execute(sa.select(message.c.id, message.c.params).where(message.c.kind.in_(OF_SHIFTS))):
        about = str(params.get("path", "")).removeprefix("/shifts/")
        if about.isdigit():
            bind.execute(sa.update(message).where(message.c.id == number).values(about=f"shift:{about}"))


def downgrade() -> None:
    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_index("ix_outbox_message_about_id")
        batch.drop_column("about")
