"""A desk with Messenger switched on, between a fake Graph API and a driver that posts webhooks as Meta does."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.desk.channels.messenger import Messenger
from tests.desk.conftest import Clinic, Opening, free_port
from tests.fake_graph import PAGE, SECRET, TOKEN, FakeGraph
from tests.stub_assistant import serving

PATIENCE_SECONDS = 20.0
FIRST_MS = 1_790_000_000_000
VERIFY = "verify-me"


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Page:
    """A page: `meta` sends events to the desk, `graph` is what the desk sends to."""

    clinic: Clinic
    graph: FakeGraph
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def channel(self) -> Messenger:
        channel = self.clinic.desk.channels["messenger"]
        assert isinstance(channel, Messenger)
        return channel

    async def post_raw(self, body: bytes, **headers: str) -> httpx.Response:
        return await self.clinic.http.post("/messenger/webhook", content=body, headers=headers)

    async def post(self, *events: dict[str, Any], key: str = "messaging") -> httpx.Response:
        """One signed notification with these events, each in an entry of its own."""
        entries = [{"id": PAGE, "time": 1, key: [event]} for event in events]
        body = json.dumps({"object": "page", "entry": entries}).encode()
        answer = await self.post_raw(body, **{"X-Hub-Signature-256": signed(body)})
        assert answer.status_code == 200, answer.text
        return answer

    def event(self, person: str, at: int | None = None, **parts: Any) -> dict[str, Any]:
        at = next(self.numbers) if at is None else at
        return {"sender": {"id": person}, "recipient": {"id": PAGE}, "timestamp": FIRST_MS + at, **parts}

    def text(self, person: str, text: str, at: int | None = None) -> dict[str, Any]:
        event = self.event(person, at)
        return {**event, "message": {"mid": f"m_{person}_{text}_{event['timestamp']}", "text": text}}

    def tap(self, person: str, payload: str, title: str = "a title") -> dict[str, Any]:
        event = self.event(person)
        quick_reply = {"payload": payload}
        return {**event, "message": {"mid": f"m_{event['timestamp']}", "text": title, "quick_reply": quick_reply}}

    async def until(self, condition: Callable[[], bool]) -> None:
        async def wait() -> None:
            while not condition():
                await asyncio.sleep(0.02)

        await asyncio.wait_for(wait(), PATIENCE_SECONDS)

    async def answered(self, person: str, text: str) -> None:
        """Until the echo of the stub assistant to this text is there."""
        await self.until(lambda: f"You wrote: {text}" in self.graph.texts(person))

    async def greeted(self, person: str) -> None:
        await self.post(self.text(person, "hello"))
        await self.answered(person, "hello")

    def answers(self, person: str) -> list[str]:
        return [text.removeprefix("You wrote: ") for text in self.graph.texts(person) if text.startswith("You wrote")]


async def open_page(stack: AsyncExitStack, opening: Opening, mode: str = "full", **more: Any) -> Page:
    graph, port = FakeGraph(), free_port()
    url = await stack.enter_async_context(serving(graph.app(), port))
    settings = {
        "PSOAS_MESSENGER_VERIFY_TOKEN": VERIFY,
        "PSOAS_MESSENGER_APP_SECRET": SECRET,
        "PSOAS_MESSENGER_PAGE_TOKEN": TOKEN,
        "PSOAS_MESSENGER_PAGE_ID": PAGE,
        "PSOAS_MESSENGER_GRAPH_URL": url,
        "PSOAS_MESSENGER_MODE": mode,
    }
    page = Page(await opening(**settings, **more), graph)
    page.channel.echo_seconds = 0.3
    return page


@pytest.fixture
async def page(sqlite_opening: Opening) -> AsyncIterator[Page]:
    """A page on SQLite."""
    async with AsyncExitStack() as stack:
        yield await open_page(stack, sqlite_opening)


@pytest.fixture
async def each_page(opening: Opening) -> AsyncIterator[Page]:
    """A page on each kind of database."""
    async with AsyncExitStack() as stack:
        yield await open_page(stack, opening)
