"""What is decided for all shifts, a category that a role can ask of a licence, and no convoy that holds for ever.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rules = op.create_table(
        "shift_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_hours", sa.Integer(), server_default=sa.text("12"), nullable=False),
        sa.Column("hard_in_a_row", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("cancel_hours", sa.Integer(), server_default=sa.text("24"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_shift_rules_one")),
        sa.CheckConstraint("offer_hours >= 1 AND offer_hours <= 168", name=op.f("ck_shift_rules_offer_hours")),
        sa.CheckConstraint("hard_in_a_row >= 1 AND hard_in_a_row <= 7", name=op.f("ck_shift_rules_hard_in_a_row")),
        sa.CheckConstraint("cancel_hours >= 0 AND cancel_hours <= 336", name=op.f("ck_shift_rules_cancel_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_rules")),
    )
    op.bulk_insert(rules, [{"id": 1}])
    with op.batch_alter_table("role_qualification") as batch:
        batch.add_column(sa.Column("detail", sa.String(20), server_default="", nullable=False))
    op.execute("UPDATE convoy SET lapse_hours = 1 WHERE lapse_hours = 0")  # these never went back to anyone
    _least(1)


def downgrade() -> None:
    _least(0)
    with op.batch_alter_table("role_qualification") as batch:
        batch.drop_column("detail")
    op.drop_table("shift_rules")


def _least(hours: int) -> None:
    with op.batch_alter_table("convoy") as batch:
        batch.drop_constraint(op.f("ck_convoy_lapse_hours"), type_="check")
        batch.create_check_constraint(op.f("ck_convoy_lapse_hours"), f"lapse_hours >= {hours} AND lapse_hours <= 336")
