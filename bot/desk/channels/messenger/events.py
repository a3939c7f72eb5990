"""Reads what a webhook brings: each event is checked by itself, and what is not for us is knowingly left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bot.desk.cleaning import clean_json
from bot.desk.incoming import MOST_CHARACTERS

METADATA_PREFIX = "psoas"
MOST_ID = 100
MOST_PAYLOAD = 1000
MOST_TIMESTAMP = 2**53
MOST_DIGITS = 17

Kind = Literal[
    "text",
    "payload",
    "attachment",
    "overheard",
    "opened",
    "unsend",
    "echo",
    "receipt",
    "thread_given",
    "thread_taken",
    "thread_asked",
]


@dataclass(frozen=True)
class Event:
    """One event of one person that must be stored.

    `key` names it for ever; `body` holds what its kind needs: `text`; `payload` and `title`; `attachment`, its type
    only; `mid` of an unsent message; `text`, `mid` and `app_id` of an echo; `watermark` of a receipt (ms); `app_id` of
    who asks for the thread. `overheard` has the `text` of a message that is another app's to answer.
    """

    key: str
    sender: str
    at_ms: int
    kind: Kind
    body: dict[str, Any]


class OwnEcho(NamedTuple):
    """Meta's word that it accepted a part that we sent. `app_id` is Meta's name of our app, "" where it says none."""

    message_id: int
    part: int
    mid: str
    app_id: str


def metadata_of(message_id: int, part: int) -> str:
    """What goes with a part and comes back in its echo."""
    return f"{METADATA_PREFIX}.{message_id}.{part}"


def read_batch(body: Any, page_id: str, now_ms: int) -> tuple[list[Event], list[OwnEcho], int]:
    """The events to store, in the order of their time, the echoes of our own, and how many others there were."""
    events: list[Event] = []
    echoes: list[OwnEcho] = []
    ignored = 0
    for raw, is_standby in _raw_events(body, page_id):
        found = _read(raw, page_id, now_ms, is_standby)
        if isinstance(found, Event):
            events.append(found)
        elif isinstance(found, OwnEcho):
            echoes.append(found)
        else:
            ignored += 1
    return sorted(events, key=lambda event: event.at_ms), echoes, ignored


def _raw_events(body: Any, page_id: str) -> Iterator[tuple[Mapping[str, Any], bool]]:
    if not isinstance(body, dict) or body.get("object") != "page":
        return
    for entry in _list(body.get("entry")):
        if not isinstance(entry, dict):
            continue
        for key in ("messaging", "standby"):
            for raw in _list(entry.get(key)):
                if isinstance(raw, dict) and _is_ours(entry, raw, page_id):
                    yield raw, key == "standby"


def _is_ours(entry: Mapping[str, Any], raw: Mapping[str, Any], page_id: str) -> bool:
    """False for an event of another page of the same app: our token cannot answer there."""
    entry_id, recipient = _id(entry.get("id")), _id(_part(raw, "recipient").get("id"))
    names_no_page = not entry_id and not recipient
    return names_no_page or page_id in (entry_id, recipient, _id(_part(raw, "sender").get("id")))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _part(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _id(value: Any) -> str:
    """An id as text; empty when it cannot be one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    return text if 0 < len(text) <= MOST_ID and text.isprintable() else ""


def _words(value: Any, most: int) -> str:
    return str(clean_json(value))[:most] if isinstance(value, str) else ""


def _read(raw: Mapping[str, Any], page_id: str, now_ms: int, is_standby: bool) -> Event | OwnEcho | None:
    message, sender = _part(raw, "message"), _id(_part(raw, "sender").get("id"))
    at_ms = _milliseconds(raw.get("timestamp")) or now_ms
    if message.get("is_echo"):
        return _echo(raw, message, at_ms)
    if not sender or sender == page_id:
        return None
    if is_standby:
        return _overheard(sender, at_ms, message, raw)
    if message:
        return _message(sender, at_ms, message, raw)
    return _other(sender, at_ms, raw)


