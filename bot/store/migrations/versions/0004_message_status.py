"""Messages by their status within a conversation, so that a long conversation costs no more than a short one."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_messages_conversation_id_status", "messages", ["conversation_id", "status"])


def downgrade() -> None:
    op.drop_index("ix_messages_conversation_id_status", table_name="messages")
