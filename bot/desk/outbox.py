"""Delivers stored messages on channels that push: in order, each again until it arrived or never will."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.desk import conversations
from bot.desk.channels import CannotDeliver, Channel, RetryLater
from bot.desk.events import Events
from bot.desk.logs import short
from bot.desk.metrics import Metrics
from bot.desk.schedule import Schedule
from bot.store import Transactions
from bot.store.models import Conversation, Message, utc_now

MOST_AT_ONCE = 64
MOST_ATTEMPTS = 12
FIRST_RETRY_SECONDS = 0.4
LONGEST_RETRY_SECONDS = 300.0
SENDING_SECONDS = 25.0
SWEEP_SECONDS = 2.0
log = structlog.get_logger(__name__)


@dataclass
class Outbox:
    """One ordered delivery for each conversation. A message that is being sent is claimed by its own row."""

    transactions: Transactions
    events: Events
    metrics: Metrics
    channels: Mapping[str, Channel]

    def __post_init__(self) -> None:
        self._schedule = Schedule(self._step, MOST_AT_ONCE)

    @property
    def _pushing(self) -> list[str]:
        return [name for name, channel in self.channels.items() if channel.pushes]

    def wake(self, conversation_id: str) -> None:
        """A message for the patient was stored in this conversation."""
        if self._pushing:
            self._schedule.wake(conversation_id)

    async def run(self) -> None:
        """Look for messages that nobody was woken for; until cancelled."""
        try:
            while True:
                if self._pushing:
                    await self._sweep()
                await asyncio.sleep(SWEEP_SECONDS)
        finally:
            await self._schedule.stop()

    async def _sweep(self) -> None:
        try:
            for conversation_id in await self.transactions.read(partial(_due, channels=self._pushing)):
                self.wake(conversation_id)
        except Exception as error:
            log.error("outbox_sweep_failed", error_object=error)

    async def _step(self, conversation_id: str) -> float | None:
        claimed = await self.transactions.write(lambda session: _claim(session, conversation_id, self._pushing))
        if claimed is None or isinstance(claimed, float):
            return claimed
        conversation, message = claimed
        channel = self.channels[conversation.channel]
        try:
            channel_message_id = await channel.deliver(conversation, message)
        except CannotDeliver as error:
            await self._settle(message, channel, "failed", error=error.reason)
        except RetryLater as error:
            return await self._retry(message, channel, error)
        except Exception as error:
            log.error("delivery_crashed", conversation=short(conversation_id), error_object=error)
            return await self._retry(message, channel, RetryLater(type(error).__name__))
        else:
            await self._settle(message, channel, "sent", channel_message_id=channel_message_id)
        return 0

    async def _retry(self, message: Message, channel: Channel, error: RetryLater) -> float | None:
        if message.attempts >= MOST_ATTEMPTS and not error.held:
            await self._settle(message, channel, "failed", error=error.reason)
            return 0
        backoff = min(FIRST_RETRY_SECONDS * 2.0 ** (message.attempts - 1), LONGEST_RETRY_SECONDS)
        delay = backoff * (0.5 + random.random()) if error.seconds is None else error.seconds  # noqa: S311 - jitter
        await self._settle(message, channel, "pending", error=error.reason, delay=delay, uncount=error.held)
        return delay

    async def _settle(
        self,
        message: Message,
        channel: Channel,
        status: str,
        *,
        channel_message_id: str | None = None,
        error: str | None = None,
        delay: float | None = None,
        uncount: bool = False,
    ) -> None:
        def write(session: Session) -> None:
            row = session.get(Message, message.id)
            if row is None or row.status != "sending":
                return  # delivered or erased meanwhile
            row.status = status
            row.attempts -= uncount
            row.error = error[:300] if error else None
            row.channel_message_id = channel_message_id or row.channel_message_id
            row.next_attempt_at = None if delay is None else utc_now() + timedelta(seconds=delay)

        await self.transactions.write(write)
        self.metrics.deliveries.labels(channel.name, "retried" if status == "pending" else status).inc()
        if status == "failed":
            log.error("not_delivered", conversation=short(message.conversation_id), channel=channel.name, reason=error)


def _due(session: Session, channels: Sequence[str]) -> list[str]:
    query = (
        select(Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.channel.in_(channels),
            Message.status.in_(("pending", "sending")),
            or_(Message.next_attempt_at.is_(None), Message.next_attempt_at <= utc_now()),
        )
        .order_by(Message.id)
        .limit(500)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _claim(
    session: Session, conversation_id: str, channels: Sequence[str]
) -> tuple[Conversation, Message] | float | None:
    """The conversation's oldest undelivered message, marked as being sent; or how long to wait for it."""
    conversation = conversations.lock(session, conversation_id)
    if conversation is None or conversation.channel not in channels:
        return None
    message = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.status.in_(("pending", "sending")))
        .order_by(Message.seq)
        .limit(1)
    ).one_or_none()
    if message is None:
        return None
    now = utc_now()
    if message.next_attempt_at is not None and message.next_attempt_at > now:
        return max((message.next_attempt_at - now).total_seconds(), 0.01)
    message.status = "sending"
    message.attempts += 1
    # If this desk goes down while sending, the claim lapses and the message is sent again.
    message.next_attempt_at = now + timedelta(seconds=SENDING_SECONDS)
    session.flush()
    return conversation, message
