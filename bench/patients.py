"""Patients who talk with one of the systems, one turn after another."""

from __future__ import annotations

import json
import uuid
from typing import Protocol

import aiohttp

TURN_SECONDS = 60.0
SAYINGS = (
    "hello",
    "my lower back is sore after sitting all day",
    "about three weeks",
    "six out of ten",
    "what are hip flexors?",
    "no, nothing like that",
    "why do you ask?",
    "it is in the middle, just above the belt",
    "yes",
    "how long do I hold a stretch?",
    "I sit nine hours a day at a desk",
    "no",
    "it is stiff when I get up from the chair",
    "do you take walk-ins?",
    "I'm not sure",
    "walking makes it better",
    "thanks",
    "can tight hips make my back hurt?",
    "what does a massage cost?",
    "ok, go on",
)


class Patient(Protocol):
    """One conversation with one system."""

    async def turn(self, text: str) -> None:
        """Say something and wait until all of the answer is there."""


class StockPatient:
    """Talks with Rasa's REST channel."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client
        self._sender = uuid.uuid4().hex

    async def turn(self, text: str) -> None:
        """One request, which ends with the last reply."""
        body = {"sender": self._sender, "message": text}
        async with self._client.post("/webhooks/rest/webhook", json=body) as answer:
            await answer.json()


class AssistantPatient:
    """Talks with our assistant alone, as the desk does."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client
        self._conversation = uuid.uuid4().hex

    async def turn(self, text: str) -> None:
        """One request, which ends with `done`."""
        body = {"conversation": self._conversation, "message": uuid.uuid4().hex, "channel": "webchat"}
        body = {**body, "kind": "text", "text": text}
        async with self._client.post("/webhooks/psoas/messages", json=body) as answer:
            lines = (await answer.text()).splitlines()
        if json.loads(lines[-1]) != {"type": "done"}:
            raise RuntimeError("a turn failed; see the log")


class DeskPatient:
    """Talks with the whole system, as a browser does: POST, and the answer over the event stream."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client
        self._headers: dict[str, str] = {}
        self._stream: aiohttp.ClientResponse | None = None
        self._typing = False

    async def turn(self, text: str) -> None:
        """From the POST until the answer is there and nobody is typing any more."""
        stream = self._stream or await self._open()
        body = {"id": str(uuid.uuid4()), "text": text}
        async with self._client.post("/chat/messages", json=body, headers=self._headers) as answer:
            seq = (await answer.json())["seq"]
        await self._until_answered(stream, seq)

    async def _open(self) -> aiohttp.ClientResponse:
        async with self._client.post("/chat/sessions", json={}) as answer:
            session = await answer.json()
        self._headers = {"Authorization": f"Bearer {session['token']}"}
        endless = aiohttp.ClientTimeout(sock_read=TURN_SECONDS)
        self._stream = await self._client.get("/chat/events", headers=self._headers, timeout=endless)
        await self._until_answered(self._stream, 0)
        return self._stream

    async def _until_answered(self, stream: aiohttp.ClientResponse, seq: int) -> None:
        answered = False
        kind = b""
        async for line in stream.content:
            if line.startswith(b"event:"):
                kind = line.removeprefix(b"event:").strip()
            elif line.startswith(b"data:"):
                data = json.loads(line.removeprefix(b"data:"))
                if kind == b"typing":
                    self._typing = bool(data["typing"])
                elif data.get("author") == "assistant" and data["seq"] > seq:
                    answered = True
            if answered and not self._typing:
                return
        raise RuntimeError("the event stream ended")
