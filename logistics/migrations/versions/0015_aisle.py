"""What was done in the aisle without a signal keeps when it was done.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aisle_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("movement_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('take', 'put', 'move', 'count')", name=op.f("ck_aisle_act_kind")),
        sa.CheckConstraint("made_at <= recorded_at", name=op.f("ck_aisle_act_made_before_recorded")),
        sa.CheckConstraint("kind = 'count' OR movement_id IS NOT NULL", name=op.f("ck_aisle_act_moves_something")),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_aisle_act_box_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_aisle_act_location_id")),
        sa.ForeignKeyConstraint(["movement_id"], ["movement.id"], name=op.f("fk_aisle_act_movement_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_aisle_act_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aisle_act")),
        sa.UniqueConstraint("movement_id", name=op.f("uq_aisle_act_movement_id")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_aisle_act_person_id_key")),
    )
    op.create_index("ix_aisle_act_box_id", "aisle_act", ["box_id"])
    op.create_index("ix_aisle_act_location_id", "aisle_act", ["location_id"])


def downgrade() -> None:
    op.drop_table("aisle_act")
