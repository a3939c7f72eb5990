"""Reads the body of `POST /chat/messages`: what is wrong is said in one sentence, nothing is guessed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request

from bot.desk.cleaning import clean_json, clean_text
from bot.desk.errors import CODES, DeskError, malformed
from bot.desk.texts import DeskTexts

MOST_CHARACTERS = 4000
MOST_BYTES = 64 * 1024
MOST_VALUE_CHARACTERS = 4000
MOST_NUMBER = 1_000_000_000
# In a message's details: somebody else answers it, and the assistant only reads it for danger.
OVERHEARD = "overheard"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)

Kind = Literal["text", "choice", "value", "attachment"]


@dataclass(frozen=True)
class Incoming:
    """One message as its sender gave it; `client_id` is the sender's own id, the same for every repeat.

    Of the rest, `kind` says which is there: `text`; `choice`, an id that the desk gave out; `value`, checked
    against the question asked; `attachment`, its type only. `details` are kept with the message (a channel's own).
    """

    client_id: str
    kind: Kind
    text: str = ""
    choice: str = ""
    value: Any = None
    attachment: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def overheard(self) -> bool:
        """Whether the message is somebody else's to answer."""
        return bool(self.details.get(OVERHEARD))


async def json_body(request: Request) -> dict[str, Any]:
    """The request's JSON object; raises 413, 415 or 422. No more than 64 KB of it is ever read."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise DeskError(415, *CODES[415])
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise DeskError(413, "too_large", f"The body is larger than {MOST_BYTES // 1024} KB.")
    try:
        body = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise malformed("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise malformed("The body must be a JSON object.")
    return body


def read_message(body: dict[str, Any]) -> Incoming:
    """What the body says; raises 413 or 422."""
    client_id = body.get("id")
    if not isinstance(client_id, str) or not _UUID.fullmatch(client_id):
        raise malformed("Give the message an id: a UUID that you make once and repeat when you try again.")
    client_id = client_id.lower()
    given = [key for key in ("text", "choice", "value") if body.get(key) is not None]
    if len(given) != 1:
        raise malformed("Give exactly one of text, choice and value.")
    if given == ["text"]:
        return Incoming(client_id, "text", text=_text(body["text"]))
    if given == ["choice"]:
        if not isinstance(body["choice"], str):
            raise malformed("A choice is the id of an offered choice, as a string.")
        return Incoming(client_id, "choice", choice=clean_text(body["choice"]))
    return Incoming(client_id, "value", value=clean_json(body["value"]))


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise malformed("The text must be a string.")
    if len(text) > MOST_CHARACTERS:
        raise DeskError(413, "too_large", f"The text is longer than {MOST_CHARACTERS} characters.")
    words = clean_text(text)
    if not words.strip():
        raise malformed("The text is empty.")
    return words


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def value_in_words(ask: dict[str, Any], value: Any, texts: DeskTexts) -> str:
    """What the patient's answer looks like in the chat; raises 422 if it does not fit what was asked."""
    kind = ask.get("kind", "text")
    titles = {str(option["id"]): str(option["title"]) for option in ask.get("options") or ()}
    if kind == "yes_no":
        return _yes_no(value, titles, texts)
    if kind in ("number", "scale"):
        return _number_and_ticks(value, kind, ask, titles, texts)
    if kind in ("choices", "body_map"):
        return _several(value, titles, texts)
    if kind == "choice" or titles:
        return _one(value, titles)
    return _words(value)


def _yes_no(value: Any, titles: dict[str, str], texts: DeskTexts) -> str:
    if isinstance(value, bool):
        return texts.answer_yes if value else texts.answer_no
    if isinstance(value, str) and value in titles:
        return str(titles[value])
    raise malformed("The question asked wants true or false as its value.")


def _number_and_ticks(value: Any, kind: str, ask: dict[str, Any], titles: dict[str, str], texts: DeskTexts) -> str:
    """A number; on a card that has ticks beside it, a list of the number and the ids of what is ticked."""
    if not titles or not isinstance(value, list):
        return _number(value, kind, ask)
    numbers = [item for item in value if not isinstance(item, str)]
    ticked = [item for item in value if isinstance(item, str)]
    if len(numbers) != 1:
        raise malformed("The question asked wants one number, and the ids of what is ticked beside it.")
    words = _number(numbers[0], kind, ask)
    return f"{words}, {_several(ticked, titles, texts)}" if ticked else words


def _number(value: Any, kind: str, ask: dict[str, Any]) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MOST_NUMBER <= value <= MOST_NUMBER:
        raise malformed("The question asked wants a number as its value.")
    if kind == "scale" and value != int(value):
        raise malformed("The question asked wants a whole number as its value.")
    low, high = ask.get("min"), ask.get("max")
    if low is not None and value < low:
        raise malformed(f"The value must be {low} or more.")
    if high is not None and value > high:
        raise malformed(f"The value must be {high} or less.")
    unit = ask.get("unit")
    return f"{value:g} {unit}" if unit else f"{value:g}"


def _one(value: Any, titles: dict[str, str]) -> str:
    if not isinstance(value, str) or not value:
        raise malformed("The question asked wants the id of one option as its value.")
    if titles and value not in titles:
        raise malformed("The value is not one of the options of the question asked.")
    return titles.get(value, value[:200])


def _several(value: Any, titles: dict[str, str], texts: DeskTexts) -> str:
    ids = [value] if isinstance(value, str) else value
    if not isinstance(ids, list) or not all(isinstance(item, str) and item for item in ids) or len(ids) > 100:
        raise malformed("The question asked wants a list of option ids as its value.")
    if titles and any(item not in titles for item in ids):
        raise malformed("The value holds something that is not one of the options of the question asked.")
    if not ids:
        return texts.none_of_these
    return ", ".join(titles.get(item, item[:200]) for item in dict.fromkeys(ids))


def _words(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise malformed("The question asked wants a text as its value.")
    words = str(value)
    if len(words) > MOST_VALUE_CHARACTERS:
        raise DeskError(413, "too_large", f"The value is longer than {MOST_VALUE_CHARACTERS} characters.")
    if not words.strip():
        raise malformed("The value is empty.")
    return words
