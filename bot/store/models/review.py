"""What staff do with conversations: the review of each, notes, tags, who looks at it, saved views, ready replies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.base import Base, utc_now


class ConversationReview(Base):
    """One line of the queue for each conversation; lists read this table and its indexes only.

    `band` and `since` are the place in the queue (see `bot.console.queue`). `words` are the patient's, without
    anything that identifies. A claim is good until `claimed_until`. `open` is false once somebody has reviewed all
    that was there to review. `recheck_at` is when time alone may change the place.
    """

    __tablename__ = "conversation_reviews"
    __table_args__ = (
        Index("ix_conversation_reviews_queue", "open", "band", "since", "conversation_id"),
        Index("ix_conversation_reviews_claimed_by_band", "claimed_by", "band"),
        Index("ix_conversation_reviews_last_at_conversation_id", "last_at", "conversation_id"),
    )

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    as_of: Mapped[datetime] = mapped_column(index=True)  # the conversation's `updated_at` that was looked at
    channel: Mapped[str] = mapped_column(String(20))
    last_at: Mapped[datetime]
    band: Mapped[int]
    since: Mapped[datetime]
    open: Mapped[bool] = mapped_column(default=True)
    rule: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    told: Mapped[bool] = mapped_column(default=True)
    handler: Mapped[str] = mapped_column(String(20))
    disposition: Mapped[str | None] = mapped_column(String(30))
    recheck_at: Mapped[datetime | None] = mapped_column(index=True)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    claimed_until: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(10))  # agree, too_high, too_low
    verdict_why: Mapped[str] = mapped_column(Text, default="")
    reviewed_by: Mapped[str | None] = mapped_column(String(120))
    reviewed_at: Mapped[datetime | None] = mapped_column(index=True)


class ConversationTag(Base):
    """A word that staff put on a conversation."""

    __tablename__ = "conversation_tags"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class ConversationNote(Base):
    """What one of the team wrote for the others; the patient never sees it. `mentions` are account names."""

    __tablename__ = "conversation_notes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    by: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[Any]] = mapped_column(default=list)


class Mention(Base):
    """Somebody is named in a note, until they have seen it."""

    __tablename__ = "mentions"
    __table_args__ = (Index("ix_mentions_staff_seen_at", "staff", "seen_at"),)

    note_id: Mapped[int] = mapped_column(ForeignKey("conversation_notes.id", ondelete="CASCADE"), primary_key=True)
    staff: Mapped[str] = mapped_column(String(120), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    seen_at: Mapped[datetime | None]


class ConversationViewer(Base):
    """Who has a conversation open, as of `at`."""

    __tablename__ = "conversation_viewers"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    staff: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class SavedView(Base):
    """A list with its filters, kept under a name; `query` is what stands behind the question mark of its address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("staff", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    staff: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(600))


class ReadyReply(Base):
    """An answer written beforehand; only an approved one can be sent."""

    __tablename__ = "ready_replies"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(String(80), unique=True)
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(120))
    written_at: Mapped[datetime] = mapped_column(default=utc_now)
    approved_by: Mapped[str | None] = mapped_column(String(120))
    approved_at: Mapped[datetime | None]
