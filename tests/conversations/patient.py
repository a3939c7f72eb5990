"""A patient who answers from a script: the runner of whole conversations over the public chat API."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

SKIP = "can we skip that one"
REPLY_SECONDS = 30.0


@dataclass
class Exchange:
    """What the patient sent (and which questions it answered) and what came back."""

    sent: str
    answered: list[str]
    replies: list[dict[str, Any]]

    @property
    def safety(self) -> dict[str, Any] | None:
        """The safety part of these replies, if any."""
        return next((reply["safety"] for reply in self.replies if "safety" in reply), None)

    @property
    def text(self) -> str:
        """All that was said."""
        return "\n".join(reply.get("text", "") for reply in self.replies)


@dataclass
class Patient:
    """One conversation on the website's chat API."""

    client: httpx.Client
    token: str = ""
    seq: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    conversation: str = ""

    @classmethod
    def arrive(cls, client: httpx.Client) -> Patient:
        """Open a new conversation and wait for the greeting."""
        answer = client.post("/chat/sessions", json={})
        answer.raise_for_status()
        patient = cls(client, answer.json()["token"], conversation=answer.json()["conversation"])
        patient.collect()
        return patient

    @property
    def headers(self) -> dict[str, str]:
        """What proves that this is the same patient."""
        return {"Authorization": f"Bearer {self.token}"}

    def say(self, text: str, answered: list[str] | None = None) -> Exchange:
        """Send words."""
        return self._send({"text": text}, text, answered or [])

    def tap(self, title_or_id: str) -> Exchange:
        """Tap the newest choice with this title, or whose id ends so."""
        for message in reversed(self.messages):
            for choice in message.get("choices", []):
                if choice["title"] == title_or_id or choice["id"].split(".")[-1] == title_or_id:
                    return self._send({"choice": choice["id"]}, choice["title"], [])
        raise AssertionError(f"no choice {title_or_id!r} on offer")

    def choose(self, value: Any) -> Exchange:
        """Answer the open question with a value."""
        return self._send({"value": value}, repr(value), self.asked())

    def _send(self, body: Mapping[str, Any], sent: str, answered: list[str]) -> Exchange:
        answer = self.client.post("/chat/messages", json={"id": str(uuid.uuid4()), **body}, headers=self.headers)
        assert answer.status_code == 202, answer.text
        exchange = Exchange(sent, answered, self.collect(after=answer.json()["seq"]))
        self.exchanges.append(exchange)
        return exchange

    def collect(self, after: int | None = None) -> list[dict[str, Any]]:
        """Wait until the assistant has finished answering; its new messages."""
        after = self.seq if after is None else after
        deadline = time.monotonic() + REPLY_SECONDS
        while time.monotonic() < deadline:
            page = self.client.get("/chat/messages", params={"after": after}, headers=self.headers).json()
            new = [message for message in page["messages"] if message["author"] != "patient"]
            if new and not page["typing"]:
                self.seq = max(message["seq"] for message in page["messages"])
                self.messages += new
                return new
            time.sleep(0.02)
        raise AssertionError(f"no answer within {REPLY_SECONDS} s")

    def asked(self) -> list[str]:
        """The questions that wait for an answer."""
        for message in reversed(self.messages):
            if "ask" in message:
                return list(message["ask"]["questions"])
        return []

    def ask_kind(self) -> str | None:
        """The kind of the question that waits for an answer."""
        return next((m["ask"]["kind"] for m in reversed(self.messages) if "ask" in m), None)

    def result(self) -> dict[str, Any] | None:
        """The newest result."""
        return next((m["result"] for m in reversed(self.messages) if "result" in m), None)

    def questions_asked(self) -> int:
        """How many of the assistant's messages asked something before the result."""
        count = 0
        for message in self.messages:
            if "result" in message:
                break
            count += "ask" in message
        return count

    def play(self, opening: str, answers: Mapping[str, str], *, joiner: str = " ", turns: int = 40) -> None:
        """Tell the opening, then answer what is asked until there is a result."""
        self.say(opening)
        for _ in range(turns):
            if self.result() is not None:
                return
            asked = self.asked()
            known = [question for question in asked if question in answers]
            if known:
                self.say(joiner.join(answers[question] for question in known), known)
            else:
                self.say("no" if self.ask_kind() == "yes_no" else SKIP, asked)
