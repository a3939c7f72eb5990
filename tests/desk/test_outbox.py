"""A channel that pushes gets every message once, in order, and again only when that can help."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from bot.desk.channels import CannotDeliver, RetryLater
from bot.desk.incoming import Incoming
from bot.desk.outbox import Outbox
from bot.store.models import Conversation, Message
from tests.desk.conftest import Clinic


@dataclass
class Postbox:
    """A channel that keeps what it was given; `trouble` is raised first, one for each try."""

    name: str = "postbox"
    pushes: bool = True
    trouble: list[Exception] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    tries: int = 0

    def routes(self) -> Sequence[BaseRoute]:
        return []

    async def deliver(self, conversation: Conversation, message: Message) -> str | None:
        self.tries += 1
        if self.trouble:
            raise self.trouble.pop(0)
        assert conversation.channel_user == "somebody"
        self.delivered.append(message.text)
        return f"their-{message.seq}"

    async def typing(self, conversation: Conversation, on: bool) -> None:
        """Nobody looks."""

    async def until(self, count: int) -> None:
        async def wait() -> None:
            while len(self.delivered) < count:
                await asyncio.sleep(0.01)

        await asyncio.wait_for(wait(), 10)


async def with_postbox(clinic: Clinic, *trouble: Exception) -> tuple[Postbox, Outbox]:
    """The clinic with this channel added; nothing is delivered before the outbox is woken."""
    postbox = Postbox(trouble=list(trouble))
    desk = clinic.desk
    outbox = Outbox(desk.transactions, desk.events, desk.metrics, {"postbox": postbox})
    desk.worker.deliver = outbox.wake
    return postbox, outbox


async def stored(clinic: Clinic) -> list[Message]:
    def read(session: Session) -> list[Message]:
        return list(session.scalars(select(Message).where(Message.author != "patient", Message.seq > 0)))

    return await clinic.desk.transactions.read(read)


async def test_replies_are_delivered_in_order(clinic: Clinic) -> None:
    postbox, _ = await with_postbox(clinic)
    access = await clinic.desk.inbox.open("postbox", "somebody")
    for number in range(5):
        await clinic.desk.inbox.accept(access, Incoming(f"mid-{number}", "text", text=str(number)))
    await postbox.until(6)
    assert postbox.delivered[1:] == [f"You wrote: {number}" for number in range(5)]
    assert clinic.stub.requests[0]["channel"] == "postbox"


async def test_the_same_person_has_one_conversation(clinic: Clinic) -> None:
    await with_postbox(clinic)
    first, second, other = [
        await clinic.desk.inbox.open("postbox", person) for person in ("somebody", "somebody", "somebody else")
    ]
    assert first == second != other


async def test_what_can_be_tried_again_is_and_the_order_holds(clinic: Clinic) -> None:
    postbox, _ = await with_postbox(clinic, RetryLater("busy", 0.05), RetryLater("busy"), OSError("reset"))
    access = await clinic.desk.inbox.open("postbox", "somebody")
    await clinic.desk.inbox.accept(access, Incoming("mid", "text", text="hello"))
    await postbox.until(2)
    assert [text.split(".")[0] for text in postbox.delivered] == ["Hello", "You wrote: hello"]
    assert postbox.tries == 5
    messages = await stored(clinic)
    while any(message.status == "sending" for message in messages):
        messages = await stored(clinic)
    for message in messages:
        assert (message.status, message.channel_message_id) == ("sent", f"their-{message.seq}")


async def test_what_cannot_be_delivered_does_not_hold_up_the_next(clinic: Clinic) -> None:
    postbox, _ = await with_postbox(clinic, CannotDeliver("outside the window"))
    access = await clinic.desk.inbox.open("postbox", "somebody")
    await clinic.desk.inbox.accept(access, Incoming("mid", "text", text="hello"))
    await postbox.until(1)
    assert postbox.delivered == ["You wrote: hello"]
    failed = [message for message in await stored(clinic) if message.status == "failed"]
    assert [message.error for message in failed] == ["outside the window"]


async def test_what_another_process_stored_is_found(clinic: Clinic) -> None:
    postbox, outbox = await with_postbox(clinic)
    clinic.desk.worker.deliver = lambda _conversation: None
    await clinic.desk.inbox.open("postbox", "somebody")
    sweeping = asyncio.create_task(outbox.run())
    await postbox.until(1)
    sweeping.cancel()


async def test_an_attachment_is_told_by_its_type_only(clinic: Clinic) -> None:
    postbox, _ = await with_postbox(clinic)
    access = await clinic.desk.inbox.open("postbox", "somebody")
    await clinic.desk.inbox.accept(access, Incoming("mid", "attachment", attachment="image"))
    await postbox.until(2)
    request = clinic.stub.requests[-1]
    assert (request["kind"], request["attachment"]) == ("attachment", "image")


async def test_an_erased_person_who_comes_back_is_a_new_one(clinic: Clinic) -> None:
    await with_postbox(clinic)
    first = await clinic.desk.inbox.open("postbox", "somebody")
    await clinic.desk.inbox.accept(first, Incoming("mid", "text", text="delete everything"))
    newest = await clinic.desk.transactions.read(lambda session: session.scalar(select(func.max(Message.id))))
    await clinic.desk.eraser.by_patient_words(first.conversation_id, newest)
    second = await clinic.desk.inbox.open("postbox", "somebody")
    assert second.conversation_id != first.conversation_id
