"""Figures of each conversation, messages to learn from, legal holds and retention runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "conversation_figures",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("as_of", WHEN, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.String(length=30), nullable=True),
        sa.Column("booked_only", sa.Boolean(), nullable=False),
        sa.Column("typed", sa.Integer(), nullable=False),
        sa.Column("not_understood", sa.Integer(), nullable=False),
        sa.Column("asked_again", sa.Integer(), nullable=False),
        sa.Column("answer_ms", sa.Integer(), nullable=True),
        sa.Column("slowest_ms", sa.Integer(), nullable=True),
        sa.Column("staff_seconds", sa.Integer(), nullable=True),
        sa.Column("open_question", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_figures_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation_figures")),
    )
    op.create_index(
        "ix_conversation_figures_counted",
        "conversation_figures",
        [
            *("day", "channel", "step", "disposition", "booked_only", "typed", "not_understood", "asked_again"),
            *("answer_ms", "open_question", "as_of", "staff_seconds"),
        ],
    )
    op.create_index(op.f("ix_conversation_figures_as_of"), "conversation_figures", ["as_of"])
    op.create_table(
        "conversation_flags",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("flag", sa.String(length=40), nullable=False),
        sa.Column("assertion", sa.String(length=20), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_flags_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "flag", name=op.f("pk_conversation_flags")),
    )
    op.create_index("ix_conversation_flags_flag_assertion", "conversation_flags", ["flag", "assertion"])
    op.create_table(
        "learning_items",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("found_at", WHEN, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=True),
        sa.Column("guess", sa.String(length=40), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=True),
        sa.Column("example", sa.Text(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("spans", JSON, nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_learning_items_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_items")),
        sa.UniqueConstraint("message_id", name=op.f("uq_learning_items_message_id")),
    )
    op.create_index("ix_learning_items_status_found_at", "learning_items", ["status", "found_at"])
    op.create_index(op.f("ix_learning_items_conversation_id"), "learning_items", ["conversation_id"])
    op.create_table(
        "legal_holds",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("set_by", sa.String(length=120), nullable=False),
        sa.Column("set_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_legal_holds_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_legal_holds")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_index(op.f("ix_retention_runs_at"), "retention_runs", ["at"])


def downgrade() -> None:
    for table in ("retention_runs", "legal_holds", "learning_items", "conversation_flags", "conversation_figures"):
        op.drop_table(table)
