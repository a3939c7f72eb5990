"""Erases what a patient wrote, everywhere: messages, facts, the assistant's memory, and the database's own files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from anyio import to_thread
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from bot.desk import conversations
from bot.desk.assistant_client import AssistantClient
from bot.desk.errors import unauthorized
from bot.desk.events import Events
from bot.desk.logs import short
from bot.desk.notify import announce
from bot.desk.tokens import Access
from bot.store import Transactions
from bot.store.models import (
    Assessment,
    Conversation,
    Message,
    TrackerEvent,
    TrackerSnapshot,
    utc_now,
)

log = structlog.get_logger(__name__)
# A room that keeps a patient's words of its own (bookings, staff notes) adds one; it runs in the same transaction.
AlsoErase = Callable[[Session, str], None]


def erase_words(session: Session, conversation: Conversation, *, up_to: int | None = None) -> None:
    """Empty everything that was said. What happened when stays, and which disposition it had.

    `up_to` is the id of the message that asked for it: its answer stays, which tells the patient that it is done,
    and so does what they wrote after it.
    """
    erase_facts(session, conversation.id)
    erase_messages(session, conversation, up_to=up_to)


def erase_facts(session: Session, conversation_id: str) -> None:
    """Empty what was decided on; that it was decided, and how, stays."""
    session.execute(
        update(Assessment)
        .where(Assessment.conversation_id == conversation_id)
        .values(facts={}, reasons=[], matched_rows=[], hip_flexor=None)
    )


def erase_messages(session: Session, conversation: Conversation, *, up_to: int | None = None) -> None:
    """Empty the messages and the assistant's memory of them; `up_to` as for `erase_words`."""
    gone = update(Message).where(Message.conversation_id == conversation.id)
    if up_to is not None:
        gone = gone.where(or_(Message.id <= up_to, Message.in_reply_to < up_to))
    session.execute(gone.values(text="", payload={}, understood=None, client_id=None, error=None, status="erased"))
    forget_tracker(session, conversation.id)
    conversation.erased_at = utc_now()
    conversation.details = {"forget": True}
    conversation.handler = "assistant"
    conversation.lease_owner = None
    session.flush()


def forget_tracker(session: Session, conversation_id: str) -> None:
    """Delete what the assistant has written to the database about a conversation."""
    session.execute(delete(TrackerEvent).where(TrackerEvent.sender_id == conversation_id))
    session.execute(delete(TrackerSnapshot).where(TrackerSnapshot.sender_id == conversation_id))


@dataclass(frozen=True)
class Eraser:
    """Erases one conversation, and sees to it that the assistant forgets it too."""

    transactions: Transactions
    assistant: AssistantClient
    events: Events
    also: Sequence[AlsoErase] = field(default=())

    async def by_token(self, access: Access) -> None:
        """The patient's own wish, from their device: the token is no longer good afterwards; raises 401."""

        def erase(session: Session) -> None:
            conversation = conversations.lock(session, access.conversation_id)
            if conversation is None or conversation.token_epoch != access.epoch:
                raise unauthorized()
            self._erase(session, conversation, None)

        await self.transactions.write(erase)
        await self._finish(access.conversation_id)

    async def by_patient_words(self, conversation_id: str, message_id: int) -> None:
        """The patient's own wish, said in this message: its answer stays, and they may begin anew."""
        await self.transactions.write(lambda session: self._find_and_erase(session, conversation_id, message_id))
        await self._finish(conversation_id)

    async def by_staff(self, conversation_id: str) -> bool:
        """Erase for good, as staff or the command line ask; False if there is no such conversation."""
        found = await self.transactions.write(lambda session: self._find_and_erase(session, conversation_id, None))
        if found:
            await self._finish(conversation_id)
        return found

    def _find_and_erase(self, session: Session, conversation_id: str, up_to: int | None) -> bool:
        conversation = conversations.lock(session, conversation_id)
        if conversation is None:
            return False
        self._erase(session, conversation, up_to)
        return True

    def _erase(self, session: Session, conversation: Conversation, up_to: int | None) -> None:
        erase_words(session, conversation, up_to=up_to)
        if up_to is None:
            conversation.token_epoch += 1
            conversation.channel_user = None
        for also in self.also:
            also(session, conversation.id)
        announce(session, "news", conversation.id)

    async def _finish(self, conversation_id: str) -> None:
        self.events.publish(conversation_id)
        await self._forget(conversation_id)
        await self._scrub()

    async def _scrub(self) -> None:
        try:
            await to_thread.run_sync(self.transactions.database.scrub)
        except TimeoutError:
            # The words are out of the tables; the log is written over soon, and scrubbed with the next erasure.
            log.warning("scrub_later")

    async def _forget(self, conversation_id: str) -> None:
        if not await self.assistant.forget(conversation_id):
            log.warning("forget_later", conversation=short(conversation_id))
            return

        def write(session: Session) -> None:
            # The assistant may have written once more before it heard.
            forget_tracker(session, conversation_id)
            conversation = conversations.lock(session, conversation_id)
            if conversation is not None:
                conversation.details = {k: v for k, v in conversation.details.items() if k != "forget"}

        await self.transactions.write(write)

    async def catch_up(self) -> None:
        """Tell the assistant again what it could not be told when it was away."""
        since = select(Conversation.id).where(
            Conversation.erased_at.is_not(None), Conversation.details["forget"].as_boolean()
        )
        waiting = await self.transactions.read(lambda session: list(session.scalars(since.limit(100))))
        for conversation_id in waiting:
            await self._forget(conversation_id)
        if waiting:
            await self._scrub()
