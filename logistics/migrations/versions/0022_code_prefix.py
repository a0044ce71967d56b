"""Codes that begin with something are found by an index: a search of boxes asks for them.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_box_code_prefix", "box", ["code"], postgresql_ops={"code": "varchar_pattern_ops"})


def downgrade() -> None:
    op.drop_index("ix_box_code_prefix", table_name="box")
