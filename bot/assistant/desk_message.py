"""Reading one request of the private protocol (docs/protocol.md), strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KINDS = ("text", "choice", "value", "attachment", "event")
EVENTS = ("opened", "returned", "handed_back")
CHANNELS = ("webchat", "messenger")
MODES = ("full", "web_first")
LONGEST_READ = 4_000
LONGEST_CONVERSATION = 40
LONGEST_MESSAGE = 120

METADATA = ("message", "channel", "mode", "at", "kind", "value", "questions", "send", "attachment", "event", "silent")


class BadRequest(ValueError):
    """The request breaks the protocol; the message names the key, never what the patient wrote."""


@dataclass(frozen=True)
class DeskMessage:
    """One message from the desk; `metadata` is what the actions may read of it."""

    conversation: str
    message: str
    kind: str
    text: str
    body: dict[str, Any]

    @property
    def metadata(self) -> dict[str, Any]:
        """Every key of the request that is there, but for the text, which Rasa keeps itself."""
        return {key: self.body[key] for key in METADATA if self.body.get(key) is not None}

    @property
    def is_free_text(self) -> bool:
        """True when the patient's own words must be read, also where they are typed into a question's field."""
        return self.kind == "text" or (self.kind == "value" and self.body["value"] == self.body.get("text"))

    @classmethod
    def read(cls, body: Any) -> DeskMessage:
        """Check the body of a request; raises BadRequest."""
        if not isinstance(body, dict):
            raise BadRequest("the body must be a JSON object")
        conversation, message = _id(body, "conversation", LONGEST_CONVERSATION), _id(body, "message", LONGEST_MESSAGE)
        kind = _one_of(body, "kind", KINDS)
        _one_of(body, "channel", CHANNELS)
        if body.get("mode") is not None:
            _one_of(body, "mode", MODES)
        if not isinstance(body.get("silent", False), bool):
            raise BadRequest("silent must be true or false")
        _check_kind(kind, body)
        return cls(conversation, message, kind, _text(body), body)


def _check_kind(kind: str, body: dict[str, Any]) -> None:
    if kind == "text" and not isinstance(body.get("text"), str):
        raise BadRequest("text must be a string")
    if kind == "choice":
        send = body.get("send")
        if not isinstance(send, dict) or not isinstance(send.get("intent"), str):
            raise BadRequest("send must be an object with an intent")
    if kind == "value":
        if body.get("value") is None:
            raise BadRequest("value is missing")
        questions = body.get("questions")
        if not isinstance(questions, list) or not all(isinstance(question, str) for question in questions):
            raise BadRequest("questions must be a list of question ids")
    if kind == "attachment" and not isinstance(body.get("attachment"), str):
        raise BadRequest("attachment must name a type")
    if kind == "event":
        _one_of(body, "event", EVENTS)


def _id(body: dict[str, Any], key: str, longest: int) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise BadRequest(f"{key} must be a string of 1 to {longest} characters")
    return value


def _one_of(body: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = body.get(key)
    if value not in allowed:
        raise BadRequest(f"{key} must be one of {', '.join(allowed)}")
    return str(value)


def _text(body: dict[str, Any]) -> str:
    """The text, cut for reading, without what no database can hold; every character keeps its place."""
    text = body.get("text") or ""
    if not isinstance(text, str):
        raise BadRequest("text must be a string")
    whole = text[:LONGEST_READ].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return whole.encode("utf-8", "replace").decode("utf-8")
