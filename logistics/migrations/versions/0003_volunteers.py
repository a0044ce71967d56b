"""Volunteers: waiting lists and offers, convoys, stays, qualifications, agreements, attendance, patterns of shifts.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pattern",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_fr", sa.String(length=80), nullable=True),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern")),
        sa.UniqueConstraint("name_key", name=op.f("uq_pattern_name_key")),
    )
    op.create_table(
        "qualification",
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("description_fr", sa.String(length=500), nullable=True),
        sa.Column("self_declared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("on_the_day", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("takes_detail", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("days_valid", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_fr", sa.String(length=80), nullable=True),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("days_valid > 0", name=op.f("ck_qualification_days_valid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint("name_key", name=op.f("uq_qualification_name_key")),
    )
    op.create_table(
        "agreement",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('conduct', 'insurance')", name=op.f("ck_agreement_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_agreement_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "kind", "version", name=op.f("pk_agreement")),
    )
    op.create_table(
        "agreement_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('conduct', 'insurance')", name=op.f("ck_agreement_text_kind")),
        sa.CheckConstraint("version > 0", name=op.f("ck_agreement_text_version")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_agreement_text_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_text")),
        sa.UniqueConstraint("kind", "language", "version", name=op.f("uq_agreement_text_kind_language_version")),
    )
    op.create_table(
        "convoy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("lapse_hours", sa.Integer(), nullable=False),
        sa.Column("join_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lapse_hours >= 0 AND lapse_hours <= 336", name=op.f("ck_convoy_lapse_hours")),
        sa.CheckConstraint("size >= 1 AND size <= 50", name=op.f("ck_convoy_size")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_convoy_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convoy")),
        sa.UniqueConstraint("join_hash", name=op.f("uq_convoy_join_hash")),
    )
    with op.batch_alter_table("convoy", schema=None) as batch_op:
        batch_op.create_index("ix_convoy_leader_id", ["leader_id"], unique=False)

    op.create_table(
        "emergency_contact",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("relation", sa.String(length=60), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_emergency_contact_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_emergency_contact")),
    )
    op.create_table(
        "held_qualification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("qualification_id", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=60), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_held_qualification_confirmed_by")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_held_qualification_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["qualification_id"], ["qualification.id"], name=op.f("fk_held_qualification_qualification_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_qualification")),
        sa.UniqueConstraint(
            "person_id", "qualification_id", name=op.f("uq_held_qualification_person_id_qualification_id")
        ),
    )
    with op.batch_alter_table("held_qualification", schema=None) as batch_op:
        batch_op.create_index("ix_held_qualification_qualification_id", ["qualification_id"], unique=False)

    op.create_table(
        "hours_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("shifts", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hours_letter_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_letter")),
        sa.UniqueConstraint("code", name=op.f("uq_hours_letter_code")),
    )
    with op.batch_alter_table("hours_letter", schema=None) as batch_op:
        batch_op.create_index("ix_hours_letter_person_id", ["person_id"], unique=False)

    op.create_table(
        "pattern_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pattern_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "minimum >= 0 AND maximum >= 1 AND minimum <= maximum AND maximum <= 1000",
            name=op.f("ck_pattern_line_places"),
        ),
        sa.CheckConstraint("minutes >= 1 AND minutes <= 1440", name=op.f("ck_pattern_line_minutes")),
        sa.CheckConstraint("start_minute >= 0 AND start_minute < 1440", name=op.f("ck_pattern_line_start_minute")),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], name=op.f("fk_pattern_line_pattern_id")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_pattern_line_role_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pattern_line_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern_line")),
    )
    with op.batch_alter_table("pattern_line", schema=None) as batch_op:
        batch_op.create_index("ix_pattern_line_pattern_id", ["pattern_id"], unique=False)

    op.create_table(
        "presence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_presence_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence")),
        sa.UniqueConstraint("site_id", "day", "person_id", name=op.f("uq_presence_site_id_day_person_id")),
    )
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.create_index("ix_presence_person_id", ["person_id"], unique=False)

    op.create_table(
        "role_qualification",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("qualification_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["qualification_id"], ["qualification.id"], name=op.f("fk_role_qualification_qualification_id")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_role_qualification_role_id")),
        sa.PrimaryKeyConstraint("role_id", "qualification_id", name=op.f("pk_role_qualification")),
    )
    op.create_table(
        "role_wish",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_wish_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_role_wish_role_id")),
        sa.PrimaryKeyConstraint("person_id", "role_id", name=op.f("pk_role_wish")),
    )
    op.create_table(
        "stay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("leaves_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("leaves_on >= arrives_on", name=op.f("ck_stay_leaves_after_arriving")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stay_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
    )
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.create_index("ix_stay_person_id_arrives_on", ["person_id", "arrives_on"], unique=False)

    op.create_table(
        "convoy_member",
        sa.Column("convoy_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats >= 0 AND seats <= 60", name=op.f("ck_convoy_member_seats")),
        sa.ForeignKeyConstraint(["convoy_id"], ["convoy.id"], name=op.f("fk_convoy_member_convoy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_convoy_member_person_id")),
        sa.PrimaryKeyConstraint("convoy_id", "person_id", name=op.f("pk_convoy_member")),
    )
    with op.batch_alter_table("convoy_member", schema=None) as batch_op:
        batch_op.create_index("ix_convoy_member_person_id", ["person_id"], unique=False)

    op.create_table(
        "called_out",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_called_out_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_called_out_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "person_id", name=op.f("pk_called_out")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("age_group", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("guardian_consent_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("guardian_consent_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("wants_call_outs", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("wants_reminders", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("wants_thanks", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("calendar_hash", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_person_calendar_hash"), ["calendar_hash"])
        batch_op.create_foreign_key(
            batch_op.f("fk_person_guardian_consent_by"), "person", ["guardian_consent_by"], ["id"]
        )
        batch_op.create_check_constraint(batch_op.f("ck_person_age_group"), "age_group IN ('adult', '16-17')")

    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bring", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("bring_fr", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("hard", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("minors", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extra", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("cancel_hours", sa.Integer(), server_default=sa.text("24"), nullable=False))
        batch_op.add_column(sa.Column("experienced_minimum", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("newcomers_maximum", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("lead_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("check_in_key", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("pattern_line_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_shift_pattern_line_id_starts_at", ["pattern_line_id", "starts_at"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_shift_check_in_key"), ["check_in_key"])
        batch_op.create_foreign_key(batch_op.f("fk_shift_lead_id"), "person", ["lead_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_shift_pattern_line_id"), "pattern_line", ["pattern_line_id"], ["id"])
        batch_op.drop_constraint(batch_op.f("ck_shift_filled"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_shift_filled"), "filled >= 0 AND filled <= maximum + extra")
        batch_op.create_check_constraint(batch_op.f("ck_shift_extra"), "extra >= 0 AND extra <= 1000")
        batch_op.create_check_constraint(
            batch_op.f("ck_shift_cancel_hours"), "cancel_hours >= 0 AND cancel_hours <= 336"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_shift_experienced_minimum"), "experienced_minimum >= 0 AND experienced_minimum <= maximum"
        )
        batch_op.create_check_constraint(batch_op.f("ck_shift_newcomers_maximum"), "newcomers_maximum >= 0")

    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.add_column(sa.Column("places", sa.Integer(), server_default=sa.text("1"), nullable=False))
        batch_op.add_column(sa.Column("convoy_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("added_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("offer_lapses_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancel_reason", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("minutes_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("unnamed_reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_sign_up_convoy_id", ["convoy_id"], unique=False)
        batch_op.create_index("ix_sign_up_shift_id_state", ["shift_id", "state"], unique=False)
        batch_op.create_index("ix_sign_up_state_offer_lapses_at", ["state", "offer_lapses_at"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_sign_up_convoy_id"), "convoy", ["convoy_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_sign_up_minutes_by"), "person", ["minutes_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_sign_up_added_by"), "person", ["added_by"], ["id"])
        batch_op.create_check_constraint(batch_op.f("ck_sign_up_places"), "places >= 1 AND places <= 50")
        batch_op.create_check_constraint(
            batch_op.f("ck_sign_up_waiting_since"), "state <> 'waiting' OR waiting_since IS NOT NULL"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_sign_up_offer_lapses_at"), "state <> 'offered' OR offer_lapses_at IS NOT NULL"
        )
        batch_op.create_check_constraint(batch_op.f("ck_sign_up_left_at"), "left_at IS NULL OR arrived_at IS NOT NULL")
        batch_op.create_check_constraint(batch_op.f("ck_sign_up_minutes"), "minutes >= 0 AND minutes <= 2880")

    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wall_key", sa.String(length=32), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_site_wall_key"), ["wall_key"])


def downgrade() -> None:
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_site_wall_key"), type_="unique")
        batch_op.drop_column("wall_key")

    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_sign_up_places"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_sign_up_waiting_since"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_sign_up_offer_lapses_at"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_sign_up_left_at"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_sign_up_minutes"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_sign_up_added_by"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_sign_up_minutes_by"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_sign_up_convoy_id"), type_="foreignkey")
        batch_op.drop_index("ix_sign_up_state_offer_lapses_at")
        batch_op.drop_index("ix_sign_up_shift_id_state")
        batch_op.drop_index("ix_sign_up_convoy_id")
        batch_op.drop_column("thanked_at")
        batch_op.drop_column("unnamed_reminded_at")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("minutes_by")
        batch_op.drop_column("minutes")
        batch_op.drop_column("left_at")
        batch_op.drop_column("arrived_at")
        batch_op.drop_column("cancel_reason")
        batch_op.drop_column("offer_lapses_at")
        batch_op.drop_column("waiting_since")
        batch_op.drop_column("added_by")
        batch_op.drop_column("convoy_id")
        batch_op.drop_column("places")

    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_shift_filled"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_shift_extra"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_shift_cancel_hours"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_shift_experienced_minimum"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_shift_newcomers_maximum"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_shift_filled"), "filled >= 0 AND filled <= maximum")
        batch_op.drop_constraint(batch_op.f("fk_shift_pattern_line_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_shift_lead_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_shift_check_in_key"), type_="unique")
        batch_op.drop_index("ix_shift_pattern_line_id_starts_at")
        batch_op.drop_column("pattern_line_id")
        batch_op.drop_column("check_in_key")
        batch_op.drop_column("lead_id")
        batch_op.drop_column("newcomers_maximum")
        batch_op.drop_column("experienced_minimum")
        batch_op.drop_column("cancel_hours")
        batch_op.drop_column("extra")

    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.drop_column("minors")
        batch_op.drop_column("hard")
        batch_op.drop_column("bring_fr")
        batch_op.drop_column("bring")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_person_age_group"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_person_guardian_consent_by"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_person_calendar_hash"), type_="unique")
        batch_op.drop_column("calendar_hash")
        batch_op.drop_column("wants_thanks")
        batch_op.drop_column("wants_reminders")
        batch_op.drop_column("wants_call_outs")
        batch_op.drop_column("guardian_consent_by")
        batch_op.drop_column("guardian_consent_at")
        batch_op.drop_column("age_group")
        batch_op.drop_column("deleted_at")

    op.drop_table("called_out")
    with op.batch_alter_table("convoy_member", schema=None) as batch_op:
        batch_op.drop_index("ix_convoy_member_person_id")

    op.drop_table("convoy_member")
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.drop_index("ix_stay_person_id_arrives_on")

    op.drop_table("stay")
    op.drop_table("role_wish")
    op.drop_table("role_qualification")
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.drop_index("ix_presence_person_id")

    op.drop_table("presence")
    with op.batch_alter_table("pattern_line", schema=None) as batch_op:
        batch_op.drop_index("ix_pattern_line_pattern_id")

    op.drop_table("pattern_line")
    with op.batch_alter_table("hours_letter", schema=None) as batch_op:
        batch_op.drop_index("ix_hours_letter_person_id")

    op.drop_table("hours_letter")
    with op.batch_alter_table("held_qualification", schema=None) as batch_op:
        batch_op.drop_index("ix_held_qualification_qualification_id")

    op.drop_table("held_qualification")
    op.drop_table("emergency_contact")
    with op.batch_alter_table("convoy", schema=None) as batch_op:
        batch_op.drop_index("ix_convoy_leader_id")

    op.drop_table("convoy")
    op.drop_table("agreement_text")
    op.drop_table("agreement")
    op.drop_table("qualification")
    op.drop_table("pattern")
