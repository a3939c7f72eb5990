"""Gives what was just played the times of the last weeks, at the pace of people who think and type."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import (
    Alert,
    AppointmentRow,
    Assessment,
    BookingRequestRow,
    Conversation,
    Message,
    TrackerEvent,
)

DAYS = 27  # what patients wrote is erased after 30
LATEST = 9  # so many came in the last hours
# How many patients write in each hour of a day.
HOURS = (1, 1, 0, 0, 0, 1, 3, 6, 8, 9, 8, 7, 8, 7, 6, 6, 7, 8, 9, 10, 11, 9, 6, 3)
WEEKEND = 0.5
READING_SECONDS = (6.0, 75.0)
STAFF_SECONDS = (240.0, 5400.0)


def beginnings(count: int, now: datetime, draw: random.Random) -> list[datetime]:
    """When each conversation began, oldest first; `now` in the clinic's time zone."""
    recent = [now - timedelta(minutes=12 + 17 * n + draw.random() * 9) for n in range(min(LATEST, count))]
    days = [now.date() - timedelta(days=n) for n in range(1, DAYS)]
    weights = [(WEEKEND if day.weekday() >= 5 else 1.0) * (1.0 + 0.6 * (1 - n / DAYS)) for n, day in enumerate(days)]
    older = []
    for _ in range(count - len(recent)):
        day = draw.choices(days, weights)[0]
        hour = draw.choices(range(24), HOURS)[0]
        minute, second = draw.randrange(60), draw.randrange(60)
        older.append(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=now.tzinfo))
    return sorted(older + recent)


def move(session: Session, conversation_id: str, begin: datetime, draw: random.Random) -> None:
    """Let a conversation have begun then. What took the program time takes as long as it really took."""
    conversation = session.get_one(Conversation, conversation_id)
    query = select(Message).where(Message.conversation_id == conversation_id)
    messages = sorted(session.scalars(query), key=lambda message: (message.seq >= 0, message.seq))
    shift = begin - conversation.created_at
    moved: dict[int, datetime] = {}
    was: dict[int, datetime] = {}
    at = begin
    for message in messages:
        was[message.id] = message.at
        if message.in_reply_to in moved:
            at = max(at, moved[message.in_reply_to] + (message.at - was[message.in_reply_to]))
        elif message.author == "patient" or message.kind == "event":
            at += timedelta(seconds=draw.uniform(*READING_SECONDS) if message.author == "patient" else 0)
        elif message.author == "staff":
            at += timedelta(seconds=draw.uniform(*STAFF_SECONDS))
        moved[message.id] = message.at = at
    conversation.created_at, conversation.updated_at = begin, at
    patients = [message.at for message in messages if message.author == "patient"]
    conversation.last_patient_at = patients[-1] if patients else None
    for row in session.scalars(select(Assessment).where(Assessment.conversation_id == conversation_id)):
        row.at = moved.get(row.message_id or 0, at)
    for alert in session.scalars(select(Alert).where(Alert.conversation_id == conversation_id)):
        alert.at = moved.get(alert.message_id or 0, at)
    for table in (AppointmentRow, BookingRequestRow):
        for made in session.scalars(select(table).where(table.conversation_id == conversation_id)):
            made.created_at = made.updated_at = at
    for event in session.scalars(select(TrackerEvent).where(TrackerEvent.sender_id == conversation_id)):
        event.timestamp += shift.total_seconds()
        event.data = {**event.data, "timestamp": event.timestamp}
