"""A patient's browser, as far as the chat API goes."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE_SECONDS = 10.0


@dataclass
class Patient:
    """One conversation."""

    http: httpx.AsyncClient
    conversation: str = ""
    token: str = ""

    @classmethod
    async def arrive(cls, http: httpx.AsyncClient) -> Patient:
        """Open a conversation."""
        answer = await http.post("/chat/sessions", json={})
        assert answer.status_code == 201, answer.text
        return cls(http, answer.json()["conversation"], answer.json()["token"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, body: Any, **more: Any) -> httpx.Response:
        """Send any body to /chat/messages."""
        return await self.http.post("/chat/messages", json=body, headers=self.headers, **more)

    async def say(self, text: str) -> int:
        """Send a text; gives its number."""
        answer = await self.post({"id": str(uuid.uuid4()), "text": text})
        assert answer.status_code == 202, answer.text
        return int(answer.json()["seq"])

    async def choose(self, choice: str) -> httpx.Response:
        return await self.post({"id": str(uuid.uuid4()), "choice": choice})

    async def give(self, value: Any) -> httpx.Response:
        return await self.post({"id": str(uuid.uuid4()), "value": value})

    async def look(self, after: int = 0) -> dict[str, Any]:
        """What /chat/messages answers."""
        answer = await self.http.get(f"/chat/messages?after={after}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def messages(self, after: int = 0) -> list[dict[str, Any]]:
        return list((await self.look(after))["messages"])

    @asynccontextmanager
    async def stream(self, last_event_id: int | None = None) -> AsyncIterator[Stream]:
        """An open event stream."""
        headers = dict(self.headers)
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        async with self.http.stream("GET", "/chat/events", headers=headers, timeout=PATIENCE_SECONDS) as response:
            assert response.status_code == 200, await response.aread()
            yield Stream(response)

    async def until(self, condition: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """All messages, as soon as they meet the condition."""
        async with self.stream() as stream:
            return await stream.until(condition)

    async def reply_to(self, text: str) -> dict[str, Any]:
        """Say something; the first message of the assistant after it."""
        seq = await self.say(text)

        def is_reply(message: dict[str, Any]) -> bool:
            return message["seq"] > seq and message["author"] == "assistant"

        messages = await self.until(lambda messages: any(map(is_reply, messages)))
        return next(filter(is_reply, messages))


@dataclass
class Stream:
    """Server-sent events, read one after another."""

    response: httpx.Response
    messages: list[dict[str, Any]] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    typing: list[bool] = field(default_factory=list)
    comments: int = 0

    def __post_init__(self) -> None:
        self._lines = self.response.aiter_lines()

    async def until(self, condition: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Read until there are messages and they meet the condition."""
        await asyncio.wait_for(self._read(lambda: bool(self.messages) and condition(self.messages)), PATIENCE_SECONDS)
        return self.messages

    async def until_any(self, condition: Callable[[Stream], bool]) -> None:
        """Read until everything so far meets the condition."""
        await asyncio.wait_for(self._read(lambda: condition(self)), PATIENCE_SECONDS)

    async def _read(self, condition: Callable[[], bool]) -> None:
        event: dict[str, str] = {}
        while not condition():
            line = await anext(self._lines)
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                event[name] = value
            else:
                self._take(event)
                event = {}

    def _take(self, event: dict[str, str]) -> None:
        if event.get("event") == "message":
            self.messages.append(json.loads(event["data"]))
            self.ids.append(int(event["id"]))
        elif event.get("event") == "typing":
            self.typing.append(json.loads(event["data"])["typing"])
