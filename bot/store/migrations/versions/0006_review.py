"""The review of conversations by staff, and the search for words: FTS5 on SQLite, a GIN index on PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WHEN = sa.DateTime(timezone=True)
# Only the words of people are searched: the assistant's own are the same for everybody.
SQLITE = (
    """
    CREATE VIRTUAL TABLE message_words USING fts5(
        text, content='messages', content_rowid='id', tokenize='porter unicode61', detail='none'
    )
    """,
    """
    CREATE TRIGGER message_words_added AFTER INSERT ON messages
    WHEN new.author IN ('patient', 'staff') AND new.text <> ''
    BEGIN INSERT INTO message_words(rowid, text) VALUES (new.id, new.text); END
    """,
    """
    CREATE TRIGGER message_words_changed AFTER UPDATE OF text ON messages
    WHEN old.author IN ('patient', 'staff') AND old.text <> new.text
    BEGIN
        INSERT INTO message_words(message_words, rowid, text) SELECT 'delete', old.id, old.text WHERE old.text <> '';
        INSERT INTO message_words(rowid, text) SELECT new.id, new.text WHERE new.text <> '';
    END
    """,
    """
    CREATE TRIGGER message_words_removed AFTER DELETE ON messages
    WHEN old.author IN ('patient', 'staff') AND old.text <> ''
    BEGIN INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text); END
    """,
    """
    INSERT INTO message_words(rowid, text)
    SELECT id, text FROM messages WHERE author IN ('patient', 'staff') AND text <> ''
    """,
)
POSTGRESQL = (
    """
    CREATE INDEX ix_messages_words ON messages USING gin (to_tsvector('english'::regconfig, text))
    WHERE author IN ('patient', 'staff')
    """,
)


def upgrade() -> None:
    op.create_table(
        "conversation_reviews",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("as_of", WHEN, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("last_at", WHEN, nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(20)),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("handler", sa.String(20), nullable=False),
        sa.Column("disposition", sa.String(30)),
        sa.Column("recheck_at", WHEN),
        sa.Column("claimed_by", sa.String(120)),
        sa.Column("claimed_until", WHEN),
        sa.Column("verdict", sa.String(10)),
        sa.Column("verdict_why", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.String(120)),
        sa.Column("reviewed_at", WHEN),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation_reviews")),
        _of_conversation("conversation_reviews"),
    )
    op.create_index(
        "ix_conversation_reviews_queue", "conversation_reviews", ["open", "band", "since", "conversation_id"]
    )
    op.create_index("ix_conversation_reviews_claimed_by_band", "conversation_reviews", ["claimed_by", "band"])
    op.create_index(
        "ix_conversation_reviews_last_at_conversation_id", "conversation_reviews", ["last_at", "conversation_id"]
    )
    for column in ("as_of", "recheck_at", "reviewed_at"):
        op.create_index(f"ix_conversation_reviews_{column}", "conversation_reviews", [column])
    op.create_table(
        "conversation_tags",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "tag", name=op.f("pk_conversation_tags")),
        _of_conversation("conversation_tags"),
    )
    op.create_index("ix_conversation_tags_tag", "conversation_tags", ["tag"])
    op.create_table(
        "conversation_notes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_notes")),
        _of_conversation("conversation_notes"),
    )
    op.create_index("ix_conversation_notes_conversation_id", "conversation_notes", ["conversation_id"])
    op.create_table(
        "mentions",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(120), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("seen_at", WHEN),
        sa.PrimaryKeyConstraint("note_id", "staff", name=op.f("pk_mentions")),
        sa.ForeignKeyConstraint(
            ["note_id"],
            ["conversation_notes.id"],
            name=op.f("fk_mentions_note_id_conversation_notes"),
            ondelete="CASCADE",
        ),
        _of_conversation("mentions"),
    )
    op.create_index("ix_mentions_staff_seen_at", "mentions", ["staff", "seen_at"])
    op.create_index("ix_mentions_conversation_id", "mentions", ["conversation_id"])
    op.create_table(
        "conversation_viewers",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("staff", sa.String(120), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "staff", name=op.f("pk_conversation_viewers")),
        _of_conversation("conversation_viewers"),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("staff", sa.String(120), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(600), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("staff", "name", name=op.f("uq_saved_views_staff_name")),
    )
    op.create_table(
        "ready_replies",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(120), nullable=False),
        sa.Column("written_at", WHEN, nullable=False),
        sa.Column("approved_by", sa.String(120)),
        sa.Column("approved_at", WHEN),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ready_replies")),
        sa.UniqueConstraint("title", name=op.f("uq_ready_replies_title")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("added", "changed", "removed"):
            op.execute(f"DROP TRIGGER message_words_{trigger}")
        op.execute("DROP TABLE message_words")
    else:
        op.execute("DROP INDEX ix_messages_words")
    for table in (
        "ready_replies",
        "saved_views",
        "conversation_viewers",
        "mentions",
        "conversation_notes",
        "conversation_tags",
        "conversation_reviews",
    ):
        op.drop_table(table)


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_conversation_id_conversations")
    return sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=name)
