"""Speaks the private protocol (docs/protocol.md) to the assistants."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx

from bot.settings import Settings

CONNECT_SECONDS = 2.0
SILENCE_SECONDS = 30.0
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

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.urls = settings.assistant_urls
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {settings.assistant_secret}"},
            timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=64),
            transport=transport,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def handle(self, body: dict[str, Any]) -> AsyncIterator[Sequence[dict[str, Any]]]:
        """Hand over one message; gives the lines of the answer, those that arrived together at once.

        Ends only after `done`; raises AssistantError for everything else.
        """
        url = f"{url_for(body['conversation'], self.urls)}/webhooks/psoas/messages"
        try:
            async with self._http.stream("POST", url, json=body) as response:
                _check_status(response.status_code)
                async for lines in _lines(response):
                    yield lines
                    last = lines[-1]
                    if last["type"] == "done":
                        return
                    if last["type"] == "error":
                        raise _reported(str(last.get("code")))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unreachable("unreachable") from None
        except httpx.TimeoutException:
            raise Failed("timeout") from None
        except httpx.HTTPError:
            raise Failed("cut_off") from None
        raise Failed("cut_off")

    async def forget(self, conversation_id: str) -> bool:
        """Make the assistant drop what it holds of a conversation; False if it has to be asked again."""
        url = f"{url_for(conversation_id, self.urls)}/webhooks/psoas/conversations/{conversation_id}"
        try:
            response = await self._http.delete(url)
        except httpx.HTTPError:
            return False
        return response.status_code < 300 or response.status_code == 404

    async def ready(self) -> dict[str, bool]:
        """Which assistants have a model loaded, by address."""
        states = await asyncio.gather(*(self._is_ready(url) for url in self.urls))
        return dict(zip(self.urls, states, strict=True))

    async def _is_ready(self, url: str) -> bool:
        try:
            response = await self._http.get(f"{url}/webhooks/psoas/", timeout=1.5)
            return response.status_code == 200 and bool(response.json().get("ready"))
        except (httpx.HTTPError, ValueError, AttributeError):
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


async def _lines(response: httpx.Response) -> AsyncIterator[list[dict[str, Any]]]:
    """Whole lines as they arrive; a line cut short by the end of the connection is dropped."""
    rest = b""
    async for chunk in response.aiter_bytes():
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
