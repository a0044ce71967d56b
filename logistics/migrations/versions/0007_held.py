"""A convoy's places may be held on a shift to which its leader does not come.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BEFORE = "state IN ('confirmed', 'waiting', 'offered', 'cancelled', 'attended', 'no_show')"
NOW = "state IN ('confirmed', 'waiting', 'offered', 'held', 'cancelled', 'attended', 'no_show')"


def upgrade() -> None:
    _allow(NOW)


def downgrade() -> None:
    # As it was told before: the leader is on the shift, too.
    op.execute("UPDATE sign_up SET state = 'confirmed' WHERE state = 'held'")
    _allow(BEFORE)


def _allow(states: str) -> None:
    with op.batch_alter_table("sign_up") as batch:
        batch.drop_constraint(op.f("ck_sign_up_state"), type_="check")
        batch.create_check_constraint(op.f("ck_sign_up_state"), states)
