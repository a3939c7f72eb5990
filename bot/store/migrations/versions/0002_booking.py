"""Schedules, appointments with the promise that none overlap, changes to the hours, requests, and e-mails."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WHEN = sa.DateTime(timezone=True)
BLOCKING = "'pending', 'booked', 'checked-in', 'arrived', 'fulfilled'"


def _person() -> list[sa.Column[Any]]:
    return [
        sa.Column("patient_name", sa.String(length=120), nullable=True),
        sa.Column("patient_phone", sa.String(length=20), nullable=True),
        sa.Column("patient_email", sa.String(length=254), nullable=True),
        sa.Column("patient_time_zone", sa.String(length=60), nullable=True),
        sa.Column("shared", JSON, nullable=True),
        sa.Column("flags", JSON, nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("practitioner", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("practitioner", name=op.f("uq_schedules_practitioner")),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("practitioner", sa.String(length=60), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.Column("start_at", WHEN, nullable=False),
        sa.Column("end_at", WHEN, nullable=False),
        sa.Column("busy_from", sa.BigInteger(), nullable=False),
        sa.Column("busy_until", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("slot_status", sa.String(length=20), nullable=False),
        sa.Column("hold_expires_at", WHEN, nullable=True),
        sa.Column("hold_extensions", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=True),
        sa.Column("waiting_request_id", sa.String(length=40), nullable=True),
        sa.Column("idempotency_key", sa.String(length=120), nullable=True),
        *_person(),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("provider_reference", sa.String(length=120), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.CheckConstraint("busy_from < busy_until", name=op.f("ck_appointments_lasts")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_appointments_schedule_id_schedules")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_appointments_idempotency_key")),
    )
    op.create_index(
        "ix_appointments_busy", "appointments", ["schedule_id", "busy_until", "busy_from", "status", "hold_expires_at"]
    )
    op.create_index(op.f("ix_appointments_start_at"), "appointments", ["start_at"])
    op.create_index(op.f("ix_appointments_conversation_id"), "appointments", ["conversation_id"])
    _forbid_overlaps()

    op.create_table(
        "schedule_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("practitioner", sa.String(length=60), nullable=True),
        sa.Column("start_at", WHEN, nullable=False),
        sa.Column("end_at", WHEN, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_changes")),
    )
    op.create_index(op.f("ix_schedule_changes_end_at"), "schedule_changes", ["end_at"])

    op.create_table(
        "booking_requests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=True),
        sa.Column("appointment_id", sa.String(length=40), nullable=True),
        sa.Column("idempotency_key", sa.String(length=120), nullable=True),
        sa.Column("service", sa.String(length=60), nullable=True),
        sa.Column("practitioner", sa.String(length=60), nullable=True),
        sa.Column("start_at", WHEN, nullable=True),
        sa.Column("window_start", WHEN, nullable=True),
        sa.Column("window_end", WHEN, nullable=True),
        sa.Column("preferences", JSON, nullable=False),
        *_person(),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("offers_made", JSON, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_booking_requests_appointment_id_appointments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_requests")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_booking_requests_idempotency_key")),
    )
    op.create_index("ix_booking_requests_kind_status", "booking_requests", ["kind", "status"])
    op.create_index(op.f("ix_booking_requests_conversation_id"), "booking_requests", ["conversation_id"])

    op.create_table(
        "emails",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("appointment_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", WHEN, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("sent_at", WHEN, nullable=True),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_emails_appointment_id_appointments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emails")),
    )
    op.create_index("ix_emails_status_next_attempt_at", "emails", ["status", "next_attempt_at"])
    op.create_index(op.f("ix_emails_appointment_id"), "emails", ["appointment_id"])


def _forbid_overlaps() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE appointments ADD CONSTRAINT ex_appointments_overlap EXCLUDE USING gist ("
            "int4range(schedule_id, schedule_id, '[]') WITH &&, int8range(busy_from, busy_until) WITH &&) "
            f"WHERE (status IN ({BLOCKING}))"
        )
        return
    overlapping = (
        "SELECT 1 FROM appointments WHERE schedule_id = NEW.schedule_id AND id <> NEW.id "  # noqa: S608 (constants only)
        f"AND status IN ({BLOCKING}) AND busy_until > NEW.busy_from AND busy_from < NEW.busy_until"
    )
    for moment in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER appointments_no_overlap_{moment.lower()} BEFORE {moment} ON appointments "
            f"WHEN NEW.status IN ({BLOCKING}) "
            f"BEGIN SELECT RAISE(ABORT, 'appointments overlap') WHERE EXISTS ({overlapping}); END"
        )


def downgrade() -> None:
    for table in ("emails", "booking_requests", "schedule_changes", "appointments", "schedules"):
        op.drop_table(table)
