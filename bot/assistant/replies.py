"""From what Rasa utters to the lines of the private protocol (docs/protocol.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Line = dict[str, Any]

REPLY_KEYS = ("text", "choices", "ask", "image", "card", "safety", "result", "links")
LAST = ("done", "error")  # one of these ends every turn
OTHER_LINES = ("assessment", "state", "understood")
PAYLOAD = re.compile(r"/(?P<intent>[^{\s]+)(?P<entities>\{.*\})?\Z", re.DOTALL)


def understood(parse_data: Mapping[str, Any]) -> Line:
    """The line that says what was understood; `parse_data` is Rasa's, with our components' additions."""
    intent = parse_data.get("intent") or {}
    answer = parse_data.get("answer") or {}
    return {
        "type": "understood",
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "facts": answer.get("facts") or parse_data.get("facts") or {},
        "flags": parse_data.get("flags") or [],
    }


def line_of(message: Mapping[str, Any]) -> Line | None:
    """The line for one utterance (`text`, `custom`, `buttons`, `image`); None for an empty one.

    A reply comes without its index, which only the turn knows.
    """
    custom = message.get("custom") or {}
    if custom.get("line") in OTHER_LINES:
        return {"type": custom["line"], **{key: value for key, value in custom.items() if key != "line"}}
    image = message.get("image")
    found = {
        "text": message.get("text"),
        "image": {"src": image, "alt": ""} if isinstance(image, str) else image,
        "choices": _choices(message.get("buttons") or message.get("quick_replies") or ()),
        **{key: custom[key] for key in REPLY_KEYS if custom.get(key) is not None},
    }
    reply = {key: found[key] for key in REPLY_KEYS if found.get(key)}
    return {"type": "reply", **reply} if reply else None


class TurnLines:
    """Numbers the replies of one turn."""

    def __init__(self) -> None:
        self._next = 0

    def line_of(self, message: Mapping[str, Any]) -> Line | None:
        """The complete line for one utterance."""
        line = line_of(message)
        if line is not None and line["type"] == "reply":
            line = {"type": "reply", "index": self._next, **line}
            self._next += 1
        return line


def stored_lines(events: Iterable[Mapping[str, Any]]) -> list[Line]:
    """All lines of a turn that was handled before; `events` as Rasa writes them, the patient's message first."""
    numbered = TurnLines()
    lines: list[Line] = []
    for event in events:
        if event["event"] == "user":
            lines.append(understood(event["parse_data"]))
        elif event["event"] == "bot":
            line = numbered.line_of({**event["data"], "text": event["text"]})
            if line is not None:
                lines.append(line)
    return lines


def _choices(buttons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rasa's buttons as choices; a payload becomes what the desk sends back for us."""
    choices: list[dict[str, Any]] = []
    for number, button in enumerate(buttons, start=1):
        send = _send(str(button.get("payload", "")))
        if send is not None:
            choices.append({"id": f"{send['intent']}-{number}", "title": button["title"], "send": send})
    return choices


def _send(payload: str) -> dict[str, Any] | None:
    match = PAYLOAD.match(payload)
    if match is None:
        return None
    entities = json.loads(match["entities"] or "{}")
    send: dict[str, Any] = {"intent": match["intent"]}
    if entities:
        send["entities"] = [{"entity": name, "value": value} for name, value in entities.items()]
    return send
