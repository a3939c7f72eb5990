"""Holds back the whole page: a pace below Meta's limit, and pauses that Meta asks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

PER_SECOND = 200.0  # Meta's limit is 300 texts a second
FEW_LIMITS = 3  # so many "too often" in a row mean the page, not chance
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
STOPPED_SECONDS = 60.0
USED_UP = 95
USED_UP_SECONDS = 30.0
log = structlog.get_logger(__name__)


class Gate:
    """Whether this page may send now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._closed_until = 0.0
        self._next_slot = 0.0
        self._limits = 0
        self._stopped = ""

    def hold(self) -> float:
        """0 if the page may send, else the seconds to wait."""
        return max(0.0, self._closed_until - self._clock())

    async def slot(self) -> None:
        """Wait for the next place in the pace."""
        now = self._clock()
        self._next_slot = max(self._next_slot, now) + 1.0 / PER_SECOND
        if self._next_slot - now > 2.0 / PER_SECOND:
            await asyncio.sleep(self._next_slot - now)

    def passed(self, usage: int) -> None:
        """Meta took something; `usage` is the percentage of the budget that it says is used."""
        self._limits = 0
        if self._stopped:
            log.info("messenger_sends_again")
            self._stopped = ""
        if usage >= USED_UP:
            log.warning("messenger_budget_used", percent=usage)
            self._close(USED_UP_SECONDS)

    def limited(self, wait: float | None) -> None:
        """Meta said "too often", and perhaps how long to wait: once it is one person's limit, in a row the page's."""
        self._limits += 1
        if self._limits >= FEW_LIMITS:
            pause = min(FIRST_PAUSE_SECONDS * 2.0 ** (self._limits - FEW_LIMITS), LONGEST_PAUSE_SECONDS)
            self._close(max(pause, wait or 0.0))

    def stopped(self, reason: str) -> bool:
        """Meta refuses the whole page; one message is tried again every minute. True when this is news."""
        is_news = self._stopped != reason
        if is_news:
            log.error("messenger_stopped", code=reason)
            self._stopped = reason
        self._close(STOPPED_SECONDS)
        return is_news

    def _close(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, self._clock() + seconds)
