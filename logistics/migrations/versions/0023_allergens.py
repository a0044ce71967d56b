"""What food contains, and who may eat it.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("product") as batch:
        batch.add_column(sa.Column("allergens", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("diets", sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(op.f("ck_product_allergens"), "allergens BETWEEN 0 AND 16383")
        batch.create_check_constraint(op.f("ck_product_diets"), "diets BETWEEN 0 AND 63")


def downgrade() -> None:
    with op.batch_alter_table("product") as batch:
        for column in ("diets", "allergens"):
            batch.drop_constraint(op.f(f"ck_product_{column}"), type_="check")
            batch.drop_column(column)
