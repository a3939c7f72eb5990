"""The rows of Messenger's own tables; every function runs inside its caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.desk.channels.messenger.events import Event, OwnEcho
from bot.store.models import Conversation, Message, MessengerEvent, MessengerSend, utc_now

KEEP_KEYS = timedelta(days=3)  # Meta repeats a notification for hours, never for days
KEEP_SENDS = timedelta(days=8)  # longer than the longest window for an answer
_events, _sends = cast(Table, MessengerEvent.__table__), cast(Table, MessengerSend.__table__)


def _insert_new(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows that are not there yet, in an order in which two writers cannot block each other."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    rows.sort(key=lambda row: [row[key] for key in keys])
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(kind.insert(table).on_conflict_do_nothing(), rows)


def store(session: Session, events: Sequence[Event], echoes: Sequence[OwnEcho]) -> None:
    """Store a batch; what is there already stays as it is."""
    now = utc_now()
    _insert_new(
        session,
        _events,
        [
            {
                "key": event.key,
                "sender": event.sender,
                "at_ms": event.at_ms,
                "position": position,
                "body": {"kind": event.kind, **event.body},
                "received_at": now,
                "done": False,
            }
            for position, event in enumerate(events)
        ],
    )
    sends = [{"message_id": echo.message_id, "part": echo.part, "mid": echo.mid, "at": now} for echo in echoes]
    _insert_new(session, _sends, sends)


def waiting_senders(session: Session, most: int = 1000) -> list[str]:
    """Who has events that are not taken in yet."""
    return list(session.scalars(select(MessengerEvent.sender).where(~MessengerEvent.done).distinct().limit(most)))


def waiting(session: Session, sender: str) -> list[MessengerEvent]:
    """This sender's events that are not taken in yet, in the order of Meta's timestamps."""
    query = select(MessengerEvent).where(~MessengerEvent.done, MessengerEvent.sender == sender)
    return list(
        session.scalars(query.order_by(MessengerEvent.at_ms, MessengerEvent.received_at, MessengerEvent.position))
    )


def done(session: Session, keys: Sequence[str]) -> None:
    """These events are taken in: only their keys stay, to know repeats by."""
    session.execute(update(MessengerEvent).where(MessengerEvent.key.in_(keys)).values(done=True, sender="", body={}))


def sent_parts(session: Session, message_id: int) -> dict[int, str]:
    """Which parts of this message Meta has, with its ids of them."""
    query = select(MessengerSend.part, MessengerSend.mid).where(MessengerSend.message_id == message_id)
    return dict(session.execute(query).tuples().all())


def note_sent(session: Session, message_id: int, part: int, mid: str) -> None:
    """Meta has this part."""
    _insert_new(session, _sends, [{"message_id": message_id, "part": part, "mid": mid[:200], "at": utc_now()}])


def is_cut_off(session: Session, message: Message) -> bool:
    """Whether an earlier message of the same answer could not be delivered: without it, this one could mislead."""
    if message.in_reply_to is None or message.author != "assistant":
        return False
    query = select(Message.id).where(
        Message.in_reply_to == message.in_reply_to,
        Message.author == "assistant",
        Message.seq < message.seq,
        Message.status == "failed",
    )
    return session.scalar(query.limit(1)) is not None


def is_own(session: Session, conversation_id: str, mid: str) -> bool:
    """Whether Meta's message `mid` is one that we sent in this conversation."""
    ours = exists().where(Message.conversation_id == conversation_id, Message.channel_message_id == mid)
    part = (
        exists()
        .where(MessengerSend.mid == mid, MessengerSend.message_id == Message.id)
        .where(Message.conversation_id == conversation_id)
    )
    return bool(session.scalar(select(ours | part)))


def last_seen(session: Session, conversation_id: str, watermark_ms: int) -> int:
    """The number of the last message that Meta had by this time (ms); 0 if none."""
    query = select(Message.seq, Message.at).where(
        Message.conversation_id == conversation_id, Message.author != "patient", Message.status == "sent"
    )
    return max((seq for seq, at in session.execute(query) if at.timestamp() * 1000 <= watermark_ms), default=0)


def living(session: Session, channel: str, sender: str) -> Conversation | None:
    """This person's conversation, locked; None if there is none."""
    query = select(Conversation).where(Conversation.channel == channel, Conversation.channel_user == sender)
    return session.scalars(query.with_for_update()).one_or_none()


def tidy(session: Session) -> None:
    """Drop what is only kept to know repeats by, once no repeat can come."""
    now = utc_now()
    session.execute(delete(MessengerEvent).where(MessengerEvent.done, MessengerEvent.received_at < now - KEEP_KEYS))
    session.execute(delete(MessengerSend).where(MessengerSend.at < now - KEEP_SENDS))
