"""Conversations, their messages (inbox and outbox), assessments, and Rasa's events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.base import Base, utc_now


class Conversation(Base):
    """One patient's conversation on one channel.

    `lease_owner` and `lease_until` say which desk works on it now. A token made under an older
    `token_epoch` is no longer good.
    """

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("channel", "channel_user"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))  # webchat, messenger
    channel_user: Mapped[str | None] = mapped_column(String(200))  # the channel's own id of the person
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    last_patient_at: Mapped[datetime | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    handler: Mapped[str] = mapped_column(String(20), default="assistant")  # assistant, waiting, staff
    disposition: Mapped[str | None] = mapped_column(String(30))
    row: Mapped[str | None] = mapped_column(String(8))
    stage: Mapped[str | None] = mapped_column(String(30))  # opened, consented, symptom, result, advice_seen, booked
    erased_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[datetime | None]
    token_epoch: Mapped[int] = mapped_column(default=0)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the channel's own needs (window, locale)


class Message(Base):
    """One message of a conversation, in the order of `seq`.

    A patient's message is an inbox row: `status` goes received, working, answered (or failed). Any other
    author's is an outbox row: pending, sending, sent, delivered (or failed). `in_reply_to` and
    `reply_index` make a repeated run of the assistant harmless: the same reply cannot be stored twice.
    An event for the assistant (kind `event`) is an inbox row that nobody sees: its `seq` is negative.
    The words of an erased message are gone and its status is `erased`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("in_reply_to", "reply_index"),
        Index("ix_messages_status_next_attempt_at", "status", "next_attempt_at"),
        Index("ix_messages_conversation_id_status", "conversation_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]
    author: Mapped[str] = mapped_column(String(12))  # patient, assistant, staff, system
    at: Mapped[datetime] = mapped_column(default=utc_now)
    kind: Mapped[str] = mapped_column(String(20), default="text")  # text, choice, value, attachment, event, notice
    text: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)  # choices, ask, card... or the choice or value sent
    understood: Mapped[dict[str, Any] | None]  # intent, confidence, facts, flags with assertion and span
    client_id: Mapped[str | None] = mapped_column(String(120))  # the sender's own id of a patient's message
    in_reply_to: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    reply_index: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(12), default="received")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    channel_message_id: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(300))


class Assessment(Base):
    """What was decided at one moment, with the facts and the content version it was decided on."""

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint("message_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    position: Mapped[int] = mapped_column(default=0)  # the how-manieth assessment of that message
    at: Mapped[datetime] = mapped_column(default=utc_now)
    disposition: Mapped[str] = mapped_column(String(30))
    row: Mapped[str] = mapped_column(String(8))
    matched_rows: Mapped[list[Any]]
    stretches: Mapped[str] = mapped_column(String(10))
    reasons: Mapped[list[Any]]
    facts: Mapped[dict[str, Any]]
    hip_flexor: Mapped[dict[str, Any] | None]
    content_version: Mapped[str] = mapped_column(String(40))


class TrackerEvent(Base):
    """One event of Rasa's tracker; `message_id` marks a patient's turn and can be there only once."""

    __tablename__ = "tracker_events"
    __table_args__ = (
        UniqueConstraint("sender_id", "position"),
        UniqueConstraint("sender_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    sender_id: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    message_id: Mapped[str | None] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(40))
    timestamp: Mapped[float]
    data: Mapped[dict[str, Any]]


class TrackerSnapshot(Base):
    """The state of a tracker up to an event, so that a restart replays only what came after."""

    __tablename__ = "tracker_snapshots"

    sender_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    state: Mapped[dict[str, Any]]
