"""What a turn of the assistant changes in the database; every function runs inside its caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from bot.desk import conversations
from bot.desk.claims import Job, Waiting
from bot.desk.cleaning import clean_json
from bot.desk.incoming import OVERHEARD
from bot.desk.notify import announce
from bot.desk.texts import DeskTexts
from bot.store.models import Alert, Assessment, Conversation, Message, utc_now

# The desk's own replies to a message have indexes that no assistant uses.
NOTICE, EMERGENCY, APOLOGY = -1, -2, -3
_conversations, _messages = cast(Table, Conversation.__table__), cast(Table, Message.__table__)
_FOUND = (
    select(_conversations.c.last_seq, _conversations.c.handler, _conversations.c.details, _messages.c.status)
    .join(_messages, _messages.c.conversation_id == _conversations.c.id)
    .where(_conversations.c.id == bindparam("id"), _messages.c.id == bindparam("message_id"))
    .with_for_update()
)
_STORED = select(_messages.c.reply_index).where(_messages.c.in_reply_to == bindparam("message_id"))
_ADD = insert(_messages)
_CHANGE_MESSAGE = update(_messages).where(_messages.c.id == bindparam("key"))
_CHANGE_CONVERSATION = update(_conversations).where(_conversations.c.id == bindparam("key"))
# A message that is `working` already was claimed when it came in, and starts by itself.
_MORE = (
    select(_messages.c.id)
    .where(_messages.c.conversation_id == bindparam("id"), _messages.c.status == "received")
    .limit(1)
)
STAGES = ("opened", "consented", "symptom", "result", "advice_seen", "booked")


@dataclass
class Turn:
    """How far one attempt at a message has come."""

    job: Job
    assessments: int = 0
    replies: int = 0
    done: bool = False
    erase: bool = False
    more: bool = True  # another row of the conversation waits
    void: bool = False  # the message was erased meanwhile: what comes is dropped


@dataclass
class _Changes:
    """What some lines change: columns of the conversation and of the message, and the replies to add."""

    last_seq: int
    staffed: bool
    stored: set[int]  # the replies to this message that are there already
    conversation: dict[str, Any] = field(default_factory=dict)
    message: dict[str, Any] = field(default_factory=dict)
    replies: list[dict[str, Any]] = field(default_factory=list)


def apply(session: Session, turn: Turn, lines: Sequence[dict[str, Any]]) -> None:
    """Store what the assistant said. A line that was stored by an earlier attempt changes nothing.

    In plain statements, one for each table: every turn comes through here.
    """
    job = turn.job
    found = session.execute(_FOUND, {"id": job.conversation_id, "message_id": job.message_id}).one_or_none()
    if found is None or found.status not in conversations.UNANSWERED:
        turn.void = True
        return
    stored = {index for index in session.scalars(_STORED, {"message_id": job.message_id}) if index is not None}
    changes = _Changes(found.last_seq, found.handler == "staff", stored)
    for line in lines:
        _apply_line(session, turn, changes, clean_json(line))
    if turn.done and "notice_given" in found.details:
        changes.conversation["details"] = {k: v for k, v in found.details.items() if k != "notice_given"}
    if changes.replies:
        changes.conversation["last_seq"] = changes.last_seq
        session.execute(_ADD, changes.replies)
    if changes.message:
        session.execute(_CHANGE_MESSAGE, {"key": job.message_id, **changes.message})
    if turn.done or changes.replies:
        changes.conversation["updated_at"] = utc_now()
        announce(session, "news", job.conversation_id)
    if changes.conversation:
        session.execute(_CHANGE_CONVERSATION, {"key": job.conversation_id, **changes.conversation})
    if turn.done:
        turn.more = session.scalar(_MORE, {"id": job.conversation_id}) is not None


def _apply_line(session: Session, turn: Turn, changes: _Changes, line: dict[str, Any]) -> None:
    if line["type"] == "reply":
        _reply(turn, changes, line)
    elif line["type"] == "understood":
        changes.message["understood"] = {key: line.get(key) for key in ("intent", "confidence", "facts", "flags")}
    elif line["type"] == "assessment":
        _assess(session, turn, changes, line)
    elif line["type"] == "state":
        _change_state(session, turn, changes, line)
    elif line["type"] == "done":
        turn.done = True
        changes.message.update(status="answered", next_attempt_at=None)
        changes.conversation["lease_owner"] = None


def _reply(turn: Turn, changes: _Changes, line: dict[str, Any]) -> None:
    index = int(line["index"])
    # Staff took over while this was being thought of, or others answer it: only a warning may still go out.
    overtaken = changes.staffed and not turn.job.silent
    is_others = overtaken or turn.job.payload.get(OVERHEARD)
    if index in changes.stored or (is_others and not line.get("safety")):
        return
    changes.stored.add(index)
    changes.last_seq += 1
    turn.replies += 1
    changes.replies.append(
        conversations.reply_row(turn.job.conversation_id, changes.last_seq, turn.job.message_id, index, line)
    )


def _assess(session: Session, turn: Turn, changes: _Changes, line: dict[str, Any]) -> None:
    position = turn.assessments
    turn.assessments += 1
    changes.conversation.update(disposition=line["disposition"], row=line["row"])
    query = select(Assessment.id).where(Assessment.message_id == turn.job.message_id, Assessment.position == position)
    if session.scalar(query) is not None:
        return
    session.add(
        Assessment(
            conversation_id=turn.job.conversation_id,
            message_id=turn.job.message_id,
            position=position,
            disposition=line["disposition"],
            row=line["row"],
            matched_rows=line.get("matched_rows", []),
            stretches=line.get("stretches", "none"),
            reasons=line.get("reasons", []),
            facts=line.get("facts", {}),
            hip_flexor=line.get("hip_flexor"),
            content_version=str(line.get("content_version", "")),
        )
    )


def _change_state(session: Session, turn: Turn, changes: _Changes, line: dict[str, Any]) -> None:
    if line.get("stage") in STAGES:
        changes.conversation["stage"] = line["stage"]
    if line.get("handler") in ("assistant", "waiting") and not changes.staffed:
        changes.conversation["handler"] = line["handler"]
    if line.get("alert"):
        raise_alert(session, turn.job.conversation_id, turn.job.message_id, str(line["alert"]))
    if line.get("erase"):
        turn.erase = True


def raise_alert(session: Session, conversation_id: str, message_id: int | None, kind: str) -> None:
    """Call staff to a conversation, once for each message and kind."""
    query = select(Alert.id).where(
        Alert.conversation_id == conversation_id, Alert.message_id == message_id, Alert.kind == kind
    )
    if session.scalar(query) is None:
        session.add(Alert(conversation_id=conversation_id, message_id=message_id, kind=kind))
        session.flush()


def put_off(session: Session, job: Job, delay: float, *, failed: bool, error: str) -> None:
    """Try the message again after `delay` seconds; `failed` counts towards giving up."""
    conversation = conversations.lock(session, job.conversation_id)
    message = session.get(Message, job.message_id)
    if conversation is None or message is None or message.status not in conversations.UNANSWERED:
        return
    message.status = "received"
    message.attempts += failed
    message.error = error[:300]
    message.next_attempt_at = utc_now() + timedelta(seconds=delay)
    conversation.lease_owner = None
    announce(session, "news", conversation.id)


def give_notice(session: Session, job: Job, texts: DeskTexts) -> bool:
    """Say that the assistant is not back yet: once in an outage; True if it was said now."""
    conversation = conversations.lock(session, job.conversation_id)
    if conversation is None or job.silent or conversation.details.get("notice_given"):
        return False
    conversation.details = {**conversation.details, "notice_given": True}
    _say(session, conversation, job, NOTICE, texts.waking_up, {})
    return True


def show_emergency(session: Session, job: Waiting, texts: DeskTexts, kind: str, row: str) -> bool:
    """Show the emergency card by ourselves while the assistant is away, and call staff; True if it was shown now.

    Not any more once the assistant has read the message: then it has said what there is to say.
    """
    conversation = conversations.lock(session, job.conversation_id)
    message = session.get(Message, job.message_id)
    if conversation is None or message is None or message.status not in conversations.UNANSWERED:
        return False
    call = texts.emergency_number
    payload = {"card": {"kind": "emergency", "call": call}, "safety": {"row": row, "call": call}}
    raise_alert(session, conversation.id, job.message_id, kind)
    return _say(session, conversation, job, EMERGENCY, texts.emergency_while_away, payload)


def give_up(session: Session, job: Job, texts: DeskTexts, error: str) -> None:
    """The assistant cannot answer this message: tell the patient honestly, and hand the conversation to staff."""
    conversation = conversations.lock(session, job.conversation_id)
    message = session.get(Message, job.message_id)
    if conversation is None or message is None or message.status not in conversations.UNANSWERED:
        return
    message.status = "failed"
    message.error = error[:300]
    message.next_attempt_at = None
    conversation.lease_owner = None
    if conversation.handler == "assistant":
        conversation.handler = "waiting"
    _say(session, conversation, job, APOLOGY, texts.could_not_answer, {})


def _say(
    session: Session, conversation: Conversation, job: Job | Waiting, index: int, text: str, payload: dict[str, Any]
) -> bool:
    stored = conversations.add_message(
        session,
        conversation,
        author="system",
        kind="notice",
        text=text,
        payload=payload,
        in_reply_to=job.message_id,
        reply_index=index,
    )
    announce(session, "news", conversation.id)
    return stored is not None
