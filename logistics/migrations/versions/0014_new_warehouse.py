"""A file of boxes may name a new warehouse, which its import makes.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = "(kind <> 'products') = (warehouse_id IS NOT NULL)"
NOW = (
    "(kind <> 'products') = (warehouse_id IS NOT NULL OR new_warehouse IS NOT NULL)"
    " AND (warehouse_id IS NULL OR new_warehouse IS NULL)"
)


def upgrade() -> None:
    with op.batch_alter_table("import_upload") as batch:
        batch.add_column(sa.Column("new_warehouse", sa.String(80), nullable=True))
        batch.drop_constraint(op.f("ck_import_upload_boxes_have_warehouse"), type_="check")
        batch.create_check_constraint(op.f("ck_import_upload_boxes_have_warehouse"), NOW)


def downgrade() -> None:
    op.execute("DELETE FROM import_upload WHERE new_warehouse IS NOT NULL")  # they live for a day anyway
    with op.batch_alter_table("import_upload") as batch:
        batch.drop_constraint(op.f("ck_import_upload_boxes_have_warehouse"), type_="check")
        batch.create_check_constraint(op.f("ck_import_upload_boxes_have_warehouse"), BEFORE)
        batch.drop_column("new_warehouse")
