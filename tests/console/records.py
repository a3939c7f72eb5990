"""Rows for the console's tests: conversations as the desk stores them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy.orm import Session

from bot.store.models import Assessment, Conversation, Message

NOON = datetime(2026, 11, 10, 17, tzinfo=timezone.utc)  # noon in New York


def conversation(session: Session, name: str, **columns: Any) -> Conversation:
    """A conversation of its own, opened at NOON unless it is said when."""
    begin = columns.pop("created_at", NOON)
    row = Conversation(
        **{
            "id": name,
            "channel": "webchat",
            "created_at": begin,
            "updated_at": begin,
            "stage": "opened",
            "handler": "assistant",
            "details": {},
            **columns,
        }
    )
    session.add(row)
    session.flush()
    return row


def talk(session: Session, row: Conversation, *lines: tuple[str, str, dict[str, Any]]) -> list[Message]:
    """Messages in order: (author, text, columns); replies answer the patient's last message, 10 s apart."""
    stored: list[Message] = []
    said: Message | None = None
    for author, text, columns in lines:
        row.last_seq += 1
        at = row.created_at + timedelta(seconds=10 * row.last_seq)
        reply = said is not None and author == "assistant"
        message = Message(
            **{
                "conversation_id": row.id,
                "seq": row.last_seq,
                "author": author,
                "text": text,
                "at": at,
                "status": "answered" if author == "patient" else "delivered",
                "in_reply_to": said.id if reply and said is not None else None,
                "reply_index": row.last_seq if reply else None,
                **columns,
            }
        )
        session.add(message)
        session.flush()
        if author == "patient":
            said = message
        stored.append(message)
        row.updated_at = max(row.updated_at, at)
    return stored


def asking(*questions: str) -> dict[str, Any]:
    """Columns of a reply that asks."""
    return {"payload": {"ask": {"questions": list(questions), "kind": "text"}}}


def understood(intent: str, **more: Any) -> dict[str, Any]:
    """Columns of a patient's message that was read so."""
    return {"understood": {"intent": intent, "confidence": 0.9, "facts": {}, "flags": [], **more}}


def assessed(session: Session, row: Conversation, disposition: str, rule: str, **facts: Any) -> None:
    """An assessment of the conversation."""
    row.disposition, row.row = disposition, rule
    session.add(
        Assessment(
            conversation_id=row.id,
            disposition=disposition,
            row=rule,
            matched_rows=[rule],
            stretches="none",
            reasons=[{"row": rule, "words": "because"}],
            facts=facts or {"age": 47},
            at=row.updated_at,
            content_version="1",
        )
    )
    session.flush()
