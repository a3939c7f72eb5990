"""How much one conversation or one address may ask for in a minute."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0
MOST_KEYS = 50_000


class RateLimit:
    """A sliding window: at most `per_minute` calls in any minute for one key; None lets everything pass."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> int:
        """0 if the call may go on, else the seconds after which it may be tried again."""
        if self._limit is None:
            return 0
        now = self._clock()
        calls = self._calls.setdefault(key, deque())
        self._calls.move_to_end(key)
        while len(self._calls) > MOST_KEYS:
            self._calls.popitem(last=False)
        while calls and calls[0] <= now - WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= self._limit:
            return max(1, math.ceil(calls[0] + WINDOW_SECONDS - now))
        calls.append(now)
        return 0

    def give_back(self, key: str) -> None:
        """Uncount the last call: it was a repeat that did nothing."""
        calls = self._calls.get(key)
        if calls:
            calls.pop()
