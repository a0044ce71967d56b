"""The places of the outside world, under fixed ids.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = ("donated", "bought", "handed_out", "written_off", "converted")


def upgrade() -> None:
    location = sa.table(
        "location", sa.column("id"), sa.column("kind"), sa.column("outside"), sa.column("name"), sa.column("name_key")
    )
    op.bulk_insert(
        location,
        [
            {"id": number, "kind": kind, "outside": True, "name": kind, "name_key": kind}
            for number, kind in enumerate(KINDS, 1)
        ],
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('location', 'id'), 5)")


def downgrade() -> None:
    op.execute("DELETE FROM location WHERE outside")
