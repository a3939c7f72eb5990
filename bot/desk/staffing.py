"""What staff do in a conversation: write to the patient, take it over, give it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from bot.desk import conversations
from bot.desk.events import Events
from bot.desk.notify import announce
from bot.desk.texts import DeskTexts
from bot.store import Transactions
from bot.store.models import Conversation

Handler = Literal["assistant", "waiting", "staff"]


@dataclass(frozen=True)
class Staffing:
    """The console's way to the patient. Raises LookupError for a conversation that is not there or was erased."""

    transactions: Transactions
    events: Events
    texts: DeskTexts
    wake_worker: Callable[[str], None]
    wake_outbox: Callable[[str], None]

    async def post_staff_message(
        self, conversation_id: str, text: str, *, by: str, details: dict[str, Any] | None = None
    ) -> int:
        """Send a message from the clinic's team; gives its `seq`. `by` and `details` are kept, not shown."""

        def write(session: Session) -> int:
            conversation = _living(session, conversation_id)
            message = conversations.add_message(
                session,
                conversation,
                author="staff",
                text=text,
                payload={**(details or {}), "staff": by},
            )
            assert message is not None  # noqa: S101 - only a reply can be a repeat
            announce(session, "news", conversation_id)
            return message.seq

        seq = await self.transactions.write(write)
        self.events.publish(conversation_id)
        self.wake_outbox(conversation_id)
        return seq

    async def set_handler(self, conversation_id: str, handler: Handler) -> None:
        """Who answers from now on. A patient is told of a person who joins; given back, the assistant greets them."""

        def write(session: Session) -> None:
            conversation = _living(session, conversation_id)
            if conversation.handler == "staff" and handler == "assistant":
                conversations.add_event(session, conversation_id, "handed_back")
                announce(session, "work", conversation_id)
            if conversation.handler != "staff" and handler == "staff":
                _tell_of_person(session, conversation, self.texts.person_joined)
            conversation.handler = handler
            announce(session, "news", conversation_id)

        await self.transactions.write(write)
        self.events.publish(conversation_id)
        self.wake_worker(conversation_id)
        self.wake_outbox(conversation_id)


def _tell_of_person(session: Session, conversation: Conversation, text: str) -> None:
    """`person` lets the channel send it for as long as a person's own words."""
    conversations.add_message(
        session, conversation, author="system", kind="notice", text=text, payload={"person": True}
    )


def _living(session: Session, conversation_id: str) -> Conversation:
    conversation = conversations.lock(session, conversation_id)
    if conversation is None or (conversation.erased_at is not None and conversation.last_patient_at is None):
        raise LookupError(conversation_id)
    return conversation
