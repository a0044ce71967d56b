"""Letters on hours keep the name they are issued to.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("hours_letter") as batch:
        batch.add_column(sa.Column("name", sa.String(100), nullable=True))
    # The name now is what they would have been printed with from here on.
    op.execute("UPDATE hours_letter SET name = (SELECT name FROM person WHERE person.id = hours_letter.person_id)")


def downgrade() -> None:
    with op.batch_alter_table("hours_letter") as batch:
        batch.drop_column("name")
