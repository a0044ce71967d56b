"""What flowed is written down again from movements: what undoes a movement has that one's reason now.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM flow")
    op.execute("DELETE FROM flow_day")


def downgrade() -> None:
    upgrade()  # the worker writes it as its version knows it
