"""Which desk works on which conversation: claims by lease, so that several desks can share one database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, or_, select, update
from sqlalchemy.orm import Session

from bot.desk.conversations import UNANSWERED
from bot.desk.incoming import OVERHEARD
from bot.store.models import Conversation, Message, utc_now

LEASE = timedelta(seconds=20)
# A claim that was made while the message was stored is good for so long, far less than the lease.
FRESH_SECONDS = 5.0
_conversations, _messages = cast(Table, Conversation.__table__), cast(Table, Message.__table__)
_CONVERSATION = (
    select(
        _conversations.c.channel,
        _conversations.c.handler,
        _conversations.c.details,
        _conversations.c.lease_owner,
        _conversations.c.lease_until,
    )
    .where(_conversations.c.id == bindparam("id"))
    .with_for_update(skip_locked=True)
)
_OLDEST = (
    select(
        _messages.c.id,
        _messages.c.kind,
        _messages.c.text,
        _messages.c.at,
        _messages.c.attempts,
        _messages.c.payload,
        _messages.c.next_attempt_at,
    )
    .where(_messages.c.conversation_id == bindparam("conversation_id"), _messages.c.status.in_(UNANSWERED))
    .order_by(_messages.c.id)
    .limit(1)
)
_WORK_ON = update(_messages).where(_messages.c.id == bindparam("key")).values(status="working")
_LEASE = (
    update(_conversations)
    .where(_conversations.c.id == bindparam("key"))
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"))
)


@dataclass(frozen=True)
class Job:
    """One inbox row to hand to the assistant, with what the request needs."""

    message_id: int
    conversation_id: str
    channel: str
    mode: str
    kind: str
    text: str
    at: datetime
    attempts: int
    payload: dict[str, Any]
    silent: bool

    @property
    def is_fresh(self) -> bool:
        """Whether a claim made when the message came in still holds for sure."""
        return (utc_now() - self.at).total_seconds() < FRESH_SECONDS


class Waiting(NamedTuple):
    """A patient's message that waits for the assistant."""

    message_id: int
    conversation_id: str
    text: str
    at: datetime


class Wait(NamedTuple):
    """Nothing to do now; look again after so many seconds (None: when somebody wakes you)."""

    seconds: float | None


def claim_next(session: Session, conversation_id: str, owner: str) -> Job | Wait:
    """Take the conversation's oldest unanswered row, unless another desk has the conversation.

    A row that is `working` already was left by a desk that went down: it is taken up again.
    """
    now = utc_now()
    conversation = session.execute(_CONVERSATION, {"id": conversation_id}).one_or_none()
    if conversation is None:
        return Wait(0.05 if _exists(session, conversation_id) else None)
    held = conversation.lease_owner not in (None, owner)
    if held and conversation.lease_until is not None and conversation.lease_until > now:
        return Wait((conversation.lease_until - now).total_seconds())
    message = session.execute(_OLDEST, {"conversation_id": conversation_id}).one_or_none()
    if message is None:
        return Wait(None)
    if message.next_attempt_at is not None and message.next_attempt_at > now:
        return Wait((message.next_attempt_at - now).total_seconds())
    session.execute(_WORK_ON, {"key": message.id})
    session.execute(_LEASE, {"key": conversation_id, "owner": owner, "until": now + LEASE})
    return Job(
        message_id=message.id,
        conversation_id=conversation_id,
        channel=conversation.channel,
        mode=mode_of(conversation.details),
        kind=message.kind,
        text=message.text,
        at=message.at,
        attempts=message.attempts,
        payload=dict(message.payload),
        silent=conversation.handler == "staff" or bool(message.payload.get(OVERHEARD)),
    )


def mode_of(details: dict[str, Any]) -> str:
    """How much may be asked in this conversation: `full`, or `web_first` where the clinic wants it so."""
    return str(details.get("mode", "full"))


def _exists(session: Session, conversation_id: str) -> bool:
    return session.scalar(select(Conversation.id).where(Conversation.id == conversation_id)) is not None


def renew(session: Session, owner: str, conversation_ids: list[str]) -> None:
    """Hold on to the conversations that are being worked on."""
    session.execute(
        update(Conversation)
        .where(Conversation.id.in_(conversation_ids), Conversation.lease_owner == owner)
        .values(lease_until=utc_now() + LEASE)
    )


def waiting(session: Session, conversation_id: str) -> list[Waiting]:
    """All that the patient wrote and nobody has read yet, in order."""
    query = (
        select(Message.id, Message.conversation_id, Message.text, Message.at)
        .where(
            Message.conversation_id == conversation_id,
            Message.author == "patient",
            Message.status.in_(UNANSWERED),
        )
        .order_by(Message.id)
    )
    return [Waiting(*row) for row in session.execute(query)]


def due(session: Session, most: int) -> list[str]:
    """Conversations with a row whose time has come, the longest waiting first."""
    now = utc_now()
    query = (
        select(Message.conversation_id, Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.status.in_(UNANSWERED),
            or_(Message.next_attempt_at.is_(None), Message.next_attempt_at <= now),
        )
        .order_by(Message.id)
        .limit(most)
    )
    return list(dict.fromkeys(row.conversation_id for row in session.execute(query)))


def request_body(job: Job) -> dict[str, Any]:
    """The request of docs/protocol.md for this row."""
    body: dict[str, Any] = {
        "conversation": job.conversation_id,
        "message": f"{job.conversation_id}.{job.message_id}",
        "channel": job.channel,
        "mode": job.mode,
        "at": job.at.isoformat(),
        "kind": job.kind,
        "silent": job.silent,
    }
    if job.kind != "event":
        body["text"] = job.text
    for key in ("send", "value", "questions", "attachment", "event"):
        if key in job.payload:
            body[key] = job.payload[key]
    return body
