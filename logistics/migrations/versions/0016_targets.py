"""How much of a product is to be kept: minimums and targets.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=True),
        sa.Column("season", sa.String(length=6), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.CheckConstraint("season IN ('all', 'summer', 'winter')", name=op.f("ck_stock_target_season")),
        sa.CheckConstraint(
            "0 <= minimum AND minimum <= target AND target <= 1000000",
            name=op.f("ck_stock_target_target_not_below_minimum"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_target_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["site.id"], name=op.f("fk_stock_target_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_target")),
    )
    everywhere, one = sa.text("warehouse_id IS NULL"), sa.text("warehouse_id IS NOT NULL")
    with op.batch_alter_table("stock_target") as batch:
        batch.create_index(
            "uq_stock_target_everywhere",
            ["product_id", "season"],
            unique=True,
            postgresql_where=everywhere,
            sqlite_where=everywhere,
        )
        batch.create_index(
            "uq_stock_target_warehouse",
            ["product_id", "warehouse_id", "season"],
            unique=True,
            postgresql_where=one,
            sqlite_where=one,
        )
        batch.create_index("ix_stock_target_warehouse_id", ["warehouse_id"], unique=False)


def downgrade() -> None:
    op.drop_table("stock_target")
