"""Shifts know when they last changed, so that a feed is never older than what was mailed.

Revision ID: 0013
Revises: 0012
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

shift = sa.table("shift", sa.column("changed_at", sa.DateTime(timezone=True)))


def upgrade() -> None:
    with op.batch_alter_table("shift") as batch:
        batch.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    # When they changed was not kept. From now on no calendar has anything newer, whatever was mailed.
    op.get_bind().execute(sa.update(shift).values(changed_at=datetime.now(UTC)))
    with op.batch_alter_table("shift") as batch:
        batch.alter_column("changed_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("shift") as batch:
        batch.drop_column("changed_at")
