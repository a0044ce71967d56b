"""Kits: recipes, boxes of kits, and what was put together or taken apart.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kit_recipe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_kit_recipe_version")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_kit_recipe_made_by")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_kit_recipe_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_recipe")),
        sa.UniqueConstraint("product_id", "version", name=op.f("uq_kit_recipe_product_id_version")),
    )
    op.create_table(
        "kit_part",
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.Column("size_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 100000", name=op.f("ck_kit_part_quantity")),
        sa.ForeignKeyConstraint(["recipe_id"], ["kit_recipe.id"], name=op.f("fk_kit_part_recipe_id")),
        sa.ForeignKeyConstraint(["size_id"], ["size.id"], name=op.f("fk_kit_part_size_id")),
        sa.PrimaryKeyConstraint("recipe_id", "size_id", name=op.f("pk_kit_part")),
    )
    op.create_index("ix_kit_part_size_id", "kit_part", ["size_id"])
    op.create_table(
        "kit_box",
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_kit_box_box_id")),
        sa.ForeignKeyConstraint(["recipe_id"], ["kit_recipe.id"], name=op.f("fk_kit_box_recipe_id")),
        sa.PrimaryKeyConstraint("box_id", name=op.f("pk_kit_box")),
    )
    op.create_index("ix_kit_box_recipe_id", "kit_box", ["recipe_id"])
    op.create_table(
        "kit_act",
        sa.Column("movement_id", sa.Integer(), nullable=False),
        sa.Column("recipe_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("taken_apart", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_act_quantity")),
        sa.ForeignKeyConstraint(["movement_id"], ["movement.id"], name=op.f("fk_kit_act_movement_id")),
        sa.ForeignKeyConstraint(["recipe_id"], ["kit_recipe.id"], name=op.f("fk_kit_act_recipe_id")),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_kit_act")),
    )
    op.create_index("ix_kit_act_recipe_id", "kit_act", ["recipe_id"])


def downgrade() -> None:
    for table in ("kit_act", "kit_box", "kit_part", "kit_recipe"):
        op.drop_table(table)
