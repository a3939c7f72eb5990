"""A patient's side of a conversation: the website's chat API, and Messenger's webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from sqlalchemy import select

from bot.store import Database
from bot.store.models import Conversation, Message
from scripts.demo.graph import PAGE, SECRET

REPLY_SECONDS = 90.0
LOOK_SECONDS = 0.05


class NoAnswer(RuntimeError):
    """The assistant did not answer in time."""


class Chat(Protocol):
    """One conversation; `messages` are what came back, in order."""

    conversation: str
    messages: list[dict[str, Any]]

    def say(self, text: str) -> None:
        """Send words and wait for the answer."""

    def tap(self, title: str) -> bool:
        """Tap the newest choice whose title starts so; False if there is none."""

    def read(self) -> None:
        """Have the last messages on the screen: they count as delivered."""


def asked(chat: Chat) -> list[str]:
    """The questions that wait for an answer."""
    return next((list(message["ask"]["questions"]) for message in reversed(chat.messages) if "ask" in message), [])


def has_result(chat: Chat) -> bool:
    """Whether the check has ended."""
    return any("result" in message for message in chat.messages)


@dataclass
class WebChat:
    """On the clinic's website."""

    client: httpx.Client
    conversation: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    _headers: dict[str, str] = field(default_factory=dict)
    _seq: int = 0

    def open(self) -> WebChat:
        """Open the chat and wait for the greeting."""
        answer = self.client.post("/chat/sessions", json={}).raise_for_status().json()
        self.conversation, self._headers = answer["conversation"], {"Authorization": f"Bearer {answer['token']}"}
        self._collect(0)
        return self

    def say(self, text: str) -> None:
        """Send words and wait for the answer."""
        self._send({"text": text})

    def tap(self, title: str) -> bool:
        """Tap the newest choice whose title starts so; False if there is none."""
        choice = _choice(self.messages, title)
        if choice is not None:
            self._send({"choice": choice["id"]})
        return choice is not None

    def read(self) -> None:
        """Ask for what comes after the last message, as the page does."""
        self._page(self._seq)

    def _send(self, body: dict[str, Any]) -> None:
        sent = {"id": str(uuid.uuid4()), **body}
        answer = self.client.post("/chat/messages", json=sent, headers=self._headers).raise_for_status()
        self._collect(answer.json()["seq"])

    def _page(self, after: int) -> dict[str, Any]:
        page: dict[str, Any] = self.client.get("/chat/messages", params={"after": after}, headers=self._headers).json()
        return page

    def _collect(self, after: int) -> None:
        deadline = time.monotonic() + REPLY_SECONDS
        while time.monotonic() < deadline:
            page = self._page(after)
            new = [message for message in page["messages"] if message["author"] != "patient"]
            if new and not page["typing"]:
                self._seq = page["messages"][-1]["seq"]
                self.messages += new
                return
            time.sleep(LOOK_SECONDS)
        raise NoAnswer(self.conversation)


@dataclass
class MessengerChat:
    """In Facebook Messenger: events as Meta posts them, and the answers read from the database."""

    client: httpx.Client
    database: Database
    person: str
    conversation: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    _seq: int = 0

    def say(self, text: str) -> None:
        """Send words and wait for the answer."""
        self._send({"message": {"mid": f"m_{uuid.uuid4().hex}", "text": text}})

    def tap(self, title: str) -> bool:
        """Write the title of the newest choice that starts so; False if there is none."""
        choice = _choice(self.messages, title)
        if choice is not None:
            self.say(choice["title"])
        return choice is not None

    def read(self) -> None:
        """Say that everything was delivered, as Meta does."""
        self._post({"delivery": {"watermark": int(time.time() * 1000)}})

    def _send(self, parts: dict[str, Any]) -> None:
        self._post(parts)
        deadline = time.monotonic() + REPLY_SECONDS
        while time.monotonic() < deadline:
            if self._look():
                return
            time.sleep(LOOK_SECONDS)
        raise NoAnswer(self.person)

    def _post(self, parts: dict[str, Any]) -> None:
        event = {
            "sender": {"id": self.person},
            "recipient": {"id": PAGE},
            "timestamp": int(time.time() * 1000),
            **parts,
        }
        body = json.dumps({"object": "page", "entry": [{"id": PAGE, "time": 1, "messaging": [event]}]}).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        self.client.post(
            "/messenger/webhook", content=body, headers={"X-Hub-Signature-256": signature}
        ).raise_for_status()

    def _look(self) -> bool:
        """Take in what was answered; True once the newest message of the patient is."""
        with self.database.reading() as session:
            found = session.scalars(select(Conversation).where(Conversation.channel_user == self.person)).one_or_none()
            if found is None:
                return False
            self.conversation = found.id
            query = select(Message).where(Message.conversation_id == found.id, Message.seq > self._seq)
            new = list(session.scalars(query.order_by(Message.seq)))
        open_work = any(message.status in ("received", "working") for message in new)
        replies = [message for message in new if message.author != "patient" and message.seq > 0]
        if open_work or not replies or not any(message.author == "patient" for message in new):
            return False
        self._seq = new[-1].seq
        self.messages += [{"author": reply.author, "text": reply.text, **reply.payload} for reply in replies]
        return True


def offered(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest choices."""
    return next((message["choices"] for message in reversed(messages) if message.get("choices")), [])


def _choice(messages: list[dict[str, Any]], title: str) -> dict[str, Any] | None:
    return next((choice for choice in offered(messages) if choice["title"].startswith(title)), None)
