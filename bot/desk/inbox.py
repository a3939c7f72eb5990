"""Takes patients' messages in: each is stored, once, before anybody says "received"."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from bot.desk import conversations
from bot.desk.claims import LEASE, Job, mode_of
from bot.desk.errors import malformed, unauthorized
from bot.desk.events import Events
from bot.desk.incoming import Incoming, value_in_words
from bot.desk.metrics import Metrics
from bot.desk.notify import announce
from bot.desk.texts import DeskTexts
from bot.desk.tokens import Access
from bot.store import Transactions
from bot.store.models import ChannelSwitch, Conversation, Message, utc_now

_conversations, _messages = cast(Table, Conversation.__table__), cast(Table, Message.__table__)
_switches = cast(Table, ChannelSwitch.__table__)
_LOCK = (
    select(
        _conversations.c.channel,
        _conversations.c.token_epoch,
        _conversations.c.last_seq,
        _conversations.c.last_patient_at,
        _conversations.c.handler,
        _conversations.c.details,
        _conversations.c.lease_owner,
        select(_switches.c.enabled)
        .where(_switches.c.channel == _conversations.c.channel)
        .scalar_subquery()
        .label("enabled"),
    )
    .where(_conversations.c.id == bindparam("id"))
    .with_for_update(of=_conversations)
)
_WAITING = (
    select(_messages.c.id)
    .where(
        _messages.c.conversation_id == bindparam("conversation_id"), _messages.c.status.in_(conversations.UNANSWERED)
    )
    .limit(1)
)
_MOVE_ON = update(_conversations).where(_conversations.c.id == bindparam("key"))
_INSERT = insert(_messages)


class Accepted(NamedTuple):
    """A stored message: its number, and whether this call stored it (False: it was there already).

    `job` is there when nothing else of the conversation waits: the message is claimed for this desk then.
    """

    seq: int
    new: bool
    job: Job | None = None


@dataclass(frozen=True)
class Inbox:
    """The door for all channels. `owner` is the desk that claims a message while it is stored."""

    transactions: Transactions
    events: Events
    wake: Callable[[str], None]
    start: Callable[[Job], None]
    owner: str
    texts: DeskTexts
    metrics: Metrics
    return_after: timedelta

    async def open(
        self,
        channel: str,
        channel_user: str | None = None,
        details: dict[str, Any] | None = None,
        *,
        greet: bool = True,
    ) -> Access:
        """The conversation of this person on this channel, made (and, with `greet`, greeted) if there is none.

        Without `channel_user` it is always a new one.
        """
        access, is_new = await self.transactions.write(
            lambda session: self._open(session, channel, channel_user, details or {}, greet=greet), first=True
        )
        if is_new:
            self.metrics.sessions.labels(channel).inc()
            self.wake(access.conversation_id)
        return access

    def _open(
        self, session: Session, channel: str, channel_user: str | None, details: dict[str, Any], *, greet: bool
    ) -> tuple[Access, bool]:
        if channel_user is not None:
            known = self._known(session, channel, channel_user)
            if known is not None:
                return Access(known.id, known.token_epoch), False
        conversation = Conversation(
            id=secrets.token_hex(16),
            channel=channel,
            channel_user=channel_user,
            handler="assistant",
            details=details,
            last_seq=0,
            token_epoch=0,
        )
        session.add(conversation)
        session.flush()
        if not greet:
            return Access(conversation.id, 0), True
        if conversations.is_switched_off(session, channel):
            conversations.add_message(
                session, conversation, author="system", kind="notice", text=self.texts.channel_off
            )
        else:
            conversations.add_event(session, conversation.id, "opened")
        announce(session, "work", conversation.id)
        return Access(conversation.id, 0), True

    @staticmethod
    def _known(session: Session, channel: str, channel_user: str) -> Conversation | None:
        query = select(Conversation).where(Conversation.channel == channel, Conversation.channel_user == channel_user)
        known = session.scalars(query.with_for_update()).one_or_none()
        if known is not None and known.erased_at is not None:
            # An erased person who comes back is a new one: nothing ties the two conversations together.
            known.channel_user = None
            session.flush()
            return None
        return known

    async def accept(self, access: Access, incoming: Incoming) -> Accepted:
        """Store a patient's message; raises 401 for an erased conversation, 422 for a choice or value that cannot be.

        The same `client_id` again gives the same number and does nothing.
        """
        accepted, channel = await self.transactions.write(
            lambda session: self._accept(session, access, incoming), first=True
        )
        if accepted.new:
            self.metrics.received.labels(channel, incoming.kind).inc()
            if accepted.job is not None:
                self.start(accepted.job)
            else:
                self.wake(access.conversation_id)
            self.events.publish(access.conversation_id)
        return accepted

    def _accept(self, session: Session, access: Access, incoming: Incoming) -> tuple[Accepted, str]:
        """In plain statements: this is the path that a patient waits for."""
        found = session.execute(_LOCK, {"id": access.conversation_id}).one_or_none()
        if found is None or found.token_epoch != access.epoch:
            raise unauthorized()
        known = conversations.seq_of(session, access.conversation_id, incoming.client_id)
        if known is not None:
            return Accepted(known, False), found.channel
        text, payload = self._content(session, access.conversation_id, incoming)
        now = utc_now()
        is_late = found.last_patient_at is not None and now - found.last_patient_at > self.return_after
        returns = is_late and not incoming.overheard
        if returns:
            conversations.add_event(session, access.conversation_id, "returned")
        seq = found.last_seq + 1
        switched_off = found.enabled is False
        # Asked only now that the conversation is locked: before, others may just be adding to it.
        claimed = (
            not (returns or switched_off)
            and found.lease_owner is None
            and session.scalar(_WAITING, {"conversation_id": access.conversation_id}) is None
        )
        moved = {"key": access.conversation_id, "last_seq": seq, "last_patient_at": now, "updated_at": now}
        session.execute(
            _MOVE_ON, {**moved, "lease_owner": self.owner, "lease_until": now + LEASE} if claimed else moved
        )
        row = {
            "conversation_id": access.conversation_id,
            "seq": seq,
            "author": "patient",
            "at": now,
            "kind": incoming.kind,
            "text": text,
            "payload": {**payload, **incoming.details},
            "client_id": incoming.client_id,
            "status": "answered" if switched_off else "working" if claimed else "received",
        }
        stored = cast("CursorResult[Any]", session.execute(_INSERT, row))
        if switched_off and not incoming.overheard:
            self._turn_away(session, access.conversation_id, seq)
        announce(session, "news", access.conversation_id)
        if not claimed:
            announce(session, "work", access.conversation_id)
            return Accepted(seq, True), found.channel
        job = Job(
            message_id=cast("tuple[int]", stored.inserted_primary_key)[0],
            conversation_id=access.conversation_id,
            channel=found.channel,
            mode=mode_of(found.details),
            kind=incoming.kind,
            text=text,
            at=now,
            attempts=0,
            payload=row["payload"],
            silent=found.handler == "staff" or incoming.overheard,
        )
        return Accepted(seq, True, job), found.channel

    def _content(self, session: Session, conversation_id: str, incoming: Incoming) -> tuple[str, dict[str, Any]]:
        """The message in words, and what the assistant gets with it."""
        if incoming.kind == "choice":
            choice = conversations.find_choice(session, conversation_id, incoming.choice)
            if choice is None:
                raise malformed("The choice is not one that was offered in this conversation.")
            return choice["title"], {"choice": choice["id"], "send": choice.get("send", choice["title"])}
        if incoming.kind == "value":
            ask = conversations.open_ask(session, conversation_id)
            if ask is None:
                raise malformed("No question is open that a value could answer; send a text.")
            words = value_in_words(ask, incoming.value, self.texts)
            return words, {"value": incoming.value, "questions": ask.get("questions", [])}
        if incoming.kind == "attachment":
            return incoming.text or self.texts.attachment_words, {"attachment": incoming.attachment}
        return incoming.text, {}

    def _turn_away(self, session: Session, conversation_id: str, seq: int) -> None:
        """The channel is switched off: say so, with the numbers to call, and do not start the assistant."""
        conversation = conversations.lock(session, conversation_id)
        at = (Message.conversation_id == conversation_id, Message.seq == seq)
        if conversation is not None:
            conversations.add_message(
                session,
                conversation,
                author="system",
                kind="notice",
                text=self.texts.channel_off,
                in_reply_to=session.scalar(select(Message.id).where(*at)),
                reply_index=0,
            )
