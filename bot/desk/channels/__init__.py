"""The ways in: each channel is one small class in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.routing import BaseRoute

from bot.store.models import Conversation, Message


class Channel(Protocol):
    """What the desk needs from a channel.

    With `pushes`, the outbox hands it each message in order (`deliver`); without, the patient's side fetches them.
    """

    name: str
    pushes: bool

    def routes(self) -> Sequence[BaseRoute]:
        """The addresses at which the channel takes messages in."""
        ...

    async def deliver(self, conversation: Conversation, message: Message) -> str | None:
        """Send one message; gives the channel's own id of it, if it has one. Raises RetryLater or CannotDeliver."""
        ...

    async def typing(self, conversation: Conversation, on: bool) -> None:
        """Show or hide that an answer is being worked on. Best effort: it raises nothing and is never retried."""
        ...


@dataclass
class RetryLater(Exception):
    """It may work in a while: after `seconds`, or after a wait that grows if None.

    With `held`, the channel as a whole is held back: the try does not count against this message.
    """

    reason: str
    seconds: float | None = None
    held: bool = False


@dataclass
class CannotDeliver(Exception):
    """It will never work for this message; `reason` is kept with it for staff."""

    reason: str
