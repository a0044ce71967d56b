"""Files of any columns may be imported: what was matched is remembered.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("headings_key", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("headings_key", name=op.f("uq_import_mapping_headings_key")),
        sa.UniqueConstraint("name_key", name=op.f("uq_import_mapping_name_key")),
    )
    op.create_table(
        "learned_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("context", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("meaning", sa.String(length=40), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('product', 'size', 'gender', 'source')", name=op.f("ck_learned_match_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_match")),
        sa.UniqueConstraint("kind", "context", "key", name=op.f("uq_learned_match_kind_context_key")),
    )
    with op.batch_alter_table("import_upload") as batch:
        batch.add_column(sa.Column("filename", sa.String(length=80), nullable=False, server_default=""))
        batch.add_column(sa.Column("mapping", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("import_upload") as batch:
        batch.alter_column("filename", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM import_upload WHERE mapping IS NOT NULL")  # they live for a day anyway
    with op.batch_alter_table("import_upload") as batch:
        batch.drop_column("mapping")
        batch.drop_column("filename")
    op.drop_table("learned_match")
    op.drop_table("import_mapping")
