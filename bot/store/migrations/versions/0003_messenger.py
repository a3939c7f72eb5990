"""Messenger's events, sent parts, deletion requests and pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "messenger_events",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=100), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("received_at", WHEN, nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_messenger_events")),
    )
    op.create_index("ix_messenger_events_done_sender", "messenger_events", ["done", "sender"])
    op.create_index(op.f("ix_messenger_events_received_at"), "messenger_events", ["received_at"])
    op.create_table(
        "messenger_sends",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mid", sa.String(length=200), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "part", name=op.f("pk_messenger_sends")),
    )
    op.create_index(op.f("ix_messenger_sends_at"), "messenger_sends", ["at"])
    op.create_table(
        "messenger_deletions",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_messenger_deletions")),
    )
    op.create_table(
        "messenger_pictures",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("attachment_id", sa.String(length=100), nullable=False),
        sa.Column("uploaded_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_messenger_pictures")),
    )


def downgrade() -> None:
    for table in ("messenger_pictures", "messenger_deletions", "messenger_sends", "messenger_events"):
        op.drop_table(table)
