"""Purchases: spends that buy goods for stock rather than pay for a distribution.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("spend") as batch:
        batch.alter_column("distribution_id", existing_type=sa.Integer(), nullable=True)
    op.create_table(
        "purchase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spend_id", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("carriage", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("carriage BETWEEN 0 AND 1000000000", name=op.f("ck_purchase_carriage")),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR closed_at IS NOT NULL", name=op.f("ck_purchase_withdrawn_is_closed")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_purchase_closed_by")),
        sa.ForeignKeyConstraint(["spend_id"], ["spend.id"], name=op.f("fk_purchase_spend_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("spend_id", name=op.f("uq_purchase_spend_id")),
    )
    op.create_index("ix_purchase_bought_on_id", "purchase", ["bought_on", "id"])
    op.create_table(
        "purchase_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purchase_id", sa.Integer(), nullable=False),
        sa.Column("size_id", sa.Integer(), nullable=False),
        sa.Column("packs", sa.Integer(), nullable=False),
        sa.Column("pack_size", sa.Integer(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "packs BETWEEN 1 AND 1000000 AND pack_size BETWEEN 1 AND 1000000", name=op.f("ck_purchase_line_counts")
        ),
        sa.CheckConstraint("packs <= 1000000 / pack_size", name=op.f("ck_purchase_line_quantity")),
        sa.CheckConstraint("price BETWEEN 0 AND 1000000000", name=op.f("ck_purchase_line_price")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_line_purchase_id")),
        sa.ForeignKeyConstraint(["size_id"], ["size.id"], name=op.f("fk_purchase_line_size_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_line")),
    )
    op.create_index("ix_purchase_line_purchase_id", "purchase_line", ["purchase_id"])
    op.create_index("ix_purchase_line_size_id", "purchase_line", ["size_id"])
    with op.batch_alter_table("movement") as batch:
        batch.add_column(sa.Column("purchase_line_id", sa.Integer(), nullable=True))
        batch.create_index("ix_movement_purchase_line_id", ["purchase_line_id"])
        batch.create_foreign_key(batch.f("fk_movement_purchase_line_id"), "purchase_line", ["purchase_line_id"], ["id"])
    op.create_index(
        "ix_box_bought",
        "box",
        ["id"],
        postgresql_where=sa.text("source = 'bought'"),
        sqlite_where=sa.text("source = 'bought'"),
    )


def downgrade() -> None:
    op.drop_index("ix_box_bought", "box")
    with op.batch_alter_table("movement") as batch:
        batch.drop_index("ix_movement_purchase_line_id")
        batch.drop_constraint(op.f("fk_movement_purchase_line_id"), type_="foreignkey")
        batch.drop_column("purchase_line_id")
    op.drop_table("purchase_line")
    op.drop_table("purchase")
    # Fails, and changes nothing, where a purchase was paid for: its spend has no distribution to belong to.
    with op.batch_alter_table("spend") as batch:
        batch.alter_column("distribution_id", existing_type=sa.Integer(), nullable=False)
