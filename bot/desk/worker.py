"""Hands stored messages to the assistant: in order within a conversation, and until each one has its answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from anyio import to_thread

from bot.desk import claims, turns
from bot.desk.assistant_client import AssistantClient, Busy, Failed, Refused, Unreachable
from bot.desk.claims import Job, Wait, Waiting
from bot.desk.events import Events
from bot.desk.fallback import look_for_danger
from bot.desk.logs import short
from bot.desk.metrics import Metrics
from bot.desk.schedule import Schedule
from bot.desk.texts import DeskTexts
from bot.desk.turns import Turn
from bot.store import Transactions
from bot.store.models import utc_now

MOST_AT_ONCE = 16
MOST_FAILURES = 6
MOST_BUSY_SECONDS = 120.0
SWEEP_SECONDS = 2.0
SWEEP_MOST = 500
RENEW_SECONDS = 5.0
NOTICE_AFTER_SECONDS = 1.0
EMERGENCY_AFTER_SECONDS = 4.0

log = structlog.get_logger(__name__)
Eraser = Callable[[str, int], Awaitable[None]]


@dataclass
class Patience:
    """How long the worker waits; tests wait less."""

    first_retry: float = 0.3
    longest_retry: float = 10.0
    outage_retry: float = 0.5
    longest_outage_retry: float = 2.0
    notice_after: float = NOTICE_AFTER_SECONDS
    emergency_after: float = EMERGENCY_AFTER_SECONDS
    most_failures: int = MOST_FAILURES
    sweep: float = SWEEP_SECONDS


@dataclass
class Worker:
    """One ordered worker for each conversation; all desks on one database together work on it only once."""

    transactions: Transactions
    assistant: AssistantClient
    events: Events
    texts: DeskTexts
    metrics: Metrics
    owner: str
    erase: Eraser
    deliver: Callable[[str], None]
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self._schedule = Schedule(self._step, MOST_AT_ONCE)
        self._outages: dict[int, int] = {}  # tries in vain for a message, while the assistant is away
        self._watched: set[int] = set()  # waiting messages that were looked at for danger
        self._watching: dict[str, asyncio.Task[None]] = {}  # by conversation
        self._reading = asyncio.Lock()
        self._claimed: dict[str, Job] = {}  # by conversation: claimed while they were stored
        self._found: dict[str, int] = {}  # by conversation: the message that was found in the database and is at work

    def wake(self, conversation_id: str) -> None:
        """A row was stored in this conversation."""
        self._schedule.wake(conversation_id)

    def start(self, job: Job) -> None:
        """This message was stored, and claimed for this desk with it."""
        if self._found.get(job.conversation_id) == job.message_id:
            return
        self._claimed[job.conversation_id] = job
        self._schedule.wake(job.conversation_id)

    async def run(self) -> None:
        """Look for work that nobody was woken for, and keep the leases; until cancelled."""
        try:
            await asyncio.gather(self._sweep(), self._renew())
        finally:
            for task in self._watching.values():
                task.cancel()
            await self._schedule.stop()

    async def _sweep(self) -> None:
        while True:
            try:
                for conversation_id in await self.transactions.read(lambda session: claims.due(session, SWEEP_MOST)):
                    self.wake(conversation_id)
            except Exception as error:
                log.error("sweep_failed", error_object=error)
            await asyncio.sleep(self.patience.sweep)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            running = self._schedule.running()
            if not running:
                continue
            try:
                await self.transactions.write(partial(claims.renew, owner=self.owner, conversation_ids=running))
            except Exception as error:
                log.error("renew_failed", error_object=error)

    async def _step(self, conversation_id: str) -> float | None:
        claimed = self._claimed.pop(conversation_id, None)
        if claimed is not None and claimed.is_fresh:
            return await self._work_on(claimed)
        job = await self.transactions.write(lambda session: claims.claim_next(session, conversation_id, self.owner))
        if isinstance(job, Wait):
            return job.seconds
        self.events.publish(conversation_id)
        claimed = self._claimed.get(conversation_id)
        if claimed is not None and claimed.message_id == job.message_id:
            del self._claimed[conversation_id]
        self._found[conversation_id] = job.message_id
        try:
            return await self._work_on(job)
        finally:
            del self._found[conversation_id]

    async def _work_on(self, job: Job) -> float | None:
        try:
            return 0 if await self._hand_over(job) else None
        except Busy as error:
            await self._busy(job, error)
        except Unreachable as error:
            await self._unreachable(job, error)
        except Refused as error:
            await self._give_up(job, error.kind)
        except Failed as error:
            await self._failed(job, error)
        return 0

    async def _hand_over(self, job: Job) -> bool:
        """Give the message to the assistant and store what it says; True if more of the conversation waits."""
        turn = Turn(job)
        lines: list[dict[str, Any]] = []
        async for more in self.assistant.handle(claims.request_body(job)):
            lines += more
            if all(line["type"] == "understood" for line in lines):
                continue  # nothing to show yet: it is stored with what follows
            try:
                await self.transactions.write(partial(turns.apply, turn=turn, lines=lines))
            except (KeyError, TypeError, ValueError):
                raise Failed("bad_line") from None
            lines = []
            self.events.publish(job.conversation_id)
            self.deliver(job.conversation_id)
            if turn.void:
                return True
        self._settled(job)
        self.metrics.replies.labels("assistant").inc(turn.replies)
        self.metrics.turn_seconds.observe((utc_now() - job.at).total_seconds())
        if turn.erase:
            await self.erase(job.conversation_id, job.message_id)
        return turn.more

    async def _busy(self, job: Job, error: Busy) -> None:
        if self._age(job) > MOST_BUSY_SECONDS:
            await self._failed(job, Failed(error.kind))
            return
        await self._put_off(job, self._jitter(self.patience.first_retry), error.kind, failed=False)

    async def _failed(self, job: Job, error: Failed) -> None:
        self.metrics.assistant_failures.labels(error.kind).inc()
        log.warning("turn_failed", conversation=short(job.conversation_id), kind=error.kind, attempt=job.attempts + 1)
        if job.attempts + 1 >= self.patience.most_failures:
            await self._give_up(job, error.kind)
            return
        delay = min(self.patience.first_retry * 2**job.attempts, self.patience.longest_retry)
        await self._put_off(job, self._jitter(delay), error.kind, failed=True)

    async def _unreachable(self, job: Job, error: Unreachable) -> None:
        tries = self._outages.get(job.message_id, 0)
        self._outages[job.message_id] = tries + 1
        self.metrics.assistant_failures.labels(error.kind).inc()
        if self._age(job) >= self.patience.notice_after:
            await self._say(lambda session: turns.give_notice(session, job, self.texts), job)
        delay = min(self.patience.outage_retry * 1.5 ** min(tries, 10), self.patience.longest_outage_retry)
        await self._put_off(job, self._jitter(delay), error.kind, failed=False)

    def _watch_for_emergency(self, job: Job) -> None:
        """Nobody reads this conversation for now, so the desk looks itself for words that must not wait.

        Beside the work, not within it: to read at all takes seconds to prepare, the first time.
        """
        if job.conversation_id not in self._watching:
            task = asyncio.create_task(self._watch(job))
            self._watching[job.conversation_id] = task
            task.add_done_callback(lambda _: self._watching.pop(job.conversation_id, None))

    async def _watch(self, job: Job) -> None:
        try:
            await self._look_at_all_that_waits(job)
        except Exception as error:
            log.error("watch_failed", conversation=short(job.conversation_id), error_object=error)

    async def _look_at_all_that_waits(self, job: Job) -> None:
        """All of it, once: what matters may stand behind the message that is stuck."""
        for waiting in await self.transactions.read(partial(claims.waiting, conversation_id=job.conversation_id)):
            if waiting.message_id in self._watched or self._age(waiting) < self.patience.emergency_after:
                continue
            self._watched.add(waiting.message_id)
            async with self._reading:
                danger = await to_thread.run_sync(look_for_danger, waiting.text)
            if danger is not None:
                show = partial(turns.show_emergency, job=waiting, texts=self.texts, kind=danger.kind, row=danger.row)
                await self._say(show, job)

    async def _give_up(self, job: Job, kind: str) -> None:
        log.error("gave_up", conversation=short(job.conversation_id), kind=kind)
        self._settled(job)
        await self.transactions.write(lambda session: turns.give_up(session, job, self.texts, kind))
        self.events.publish(job.conversation_id)
        self.deliver(job.conversation_id)

    def _settled(self, job: Job) -> None:
        self._outages.pop(job.message_id, None)
        self._watched.discard(job.message_id)

    async def _say(self, say: Callable[..., bool], job: Job) -> None:
        if await self.transactions.write(say):
            self.metrics.replies.labels("system").inc()
            self.events.publish(job.conversation_id)
            self.deliver(job.conversation_id)

    async def _put_off(self, job: Job, delay: float, kind: str, *, failed: bool) -> None:
        self._watch_for_emergency(job)
        await self.transactions.write(lambda session: turns.put_off(session, job, delay, failed=failed, error=kind))
        self.events.publish(job.conversation_id)

    @staticmethod
    def _age(job: Job | Waiting) -> float:
        return (utc_now() - job.at).total_seconds()

    @staticmethod
    def _jitter(delay: float) -> float:
        return delay * (0.5 + random.random())  # noqa: S311 - spreads retries, guards nothing
