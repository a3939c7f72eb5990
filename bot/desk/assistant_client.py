"""Speaks the private protocol (docs/protocol.md) to the assistants."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from bot.kept_connections import Answer, CallFailed, CannotConnect, KeptConnections, Silence
from bot.settings import Settings

CONNECT_SECONDS = 2.0
SILENCE_SECONDS = 30.0
READY_SECONDS = 1.5
MOST_LINE_BYTES = 1024 * 1024


class AssistantError(Exception):
    """A call that did not end with `done`. `kind` is for metrics and logs and never holds a patient's words."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Unreachable(AssistantError):
    """The assistant is not there, or has no model yet: wait for it."""


class Busy(AssistantError):
    """The same message is running now, or the assistant asks for a moment: try again soon."""


class Failed(AssistantError):
    """The assistant began and did not finish: it may be tried again, a few times."""


class Refused(AssistantError):
    """The assistant will never take this message: trying again is no use."""


class AssistantClient:
    """Calls the assistant that a conversation belongs to."""

    def __init__(self, settings: Settings) -> None:
        self.urls = settings.assistant_urls
        headers = {"Authorization": f"Bearer {settings.assistant_secret}"}
        self._calls = {
            url: KeptConnections(url, headers, connect_seconds=CONNECT_SECONDS, silence_seconds=SILENCE_SECONDS)
            for url in self.urls
        }

    def close(self) -> None:
        """Close all connections."""
        for calls in self._calls.values():
            calls.close()

    async def handle(self, body: dict[str, Any]) -> AsyncIterator[Sequence[dict[str, Any]]]:
        """Hand over one message; gives the lines of the answer, those that arrived together at once.

        Ends only after `done`; raises AssistantError for everything else.
        """
        calls = self._calls[url_for(body["conversation"], self.urls)]
        try:
            async with calls.call("POST", "/webhooks/psoas/messages", json.dumps(body).encode()) as answer:
                _check_status(answer.status)
                async for lines in _lines(answer):
                    yield lines
                    last = lines[-1]
                    if last["type"] == "done":
                        return
                    if last["type"] == "error":
                        raise _reported(str(last.get("code")))
        except CannotConnect:
            raise Unreachable("unreachable") from None
        except Silence:
            raise Failed("timeout") from None
        except CallFailed:
            raise Failed("cut_off") from None
        raise Failed("cut_off")

    async def forget(self, conversation_id: str) -> bool:
        """Make the assistant drop what it holds of a conversation; False if it has to be asked again."""
        calls = self._calls[url_for(conversation_id, self.urls)]
        try:
            async with calls.call("DELETE", f"/webhooks/psoas/conversations/{conversation_id}") as answer:
                await answer.read()
                return answer.status < 300 or answer.status == 404
        except CallFailed:
            return False

    async def ready(self) -> dict[str, bool]:
        """Which assistants have a model loaded, by address."""
        states = await asyncio.gather(*(self._is_ready(url) for url in self.urls))
        return dict(zip(self.urls, states, strict=True))

    async def _is_ready(self, url: str) -> bool:
        try:
            async with self._calls[url].call("GET", "/webhooks/psoas/", silence_seconds=READY_SECONDS) as answer:
                body = await answer.read()
                return answer.status == 200 and bool(json.loads(body).get("ready"))
        except (CallFailed, ValueError, AttributeError):
            return False


def url_for(conversation_id: str, urls: Sequence[str]) -> str:
    """The assistant of this conversation: always the same, and few move when an assistant is added or removed."""
    if len(urls) == 1:
        return urls[0]
    return max(urls, key=lambda url: hashlib.sha256(f"{url} {conversation_id}".encode()).digest())


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status == 409:
        raise Busy("running")
    if status in (400, 413, 422):
        raise Refused(f"status_{status}")
    if status in (401, 403, 404, 502, 503):
        # Wrong secret or no such address is a matter of set-up: patients' messages wait until it is put right.
        raise Unreachable(f"status_{status}")
    raise Failed(f"status_{status}")


def _reported(code: str) -> AssistantError:
    if code == "busy":
        return Busy("busy")
    if code == "bad_request":
        return Refused("bad_request")
    return Failed("internal")


async def _lines(answer: Answer) -> AsyncIterator[list[dict[str, Any]]]:
    """Whole lines as they arrive; a line cut short by the end of the connection is dropped."""
    rest = b""
    async for chunk in answer.chunks():
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > MOST_LINE_BYTES:
            raise Failed("line_too_long")
        lines = [_parsed(line) for line in whole if line.strip()]
        if lines:
            yield lines


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        raise Failed("not_json") from None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("type"), str):
        raise Failed("not_json")
    return parsed
