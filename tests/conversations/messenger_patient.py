"""A patient on Messenger: signed webhooks in, what the strict Graph stand-in took out, the real assistant between."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from sqlalchemy import select

from bot.store import Database
from bot.store.models import Conversation, Message
from tests.conversations.patient import REPLY_SECONDS, SKIP
from tests.fake_graph import PAGE, SECRET, TOKEN, FakeGraph
from tests.running import RunningSystem, free_ports

NUMBERS = itertools.count(1)
OPEN = ("received", "working", "pending", "sending")
VERIFY = "a verify token"


@contextmanager
def graph_running() -> Iterator[tuple[FakeGraph, str]]:
    """The stand-in on a port of its own, and its address."""
    graph, port = FakeGraph(), free_ports(1)[0]
    server = uvicorn.Server(uvicorn.Config(graph.app(), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield graph, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


def messenger_settings(graph_url: str, mode: str) -> dict[str, str]:
    """What switches Messenger on for a system under test."""
    return {
        "PSOAS_MESSENGER_VERIFY_TOKEN": VERIFY,
        "PSOAS_MESSENGER_APP_SECRET": SECRET,
        "PSOAS_MESSENGER_PAGE_TOKEN": TOKEN,
        "PSOAS_MESSENGER_PAGE_ID": PAGE,
        "PSOAS_MESSENGER_GRAPH_URL": graph_url,
        "PSOAS_MESSENGER_MODE": mode,
    }


@dataclass
class MessengerPatient:
    """One person; `shown` are the Graph calls that reached them, in order."""

    system: RunningSystem
    graph: FakeGraph
    person: str = field(default_factory=lambda: str(7_000_000 + next(NUMBERS)))
    seen: int = 0

    def say(self, text: str) -> list[dict[str, Any]]:
        """Type a message; the messages that came back."""
        return self._send(message={"mid": f"m_{self.person}_{next(NUMBERS)}", "text": text})

    def say_to_person(self, text: str) -> None:
        """Type a message while somebody of the team answers; nothing comes back by itself."""
        self._post(message={"mid": f"m_{self.person}_{next(NUMBERS)}", "text": text})

    def tap(self, title: str) -> list[dict[str, Any]]:
        """Tap the newest quick reply or button of this title."""
        for body in reversed(self.graph.taken[self.person]):
            message = body["message"]
            for reply in message.get("quick_replies", []):
                if reply["title"] == title:
                    tapped = {"payload": reply["payload"]}
                    return self._send(message={"mid": f"m_{next(NUMBERS)}", "text": title, "quick_reply": tapped})
            for button in message.get("attachment", {}).get("payload", {}).get("buttons", []):
                if button["title"] == title and button["type"] == "postback":
                    return self._send(postback={"title": title, "payload": button["payload"]})
        raise AssertionError(f"nothing called {title!r} on offer")

    def _send(self, **part: Any) -> list[dict[str, Any]]:
        self._post(**part)
        return self.receive()

    def _post(self, **part: Any) -> None:
        at = 1_790_000_000_000 + next(NUMBERS)
        event = {"sender": {"id": self.person}, "recipient": {"id": PAGE}, "timestamp": at, **part}
        body = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": at, "messaging": [event]}]}).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        answer = httpx.post(
            f"{self.system.base_url}/messenger/webhook",
            content=body,
            headers={"X-Hub-Signature-256": signature, "Content-Type": "application/json"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text

    def receive(self) -> list[dict[str, Any]]:
        """Wait until all is answered and sent; the messages that came."""
        deadline = time.monotonic() + REPLY_SECONDS
        while time.monotonic() < deadline:
            if self._is_quiet() and len(self.graph.taken[self.person]) > self.seen:
                new = self.graph.taken[self.person][self.seen :]
                self.seen += len(new)
                return [body["message"] for body in new]
            time.sleep(0.05)
        raise AssertionError(f"no answer within {REPLY_SECONDS} s")

    def _is_quiet(self) -> bool:
        rows = self._stored(select(Message.status))
        return bool(rows) and not any(status in OPEN for status in rows)

    def _stored(self, query: Any) -> list[Any]:
        database = Database(self.system.settings.database_url)
        try:
            with database.reading() as session:
                mine = query.join(Conversation, Message.conversation_id == Conversation.id)
                return list(session.scalars(mine.where(Conversation.channel_user == self.person).order_by(Message.seq)))
        finally:
            database.dispose()

    def conversation(self) -> str:
        """The id of this person's conversation."""
        return str(self._stored(select(Message.conversation_id))[0])

    def payloads(self) -> list[dict[str, Any]]:
        """What the assistant said, as the desk keeps it."""
        return [payload or {} for payload in self._stored(select(Message.payload).where(Message.author == "assistant"))]

    def result(self) -> dict[str, Any] | None:
        """The newest result."""
        return next((payload["result"] for payload in reversed(self.payloads()) if "result" in payload), None)

    def play_until(self, question: str, opening: str, turns: int = 8) -> None:
        """Tell the opening and say no until this question is asked."""
        self.say(opening)
        for _ in range(turns):
            asked = next((payload["ask"] for payload in reversed(self.payloads()) if "ask" in payload), {})
            if question in asked.get("questions", []):
                return
            self.say("I agree")
        raise AssertionError(f"{question} was not asked")

    def play(self, opening: str, answers: Mapping[str, str], turns: int = 45) -> None:
        """Tell the opening, then answer what is asked until there is a result."""
        self.say(opening)
        for _ in range(turns):
            payloads = self.payloads()
            if any("result" in payload for payload in payloads):
                return
            asked = next((payload["ask"] for payload in reversed(payloads) if "ask" in payload), {})
            known = [question for question in asked.get("questions", []) if question in answers]
            if known:
                self.say(" ".join(answers[question] for question in known))
            else:
                self.say("no" if asked.get("kind") == "yes_no" else SKIP)
