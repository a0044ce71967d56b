"""What may stand in for what, and what does on a packing list.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stand_in",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.CheckConstraint("product_id <> by_id", name=op.f("ck_stand_in_another_product")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stand_in_product_id")),
        sa.ForeignKeyConstraint(["by_id"], ["product.id"], name=op.f("fk_stand_in_by_id")),
        sa.PrimaryKeyConstraint("product_id", "by_id", name=op.f("pk_stand_in")),
    )
    op.create_index("ix_stand_in_by_id", "stand_in", ["by_id"], unique=False)
    op.create_table(
        "substitution",
        sa.Column("distribution_id", sa.Integer(), nullable=False),
        sa.Column("size_id", sa.Integer(), nullable=False),
        sa.Column("by_size_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_substitution_quantity")),
        sa.CheckConstraint("size_id <> by_size_id", name=op.f("ck_substitution_another_size")),
        sa.ForeignKeyConstraint(
            ["distribution_id"], ["packing_list.distribution_id"], name=op.f("fk_substitution_distribution_id")
        ),
        sa.ForeignKeyConstraint(["size_id"], ["size.id"], name=op.f("fk_substitution_size_id")),
        sa.ForeignKeyConstraint(["by_size_id"], ["size.id"], name=op.f("fk_substitution_by_size_id")),
        sa.PrimaryKeyConstraint("distribution_id", "size_id", "by_size_id", name=op.f("pk_substitution")),
    )
    op.create_index("ix_substitution_size_id", "substitution", ["size_id"], unique=False)
    op.create_index("ix_substitution_by_size_id", "substitution", ["by_size_id"], unique=False)


def downgrade() -> None:
    # What stands in stays planned: the lists as they are, without saying instead of what.
    op.execute(
        "UPDATE packing_item SET total = (SELECT coalesce(sum(planned), 0) FROM packing_line"
        " WHERE packing_line.item_id = packing_item.id) WHERE distribution_id IN (SELECT distribution_id FROM substitution)"
    )
    op.drop_table("substitution")
    op.drop_table("stand_in")
