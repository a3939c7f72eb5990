"""Reads and writes the rows of a conversation; every function runs inside its caller's transaction."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from bot.desk.cleaning import clean_json, clean_text
from bot.store.models import ChannelSwitch, Conversation, Message, utc_now

UNANSWERED = ("received", "working")
UNDELIVERED = ("pending", "sending", "sent")
WHOLE_MESSAGE = ("choices", "ask", "image", "card", "safety", "result", "links")
_conversations, _messages = cast(Table, Conversation.__table__), cast(Table, Message.__table__)
_SEQ_OF = select(_messages.c.seq).where(
    _messages.c.conversation_id == bindparam("conversation_id"), _messages.c.client_id == bindparam("client_id")
)
_WORKED_ON = (
    select(_messages.c.id)
    .where(
        _messages.c.conversation_id == _conversations.c.id,
        _messages.c.status.in_(UNANSWERED),
        or_(_messages.c.status == "working", _messages.c.next_attempt_at.is_(None)),
    )
    .exists()
)
# Nobody types while staff have the conversation, nor while the desk waits to try again.
_LOOK = select(
    _conversations.c.token_epoch, and_(_conversations.c.handler != "staff", _WORKED_ON).label("typing")
).where(_conversations.c.id == bindparam("id"))
_SHOWN = (
    select(
        _messages.c.id,
        _messages.c.seq,
        _messages.c.author,
        _messages.c.at,
        _messages.c.text,
        _messages.c.payload,
        _messages.c.client_id,
        _messages.c.status,
    )
    .where(
        _messages.c.conversation_id == bindparam("id"),
        _messages.c.seq > bindparam("after"),
        _messages.c.status != "erased",
    )
    .order_by(_messages.c.seq)
    .limit(5000)
)
_CHOICE = re.compile(r"([0-9a-f]{8})\.(\d{1,9})\.(.+)", re.DOTALL)


def lock(session: Session, conversation_id: str) -> Conversation | None:
    """The conversation, held against all other writers until the transaction ends."""
    query = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def next_seq(conversation: Conversation) -> int:
    """The number of the next message that the patient sees; the conversation must be locked."""
    conversation.last_seq += 1
    conversation.updated_at = utc_now()
    return conversation.last_seq


def add_event(session: Session, conversation_id: str, name: str) -> None:
    """Queue an event for the assistant (docs/protocol.md); the patient does not see it. Lock the conversation first."""
    lowest = session.scalar(select(func.min(Message.seq)).where(Message.conversation_id == conversation_id))
    event = Message(
        conversation_id=conversation_id,
        seq=min(lowest or 0, 0) - 1,
        author="system",
        kind="event",
        payload={"event": name},
        status="received",
    )
    session.add(event)
    session.flush()


def add_message(
    session: Session,
    conversation: Conversation,
    *,
    author: str,
    text: str,
    kind: str = "text",
    payload: dict[str, Any] | None = None,
    in_reply_to: int | None = None,
    reply_index: int | None = None,
) -> Message | None:
    """Store a message for the patient; None when the same reply is there already. The conversation must be locked."""
    if in_reply_to is not None and _is_stored(session, in_reply_to, reply_index):
        return None
    seq = next_seq(conversation)
    message = Message(
        conversation_id=conversation.id,
        seq=seq,
        author=author,
        kind=kind,
        text=clean_text(text),
        payload=_own_choice_ids(conversation.id, seq, clean_json(payload or {})),
        in_reply_to=in_reply_to,
        reply_index=reply_index,
        status="pending",
    )
    session.add(message)
    return message


def reply_row(conversation_id: str, seq: int, in_reply_to: int, index: int, line: dict[str, Any]) -> dict[str, Any]:
    """The columns of a reply of the assistant, from its line of the protocol (clean already)."""
    payload = {key: line[key] for key in WHOLE_MESSAGE if line.get(key)}
    return {
        "conversation_id": conversation_id,
        "seq": seq,
        "author": "assistant",
        "text": str(line.get("text") or ""),
        "payload": _own_choice_ids(conversation_id, seq, payload),
        "in_reply_to": in_reply_to,
        "reply_index": index,
        "status": "pending",
    }


def _is_stored(session: Session, in_reply_to: int, reply_index: int | None) -> bool:
    query = select(Message.id).where(Message.in_reply_to == in_reply_to, Message.reply_index == reply_index)
    return session.scalar(query) is not None


def _own_choice_ids(conversation_id: str, seq: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Give each choice an id that is good in this conversation only."""
    if "choices" not in payload:
        return payload
    choices = [
        {**choice, "id": f"{_tag(conversation_id)}.{seq}.{choice.get('id', index)}"}
        for index, choice in enumerate(payload["choices"])
    ]
    return {**payload, "choices": choices}