def _milliseconds(value: Any) -> int:
    """A time of Meta's, also where it is written as a text; 0 when it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < MOST_DIGITS:
        value = int(value)
    return value if isinstance(value, int) and 0 < value < MOST_TIMESTAMP else 0


def _mid(message: Mapping[str, Any]) -> str:
    mid = message.get("mid")
    return str(clean_json(mid)) if isinstance(mid, str) and 0 < len(mid) <= MOST_PAYLOAD else ""


def _overheard(sender: str, at_ms: int, message: Mapping[str, Any], raw: Mapping[str, Any]) -> Event | None:
    """Another app has the thread: only the words count, to be read for danger."""
    text = _words(message.get("text"), MOST_CHARACTERS)
    if not text.strip():
        return None
    return _event(sender, at_ms, "overheard", {"text": text}, _mid(message) or _fingerprint(raw))


def _event(sender: str, at_ms: int, kind: Kind, body: dict[str, Any], name: str) -> Event:
    return Event(event_key(sender, name), sender, at_ms, kind, body)


def event_key(sender: str, name: str) -> str:
    """The row's key for this sender's event: nothing can be read from it."""
    return hashlib.sha256(f"{sender}\n{name}".encode("utf-8", "surrogatepass")).hexdigest()


def _fingerprint(raw: Mapping[str, Any]) -> str:
    """Names an event that has no `mid`: who, when and what."""
    return json.dumps(raw, sort_keys=True, default=str)


def _message(sender: str, at_ms: int, message: Mapping[str, Any], raw: Mapping[str, Any]) -> Event | None:
    mid = _mid(message)
    name = mid or _fingerprint(raw)
    if message.get("is_deleted") is True:
        return _event(sender, at_ms, "unsend", {"mid": mid}, f"unsend {name}") if mid else None
    text = _words(message.get("text"), MOST_CHARACTERS)
    payload = _words(_part(message, "quick_reply").get("payload"), MOST_PAYLOAD)
    if payload:
        return _event(sender, at_ms, "payload", {"payload": payload, "title": text}, name)
    if text.strip():
        return _event(sender, at_ms, "text", {"text": text}, name)
    kinds = [_words(part.get("type"), 40) for part in _list(message.get("attachments")) if isinstance(part, dict)]
    kind = next((kind for kind in kinds if kind), "")
    if not kind:
        kind = "sticker" if message.get("sticker_id") else "unknown"
    return _event(sender, at_ms, "attachment", {"attachment": kind}, name)


def _other(sender: str, at_ms: int, raw: Mapping[str, Any]) -> Event | None:
    if isinstance(raw.get("postback"), dict):
        return _postback(sender, at_ms, raw["postback"], raw)
    receipt = _part(raw, "read") or _part(raw, "delivery")
    watermark = _milliseconds(receipt.get("watermark"))
    if watermark:
        return _event(sender, at_ms, "receipt", {"watermark": watermark}, f"receipt {watermark} {'read' in raw}")
    unsent = _mid(_part(raw, "message_unsend")) or _mid(_part(raw, "unsend"))
    if unsent:
        return _event(sender, at_ms, "unsend", {"mid": unsent}, f"unsend {unsent}")
    if isinstance(raw.get("pass_thread_control"), dict):
        return _event(sender, at_ms, "thread_given", {}, _fingerprint(raw))
    if isinstance(raw.get("take_thread_control"), dict):
        return _event(sender, at_ms, "thread_taken", {}, _fingerprint(raw))
    asking = _id(_part(raw, "request_thread_control").get("requested_owner_app_id"))
    if asking:
        return _event(sender, at_ms, "thread_asked", {"app_id": asking}, _fingerprint(raw))
    # Reactions, edits, opt-ins, referrals of known people, policy, account linking, orders, feedback, app roles and
    # whatever Meta adds: nothing to answer, and nothing of it is needed.
    return None


def _postback(sender: str, at_ms: int, postback: Mapping[str, Any], raw: Mapping[str, Any]) -> Event:
    payload, title = _words(postback.get("payload"), MOST_PAYLOAD), _words(postback.get("title"), MOST_CHARACTERS)
    name = _mid(postback) or f"postback {raw.get('timestamp')} {payload} {title}"
    if payload == GET_STARTED:
        return _event(sender, at_ms, "opened", {}, name)
    return _event(sender, at_ms, "payload", {"payload": payload, "title": title}, name)


GET_STARTED = "GET_STARTED"


def _echo(raw: Mapping[str, Any], message: Mapping[str, Any], at_ms: int) -> Event | OwnEcho | None:
    """A message that left the page: ours, or one that a person or another app sent."""
    person, mid = _id(_part(raw, "recipient").get("id")), _mid(message)
    if not person or not mid:
        return None
    app_id = _id(message.get("app_id"))
    prefix, *numbers = _words(message.get("metadata"), MOST_PAYLOAD).split(".")
    if (
        prefix == METADATA_PREFIX
        and len(numbers) == 2
        and all(n.isascii() and n.isdigit() and len(n) < 10 for n in numbers)
    ):
        return OwnEcho(int(numbers[0]), int(numbers[1]), mid[:200], app_id)
    body = {"mid": mid, "text": _words(message.get("text"), MOST_CHARACTERS), "app_id": app_id}
    return _event(person, at_ms, "echo", body, f"echo {mid}")
