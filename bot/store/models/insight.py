"""What the console keeps to know and to learn: figures of each conversation, messages to learn from, holds and runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.base import Base, utc_now


class ConversationFigures(Base):
    """What is counted of one conversation: no words, only numbers and names of ours.

    Worked out again whenever the conversation has changed since `as_of`. `day` is the clinic's own date on which it
    was opened. `step` is how far the patient came: 0 opened, 1 consented, 2 symptom, 3 level, 4 advice seen, 5 booked.
    """

    __tablename__ = "conversation_figures"
    __table_args__ = (
        Index(
            "ix_conversation_figures_counted",
            *("day", "channel", "step", "disposition", "booked_only", "typed", "not_understood", "asked_again"),
            *("answer_ms", "open_question", "as_of", "staff_seconds"),
        ),
    )

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    as_of: Mapped[datetime] = mapped_column(index=True)
    day: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(20))
    step: Mapped[int]
    disposition: Mapped[str | None] = mapped_column(String(30))
    booked_only: Mapped[bool]  # booked without a check of the back
    typed: Mapped[int]  # messages in the patient's own words
    not_understood: Mapped[int]
    asked_again: Mapped[int]
    answer_ms: Mapped[int | None]  # the median time to the assistant's first reply
    slowest_ms: Mapped[int | None]
    staff_seconds: Mapped[int | None]  # from the patient's last message to the first of the clinic's team
    open_question: Mapped[str | None] = mapped_column(String(40))  # asked last, and not answered


class ConversationFlag(Base):
    """A danger sign that was seen in a conversation, with its strongest assertion."""

    __tablename__ = "conversation_flags"
    __table_args__ = (Index("ix_conversation_flags_flag_assertion", "flag", "assertion"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    flag: Mapped[str] = mapped_column(String(40), primary_key=True)
    assertion: Mapped[str] = mapped_column(String(20))
    day: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(20))


class LearningItem(Base):
    """A message to learn from. `example` is what may leave the house: the words without anything that identifies.

    `spans` mark danger signs in `example`: each `flag`, `assertion`, `start`, `end`.
    """

    __tablename__ = "learning_items"
    __table_args__ = (Index("ix_learning_items_status_found_at", "status", "found_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    conversation_id: Mapped[str] = mapped_column(String(40), index=True)
    found_at: Mapped[datetime] = mapped_column(default=utc_now)
    reason: Mapped[str] = mapped_column(String(20))  # not_understood, asked_again, staff
    question: Mapped[str | None] = mapped_column(String(40))  # what the assistant had asked
    guess: Mapped[str | None] = mapped_column(String(40))
    confidence: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(12), default="open")  # open, confirmed, corrected, discarded
    intent: Mapped[str | None] = mapped_column(String(40))
    example: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    spans: Mapped[list[Any]] = mapped_column(default=list)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]


class LegalHold(Base):
    """A conversation that must not be erased by the calendar, and why."""

    __tablename__ = "legal_holds"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    set_by: Mapped[str] = mapped_column(String(120))
    set_at: Mapped[datetime] = mapped_column(default=utc_now)


class RetentionRun(Base):
    """One run of the retention rules, with how much each category lost."""

    __tablename__ = "retention_runs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    by: Mapped[str] = mapped_column(String(120))
    counts: Mapped[dict[str, Any]]
