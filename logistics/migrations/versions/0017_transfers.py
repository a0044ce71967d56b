"""Transfers between warehouses, and the place where goods are meanwhile.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

IN_TRANSIT = 0  # an id that no shelf of an older database has
BEFORE = "outside = (kind NOT IN ('shelf', 'van'))"
NOW = "outside = (kind NOT IN ('shelf', 'van', 'transit'))"
KINDS = "kind IN ('shelf', 'van', 'donated', 'bought', 'handed_out', 'written_off', 'converted')"
KINDS_NOW = "kind IN ('shelf', 'van', 'transit', 'donated', 'bought', 'handed_out', 'written_off', 'converted')"


def upgrade() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_transfer_goes_somewhere")),
        sa.CheckConstraint(
            "(state IN ('on_the_way', 'closed')) = (sent_at IS NOT NULL)", name=op.f("ck_transfer_sent_at")
        ),
        sa.CheckConstraint(
            "(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_transfer_ended_at")
        ),
        sa.CheckConstraint(
            "state IN ('prepared', 'on_the_way', 'closed', 'cancelled')", name=op.f("ck_transfer_state")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_transfer_created_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_transfer_ended_by")),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_transfer_sent_by")),
        sa.ForeignKeyConstraint(["from_id"], ["site.id"], name=op.f("fk_transfer_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["site.id"], name=op.f("fk_transfer_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index("ix_transfer_state_id", "transfer", ["state", "id"])
    op.create_index("ix_transfer_from_id_id", "transfer", ["from_id", "id"])
    op.create_index("ix_transfer_to_id_id", "transfer", ["to_id", "id"])
    op.create_table(
        "transfer_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("shelf_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_transfer_line_quantity")),
        sa.CheckConstraint(
            "received >= 0 AND returned >= 0 AND missing >= 0 AND extra >= 0"
            " AND received + returned + missing <= quantity",
            name=op.f("ck_transfer_line_adds_up"),
        ),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_transfer_line_box_id")),
        sa.ForeignKeyConstraint(["shelf_id"], ["location.id"], name=op.f("fk_transfer_line_shelf_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_line_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_line")),
        sa.UniqueConstraint(
            "transfer_id", "box_id", "shelf_id", name=op.f("uq_transfer_line_transfer_id_box_id_shelf_id")
        ),
    )
    op.create_index("ix_transfer_line_box_id", "transfer_line", ["box_id"])
    op.create_index("ix_transfer_line_shelf_id", "transfer_line", ["shelf_id"])
    _know_places(NOW, KINDS_NOW)
    location = sa.table("location", *(sa.column(name) for name in ("id", "kind", "outside", "name", "name_key")))
    op.bulk_insert(
        location,
        [{"id": IN_TRANSIT, "kind": "transit", "outside": False, "name": "transit", "name_key": "transit"}],
    )
    with op.batch_alter_table("movement") as batch:
        batch.add_column(sa.Column("transfer_line_id", sa.Integer(), nullable=True))
        batch.create_index("ix_movement_transfer_line_id", ["transfer_line_id"])
        batch.create_foreign_key(batch.f("fk_movement_transfer_line_id"), "transfer_line", ["transfer_line_id"], ["id"])


def _know_places(outside: str, kinds: str) -> None:
    with op.batch_alter_table("location") as batch:
        batch.drop_constraint(op.f("ck_location_outside"), type_="check")
        batch.create_check_constraint(op.f("ck_location_outside"), outside)
        batch.drop_constraint(op.f("ck_location_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_location_kind"), kinds)


def downgrade() -> None:
    # Fails, and changes nothing, where something has moved through there: that can't be told without it.
    op.execute(f"DELETE FROM location WHERE id = {IN_TRANSIT}")
    with op.batch_alter_table("movement") as batch:
        batch.drop_index("ix_movement_transfer_line_id")
        batch.drop_constraint(op.f("fk_movement_transfer_line_id"), type_="foreignkey")
        batch.drop_column("transfer_line_id")
    _know_places(BEFORE, KINDS)
    op.drop_table("transfer_line")
    op.drop_table("transfer")
