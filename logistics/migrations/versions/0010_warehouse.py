"""The warehouse: deliveries, labels, stock-takes and flows, and movements that undo others.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_flow_day")),
    )
    op.create_table(
        "drop_off",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("map_url", sa.String(length=500), nullable=False),
        sa.Column("hours", sa.String(length=300), nullable=False),
        sa.Column("hours_fr", sa.String(length=300), nullable=True),
        sa.Column("takes", sa.Text(), nullable=False),
        sa.Column("takes_fr", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_fr", sa.String(length=80), nullable=True),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["warehouse_id"], ["site.id"], name=op.f("fk_drop_off_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drop_off")),
        sa.UniqueConstraint("name_key", name=op.f("uq_drop_off_name_key")),
        sa.UniqueConstraint("slug", name=op.f("uq_drop_off_slug")),
    )
    with op.batch_alter_table("drop_off") as batch_op:
        batch_op.create_index("ix_drop_off_warehouse_id", ["warehouse_id"], unique=False)

    op.create_table(
        "flow",
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("size_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("way IN ('in', 'out')", name=op.f("ck_flow_way")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_flow_quantity")),
        sa.ForeignKeyConstraint(["size_id"], ["size.id"], name=op.f("fk_flow_size_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["site.id"], name=op.f("fk_flow_warehouse_id")),
        sa.PrimaryKeyConstraint("warehouse_id", "size_id", "day", "way", "reason", name=op.f("pk_flow")),
    )
    with op.batch_alter_table("flow") as batch_op:
        batch_op.create_index("ix_flow_day", ["day"], unique=False)
        batch_op.create_index("ix_flow_size_id_day", ["size_id", "day"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drop_off_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("booked >= 0 AND booked <= capacity", name=op.f("ck_slot_never_overbooked")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000", name=op.f("ck_slot_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slot_ends_after_start")),
        sa.ForeignKeyConstraint(["drop_off_id"], ["drop_off.id"], name=op.f("fk_slot_drop_off_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("drop_off_id", "starts_at", name=op.f("uq_slot_drop_off_id_starts_at")),
    )
    with op.batch_alter_table("slot") as batch_op:
        batch_op.create_index("ix_slot_starts_at", ["starts_at"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("drop_off_id", sa.Integer(), nullable=True),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("bringer", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sorted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_delivery_cancelled_at")),
        sa.CheckConstraint("(state = 'sorted') = (sorted_at IS NOT NULL)", name=op.f("ck_delivery_sorted_at")),
        sa.CheckConstraint(
            "(state IN ('arrived', 'sorted')) = (arrived_at IS NOT NULL)", name=op.f("ck_delivery_arrived_at")
        ),
        sa.CheckConstraint("bringer IN ('donor', 'group', 'supplier')", name=op.f("ck_delivery_bringer")),
        sa.CheckConstraint("state IN ('announced', 'arrived', 'sorted', 'cancelled')", name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_delivery_created_by")),
        sa.ForeignKeyConstraint(["drop_off_id"], ["drop_off.id"], name=op.f("fk_delivery_drop_off_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_delivery_slot_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["site.id"], name=op.f("fk_delivery_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("reference", name=op.f("uq_delivery_reference")),
    )
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.create_index("ix_delivery_slot_id", ["slot_id"], unique=False)
        batch_op.create_index("ix_delivery_state_id", ["state", "id"], unique=False)
        batch_op.create_index("ix_delivery_warehouse_id_id", ["warehouse_id", "id"], unique=False)

    op.create_table(
        "label",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_label_box_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_label_made_by")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_label")),
    )
    with op.batch_alter_table("label") as batch_op:
        batch_op.create_index("ix_label_box_id", ["box_id"], unique=False)
        batch_op.create_index("ix_label_made_at", ["made_at"], unique=False)

    op.create_table(
        "stock_take",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("box_id", sa.Integer(), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(scope = 'shelf') = (location_id IS NOT NULL) AND (scope = 'product') = (product_id IS NOT NULL) AND (scope = 'box') = (box_id IS NOT NULL)",
            name=op.f("ck_stock_take_scope_names_what"),
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_stock_take_ended_at")),
        sa.CheckConstraint("scope IN ('shelf', 'product', 'box')", name=op.f("ck_stock_take_scope")),
        sa.CheckConstraint("state IN ('open', 'posted', 'abandoned')", name=op.f("ck_stock_take_state")),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_stock_take_box_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_stock_take_ended_by")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_take_location_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_take_product_id")),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], name=op.f("fk_stock_take_started_by")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["site.id"], name=op.f("fk_stock_take_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_take")),
    )
    with op.batch_alter_table("stock_take") as batch_op:
        batch_op.create_index("ix_stock_take_state_id", ["state", "id"], unique=False)
        batch_op.create_index("ix_stock_take_warehouse_id_id", ["warehouse_id", "id"], unique=False)

    op.create_table(
        "delivery_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=10), nullable=False),
        sa.Column("came", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "measure IN ('pallet', 'bag', 'box', 'kilogram', 'piece')", name=op.f("ck_delivery_line_measure")
        ),
        sa.CheckConstraint("amount BETWEEN 1 AND 100000", name=op.f("ck_delivery_line_amount")),
        sa.CheckConstraint("came BETWEEN 0 AND 100000", name=op.f("ck_delivery_line_came")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_line_delivery_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_delivery_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_line")),
    )
    with op.batch_alter_table("delivery_line") as batch_op:
        batch_op.create_index("ix_delivery_line_delivery_id", ["delivery_id"], unique=False)
        batch_op.create_index("ix_delivery_line_product_id", ["product_id"], unique=False)

    op.create_table(
        "discard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason IN ('torn', 'dirty', 'conspicuous', 'unsuitable')", name=op.f("ck_discard_reason")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_discard_quantity")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_discard_actor_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_discard_delivery_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_discard_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["site.id"], name=op.f("fk_discard_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discard")),
    )
    with op.batch_alter_table("discard") as batch_op:
        batch_op.create_index("ix_discard_at", ["at"], unique=False)
        batch_op.create_index("ix_discard_delivery_id", ["delivery_id"], unique=False)
        batch_op.create_index("ix_discard_product_id", ["product_id"], unique=False)

    op.create_table(
        "stock_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stock_take_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("movement_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("counted BETWEEN 0 AND 1000000", name=op.f("ck_stock_count_counted")),
        sa.CheckConstraint("expected >= 0", name=op.f("ck_stock_count_expected")),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_stock_count_box_id")),
        sa.ForeignKeyConstraint(["counter_id"], ["person.id"], name=op.f("fk_stock_count_counter_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_count_location_id")),
        sa.ForeignKeyConstraint(["movement_id"], ["movement.id"], name=op.f("fk_stock_count_movement_id")),
        sa.ForeignKeyConstraint(["stock_take_id"], ["stock_take.id"], name=op.f("fk_stock_count_stock_take_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint(
            "stock_take_id",
            "counter_id",
            "box_id",
            "location_id",
            name=op.f("uq_stock_count_stock_take_id_counter_id_box_id_location_id"),
        ),
    )
    with op.batch_alter_table("stock_count") as batch_op:
        batch_op.create_index("ix_stock_count_box_id", ["box_id"], unique=False)

    with op.batch_alter_table("movement") as batch_op:
        batch_op.add_column(sa.Column("reverses_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("delivery_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_movement_delivery_id", ["delivery_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_movement_reverses_id"), ["reverses_id"])
        batch_op.create_foreign_key(batch_op.f("fk_movement_delivery_id"), "delivery", ["delivery_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_movement_reverses_id"), "movement", ["reverses_id"], ["id"])

    with op.batch_alter_table("product") as batch_op:
        batch_op.add_column(sa.Column("pack_size", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_product_pack_size"), "pack_size BETWEEN 2 AND 100000")
        batch_op.add_column(sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("product") as batch_op:
        batch_op.drop_constraint(op.f("ck_product_pack_size"), type_="check")
        for column in ("stopped_at", "pack_size"):
            batch_op.drop_column(column)
    with op.batch_alter_table("movement") as batch_op:
        batch_op.drop_index("ix_movement_delivery_id")
        for column in ("delivery_id", "reverses_id"):
            batch_op.drop_constraint(op.f(f"fk_movement_{column}"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_movement_reverses_id"), type_="unique")
        for column in ("delivery_id", "reverses_id"):
            batch_op.drop_column(column)
    op.drop_table("stock_count")
    op.drop_table("discard")
    op.drop_table("delivery_line")
    op.drop_table("stock_take")
    op.drop_table("label")
    op.drop_table("delivery")
    op.drop_table("slot")
    op.drop_table("flow")
    op.drop_table("drop_off")
    op.drop_table("flow_day")
