"""Patients who talk with one of the systems, one turn after another."""

from __future__ import annotations

import json
import uuid
from typing import Any, Protocol

import httpx

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

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._sender = uuid.uuid4().hex

    async def turn(self, text: str) -> None:
        """One request, which ends with the last reply."""
        answer = await self._client.post("/webhooks/rest/webhook", json={"sender": self._sender, "message": text})
        answer.raise_for_status()
        answer.json()


class AssistantPatient:
    """Talks with our assistant alone, as the desk does."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._conversation = uuid.uuid4().hex

    async def turn(self, text: str) -> None:
        """One request, which ends with `done`."""
        body = {"conversation": self._conversation, "message": uuid.uuid4().hex, "channel": "webchat"}
        answer = await self._client.post("/webhooks/psoas/messages", json={**body, "kind": "text", "text": text})
        answer.raise_for_status()
        if json.loads(answer.text.splitlines()[-1]) != {"type": "done"}:
            raise RuntimeError("a turn failed; see the log")


class DeskPatient:
    """Talks with the whole system, as a browser does: POST, and the answer over the event stream."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._headers: dict[str, str] = {}
        self._stream: Any = None
        self._lines: Any = None
        self._typing = False

    async def turn(self, text: str) -> None:
        """From the POST until the answer is there and nobody is typing any more."""
        if self._lines is None:
            await self._open()
        answer = await self._client.post(
            "/chat/messages", json={"id": str(uuid.uuid4()), "text": text}, headers=self._headers
        )
        answer.raise_for_status()
        await self._until_answered(answer.json()["seq"])

    async def close(self) -> None:
        """Leave."""
        if self._stream is not None:
            await self._stream.__aexit__(None, None, None)

    async def _open(self) -> None:
        session = (await self._client.post("/chat/sessions", json={})).raise_for_status().json()
        self._headers = {"Authorization": f"Bearer {session['token']}"}
        self._stream = self._client.stream("GET", "/chat/events", headers=self._headers, timeout=TURN_SECONDS)
        response = await self._stream.__aenter__()
        self._lines = response.aiter_lines()
        await self._until_answered(0)

    async def _until_answered(self, seq: int) -> None:
        answered = False
        kind = ""
        async for line in self._lines:
            if line.startswith("event:"):
                kind = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                data = json.loads(line.removeprefix("data:"))
                if kind == "typing":
                    self._typing = bool(data["typing"])
                elif data.get("author") == "assistant" and data["seq"] > seq:
                    answered = True
            if answered and not self._typing:
                return
        raise RuntimeError("the event stream ended")
