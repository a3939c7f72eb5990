"""Wakes the open streams of a conversation when something in it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Subscription:
    """One open stream's bell."""

    def __init__(self) -> None:
        self._rung = False
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Something changed."""
        self._rung = True
        self._wake()

    async def wait(self, seconds: float) -> bool:
        """True as soon as something changed since the last call, False after `seconds` without."""
        if not self._rung:
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            try:
                await self._waiting
            finally:
                timer.cancel()
                self._waiting = None
        rung, self._rung = self._rung, False
        return rung

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Events:
    """Bells by conversation. What changed is always read from the database, so a missed bell loses nothing."""

    def __init__(self) -> None:
        self._bells: dict[str, set[Subscription]] = {}
        self._listeners: set[Callable[[str], None]] = set()
        self.closing = False

    @contextmanager
    def subscribe(self, conversation_id: str) -> Iterator[Subscription]:
        """A bell for as long as the block runs."""
        bell = Subscription()
        self._bells.setdefault(conversation_id, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[conversation_id]
            bells.discard(bell)
            if not bells:
                del self._bells[conversation_id]

    @contextmanager
    def listen(self, listener: Callable[[str], None]) -> Iterator[None]:
        """Tell `listener` the id of each conversation that changes, while the block runs; it must be quick."""
        self._listeners.add(listener)
        try:
            yield
        finally:
            self._listeners.discard(listener)

    def publish(self, conversation_id: str) -> None:
        """Ring for everybody who watches this conversation."""
        for listener in self._listeners:
            listener(conversation_id)
        for bell in self._bells.get(conversation_id, ()):
            bell.ring()

    def watchers(self, conversation_id: str) -> int:
        """How many streams watch this conversation."""
        return len(self._bells.get(conversation_id, ()))

    def streams(self) -> int:
        """How many streams are open in all."""
        return sum(len(bells) for bells in self._bells.values())

    def close(self) -> None:
        """End all streams: the desk is going down."""
        self.closing = True
        for conversation_id in list(self._bells):
            self.publish(conversation_id)
