"""An index of the boxes that are on a shelf or a van, which the list of boxes reads.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HERE = {
    "postgresql_where": sa.text("outside IS FALSE AND quantity > 0"),
    "sqlite_where": sa.text("outside IS 0 AND quantity > 0"),
}


def upgrade() -> None:
    op.create_index("ix_level_here", "level", ["box_id", "location_id"], **HERE)


def downgrade() -> None:
    op.drop_index("ix_level_here", "level")
