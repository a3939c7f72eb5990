"""Messages as the patient's side sees them: what the desk keeps to itself is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from bot.desk.conversations import WHOLE_MESSAGE, Shown
from bot.desk.texts import DeskTexts
from bot.store.models import Message


def public_message(message: Message | Shown) -> dict[str, Any]:
    """The contract's message; absent keys are left out. A patient's own has the `id` it was sent with."""
    view: dict[str, Any] = {"seq": message.seq, "author": message.author, "at": message.at.isoformat()}
    if message.text:
        view["text"] = message.text
    if message.author == "patient":
        if message.client_id:
            view["id"] = message.client_id
        return view
    for key in WHOLE_MESSAGE:
        value = message.payload.get(key)
        if value:
            view[key] = value
    if "helpful" in message.payload:
        view["helpful"] = message.payload["helpful"]
    if "choices" in view:
        view["choices"] = [{"id": choice["id"], "title": choice["title"]} for choice in view["choices"]]
    return view


# Many readers of event streams also end a line at these.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def server_sent_event(name: str, data: Any, event_id: int | None = None) -> str:
    """One event of an event stream."""
    head = "" if event_id is None else f"id: {event_id}\n"
    line = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_LINE_ENDS)
    return f"{head}event: {name}\ndata: {line}\n\n"


def transcript(messages: Iterable[Message | Shown], texts: DeskTexts, zone: ZoneInfo) -> str:
    """The conversation as plain text, one paragraph for each message, in the clinic's local time."""
    parts = [texts.transcript_title]
    for message in messages:
        when = message.at.astimezone(zone).strftime("%d %b %Y, %H:%M")
        lines = [f"{when}  {texts.author(message.author)}:", message.text]
        lines += [f"  - {choice['title']}" for choice in message.payload.get("choices", ())]
        parts.append("\n".join(line for line in lines if line))
    return "\n\n".join(parts) + "\n"
