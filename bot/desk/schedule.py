"""Runs work by key: one at a time for each key, a bounded number at once, and everybody in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.desk.logs import short

AFTER_A_CRASH_SECONDS = 1.0
log = structlog.get_logger(__name__)

Step = Callable[[str], Awaitable["float | None"]]


class Schedule:
    """Calls `step(key)` whenever the key was woken.

    A step does one piece of work and says when to come back: 0 for at once (behind the others), a number of
    seconds, or None for when the key is woken again. Waking while a step runs runs it once more.
    """

    def __init__(self, step: Step, most_at_once: int) -> None:
        self._step = step
        self._most_at_once = most_at_once
        self._ready: dict[str, None] = {}  # in the order of waking
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stopped = False

    def wake(self, key: str) -> None:
        """There is, or may be, work for this key."""
        if self._stopped:
            return
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        if key in self._running:
            self._again.add(key)
            return
        self._ready[key] = None
        self._start_ready()

    def running(self) -> list[str]:
        """The keys that are being worked on now."""
        return list(self._running)

    async def stop(self) -> None:
        """Stop at once; what was not finished is found again in the database."""
        self._stopped = True
        for timer in self._timers.values():
            timer.cancel()
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start_ready(self) -> None:
        while self._ready and len(self._running) < self._most_at_once:
            key = next(iter(self._ready))
            del self._ready[key]
            self._running[key] = asyncio.create_task(self._run(key))

    async def _run(self, key: str) -> None:
        delay: float | None = AFTER_A_CRASH_SECONDS
        try:
            delay = await self._step(key)
        except Exception as error:
            log.error("step_crashed", conversation=short(key), error_object=error)
        finally:
            self._running.pop(key, None)
            self._come_back(key, delay)

    def _come_back(self, key: str, delay: float | None) -> None:
        if self._stopped:
            return
        if key in self._again:
            self._again.discard(key)
            delay = 0 if delay is None else delay
        if delay == 0:
            self._ready[key] = None
        elif delay is not None and key not in self._timers:
            self._timers[key] = asyncio.get_running_loop().call_later(delay, self._ring, key)
        self._start_ready()

    def _ring(self, key: str) -> None:
        self._timers.pop(key, None)
        self.wake(key)
