"""What is past its best-before is counted apart, and promised to nobody.

Revision ID: 0012
Revises: 0011
"""

import os
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

box = sa.table("box", sa.column("id"), sa.column("size_id"), sa.column("best_before", sa.Date), sa.column("expired"))
level = sa.table("level", sa.column("box_id"), sa.column("location_id"), sa.column("quantity"))
location = sa.table("location", sa.column("id"), sa.column("warehouse_id"))
availability = sa.table(
    "availability",
    *(sa.column(name) for name in ("warehouse_id", "size_id", "on_hand", "allocated", "expired")),
)
packing_line = sa.table(
    "packing_line", *(sa.column(name) for name in ("id", "distribution_id", "size_id", "allocated"))
)
packing_list = sa.table("packing_list", sa.column("distribution_id"), sa.column("warehouse_id"))
distribution = sa.table("distribution", sa.column("id"), sa.column("starts_at"))
size = sa.table("size", sa.column("id"), sa.column("product_id"), sa.column("label"))
product = sa.table("product", sa.column("id"), sa.column("name"))
audit_line = sa.table(
    "audit_line",
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("action", "subject", "subject_id", "distribution_id")),
    sa.column("details", sa.JSON),
)


def upgrade() -> None:
    with op.batch_alter_table("box") as batch:
        batch.add_column(sa.Column("expired", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.create_check_constraint(op.f("ck_box_expired_has_date"), "best_before IS NOT NULL OR NOT expired")
        batch.drop_index("ix_box_best_before")
    op.create_index(
        "ix_box_best_before",
        "box",
        ["best_before"],
        postgresql_where=sa.text("expired IS FALSE"),
        sqlite_where=sa.text("expired IS 0"),
    )
    op.create_index(
        "ix_box_expired",
        "box",
        ["id"],
        postgresql_where=sa.text("expired IS TRUE"),
        sqlite_where=sa.text("expired IS 1"),
    )
    op.add_column("availability", sa.Column("expired", sa.Integer(), server_default="0", nullable=False))
    bind = op.get_bind()
    _count(bind)
    for row in bind.execute(
        sa.select(availability).where(availability.c.allocated + availability.c.expired > availability.c.on_hand)
    ).all():
        _take_promises(bind, row)
    with op.batch_alter_table("availability") as batch:
        batch.drop_constraint(op.f("ck_availability_never_promised_twice"), type_="check")
        batch.create_check_constraint(
            op.f("ck_availability_never_promised_twice"),
            "allocated >= 0 AND expired >= 0 AND allocated + expired <= on_hand",
        )


def _count(bind: sa.Connection) -> None:
    """Mark the boxes whose date has passed, and count what of them is on shelves."""
    today = datetime.now(ZoneInfo(os.environ.get("TIMEZONE") or "Europe/Paris")).date()
    bind.execute(sa.update(box).where(box.c.best_before < today).values(expired=sa.true()))
    there = (
        sa.select(sa.func.sum(level.c.quantity))
        .join_from(level, box, box.c.id == level.c.box_id)
        .join(location, location.c.id == level.c.location_id)
        .where(
            box.c.expired == sa.true(),
            box.c.size_id == availability.c.size_id,
            location.c.warehouse_id == availability.c.warehouse_id,
        )
        .correlate(availability)
        .scalar_subquery()
    )
    bind.execute(sa.update(availability).values(expired=sa.func.coalesce(there, 0)))


def _take_promises(bind: sa.Connection, row: sa.Row) -> None:  # type: ignore[type-arg]
    """Take back what can't be kept, the latest distribution's first; its timeline says so."""
    beyond = row.allocated + row.expired - row.on_hand
    lines = bind.execute(
        sa.select(packing_line)
        .join_from(packing_line, packing_list, packing_list.c.distribution_id == packing_line.c.distribution_id)
        .join(distribution, distribution.c.id == packing_line.c.distribution_id)
        .where(
            packing_list.c.warehouse_id == row.warehouse_id,
            packing_line.c.size_id == row.size_id,
            packing_line.c.allocated > 0,
        )
        .order_by(distribution.c.starts_at.desc(), distribution.c.id.desc())
    ).all()
    for line in lines:
        fewer = min(line.allocated, beyond)
        if not fewer:
            break
        beyond -= fewer
        bind.execute(
            sa.update(packing_line).where(packing_line.c.id == line.id).values(allocated=line.allocated - fewer)
        )
        bind.execute(
            sa.update(availability)
            .where(availability.c.warehouse_id == row.warehouse_id, availability.c.size_id == row.size_id)
            .values(allocated=availability.c.allocated - fewer)
        )
        _tell(bind, line, fewer)


def _tell(bind: sa.Connection, line: sa.Row, quantity: int) -> None:  # type: ignore[type-arg]
    name, label = bind.execute(
        sa.select(product.c.name, size.c.label)
        .join_from(size, product, product.c.id == size.c.product_id)
        .where(size.c.id == line.size_id)
    ).one()
    bind.execute(
        sa.insert(audit_line).values(
            at=datetime.now(UTC),
            action="distribution.promise_expired",
            subject="distribution",
            subject_id=str(line.distribution_id),
            distribution_id=line.distribution_id,
            details={"quantity": quantity, "product": name, "size": label, "code": ""},
        )
    )


def downgrade() -> None:
    with op.batch_alter_table("availability") as batch:
        batch.drop_constraint(op.f("ck_availability_never_promised_twice"), type_="check")
        batch.create_check_constraint(
            op.f("ck_availability_never_promised_twice"), "allocated >= 0 AND allocated <= on_hand"
        )
        batch.drop_column("expired")
    with op.batch_alter_table("box") as batch:
        batch.drop_index("ix_box_expired")
        batch.drop_index("ix_box_best_before")
        batch.drop_constraint(op.f("ck_box_expired_has_date"), type_="check")
        batch.drop_column("expired")
        batch.create_index("ix_box_best_before", ["best_before"], unique=False)
