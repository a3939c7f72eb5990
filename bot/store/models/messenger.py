"""What Messenger needs of its own: events to take in, parts already sent, deletion requests, uploaded pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.models.base import Base, utc_now


class MessengerEvent(Base):
    """One event of the webhook, stored before Meta is told "received".

    `key` is a hash of what names the event, so that a repeat is the same row. Once taken in, `body` and `sender` are
    emptied and only the key stays for a while, to know repeats by.
    """

    __tablename__ = "messenger_events"
    __table_args__ = (Index("ix_messenger_events_done_sender", "done", "sender"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    sender: Mapped[str] = mapped_column(String(100))
    at_ms: Mapped[int] = mapped_column(BigInteger)  # Meta's timestamp: the order within one sender
    position: Mapped[int]  # the order within one batch, for equal timestamps
    body: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    done: Mapped[bool] = mapped_column(default=False)


class MessengerSend(Base):
    """One part of a message that Meta has accepted: known from its answer, or from the echo."""

    __tablename__ = "messenger_sends"

    message_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    mid: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class MessengerDeletion(Base):
    """A deletion that somebody asked Meta for; the code is what they look it up with."""

    __tablename__ = "messenger_deletions"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    status: Mapped[str] = mapped_column(String(12))  # done, received
    at: Mapped[datetime] = mapped_column(default=utc_now)


class MessengerPicture(Base):
    """A picture that Meta keeps for this page, by the hash of its file."""

    __tablename__ = "messenger_pictures"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    attachment_id: Mapped[str] = mapped_column(String(100))
    uploaded_at: Mapped[datetime] = mapped_column(default=utc_now)