def _tag(conversation_id: str) -> str:
    return hashlib.sha256(conversation_id.encode()).hexdigest()[:8]


def find_choice(session: Session, conversation_id: str, choice_id: str) -> dict[str, Any] | None:
    """The choice that the desk gave out under this id in this conversation (`id`, `title`, `send`)."""
    parts = _CHOICE.fullmatch(choice_id)
    if parts is None or parts[1] != _tag(conversation_id):
        return None
    query = select(Message.payload).where(Message.conversation_id == conversation_id, Message.seq == int(parts[2]))
    payload = session.scalar(query) or {}
    return next((choice for choice in payload.get("choices", ()) if choice["id"] == choice_id), None)


def open_ask(session: Session, conversation_id: str) -> dict[str, Any] | None:
    """What the assistant asked last."""
    query = (
        select(Message.payload)
        .where(Message.conversation_id == conversation_id, Message.author == "assistant")
        .order_by(Message.seq.desc())
        .limit(20)
    )
    return next((payload["ask"] for payload in session.scalars(query) if payload.get("ask")), None)


def seq_of(session: Session, conversation_id: str, client_id: str) -> int | None:
    """The number under which a patient's message is stored already."""
    return session.scalar(_SEQ_OF, {"conversation_id": conversation_id, "client_id": client_id})


def is_switched_off(session: Session, channel: str) -> bool:
    """Whether staff have switched the channel off."""
    return session.scalar(select(ChannelSwitch.enabled).where(ChannelSwitch.channel == channel)) is False


def messages_after(session: Session, conversation_id: str, seq: int, most: int = 5000) -> list[Message]:
    """What the patient may see after `seq`, in order."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > max(seq, 0), Message.status != "erased")
        .order_by(Message.seq)
        .limit(most)
    )
    return list(session.scalars(query))


class Shown(NamedTuple):
    """Of one message, what the patient's side is told."""

    id: int
    seq: int
    author: str
    at: datetime
    text: str
    payload: dict[str, Any]
    client_id: str | None
    status: str


class Page(NamedTuple):
    """One look at a conversation: the messages after a number, and whether an answer is being worked on."""

    messages: list[Shown]
    typing: bool


def look(session: Session, conversation_id: str, epoch: int, after: int) -> Page | None:
    """What the patient may see after `after`, in order; None if a token of this epoch is no longer good."""
    found = session.execute(_LOOK, {"id": conversation_id}).one_or_none()
    if found is None or found.token_epoch != epoch:
        return None
    rows = session.execute(_SHOWN, {"id": conversation_id, "after": max(after, 0)})
    return Page([Shown(*row) for row in rows], bool(found.typing))


def mark_sent(session: Session, ids: list[int]) -> None:
    """Note that these messages went out to the patient's device."""
    session.execute(update(Message).where(Message.id.in_(ids), Message.status == "pending").values(status="sent"))


def note_feedback(session: Session, conversation_id: str, seq: int, helpful: bool | None) -> bool:
    """Keep with an answer of ours whether it helped (None: taken back); False if there is no such answer."""
    message = session.scalars(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.seq == seq,
            Message.author.in_(("assistant", "staff")),
            Message.status != "erased",
        )
    ).one_or_none()
    if message is None:
        return False
    rest = {key: value for key, value in message.payload.items() if key != "helpful"}
    message.payload = rest if helpful is None else {**rest, "helpful": helpful}
    return True


def mark_delivered(session: Session, conversation_id: str, seq: int) -> None:
    """Note that the patient's device has everything up to `seq`; a result that arrived is advice seen."""
    arrived = (
        Message.conversation_id == conversation_id,
        Message.seq <= seq,
        Message.seq > 0,
        Message.author != "patient",
    )
    undelivered = select(Message.payload).where(*arrived, Message.status.in_(UNDELIVERED))
    payloads = list(session.scalars(undelivered))
    if not payloads:
        return
    session.execute(update(Message).where(*arrived, Message.status.in_(UNDELIVERED)).values(status="delivered"))
    if any(payload.get("result") for payload in payloads):
        session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id, Conversation.stage == "result")
            .values(stage="advice_seen", updated_at=utc_now())
        )
